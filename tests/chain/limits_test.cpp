#include "chain/limits.hpp"

#include "chain/world.hpp"
#include "ledger/limits.hpp"

#include <doctest/doctest.h>

/// What a block leaves in the log is bounded before it runs: docs/formats/execution.md, "Results".

using namespace salus;
using namespace salus::chain;
using namespace salus::chain::test;

namespace code = salus::ledger::code;

namespace {

ledger::Operation fill(std::uint64_t data, std::uint64_t events = 0, std::uint64_t each = 0) {
    cbor::Writer args;
    args.array(3).uint(data).uint(events).uint(each);
    return {.contract = "toy", .method = "fill", .args = args.take(), .payload = {}};
}

/// A transaction of one operation; numbers are kept in the four-byte form so that its size stays.
struct Filled {
    std::uint32_t code;
    std::size_t transaction_bytes;
    std::size_t result_bytes;
};
Filled run(Machine& m, Person& person, const ledger::Operation& operation) {
    const Bytes envelope = person.sign(person.body({operation}));
    const FinalizedBlock block = m.run({envelope});
    return {block.verdicts.at(0).code, envelope.size(), block.block.results.at(0).size()};
}

/// What one operation of this size may carry.
std::size_t room(std::size_t transaction_bytes) {
    return result_bytes_max(transaction_bytes) - result_bytes_fixed - result_item_bytes;
}

}  // namespace

TEST_CASE("a result takes 384 bytes and twice its transaction, one byte more is a trap") {
    Machine m;
    Person ada(1);
    REQUIRE(m.code_of(ada.enrol()) == 0);
    const std::size_t size = ada.sign(ada.body({fill(700)})).size();
    const std::size_t most = room(size);
    REQUIRE(most > 255);
    REQUIRE(most < 65'536);
    CHECK(run(m, ada, fill(most - 1)).code == 0);
    const Filled full = run(m, ada, fill(most));
    CHECK(full.code == 0);
    CHECK(full.result_bytes <= result_bytes_max(full.transaction_bytes));
    const Filled over = run(m, ada, fill(most + 1));
    CHECK(over.code == code::trap);
    CHECK(over.result_bytes < 64);
}

TEST_CASE("an event costs sixteen bytes besides what it carries") {
    Machine m;
    Person ada(1);
    REQUIRE(m.code_of(ada.enrol()) == 0);
    const std::size_t size = ada.sign(ada.body({fill(700, 10, 5)})).size();
    const std::size_t most = room(size) - 10 * (result_item_bytes + 2 + 5);
    for (const std::int64_t step : {-1, 0, 1}) {
        const auto data = static_cast<std::uint64_t>(static_cast<std::int64_t>(most) + step);
        const Filled filled = run(m, ada, fill(data, 10, 5));
        CHECK(filled.code == (step > 0 ? code::trap : 0U));
        CHECK(filled.result_bytes <= result_bytes_max(filled.transaction_bytes));
    }
}

TEST_CASE("every operation has its place in the result before the first one runs") {
    Machine m;
    Person ada(1);
    REQUIRE(m.code_of(ada.enrol()) == 0);
    // The smallest operations there are, as many as may be: all trap, and the result still fits.
    const ledger::Operation tiny{.contract = "t", .method = "x", .args = {0xF6}, .payload = {}};
    const Bytes envelope =
        ada.sign(ada.body(std::vector<ledger::Operation>(ledger::operations_max, tiny)));
    const FinalizedBlock block = m.run({envelope});
    CHECK(block.verdicts.at(0).code == code::unknown_method);
    CHECK(block.block.results.at(0).size() <= result_bytes_max(envelope.size()));
}

TEST_CASE("events without contents end at the bound too, long before the format's own limit") {
    Machine m;
    Person ada(1);
    REQUIRE(m.code_of(ada.enrol()) == 0);
    // The largest transaction there is: its padding is the argument of an unknown method.
    std::vector<ledger::Operation> operations{fill(0, 60'000, 0)};
    cbor::Writer padding;
    padding.bytes(Bytes(58'000, 1));
    const ledger::Operation pad{
        .contract = "t", .method = "x", .args = padding.take(), .payload = {}};
    operations.push_back(pad);
    operations.push_back(pad);
    const Filled over = [&] {
        const Bytes envelope = ada.sign(ada.body(operations));
        const FinalizedBlock block = m.run({envelope});
        const auto result = ledger::decode_result(block.block.results.at(0)).value();
        return Filled{result.operations.at(0).code, envelope.size(), result.events.size()};
    }();
    CHECK(over.code == code::trap);
    CHECK(over.result_bytes == 0);
    const std::size_t events =
        (result_bytes_max(over.transaction_bytes) - result_bytes_fixed - 3 * result_item_bytes) /
        (result_item_bytes + 2);
    CHECK(events < ledger::result_events_max);
    operations[0] = fill(0, events, 0);
    CHECK(m.run({ada.sign(ada.body(operations))}).verdicts.at(0).codes.at(0) == 0);
    operations[0] = fill(0, events + 1, 0);
    CHECK(m.run({ada.sign(ada.body(operations))}).verdicts.at(0).codes.at(0) == code::trap);
}

TEST_CASE("the fullest block there is can be written") {
    // Every transaction leaves as much as it may, and the block holds as many bytes as it may.
    Machine m;
    std::vector<Bytes> envelopes;
    std::size_t bytes = 0;
    Person ada(1);
    REQUIRE(m.code_of(ada.enrol()) == 0);
    cbor::Writer padding;
    padding.bytes(Bytes(40'000, 1));
    const ledger::Operation pad{
        .contract = "t", .method = "x", .args = padding.take(), .payload = {}};
    const auto envelope_of = [&](std::uint64_t data) {
        return ada.sign(ada.body({fill(data), fill(data), pad}));
    };
    const std::size_t size = envelope_of(65'000).size();
    const std::size_t left = result_bytes_max(size) - result_bytes_fixed - 3 * result_item_bytes;
    const std::uint64_t data = left / 2;
    while (bytes + size <= block_bytes_max) {
        envelopes.push_back(envelope_of(data));
        bytes += envelopes.back().size();
    }
    FinalizedBlock block = m.run(envelopes);
    REQUIRE(block.block.transactions.size() == envelopes.size());
    for (const Verdict& verdict : block.verdicts) REQUIRE(verdict.codes.at(1) == 0);
    block.block.checkpoint = Bytes(ledger::note_bytes_max, 'n');
    const auto stored = ledger::encode_block(block.block);
    REQUIRE(stored.ok());
    CHECK(stored->size() <= block_stored_bytes_max);
    CHECK(stored->size() > 11U << 20U);
}

TEST_CASE("a block beyond its bounds is neither voted for nor executed") {
    Machine m;
    Person ada(1);
    const PreparedTransaction one = m.machine->prepare(ada.enrol());
    PreparedTransaction refused = one;
    refused.code = code::malformed;
    const auto verdict = [&](std::size_t count, std::size_t padding) {
        std::vector<PreparedTransaction> block(count, refused);
        block.front().envelope.resize(padding);
        block.front().code = code::malformed;
        const auto finalized = m.machine->finalize_block(
            {.height = BlockHeight{1}, .time = UnixMillis{start_ms}, .proposer = {}}, block);
        m.machine->abandon();
        return finalized.ok();
    };
    refused.envelope.clear();
    CHECK(verdict(block_transactions_max - 1, 0));
    CHECK(verdict(block_transactions_max, 0));
    CHECK_FALSE(verdict(block_transactions_max + 1, 0));
    CHECK(verdict(1, block_bytes_max - 1));
    CHECK(verdict(1, block_bytes_max));
    CHECK_FALSE(verdict(1, block_bytes_max + 1));
    const std::vector<PreparedTransaction> many(block_transactions_max + 1, one);
    CHECK_FALSE(StateMachine::process_proposal(many));
}
