#pragma once

#include "chain/executor.hpp"
#include "chain/limits.hpp"
#include "chain/overlay.hpp"
#include "chain/prepared.hpp"
#include "chain/view.hpp"
#include "ledger/block.hpp"
#include "ledger/genesis.hpp"
#include "ledger/log_tree.hpp"
#include "ledger/state_tree.hpp"
#include "store/kv.hpp"

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace salus::chain {

/// What the engine decides about a block.
struct BlockInput {
    BlockHeight height;
    UnixMillis time;
    ObjectId proposer;
};

/// What became of one transaction that a block was offered.
struct Verdict {
    std::uint32_t code = 0;  ///< the transaction's result code; 1 to 6: not in the block
    std::optional<std::uint32_t> index;  ///< among the block's transactions
    std::vector<std::uint32_t> codes;    ///< one for each operation, when in the block
};

/// The outcome of a block, not yet durable. Without any accepted transaction there is no Salus
/// block.
struct FinalizedBlock {
    std::vector<Verdict> verdicts;  ///< in the order given
    bool has_block = false;
    ledger::Block block;  ///< without its checkpoint: that is the sealing member's
    ledger::BlockHeader header;
    Digest header_hash;
    Digest app_hash;              ///< after the block; the old one when there is none
    std::uint64_t log_begin = 0;  ///< position of the block's link
};

/// The answer of a read-only call.
struct QueryAnswer {
    std::uint32_t code = 0;  ///< 0, 7 to 9, or the contract's own
    Bytes data;
    BlockHeight height;  ///< the committed state that answered
    UnixMillis time;
};

/// The replica: from the same blocks every member computes the same bytes. Shaped on ABCI 2.0.
///
///     init_chain ──▶ committed ──finalize_block──▶ pending ──commit──▶ committed
///                        ▲                            │
///                        └────────── abandon ─────────┘
///
/// `finalize_block` persists nothing. `commit` applies the pending writes to the view in one atomic
/// batch; the engine calls it once the block itself is durable, so the view may be behind the log,
/// never ahead. Threads: one at a time, but `prepare` any. Everything it opens must outlive it.
class StateMachine {
  public:
    struct Parts {
        store::Kv* kv = nullptr;
        ledger::LogTree* log = nullptr;
        ContractExecutor* executor = nullptr;
    };
    /// Continues the view where it stands; an empty view gets the genesis state.
    /// Errors: integrity — the view belongs to another genesis, or its tree or log do not fit it.
    static Result<std::unique_ptr<StateMachine>> open(const ledger::GenesisEntry& genesis,
                                                      Parts parts);

    [[nodiscard]] const ViewHead& info() const noexcept { return head_; }
    [[nodiscard]] const ledger::Genesis& genesis() const noexcept { return genesis_; }

    /// Form, chain and signature. Threads: any.
    PreparedTransaction prepare(Bytes envelope) const {
        return prepare_transaction(std::move(envelope), genesis_.chain_id, &signatures_);
    }
    /// For envelopes that a block of the own log holds already: the signature is not checked again.
    PreparedTransaction prepare_committed(Bytes envelope) const {
        return prepare_transaction(std::move(envelope), genesis_.chain_id, &signatures_, true);
    }
    /// Would the next block take it? 0, or 1 to 6. Judged by committed state at time `at`.
    Result<std::uint32_t> check_tx(const PreparedTransaction& transaction, UnixMillis at);
    /// How many of these, from the front, fit one block; none when the header lags the clock.
    static std::size_t prepare_proposal(std::span<const PreparedTransaction> transactions,
                                        std::size_t bytes_max, UnixMillis header_time,
                                        UnixMillis now);
    /// Whether a proposed block can be voted for: sizes, forms and signatures.
    static bool process_proposal(std::span<const PreparedTransaction> transactions);

    /// What comes out fits the log, whatever the transactions do: chain/limits.hpp.
    /// Errors: out_of_range — height or time go back, or more than a block may hold; unavailable,
    /// integrity — state cannot be read.
    Result<FinalizedBlock> finalize_block(const BlockInput& input,
                                          std::span<const PreparedTransaction> transactions);
    /// Applies what the last finalize_block left pending.
    Status commit();
    void abandon();

    /// Asks a contract at committed state. Errors: unavailable, integrity.
    Result<QueryAnswer> query(std::string_view contract, std::string_view method, ByteView args) {
        return query_at(*kv_, head_, *executor_, contract, method, args);
    }
    /// The same over a snapshot that some thread holds. Threads: any.
    static Result<QueryAnswer> query_at(const store::KvReader& snapshot, const ViewHead& head,
                                        ContractExecutor& executor, std::string_view contract,
                                        std::string_view method, ByteView args);

    [[nodiscard]] ledger::StateTree& tree() noexcept { return tree_; }

  private:
    struct Pending;
    StateMachine(ledger::Genesis genesis, Digest genesis_digest, Parts parts,
                 ledger::StateTree tree);
    Status load();
    Status init_chain(const ledger::GenesisEntry& genesis);
    Status initialise_contracts(const ledger::GenesisEntry& genesis, Overlay& overlay);
    Status prune_seen(Overlay& overlay, UnixMillis now, std::size_t transactions, Pending& pending);
    Status run_transactions(const BlockInput& input,
                            std::span<const PreparedTransaction> transactions, Overlay& overlay,
                            Pending& pending, FinalizedBlock& out);
    void seal(const BlockInput& input, FinalizedBlock& out);
    Result<ledger::StateTreeUpdate> prepare_tree(const Changes& changes);
    Status write_batch(Pending& pending);

    ledger::Genesis genesis_;
    Digest genesis_digest_;
    Digest config_root_;
    store::Kv* kv_;
    ledger::LogTree* log_;
    ContractExecutor* executor_;
    ledger::StateTree tree_;
    ViewHead head_;
    /// No mark in the seen-set is older: a block before that time need not look. Changes no result.
    std::int64_t seen_oldest_ms_ = 0;
    mutable SignatureCache signatures_;
    std::unique_ptr<Pending> pending_;

  public:
    ~StateMachine();
};

}  // namespace salus::chain
