#pragma once

#include "base/env.hpp"
#include "chain/replica.hpp"

#include <condition_variable>
#include <deque>
#include <functional>
#include <future>
#include <mutex>
#include <string_view>
#include <thread>
#include <unordered_map>
#include <vector>

namespace salus::chain {

/// What became of a submitted transaction. Given when it is durable, or refused for good.
struct TransactionOutcome {
    Digest id;                         ///< zero when the bytes are no transaction
    std::uint32_t code = 0;            ///< 1 to 6: not in the log, and the fields below are empty
    std::vector<std::uint32_t> codes;  ///< of each operation
    LogPosition position;
    BlockHeight height;
    UnixMillis time;
    Digest header_hash;
    Digest previous;
    [[nodiscard]] bool in_log() const noexcept { return height.value != 0; }
    bool operator==(const TransactionOutcome&) const = default;
};
/// Called once, on a thread of the engine: hand the work on and return. An error means that nothing
/// is acknowledged: unavailable — the disk failed or the engine stopped; the same bytes may be
/// submitted again.
using OutcomeCallback = std::function<void(const Result<TransactionOutcome>&)>;

/// A block that became durable.
struct CommittedBlock {
    BlockHeight height;
    UnixMillis time;
    Digest header_hash;
    Digest app_hash;
    std::uint64_t transactions = 0;
    std::uint64_t log_size = 0;
};
/// What listeners hear of a block.
CommittedBlock committed_block(const FinalizedBlock& block);
using CommitListener = std::function<void(const CommittedBlock&)>;

struct EngineOptions {
    unsigned verify_threads = 2;
    std::size_t queue_transactions_max = chain::queue_transactions_max;
    std::size_t queue_bytes_max = chain::queue_bytes_max;
    std::size_t block_transactions_max = chain::block_transactions_max;
};

/// Orders what is submitted into blocks and answers when they are durable. Threads: all methods
/// any.
class Engine {
  public:
    Engine() = default;
    virtual ~Engine() = default;
    Engine(const Engine&) = delete;
    Engine& operator=(const Engine&) = delete;

    /// `embedded` or `cometbft`.
    [[nodiscard]] virtual std::string_view name() const noexcept = 0;
    /// Errors: exhausted — the queue is full, try later; out_of_range — too long; unavailable —
    /// stopping. On success `callback` will be called, possibly before this returns.
    virtual Status submit(Bytes envelope, OutcomeCallback callback) = 0;
    /// The same, waiting.
    Result<TransactionOutcome> submit_and_wait(Bytes envelope);
    /// Called for each block in order, on a thread of the engine, before the outcomes of its
    /// transactions.
    virtual void on_commit(CommitListener listener) = 0;
    /// Finishes what has arrived as far as it can, then ends the threads. Idempotent.
    virtual void stop() = 0;
    [[nodiscard]] virtual std::size_t queued() const = 0;
};

/// In-process sequencer with group commit and no waiting window: a block takes what queued while
/// the one before it was being synced.
///
///     submit ──▶ arrived ──verify threads──▶ verified ──sequencer──▶ block ──sync──▶ outcome
///
/// One id in flight has one outcome, however often it is submitted. Threads: all methods any.
class EmbeddedEngine final : public Engine {
  public:
    EmbeddedEngine(Env& env, Replica& replica, EngineOptions options = {});
    ~EmbeddedEngine() override;  ///< stop()

    [[nodiscard]] std::string_view name() const noexcept override { return "embedded"; }
    Status submit(Bytes envelope, OutcomeCallback callback) override;
    void on_commit(CommitListener listener) override;
    void stop() override;
    [[nodiscard]] std::size_t queued() const override;

  private:
    struct Arrival {
        Bytes envelope;
        OutcomeCallback callback;
    };
    struct Waiting {
        Digest id;
        std::size_t bytes = 0;
        PreparedTransaction transaction;
        std::vector<OutcomeCallback> callbacks;
    };
    using WaitingPtr =
        std::shared_ptr<Waiting>;  ///< shared by the queue and the table of ids in flight

    using Lock = std::unique_lock<std::mutex>;

    void verify_loop();
    void verify_one(Lock& lock);
    void file_verified(PreparedTransaction prepared, OutcomeCallback callback);
    void sequence_loop();
    bool next_batch(std::vector<WaitingPtr>& batch);
    void wait_for_work(Lock& lock);
    void take_batch(std::vector<WaitingPtr>& batch);
    void run_block(const std::vector<WaitingPtr>& batch);
    Result<FinalizedBlock> write_block(std::span<const PreparedTransaction> transactions);
    void publish(const FinalizedBlock& block);
    void save_checkpoint();
    void resolve(const std::vector<WaitingPtr>& batch,
                 const std::vector<Result<TransactionOutcome>>& outcomes);
    TransactionOutcome refused_or_known(const Digest& id, std::uint32_t code) const;

    Env& env_;
    Replica& replica_;
    EngineOptions options_;

    mutable std::mutex mutex_;
    std::condition_variable for_verifiers_;
    std::condition_variable for_sequencer_;
    std::deque<Arrival> arrived_;
    std::deque<WaitingPtr> verified_;
    std::unordered_map<Digest, WaitingPtr, DigestPrefix> in_flight_;
    std::size_t queued_ = 0;  ///< arrived, being verified, verified or in the block being written
    std::size_t queued_bytes_ = 0;
    std::size_t verifying_ = 0;
    bool sequencer_waits_ = false;
    bool stopping_ = false;
    bool ended_ = false;

    std::mutex listeners_mutex_;
    std::vector<CommitListener> listeners_;
    bool needs_recovery_ = false;         ///< the sequencer's
    std::int64_t checkpoint_due_ns_ = 0;  ///< the sequencer's; 0: nothing to save
    std::vector<std::thread> verifiers_;
    std::thread sequencer_;
};

/// What became of an accepted transaction of this block.
TransactionOutcome outcome_in_block(const Digest& id, const Verdict& verdict,
                                    const FinalizedBlock& block);

/// What a transaction that is in the log became, read back from there. Errors: not_found.
Result<TransactionOutcome> stored_outcome(const Replica& replica, const Digest& id);

}  // namespace salus::chain
