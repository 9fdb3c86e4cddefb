#pragma once

#include "base/env.hpp"
#include "chain/snapshot.hpp"
#include "chain/state_machine.hpp"
#include "crypto/sign.hpp"
#include "ledger/block_store.hpp"
#include "ledger/checkpoint.hpp"
#include "ledger/tiles.hpp"

#include <atomic>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

namespace salus::chain {

/// Who seals blocks on this node.
struct Sealer {
    ObjectId organisation;
    crypto::SigningKey key;
};

/// A transaction as it lies in the log.
struct StoredTransaction {
    TransactionPlace place;
    Bytes envelope;
    Bytes result;
    ledger::BlockHeader header;
    Digest header_hash;
};

/// What recovery had to do when a replica was opened.
struct RecoveryReport {
    std::optional<std::uint64_t> torn_tail_bytes;  ///< cut from the log
    std::uint64_t replayed_blocks = 0;
    bool view_rebuilt = false;  ///< it was missing, damaged, or ahead of the log
};

/// Blocks that took this long to execute are flushed to the view's files, so that a start after a
/// crash has little more than that to execute again.
inline constexpr std::int64_t unflushed_ns_max = 2'000'000'000;

/// One member's copy: the log on disk is the truth, view and log tree follow it.
///
///     finalize ──▶ seal ──▶ [append: one sync = committed] ──▶ commit to the view
///                               │ fails
///                               ▼
///                          abandon; recover() reopens the log and replays what is there
///
/// Damage of the view that is met while it is open ends all writing: no answer is computed on it,
/// and the next `open` makes the view again from the log.
///
/// Threads: `advance`, its halves and `recover` one at a time (the engine's); everything else any.
class Replica {
  public:
    struct Options {
        std::string ledger_directory;
        /// Block index, log tree, and the mark of a damaged view; outside the ledger; may be
        /// deleted.
        std::string index_directory;
        /// Opens the view; with `fresh` whatever was there is deleted before. Called again when it
        /// must be rebuilt.
        std::function<Result<std::unique_ptr<store::Kv>>(bool fresh)> open_view;
        /// The snapshot that the ledger begins behind, where it begins behind one: without it the
        /// view cannot be made again.
        std::string snapshot_directory;
        std::uint32_t segment_bytes = store::segment_bytes_default;
        bool log_tree_in_memory = false;
    };
    /// Errors: not_found — no ledger there; integrity — the log is damaged or its blocks do not
    /// execute to their own roots; unavailable — the disk.
    static Result<std::unique_ptr<Replica>> open(Env& env, Options options,
                                                 ContractExecutor& executor, Sealer sealer);
    ~Replica();

    /// The next block, durable when this returns. `has_block` is false when no transaction was
    /// accepted. Errors: unavailable — nothing is acknowledged; call `recover` before the next;
    /// integrity, out_of_range.
    Result<FinalizedBlock> advance(const BlockInput& input,
                                   std::span<const PreparedTransaction> transactions);
    /// The two halves of `advance`, for an engine that hears of the decision to commit later. What
    /// was finalized and not committed is replaced by the next finalize.
    Result<FinalizedBlock> finalize(const BlockInput& input,
                                    std::span<const PreparedTransaction> transactions);
    /// `next` is what `finalize` returned last; its block gets its checkpoint. Nothing happens when
    /// it has no block.
    Status commit_finalized(FinalizedBlock& next);
    /// Opens the log again after a failure and executes what it holds beyond the view.
    Status recover();
    /// `ledger/checkpoint` catches up with the newest block (a busy log does so itself once a
    /// second).
    Status save_checkpoint();
    /// Writes the newest committed state below `directory`, named by its height, with the newest
    /// checkpoint beside it. Blocks go on meanwhile. Errors: not_found — no block yet;
    /// already_exists; unavailable. Threads: any.
    Result<SnapshotInfo> make_snapshot(const std::string& directory) const;
    /// Before a planned stop: the next start has nothing to replay.
    Status close();

    PreparedTransaction prepare(Bytes envelope) const {
        return machine_->prepare(std::move(envelope));
    }
    /// Would the next block take it? 0, or 1 to 6. Threads: as `advance`.
    Result<std::uint32_t> check_tx(const PreparedTransaction& transaction, UnixMillis at) {
        return machine_->check_tx(transaction, at);
    }
    [[nodiscard]] ViewHead head() const;
    [[nodiscard]] const RecoveryReport& recovery() const noexcept { return recovery_; }
    [[nodiscard]] const ledger::GenesisEntry& genesis_entry() const noexcept {
        return genesis_entry_;
    }
    [[nodiscard]] const ledger::Genesis& genesis() const noexcept { return genesis_; }
    [[nodiscard]] const Digest& genesis_digest() const noexcept { return genesis_digest_; }
    [[nodiscard]] const ObjectId& organisation() const noexcept { return sealer_.organisation; }
    [[nodiscard]] ledger::VerifierKey verifier_key() const;

    /// A contract's answer at the newest committed state.
    Result<QueryAnswer> query(std::string_view contract, std::string_view method,
                              ByteView args) const;

    /// Errors of all: not_found; unavailable; integrity.
    Result<TransactionPlace> find(const Digest& id) const;
    Result<StoredTransaction> transaction(const Digest& id) const;
    Result<ledger::Block> block(BlockHeight height) const;
    Result<ledger::BlockPlace> block_place(BlockHeight height) const;
    Result<ledger::BlockPlace> block_of(LogPosition position) const;
    /// The newest `count` blocks' places before or at `up_to`, ascending.
    std::vector<ledger::BlockPlace> block_places(BlockHeight from, std::size_t count) const;
    std::vector<ledger::BlockPlace> newest_block_places(std::size_t count) const;

    /// A bundle that proves a transaction (or one operation of it) under a checkpoint of this log
    /// that reaches it; empty: the newest.
    Result<Bytes> receipt(const Digest& id, std::optional<std::size_t> operation,
                          std::string_view note = {}) const;
    /// The newest signed note: of the newest block. Errors: not_found — no block yet.
    Result<std::string> checkpoint() const;
    Result<std::vector<Digest>> consistency(std::uint64_t old_size, std::uint64_t new_size) const;
    /// The same as a COSE Receipt. Errors: out_of_range — no such sizes, or old_size ≥ new_size.
    Result<Bytes> consistency_receipt(std::uint64_t old_size, std::uint64_t new_size) const;
    /// Lines of the log, as they are hashed. Errors: not_found — beyond the log.
    Result<std::vector<Bytes>> log_lines(LogPosition from, std::size_t count) const;
    /// A tile or bundle of C2SP tlog-tiles. Errors: not_found — beyond the log.
    Result<Bytes> tile(const ledger::TileId& tile) const;

    /// For those who keep proofs of their own: runs `use` while the tree stands still.
    template <class Use>
    auto with_log_tree(const Use& use) const {
        const std::lock_guard lock(view_mutex_);
        return use(*log_tree_);
    }
    template <class Use>
    auto with_state_tree(const Use& use) const {
        const std::lock_guard lock(view_mutex_);
        return use(machine_->tree());
    }
    /// A fixed view of committed state, for other readers of the same process.
    [[nodiscard]] const store::Kv& kv() const noexcept { return *kv_; }

  private:
    struct Snapshot {
        std::unique_ptr<store::KvReader> reader;
        ViewHead head;
    };
    Replica(Env& env, Options options, ContractExecutor& executor, Sealer sealer);
    Status open_blocks();
    Status open_view();
    Status open_machine(bool fresh);
    [[nodiscard]] std::string damage_mark() const;
    /// Hands the error on; of a damaged view it is remembered for the next start.
    Error seen(Error error) const;
    Status check_view_is_whole() const;
    Status check_view_follows(const ViewHead& head) const;
    Status open_log_tree(bool fresh);
    Status mend_log_tree();
    Result<bool> log_tree_is_whole() const;
    Status replay();
    Status replay_one(const ledger::BlockPlace& place, const ledger::Block& block);
    Bytes seal(const ledger::BlockHeader& header, const Digest& hash) const;
    std::shared_ptr<const Snapshot> snapshot() const;
    Status commit(ByteView note);
    void flush_in_time();
    Result<std::string> read_newest_note();

    Env& env_;
    Options options_;
    ContractExecutor& executor_;
    Sealer sealer_;
    RecoveryReport recovery_;
    ledger::GenesisEntry genesis_entry_;
    ledger::Genesis genesis_;
    Digest genesis_digest_;
    mutable std::optional<ledger::BlockStore> blocks_;  ///< reading moves its file buffers
    std::unique_ptr<store::Kv> kv_;
    std::unique_ptr<ledger::LogTree> log_tree_;
    std::unique_ptr<StateMachine> machine_;
    mutable std::mutex blocks_mutex_;  ///< the block store, also while it syncs
    mutable std::mutex view_mutex_;    ///< commit, head, trees, the current snapshot
    /// Shared by the queries that run on it and by the replica, until the next block replaces it.
    mutable std::shared_ptr<const Snapshot> snapshot_;
    std::string newest_note_;
    std::int64_t unflushed_ns_ = 0;  ///< execution since the view was flushed
    mutable std::atomic<bool> view_damaged_ = false;
};

}  // namespace salus::chain
