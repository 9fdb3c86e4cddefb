#include "chain/engine.hpp"

#include "base/log.hpp"
#include "ledger/limits.hpp"

#include <algorithm>
#include <chrono>
#include <utility>

namespace salus::chain {

namespace {

/// With this much still to verify the sequencer helps before it seals, so that a block's fixed cost
/// is shared.
constexpr std::size_t backlog_worth_helping = 32;
constexpr std::size_t batch_worth_sealing = 256;
constexpr std::int64_t checkpoint_every_ns = 1'000'000'000;

}  // namespace

TransactionOutcome outcome_in_block(const Digest& id, const Verdict& verdict,
                                    const FinalizedBlock& block) {
    return {.id = id,
            .code = verdict.code,
            .codes = verdict.codes,
            .position = LogPosition{block.log_begin + 1 + verdict.index.value()},
            .height = block.header.height,
            .time = block.header.time,
            .header_hash = block.header_hash,
            .previous = block.header.previous};
}

CommittedBlock committed_block(const FinalizedBlock& block) {
    return {.height = block.header.height,
            .time = block.header.time,
            .header_hash = block.header_hash,
            .app_hash = block.app_hash,
            .transactions = block.block.transactions.size(),
            .log_size = block.header.log_size};
}

Result<TransactionOutcome> stored_outcome(const Replica& replica, const Digest& id) {
    const StoredTransaction stored = SALUS_TRY(replica.transaction(id));
    const ledger::TransactionResult result = SALUS_TRY(ledger::decode_result(stored.result));
    TransactionOutcome out{.id = id,
                           .code = result.code,
                           .codes = {},
                           .position = stored.place.position,
                           .height = stored.header.height,
                           .time = stored.header.time,
                           .header_hash = stored.header_hash,
                           .previous = stored.header.previous};
    for (const ledger::OperationResult& operation : result.operations) {
        out.codes.push_back(operation.code);
    }
    return out;
}

EmbeddedEngine::EmbeddedEngine(Env& env, Replica& replica, EngineOptions options)
    : env_(env), replica_(replica), options_(options) {
    for (unsigned i = 0; i < std::max(1U, options_.verify_threads); ++i) {
        verifiers_.emplace_back([this] { verify_loop(); });
    }
    sequencer_ = std::thread([this] { sequence_loop(); });
}

EmbeddedEngine::~EmbeddedEngine() {
    stop();
}

Status EmbeddedEngine::submit(Bytes envelope, OutcomeCallback callback) {
    if (envelope.size() > ledger::transaction_bytes_max) {
        return Error{Errc::out_of_range, "a transaction has at most 122,880 bytes"};
    }
    const Lock lock(mutex_);
    if (stopping_) {
        return Error{Errc::unavailable, "the node is stopping"};
    }
    if (queued_ >= options_.queue_transactions_max ||
        queued_bytes_ + envelope.size() > options_.queue_bytes_max) {
        return Error{Errc::exhausted, "the queue of transactions is full"};
    }
    ++queued_;
    queued_bytes_ += envelope.size();
    arrived_.push_back({.envelope = std::move(envelope), .callback = std::move(callback)});
    // An idle sequencer verifies a lone transaction itself: one thread fewer to wake.
    if (sequencer_waits_ && arrived_.size() == 1) {
        for_sequencer_.notify_one();
    } else {
        for_verifiers_.notify_one();
    }
    return done;
}

Result<TransactionOutcome> Engine::submit_and_wait(Bytes envelope) {
    std::promise<Result<TransactionOutcome>> promise;
    auto future = promise.get_future();
    SALUS_TRY(submit(std::move(envelope), [&promise](const Result<TransactionOutcome>& outcome) {
        promise.set_value(outcome);
    }));
    return future.get();
}

void EmbeddedEngine::on_commit(CommitListener listener) {
    const std::lock_guard lock(listeners_mutex_);
    listeners_.push_back(std::move(listener));
}

std::size_t EmbeddedEngine::queued() const {
    const std::lock_guard lock(mutex_);
    return queued_;
}

void EmbeddedEngine::stop() {
    {
        const std::lock_guard lock(mutex_);
        if (ended_) {
            return;
        }
        ended_ = true;
        stopping_ = true;
    }
    for_sequencer_.notify_all();
    for_verifiers_.notify_all();
    sequencer_.join();
    for (std::thread& verifier : verifiers_) {
        verifier.join();
    }
}

void EmbeddedEngine::verify_loop() {
    Lock lock(mutex_);
    while (true) {
        for_verifiers_.wait(lock, [this] { return stopping_ || !arrived_.empty(); });
        if (arrived_.empty()) {
            return;
        }
        verify_one(lock);
    }
}

void EmbeddedEngine::verify_one(Lock& lock) {
    Arrival arrival = std::move(arrived_.front());
    arrived_.pop_front();
    ++verifying_;
    lock.unlock();
    PreparedTransaction prepared = replica_.prepare(std::move(arrival.envelope));
    const bool refused = prepared.code != 0;
    if (refused) {
        arrival.callback(TransactionOutcome{.id = prepared.transaction.id,
                                            .code = prepared.code,
                                            .codes = {},
                                            .position = {},
                                            .height = {},
                                            .time = {},
                                            .header_hash = {},
                                            .previous = {}});
    }
    lock.lock();
    --verifying_;
    if (refused) {
        --queued_;
        queued_bytes_ -= prepared.envelope.size();
    } else {
        file_verified(std::move(prepared), std::move(arrival.callback));
    }
    if (sequencer_waits_) {
        for_sequencer_.notify_one();
    }
}

void EmbeddedEngine::file_verified(PreparedTransaction prepared, OutcomeCallback callback) {
    const Digest id = prepared.transaction.id;
    WaitingPtr& place = in_flight_[id];
    if (place) {
        // The same body is on its way, perhaps under another signature: one transaction, one
        // outcome.
        --queued_;
        queued_bytes_ -= prepared.envelope.size();
        place->callbacks.push_back(std::move(callback));
        return;
    }
    place = std::make_shared<Waiting>();
    place->id = id;
    place->bytes = prepared.envelope.size();
    place->transaction = std::move(prepared);
    place->callbacks.push_back(std::move(callback));
    verified_.push_back(place);
}

void EmbeddedEngine::sequence_loop() {
    std::vector<WaitingPtr> batch;
    while (next_batch(batch)) {
        run_block(batch);
        batch.clear();
    }
    if (const Status saved = replica_.save_checkpoint(); !saved) {
        log::error("checkpoint-not-saved", {{"reason", saved.error().detail}});
    }
}

bool EmbeddedEngine::next_batch(std::vector<WaitingPtr>& batch) {
    Lock lock(mutex_);
    while (true) {
        const bool help = verified_.empty() || (arrived_.size() >= backlog_worth_helping &&
                                                verified_.size() < batch_worth_sealing);
        if (help && !arrived_.empty()) {
            verify_one(lock);
            continue;
        }
        if (!verified_.empty()) {
            take_batch(batch);
            return true;
        }
        if (stopping_ && verifying_ == 0) {
            return false;
        }
        wait_for_work(lock);
    }
}

void EmbeddedEngine::wait_for_work(Lock& lock) {
    const auto work = [this] {
        return !verified_.empty() || !arrived_.empty() || (stopping_ && verifying_ == 0);
    };
    sequencer_waits_ = true;
    if (checkpoint_due_ns_ == 0) {
        for_sequencer_.wait(lock, work);
    } else {
        for_sequencer_.wait_for(lock, std::chrono::nanoseconds(checkpoint_every_ns), work);
    }
    sequencer_waits_ = false;
    if (checkpoint_due_ns_ != 0 && env_.steady_ns() >= checkpoint_due_ns_) {
        lock.unlock();
        save_checkpoint();
        lock.lock();
    }
}

void EmbeddedEngine::save_checkpoint() {
    checkpoint_due_ns_ = 0;
    if (const Status saved = replica_.save_checkpoint(); !saved) {
        log::warn("checkpoint-not-saved", {{"reason", saved.error().detail}});
    }
}

void EmbeddedEngine::take_batch(std::vector<WaitingPtr>& batch) {
    std::size_t bytes = 0;
    while (!verified_.empty() && batch.size() < options_.block_transactions_max) {
        bytes += verified_.front()->bytes;
        if (bytes > block_bytes_max) {
            break;
        }
        batch.push_back(std::move(verified_.front()));
        verified_.pop_front();
    }
}

Result<FinalizedBlock> EmbeddedEngine::write_block(
    std::span<const PreparedTransaction> transactions) {
    if (needs_recovery_) {
        SALUS_TRY(replica_.recover());
        needs_recovery_ = false;
    }
    const ViewHead head = replica_.head();
    // Time of the clock, but a clock that is set back does not take the chain with it.
    const UnixMillis time{std::max(head.time.value, env_.now().value)};
    auto block = replica_.advance({.height = BlockHeight{head.height.value + 1},
                                   .time = time,
                                   .proposer = replica_.organisation()},
                                  transactions);
    needs_recovery_ = !block.ok();
    return block;
}

void EmbeddedEngine::run_block(const std::vector<WaitingPtr>& batch) {
    std::vector<PreparedTransaction> transactions;
    transactions.reserve(batch.size());
    for (const WaitingPtr& waiting : batch) {
        transactions.push_back(std::move(waiting->transaction));
    }
    const Result<FinalizedBlock> block = write_block(transactions);
    std::vector<Result<TransactionOutcome>> outcomes;
    outcomes.reserve(batch.size());
    if (!block) {
        log::error("block-not-written", {{"code", to_string(block.error().code)},
                                         {"reason", block.error().detail},
                                         {"transactions", std::uint64_t{batch.size()}}});
        outcomes.assign(batch.size(), Error{Errc::unavailable, "the ledger could not be written"});
    } else {
        if (block->has_block) {
            publish(*block);
        }
        for (std::size_t i = 0; i < batch.size(); ++i) {
            const Verdict& verdict = block->verdicts[i];
            outcomes.emplace_back(verdict.index ? outcome_in_block(batch[i]->id, verdict, *block)
                                                : refused_or_known(batch[i]->id, verdict.code));
        }
    }
    resolve(batch, outcomes);
}

void EmbeddedEngine::publish(const FinalizedBlock& block) {
    if (checkpoint_due_ns_ == 0) {
        checkpoint_due_ns_ = env_.steady_ns() + checkpoint_every_ns;
    } else if (env_.steady_ns() >= checkpoint_due_ns_) {
        save_checkpoint();
    }
    const CommittedBlock committed = committed_block(block);
    const std::lock_guard lock(listeners_mutex_);
    for (const CommitListener& listener : listeners_) {
        listener(committed);
    }
}

TransactionOutcome EmbeddedEngine::refused_or_known(const Digest& id, std::uint32_t code) const {
    // A transaction that is in the log already keeps the outcome it has there.
    auto stored = stored_outcome(replica_, id);
    if (stored) {
        return std::move(*stored);
    }
    TransactionOutcome refused;
    refused.id = id;
    refused.code = code;
    return refused;
}

void EmbeddedEngine::resolve(const std::vector<WaitingPtr>& batch,
                             const std::vector<Result<TransactionOutcome>>& outcomes) {
    std::vector<std::vector<OutcomeCallback>> callbacks(batch.size());
    {
        const std::lock_guard lock(mutex_);
        for (std::size_t i = 0; i < batch.size(); ++i) {
            callbacks[i] = std::move(batch[i]->callbacks);
            in_flight_.erase(batch[i]->id);
            queued_bytes_ -= batch[i]->bytes;
        }
        queued_ -= batch.size();
    }
    for (std::size_t i = 0; i < batch.size(); ++i) {
        for (const OutcomeCallback& callback : callbacks[i]) {
            callback(outcomes[i]);
        }
    }
}

}  // namespace salus::chain
