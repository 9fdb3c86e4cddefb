#pragma once

#include "chain/cosignatures.hpp"
#include "chain/directory_lock.hpp"
#include "chain/engine.hpp"
#include "chain/executor.hpp"
#include "chain/node_keys.hpp"
#include "chain/replica.hpp"

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace salus::chain {

/// A contract that a new chain starts with.
struct GenesisContract {
    std::string name;
    Bytes module;
};

/// Makes the engine that drives a node's replica.
using MakeEngine = std::function<Result<std::unique_ptr<Engine>>(Env&, Replica&)>;

struct NodeConfig {
    std::string data_dir;
    std::vector<GenesisContract>
        contracts;  ///< of a chain that is made now; else the genesis decides
    std::string organisation_name = "Salus";  ///< likewise
    std::string chain_id;                     ///< likewise; empty: drawn
    EngineOptions engine;                     ///< of the embedded engine
    MakeEngine make_engine;                   ///< empty: the embedded engine
    std::vector<ledger::VerifierKey> witnesses;  ///< whose cosignatures are taken
    std::uint32_t segment_bytes = store::segment_bytes_default;
    /// View and log tree in memory, no lock file: for worlds that are not a real directory.
    bool in_memory_view = false;
};

/// A line of the log, as listings show it.
struct LogListing {
    LogPosition position;
    Digest id;
    BlockHeight height;
    UnixMillis time;
    std::uint32_t code = 0;
    AccountId account;
    std::string contract;  ///< of the first operation
    std::string method;
    std::size_t operations = 0;
};

struct NodeStatus {
    std::string_view engine;
    std::string chain_id;
    Digest genesis;
    ViewHead head;
    std::vector<ledger::Member> members;
    std::vector<WitnessStatus> witnesses;
    std::string witness_alarm;  ///< see Cosignatures::alarm
    std::size_t queued = 0;
};

/// A whole node: keys, ledger, view, state machine and engine of one data directory.
///
///     data_dir/ledger/   segments, checkpoint: the chain, all that `verify` looks at
///     data_dir/view/     RocksDB; may be deleted, and so may
///     data_dir/index/    block index and log tree
///     data_dir/keys/     organisation (0600)        data_dir/lock   one process at a time
///
/// Threads: all methods any.
class Node {
  public:
    /// An empty directory gets a genesis of its own: one member, keys drawn now.
    /// Errors: already_exists — another process runs on it; integrity — the ledger is damaged;
    ///         denied — a ledger without its keys; unavailable.
    static Result<std::unique_ptr<Node>> open(Env& env, NodeConfig config,
                                              std::unique_ptr<ContractExecutor> executor);
    ~Node();  ///< close()
    /// Finishes what was submitted and leaves nothing to replay.
    Status close();

    /// See EmbeddedEngine.
    Status submit(Bytes envelope, OutcomeCallback callback) {
        return engine_->submit(std::move(envelope), std::move(callback));
    }
    Result<TransactionOutcome> submit_and_wait(Bytes envelope) {
        return engine_->submit_and_wait(std::move(envelope));
    }
    void on_commit(CommitListener listener) { engine_->on_commit(std::move(listener)); }
    /// Signs as this node's own account and waits.
    Result<TransactionOutcome> submit_own(std::vector<ledger::Operation> operations,
                                          bool all_or_nothing = false);

    Result<QueryAnswer> query(std::string_view contract, std::string_view method,
                              ByteView args) const {
        return replica_->query(contract, method, args);
    }
    /// What became of a transaction that is in the log. Errors: not_found.
    Result<TransactionOutcome> outcome(const Digest& id) const {
        return stored_outcome(*replica_, id);
    }
    /// The newest `count` transactions, oldest first; at most listed_entries_max.
    Result<std::vector<LogListing>> newest_entries(std::size_t count) const;
    /// Transactions from a position on, oldest first; at most listed_entries_max.
    Result<std::vector<LogListing>> entries(LogPosition from, std::size_t count) const;
    /// Those of one block. Errors: not_found.
    Result<std::vector<LogListing>> entries_of(BlockHeight height) const;

    [[nodiscard]] NodeStatus status() const;
    /// Everything that is read: transactions, blocks, receipts, checkpoint, proofs.
    [[nodiscard]] const Replica& replica() const noexcept { return *replica_; }
    [[nodiscard]] Cosignatures& cosignatures() const noexcept { return *cosignatures_; }
    /// Replica::receipt under the cosigned checkpoint when it reaches so far.
    Result<Bytes> receipt(const Digest& id, std::optional<std::size_t> operation) const;
    [[nodiscard]] const AccountId& account() const noexcept { return keys_.node_account; }
    [[nodiscard]] const ObjectId& organisation() const noexcept { return keys_.organisation; }
    /// For what a node signs besides blocks (receipts of accesses, anchors).
    [[nodiscard]] const crypto::SigningKey& key() const noexcept { return keys_.key; }
    /// The keys under which checkpoints of this chain count: C2SP verifier keys, one a member.
    [[nodiscard]] std::vector<std::string> verifier_keys() const;

  private:
    Node(Env& env, NodeConfig config, std::unique_ptr<ContractExecutor> executor);
    Status open_keys();
    Status create_ledger_when_absent();
    Status open_replica();
    [[nodiscard]] std::string path(std::string_view name) const;

    Env& env_;
    NodeConfig config_;
    DirectoryLock lock_;
    NodeKeys keys_;
    std::unique_ptr<ContractExecutor> executor_;
    std::unique_ptr<Replica> replica_;
    std::unique_ptr<Cosignatures> cosignatures_;
    std::unique_ptr<Engine> engine_;
    bool closed_ = false;
};

/// Opens (`fresh`: after deleting) the RocksDB view of a replica in this directory.
Result<std::unique_ptr<store::Kv>> open_rocks_view(Env& env, const std::string& directory,
                                                   bool fresh);

}  // namespace salus::chain
