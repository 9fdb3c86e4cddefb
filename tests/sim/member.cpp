#include "member.hpp"

#include "chain/world.hpp"

#include <algorithm>

namespace salus::sim {

chain::ExecResult PlantedExecutor::execute(const chain::ContractCall& call, chain::Overlay& state) {
    chain::ExecResult result = toy_.execute(call, state);
    if (call.contract != "toy" || result.code != 0) return result;
    if (plant_ == Plant::unordered && call.args.back() % 8 == 0) {
        // As if a hash table of this process were walked.
        result.events.push_back({.contract = "toy", .topic = "more", .data = {1}});
        if (member_ % 2 == 1) std::reverse(result.events.begin(), result.events.end());
    }
    if (plant_ == Plant::clock && call.method == "set") {
        result.data = chain::test::cbor_uint(static_cast<std::uint64_t>(clock_ms_ / 1'000));
    }
    return result;
}

Member::Member(std::size_t number, Plant plant, History& history)
    : number_(number), plant_(plant), history_(history), executor_(plant, number, clock_ms) {
    open();
}

void Member::open() {
    if (kv_ == nullptr) {
        kv_ = std::make_unique<GuardedKv>(plant_);
        log_ = std::make_unique<ledger::LogTree>(
            ledger::LogTree::open(ledger::memory_node_store()).value());
        applied_ = 0;
        heads_.clear();
    }
    kv_->open_for_commit = true;  // genesis
    auto machine = chain::StateMachine::open(
        chain::test::toy_genesis(), {.kv = kv_.get(), .log = log_.get(), .executor = &executor_});
    kv_->open_for_commit = false;
    if (!machine.ok()) return history_.fail("a member cannot open: " + machine.error().detail);
    machine_ = std::move(*machine);
    if (applied_ > 0 && !(machine_->info() == heads_[applied_ - 1])) {
        history_.fail("a member that was opened again stands elsewhere than where it stopped");
    }
}

chain::PreparedTransaction Member::prepared(const Bytes& envelope) {
    return machine_->prepare(envelope);
}

void Member::guard(const char* call) {
    if (kv_->stray_writes != 0) history_.fail(std::string(call) + " wrote into the view");
    if (applied_ > 0 && !(machine_->info() == heads_[applied_ - 1])) {
        history_.fail(std::string(call) + " moved the state");
    }
}

std::vector<const Sent*> Member::prepare(UnixMillis header_time) {
    std::vector<chain::PreparedTransaction> waiting;
    for (const Sent* sent : mempool) waiting.push_back(prepared(sent->envelope));
    std::size_t count = chain::StateMachine::prepare_proposal(waiting, std::size_t{1} << 20U,
                                                              header_time, UnixMillis{clock_ms});
    if (plant_ == Plant::stale) count = waiting.size();
    if (count > 0 && clock_ms - header_time.value > chain::proposal_lag_ms_max) {
        history_.fail("a proposer filled a block that lags its clock by " +
                      std::to_string(clock_ms - header_time.value) + " ms");
    }
    guard("prepare_proposal");
    return {mempool.begin(), mempool.begin() + static_cast<std::ptrdiff_t>(count)};
}

bool Member::process(const std::vector<const Sent*>& proposal) {
    std::vector<chain::PreparedTransaction> given;
    bool good = true;
    for (const Sent* sent : proposal) {
        given.push_back(prepared(sent->envelope));
        good = good && sent->form_code == 0;
    }
    const bool accepted = chain::StateMachine::process_proposal(given);
    if (plant_ == Plant::eager) {
        store::WriteBatch batch;
        batch.put(store::Column::state, as_bytes("c/toy/eager"), {});
        SALUS_ASSERT(kv_->write(batch).ok());
    }
    if (accepted != good) history_.fail("process_proposal judged a proposal wrongly");
    guard("process_proposal");
    return accepted;
}

bool Member::holds(const Digest& id) const {
    if (!up) return false;
    const auto place = chain::find_transaction(*kv_, id);
    return place.ok() && place->has_value();
}

void Member::check(const Sent& sent) {
    const auto code = machine_->check_tx(prepared(sent.envelope), UnixMillis{clock_ms});
    if (!code.ok() || (sent.form_code != 0 && *code != sent.form_code)) {
        history_.fail("check_tx judged a damaged transaction wrongly");
    }
    guard("check_tx");
}

bool Member::execute(const Decided& block, CrashAt crash) {
    std::vector<chain::PreparedTransaction> offered;
    for (const Bytes& envelope : block.offered) offered.push_back(prepared(envelope));
    const Digest before = machine_->info().app_hash;
    const auto finalized = machine_->finalize_block(block.input, offered);
    if (!finalized.ok()) {
        history_.fail("finalize_block failed: " + finalized.error().detail);
        return true;
    }
    history_.finalized(number_, applied_, *finalized, before);
    guard("finalize_block");
    if (crash == CrashAt::before_commit) return false;
    if (finalized->has_block) {
        kv_->open_for_commit = true;
        const Status committed = machine_->commit();
        kv_->open_for_commit = false;
        if (!committed.ok()) history_.fail("commit failed: " + committed.error().detail);
    }
    if (!history_.failure()) history_.committed(number_, applied_, machine_->info());
    heads_.push_back(machine_->info());
    ++applied_;
    forget_committed(block);
    return crash != CrashAt::after_commit;
}

void Member::forget_committed(const Decided& block) {
    std::erase_if(mempool, [&](const Sent* sent) {
        return std::find(block.offered.begin(), block.offered.end(), sent->envelope) !=
               block.offered.end();
    });
}

void Member::crash(bool lose_view) {
    up = false;
    machine_.reset();
    mempool.clear();
    if (lose_view) {
        kv_.reset();
        log_.reset();
    }
}

void Member::start() {
    up = true;
    open();
}

void Member::finish() {
    history_.at_end(number_, machine_->info(), *kv_);
}

}  // namespace salus::sim
