#include "chain/state_machine.hpp"

#include "base/cbor.hpp"
#include "chain/genesis_state.hpp"
#include "chain/rules.hpp"
#include "ledger/limits.hpp"

#include <algorithm>
#include <limits>
#include <set>
#include <utility>

namespace salus::chain {

struct StateMachine::Pending {
    ViewHead head;
    Changes changes;
    std::vector<Digest> log_leaves;
    std::vector<Digest> ids;  ///< of the block's transactions, in order
    std::set<Bytes> seen_added;
    std::vector<Bytes> seen_removed;
    std::int64_t seen_oldest_ms = 0;
    ledger::StateTreeUpdate tree;
};

namespace {

bool fits_block(std::span<const PreparedTransaction> transactions) {
    std::size_t bytes = 0;
    for (const PreparedTransaction& transaction : transactions) {
        bytes += transaction.envelope.size();
    }
    return bytes <= block_bytes_max && transactions.size() <= block_transactions_max;
}

}  // namespace

StateMachine::StateMachine(ledger::Genesis genesis, Digest genesis_digest, Parts parts,
                           ledger::StateTree tree)
    : genesis_(std::move(genesis)),
      genesis_digest_(genesis_digest),
      config_root_(ledger::config_root(genesis_.config)),
      kv_(parts.kv),
      log_(parts.log),
      executor_(parts.executor),
      tree_(std::move(tree)) {}

StateMachine::~StateMachine() = default;

Result<std::unique_ptr<StateMachine>> StateMachine::open(const ledger::GenesisEntry& genesis,
                                                         Parts parts) {
    SALUS_ASSERT(parts.kv != nullptr && parts.log != nullptr && parts.executor != nullptr);
    ledger::Genesis decoded = SALUS_TRY(ledger::decode_genesis(genesis.genesis));
    ledger::StateTree tree = SALUS_TRY(ledger::StateTree::open(*parts.kv));
    std::unique_ptr<StateMachine> machine(new StateMachine(
        std::move(decoded), ledger::genesis_hash(genesis.genesis), parts, std::move(tree)));
    const std::optional<ViewHead> head = SALUS_TRY(read_view_head(*parts.kv));
    if (head) {
        machine->head_ = *head;
        SALUS_TRY(machine->load());
    } else {
        SALUS_TRY(machine->init_chain(genesis));
    }
    return machine;
}

Status StateMachine::load() {
    if (head_.height.value == 0 && head_.header_hash != genesis_digest_) {
        return Error{Errc::integrity, "the view belongs to another genesis"};
    }
    if (tree_.root() != head_.state_root) {
        return Error{Errc::integrity, "the state tree of the view has another root than its head"};
    }
    if (log_->size() < head_.log_size) {
        return Error{Errc::integrity, "the log tree is shorter than the view"};
    }
    return log_->truncate(head_.log_size);
}

Status StateMachine::init_chain(const ledger::GenesisEntry& genesis) {
    const KvState committed(*kv_);
    Overlay overlay(committed);
    SALUS_TRY(write_genesis_state(genesis, genesis_, *executor_, overlay));
    if (overlay.failure()) {
        return *overlay.failure();
    }
    SALUS_TRY(log_->truncate(0));
    pending_ = std::make_unique<Pending>();
    pending_->changes = overlay.take_changes();
    pending_->tree = SALUS_TRY(prepare_tree(pending_->changes));
    pending_->head = {.height = BlockHeight{0},
                      .time = genesis_.time,
                      .header_hash = genesis_digest_,
                      .state_root = pending_->tree.root(),
                      .app_hash = genesis_digest_,
                      .log_size = 0,
                      .transactions = 0};
    return commit();
}

Result<std::uint32_t> StateMachine::check_tx(const PreparedTransaction& transaction,
                                             UnixMillis at) {
    const KvState committed(*kv_);
    Overlay overlay(committed);
    std::optional<Error> failure;
    const BlockContext block{.height = BlockHeight{head_.height.value + 1}, .time = at};
    const auto seen = [&](const AccountId& account, const ledger::Nonce& nonce) {
        const auto stored = kv_->get(store::Column::seen, seen_index_key(account, nonce));
        if (!stored) {
            failure = stored.error();
            return true;
        }
        return stored->has_value();
    };
    const std::uint32_t code = admit(transaction, block, overlay, seen);
    if (failure) {
        return *failure;
    }
    if (overlay.failure()) {
        return *overlay.failure();
    }
    return code;
}

std::size_t StateMachine::prepare_proposal(std::span<const PreparedTransaction> transactions,
                                           std::size_t bytes_max, UnixMillis header_time,
                                           UnixMillis now) {
    if (now.value - header_time.value > proposal_lag_ms_max) {
        return 0;
    }
    std::size_t bytes = 0;
    std::size_t count = 0;
    for (const PreparedTransaction& transaction : transactions) {
        bytes += transaction.envelope.size();
        if (bytes > std::min(bytes_max, block_bytes_max) || count == block_transactions_max) {
            break;
        }
        ++count;
    }
    return count;
}

bool StateMachine::process_proposal(std::span<const PreparedTransaction> transactions) {
    return fits_block(transactions) &&
           std::all_of(transactions.begin(), transactions.end(),
                       [](const auto& transaction) { return transaction.code == 0; });
}

Status StateMachine::prune_seen(Overlay& overlay, UnixMillis now, std::size_t transactions,
                                Pending& pending) {
    if (pending.seen_oldest_ms >= now.value) {
        return done;
    }
    const std::size_t limit = seen_pruned_base + seen_pruned_per_transaction * transactions;
    const std::vector<KeyValue> oldest = overlay.scan(as_bytes(seen_prefix), {}, limit);
    if (oldest.size() < limit) {
        pending.seen_oldest_ms = std::numeric_limits<std::int64_t>::max();
    }
    for (const KeyValue& entry : oldest) {
        const std::int64_t valid_until_ms = seen_valid_until(entry.key).value;
        if (valid_until_ms >= now.value) {
            pending.seen_oldest_ms = valid_until_ms;
            break;
        }
        overlay.erase(entry.key);
        pending.seen_removed.push_back(to_bytes(seen_index_part(entry.key)));
    }
    return done;
}

Result<FinalizedBlock> StateMachine::finalize_block(
    const BlockInput& input, std::span<const PreparedTransaction> transactions) {
    SALUS_ASSERT(pending_ == nullptr);
    // What is larger might not fit the log once it has run: nobody votes for it, nothing runs it.
    if (!fits_block(transactions)) {
        return Error{Errc::out_of_range, "more transactions than a block may hold"};
    }
    if (input.height.value <= head_.height.value || input.time.value < head_.time.value) {
        return Error{Errc::out_of_range, "a block's height or time goes back"};
    }
    auto pending = std::make_unique<Pending>();
    pending->seen_oldest_ms = seen_oldest_ms_;
    const KvState committed(*kv_);
    Overlay overlay(committed);
    FinalizedBlock out;
    out.app_hash = head_.app_hash;
    SALUS_TRY(run_transactions(input, transactions, overlay, *pending, out));
    if (pending->ids.empty()) {
        return out;
    }
    SALUS_TRY(prune_seen(overlay, input.time, pending->ids.size(), *pending));
    if (overlay.failure()) {
        return *overlay.failure();
    }
    pending->changes = overlay.take_changes();
    pending->tree = SALUS_TRY(prepare_tree(pending->changes));
    pending_ = std::move(pending);
    seal(input, out);
    return out;
}

Status StateMachine::run_transactions(const BlockInput& input,
                                      std::span<const PreparedTransaction> transactions,
                                      Overlay& overlay, Pending& pending, FinalizedBlock& out) {
    const BlockContext block{.height = input.height, .time = input.time};
    std::optional<Error> failure;
    const auto seen = [&](const AccountId& account, const ledger::Nonce& nonce) {
        const Bytes key = seen_index_key(account, nonce);
        if (pending.seen_added.contains(key)) {
            return true;
        }
        const auto stored = kv_->get(store::Column::seen, key);
        if (!stored) {
            failure = stored.error();
            return true;
        }
        return stored->has_value();
    };
    pending.log_leaves.push_back(ledger::merkle_leaf(ledger::encode_log_link(head_.header_hash)));
    std::vector<Digest> cose_hashes;
    out.verdicts.reserve(transactions.size());
    for (const PreparedTransaction& prepared : transactions) {
        Verdict verdict{.code = admit(prepared, block, overlay, seen), .index = {}, .codes = {}};
        if (failure) {
            return *failure;
        }
        if (verdict.code == 0) {
            const ledger::TransactionResult result = execute(prepared, block, overlay, *executor_);
            const ledger::Transaction& transaction = prepared.transaction;
            const auto entry = ledger::log_entry_of(transaction, result, input.height, input.time);
            pending.log_leaves.push_back(ledger::merkle_leaf(ledger::encode_log_entry(entry)));
            pending.seen_oldest_ms =
                std::min(pending.seen_oldest_ms, transaction.body.valid_until.value);
            pending.seen_added.insert(
                seen_index_key(transaction.body.account, transaction.body.nonce));
            verdict.code = result.code;
            verdict.index = static_cast<std::uint32_t>(pending.ids.size());
            for (const ledger::OperationResult& operation : result.operations) {
                verdict.codes.push_back(operation.code);
            }
            pending.ids.push_back(transaction.id);
            cose_hashes.push_back(transaction.cose_hash);
            out.block.transactions.push_back(prepared.envelope);
            out.block.results.push_back(SALUS_TRY(ledger::encode_result(result)));
        }
        out.verdicts.push_back(std::move(verdict));
    }
    if (!cose_hashes.empty()) {
        out.header.transaction_root = ledger::transaction_root(cose_hashes);
    }
    return done;
}

void StateMachine::seal(const BlockInput& input, FinalizedBlock& out) {
    ledger::Frontier log = log_->frontier();
    out.log_begin = log.size();
    for (const Digest& leaf : pending_->log_leaves) {
        log.append(leaf);
    }
    out.has_block = true;
    out.header.height = input.height;
    out.header.time = input.time;
    out.header.previous = head_.header_hash;
    out.header.result_root = ledger::result_root(out.block.results);
    out.header.log_root = log.root();
    out.header.log_size = log.size();
    out.header.state_root = pending_->tree.root();
    out.header.config_root = config_root_;
    out.header.proposer = input.proposer;
    out.block.header = ledger::encode_header(out.header);
    out.header_hash = ledger::header_hash(out.block.header);
    out.app_hash = ledger::app_hash(out.header);
    pending_->head = {.height = input.height,
                      .time = input.time,
                      .header_hash = out.header_hash,
                      .state_root = out.header.state_root,
                      .app_hash = out.app_hash,
                      .log_size = log.size(),
                      .transactions = head_.transactions + pending_->ids.size()};
}

Result<ledger::StateTreeUpdate> StateMachine::prepare_tree(const Changes& changes) {
    std::vector<std::pair<ByteView, std::optional<ByteView>>> leaves;
    leaves.reserve(changes.size());
    for (const auto& [key, value] : changes) {
        leaves.emplace_back(key, value ? std::optional<ByteView>(*value) : std::nullopt);
    }
    return tree_.prepare(leaves);
}

Status StateMachine::commit() {
    SALUS_ASSERT(pending_ != nullptr);
    const std::unique_ptr<Pending> pending = std::move(pending_);
    SALUS_TRY(write_batch(*pending));
    tree_.commit(pending->tree);
    for (const Digest& leaf : pending->log_leaves) {
        SALUS_TRY(log_->append(leaf));
    }
    head_ = pending->head;
    seen_oldest_ms_ = pending->seen_oldest_ms;
    return done;
}

Status StateMachine::write_batch(Pending& pending) {
    store::WriteBatch batch;
    for (const auto& [key, value] : pending.changes) {
        if (value) {
            batch.put(store::Column::state, key, *value);
        } else {
            batch.del(store::Column::state, key);
        }
    }
    for (const Bytes& key : pending.seen_removed) {
        batch.del(store::Column::seen, key);
    }
    for (const Bytes& key : pending.seen_added) {
        batch.put(store::Column::seen, key, {});
    }
    for (std::size_t i = 0; i < pending.ids.size(); ++i) {
        put_transaction_place(batch, pending.ids[i],
                              {.height = pending.head.height,
                               .index = static_cast<std::uint32_t>(i),
                               .position = LogPosition{head_.log_size + 1 + i}});
    }
    tree_.stage(pending.tree, batch);
    put_view_head(batch, pending.head);
    return kv_->write(batch);
}

void StateMachine::abandon() {
    pending_.reset();
}

Result<QueryAnswer> StateMachine::query_at(const store::KvReader& snapshot, const ViewHead& head,
                                           ContractExecutor& executor, std::string_view contract,
                                           std::string_view method, ByteView args) {
    const KvState committed(snapshot);
    Overlay overlay(committed);
    ExecResult result = executor.query({.contract = contract,
                                        .method = method,
                                        .args = args,
                                        .payload = std::nullopt,
                                        .caller = {},
                                        .transaction = {},
                                        .height = head.height,
                                        .time = head.time,
                                        .gas_max = query_gas_max},
                                       overlay);
    if (overlay.failure()) {
        return *overlay.failure();
    }
    return QueryAnswer{.code = result.code,
                       .data = std::move(result.data),
                       .height = head.height,
                       .time = head.time};
}

}  // namespace salus::chain
