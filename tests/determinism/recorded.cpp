#include "recorded.hpp"

#include "base/cbor.hpp"
#include "chain/vm_executor.hpp"
#include "contracts/shipped.hpp"

#include <map>
#include <thread>
#include <utility>

namespace salus::determinism {

namespace {

std::vector<chain::PreparedTransaction> prepare(const chain::StateMachine& machine,
                                                const std::vector<Bytes>& offered,
                                                unsigned threads) {
    std::vector<chain::PreparedTransaction> prepared(offered.size());
    const auto every_nth = [&](std::size_t first) {
        for (std::size_t i = first; i < offered.size(); i += threads) {
            prepared[i] = machine.prepare(offered[i]);
        }
    };
    std::vector<std::thread> workers;
    for (unsigned t = 1; t < threads; ++t) workers.emplace_back(every_nth, t);
    every_nth(0);
    for (std::thread& worker : workers) worker.join();
    return prepared;
}

Result<RecordedBlock> read_block(cbor::Reader& in) {
    RecordedBlock block;
    SALUS_TRY(in.array_of(4));
    block.input.height = BlockHeight{SALUS_TRY(in.uint())};
    block.input.time = UnixMillis{SALUS_TRY(in.integer())};
    block.input.proposer = SALUS_TRY(in.fixed<ObjectId>());
    for (std::size_t left = SALUS_TRY(in.array()); left > 0; --left) {
        block.offered.push_back(to_bytes(SALUS_TRY(in.bytes())));
    }
    return block;
}

}  // namespace

Bytes write_recorded(const RecordedChain& chain) {
    cbor::Writer out;
    out.array(2).bytes(chain.genesis.genesis).array(chain.genesis.codes.size());
    for (const Bytes& code : chain.genesis.codes) out.bytes(code);
    for (const RecordedBlock& block : chain.blocks) {
        out.array(4).uint(block.input.height.value).integer(block.input.time.value);
        out.bytes(block.input.proposer.view()).array(block.offered.size());
        for (const Bytes& envelope : block.offered) out.bytes(envelope);
    }
    return out.take();
}

Result<RecordedChain> read_recorded(ByteView bytes) {
    cbor::Reader in(bytes);
    RecordedChain chain;
    SALUS_TRY(in.array_of(2));
    chain.genesis.genesis = to_bytes(SALUS_TRY(in.bytes()));
    for (std::size_t left = SALUS_TRY(in.array()); left > 0; --left) {
        chain.genesis.codes.push_back(to_bytes(SALUS_TRY(in.bytes())));
    }
    while (!in.at_end()) {
        auto block = read_block(in);
        if (!block.ok()) {
            return Error{Errc::malformed, "block " + std::to_string(chain.blocks.size()) + ": " +
                                              block.error().detail};
        }
        chain.blocks.push_back(std::move(*block));
    }
    return chain;
}

Result<std::vector<std::string>> replay(const RecordedChain& chain, const ReplayOptions& options) {
    chain::VmExecutor executor(
        {.shipped = contracts::shipped_contracts(), .engine = options.engine});
    const std::unique_ptr<store::Kv> kv = store::memory_kv();
    ledger::LogTree log = SALUS_TRY(ledger::LogTree::open(ledger::memory_node_store()));
    const auto machine = SALUS_TRY(chain::StateMachine::open(
        chain.genesis, {.kv = kv.get(), .log = &log, .executor = &executor}));
    std::vector<std::string> lines;
    std::map<std::uint32_t, std::uint64_t> codes;
    for (const RecordedBlock& block : chain.blocks) {
        const auto prepared = prepare(*machine, block.offered, options.verify_threads);
        const chain::FinalizedBlock done =
            SALUS_TRY(machine->finalize_block(block.input, prepared));
        for (const chain::Verdict& verdict : done.verdicts) ++codes[verdict.code];
        std::string line = std::to_string(block.input.height.value);
        if (done.has_block) {
            SALUS_TRY(machine->commit());
            line +=
                " " + to_hex(done.app_hash.view()) + " " + to_hex(done.header.result_root.view());
        } else {
            line += " none";
        }
        lines.push_back(std::move(line));
    }
    for (const auto& [code, count] : codes) {
        lines.push_back("code " + std::to_string(code) + " " + std::to_string(count));
    }
    return lines;
}

}  // namespace salus::determinism
