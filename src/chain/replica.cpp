#include "chain/replica.hpp"

#include "base/log.hpp"
#include "ledger/checkpoint_sign.hpp"
#include "ledger/log_tree_file.hpp"

#include <utility>

namespace salus::chain {

namespace {

/// The lines of the log that a stored block stands for.
Status append_log_lines(const ledger::Block& block, ledger::LogTree& tree) {
    const ledger::BlockHeader header = SALUS_TRY(ledger::decode_header(block.header));
    SALUS_TRY(tree.append(ledger::merkle_leaf(ledger::encode_log_link(header.previous))));
    for (std::size_t i = 0; i < block.transactions.size(); ++i) {
        const auto transaction = SALUS_TRY(ledger::decode_transaction(block.transactions[i]));
        const auto result = SALUS_TRY(ledger::decode_result(block.results.at(i)));
        const auto entry = ledger::log_entry_of(transaction, result, header.height, header.time);
        SALUS_TRY(tree.append(ledger::merkle_leaf(ledger::encode_log_entry(entry))));
    }
    return done;
}

}  // namespace

Replica::Replica(Env& env, Options options, ContractExecutor& executor, Sealer sealer)
    : env_(env), options_(std::move(options)), executor_(executor), sealer_(std::move(sealer)) {}

Replica::~Replica() = default;

Result<std::unique_ptr<Replica>> Replica::open(Env& env, Options options,
                                               ContractExecutor& executor, Sealer sealer) {
    std::unique_ptr<Replica> replica(
        new Replica(env, std::move(options), executor, std::move(sealer)));
    SALUS_TRY(replica->open_blocks());
    if (const auto& torn = replica->blocks_->torn_tail()) {
        replica->recovery_.torn_tail_bytes = torn->bytes;
        log::warn("ledger-tail-cut", {{"file", torn->file}, {"bytes", torn->bytes}});
    }
    replica->genesis_entry_ = replica->blocks_->genesis_entry();
    replica->genesis_ = replica->blocks_->genesis();
    replica->genesis_digest_ = replica->blocks_->genesis_digest();
    SALUS_TRY(replica->open_view());
    return replica;
}

Status Replica::open_blocks() {
    const std::string index =
        options_.index_directory.empty() ? std::string{} : options_.index_directory + "/blocks";
    // What was open before stays, for reading, until the new one is.
    ledger::BlockStore opened = SALUS_TRY(ledger::BlockStore::open(
        env_, options_.ledger_directory,
        {.index_path = index, .read_only = false, .segment_bytes = options_.segment_bytes}));
    blocks_.emplace(std::move(opened));
    return done;
}

Status Replica::open_view() {
    const bool marked = !options_.index_directory.empty() && env_.exists(damage_mark());
    Status opened = marked
                        ? Status(Error{Errc::integrity, "damage was met while the node ran last"})
                        : open_machine(false);
    if (!opened) {
        // The view is only a copy of what the log says: whatever is wrong with it, make it again.
        log::warn("view-rebuilt", {{"reason", opened.error().detail}});
        recovery_.view_rebuilt = true;
        opened = open_machine(true);
    }
    // The mark goes when there is a whole view on the disk in place of the damaged one.
    if (opened && marked) {
        SALUS_TRY(kv_->flush());
        SALUS_TRY(env_.remove(damage_mark()));
    }
    return opened;
}

std::string Replica::damage_mark() const {
    return options_.index_directory + "/view-damaged";
}

Error Replica::seen(Error error) const {
    if (error.code != Errc::integrity || view_damaged_.exchange(true)) return error;
    log::error("view-damaged", {{"reason", error.detail}});
    if (options_.index_directory.empty()) return error;
    // Where it cannot be written, the damage is met and told again.
    if (const auto mark = env_.open(damage_mark(), OpenMode::create); !mark) {
        log::warn("view-damage-not-marked", {{"reason", mark.error().detail}});
    }
    return error;
}

Status Replica::check_view_is_whole() const {
    if (!view_damaged_) return done;
    return Error{Errc::integrity,
                 "the view is damaged: the next start of the node makes it again from the log"};
}

Status Replica::open_machine(bool fresh) {
    machine_.reset();
    log_tree_.reset();
    kv_.reset();
    kv_ = SALUS_TRY(options_.open_view(fresh));
    std::optional<ViewHead> head = SALUS_TRY(read_view_head(*kv_));
    if (head) SALUS_TRY(check_view_follows(*head));
    if (!head && blocks_->height().value > 0) {
        recovery_.view_rebuilt = true;
    }
    if (!head && blocks_->base()) {
        SALUS_TRY(restore_view(env_, options_.snapshot_directory, *kv_,
                               ledger::app_hash(blocks_->base()->header)));
    }
    SALUS_TRY(open_log_tree(false));
    if (!SALUS_TRY(log_tree_is_whole())) {
        log::warn("log-tree-rebuilt", {});
        SALUS_TRY(open_log_tree(true));
    }
    machine_ = SALUS_TRY(StateMachine::open(
        genesis_entry_, {.kv = kv_.get(), .log = log_tree_.get(), .executor = &executor_}));
    return replay();
}

/// The view stands after a block of this log, or where the log begins.
Status Replica::check_view_follows(const ViewHead& head) const {
    if (head.height.value > blocks_->height().value) {
        return Error{Errc::integrity, "the view is ahead of the log"};
    }
    const auto& base = blocks_->base();
    if (base && head.height == base->header.height) {
        if (head.header_hash == base->header_hash) return done;
        return Error{Errc::integrity, "the view follows another snapshot"};
    }
    if (head.height.value == 0) return done;
    const ledger::BlockPlace place = SALUS_TRY(blocks_->place_of(head.height));
    if (place.header_hash != head.header_hash) {
        return Error{Errc::integrity, "the view follows another log"};
    }
    return done;
}

Status Replica::open_log_tree(bool fresh) {
    log_tree_.reset();
    const bool in_memory = options_.log_tree_in_memory || options_.index_directory.empty();
    auto nodes = in_memory ? Result<std::unique_ptr<ledger::NodeStore>>(ledger::memory_node_store())
                           : ledger::file_node_store(env_, options_.index_directory + "/log-tree");
    std::unique_ptr<ledger::NodeStore> store = SALUS_TRY(std::move(nodes));
    const auto& base = blocks_->base();
    if (fresh && !base) SALUS_TRY(store->truncate(0));
    if (base && (fresh || store->size() < ledger::nodes_of(base->header.log_size))) {
        SALUS_TRY(ledger::seed_nodes(*store, *base));
    }
    auto tree = ledger::LogTree::open(std::move(store));
    // A file that is cut in the middle of a leaf's nodes is no tree: it is made again.
    if (!tree && !fresh && tree.error().code == Errc::integrity) return open_log_tree(true);
    log_tree_ = std::make_unique<ledger::LogTree>(SALUS_TRY(std::move(tree)));
    return mend_log_tree();
}

/// A damaged node of the right edge would become part of every later root.
Result<bool> Replica::log_tree_is_whole() const {
    const std::optional<ViewHead> head = SALUS_TRY(read_view_head(*kv_));
    if (!head || head->log_size == 0) return true;
    const auto& base = blocks_->base();
    if (base && head->height == base->header.height) {
        return log_tree_->root() == base->header.log_root;
    }
    const ledger::Block block = SALUS_TRY(blocks_->block(head->height));
    const ledger::BlockHeader header = SALUS_TRY(ledger::decode_header(block.header));
    return log_tree_->root() == header.log_root;
}

Status Replica::mend_log_tree() {
    // The file of nodes is not synced: what a crash took is computed again from the blocks.
    const std::optional<ViewHead> head = SALUS_TRY(read_view_head(*kv_));
    const std::uint64_t wanted = head ? head->log_size : 0;
    std::uint64_t whole = blocks_->base() ? blocks_->base()->header.log_size : 0;
    for (const ledger::BlockPlace& place : blocks_->places()) {
        if (place.log_end > wanted || place.log_end > log_tree_->size()) {
            break;
        }
        whole = place.log_end;
    }
    SALUS_TRY(log_tree_->truncate(whole));
    while (whole < wanted) {
        const ledger::BlockPlace place = SALUS_TRY(blocks_->place_of(LogPosition{whole}));
        const ledger::Block block = SALUS_TRY(blocks_->block(place.height));
        SALUS_TRY(append_log_lines(block, *log_tree_));
        whole = place.log_end;
    }
    return done;
}

Result<std::string> Replica::read_newest_note() {
    if (blocks_->places().empty()) {
        return std::string{};
    }
    const ledger::Block block = SALUS_TRY(blocks_->block(blocks_->height()));
    return std::string(as_text(block.checkpoint));
}

Status Replica::replay() {
    const BlockHeight from{machine_->info().height.value + 1};
    if (blocks_->height().value < from.value) {
        newest_note_ = SALUS_TRY(read_newest_note());
        return done;
    }
    return blocks_->for_each(from,
                             [&](const ledger::BlockPlace& place, const ledger::Block& block) {
                                 return replay_one(place, block);
                             });
}

Status Replica::replay_one(const ledger::BlockPlace& place, const ledger::Block& block) {
    const ledger::BlockHeader header = SALUS_TRY(ledger::decode_header(block.header));
    std::vector<PreparedTransaction> transactions;
    transactions.reserve(block.transactions.size());
    for (const Bytes& envelope : block.transactions) {
        transactions.push_back(machine_->prepare_committed(envelope));
    }
    const FinalizedBlock again = SALUS_TRY(machine_->finalize_block(
        {.height = header.height, .time = header.time, .proposer = header.proposer}, transactions));
    if (!again.has_block || again.header_hash != place.header_hash) {
        machine_->abandon();
        return Error{Errc::integrity, "block " + std::to_string(place.height.value) +
                                          " does not execute to its own header"};
    }
    SALUS_TRY(commit(block.checkpoint));
    ++recovery_.replayed_blocks;
    return done;
}

Result<FinalizedBlock> Replica::advance(const BlockInput& input,
                                        std::span<const PreparedTransaction> transactions) {
    FinalizedBlock next = SALUS_TRY(finalize(input, transactions));
    SALUS_TRY(commit_finalized(next));
    return next;
}

Result<FinalizedBlock> Replica::finalize(const BlockInput& input,
                                         std::span<const PreparedTransaction> transactions) {
    machine_->abandon();
    SALUS_TRY(check_view_is_whole());
    const std::int64_t start = env_.steady_ns();
    auto block = machine_->finalize_block(input, transactions);
    unflushed_ns_ += env_.steady_ns() - start;
    if (!block) return seen(std::move(block).error());
    return block;
}

Status Replica::commit_finalized(FinalizedBlock& next) {
    if (!next.has_block) {
        return done;
    }
    next.block.checkpoint = seal(next.header, next.header_hash);
    const Status stored = [&] {
        const std::lock_guard lock(blocks_mutex_);
        return blocks_->append(next.block);
    }();
    if (!stored) {
        machine_->abandon();
        return stored.error();
    }
    const std::int64_t start = env_.steady_ns();
    if (Status committed = commit(next.block.checkpoint); !committed) {
        return seen(std::move(committed).error());
    }
    unflushed_ns_ += env_.steady_ns() - start;
    flush_in_time();
    return done;
}

/// Most blocks are flushed because they fill the view's buffers. Those that execute much and change
/// little would not be: without this, all of them are executed again after a crash.
void Replica::flush_in_time() {
    if (unflushed_ns_ < unflushed_ns_max) return;
    unflushed_ns_ = 0;
    if (const Status begun = kv_->begin_flush(); !begun) {
        log::warn("view-not-flushed", {{"reason", begun.error().detail}});
    }
}

Status Replica::commit(ByteView note) {
    // Under one lock, so that nobody sees a block without the checkpoint that proves it.
    const std::lock_guard lock(view_mutex_);
    snapshot_.reset();
    SALUS_TRY(machine_->commit());
    newest_note_ = std::string(as_text(note));
    return done;
}

Bytes Replica::seal(const ledger::BlockHeader& header, const Digest& hash) const {
    const ledger::Checkpoint checkpoint = ledger::checkpoint_of(genesis_.chain_id, header, hash);
    return to_bytes(ledger::seal_checkpoint(
        checkpoint, ledger::member_key_name(genesis_.chain_id, sealer_.organisation), sealer_.key));
}

ledger::VerifierKey Replica::verifier_key() const {
    return ledger::member_key(genesis_.chain_id, sealer_.organisation,
                              crypto::public_key(sealer_.key));
}

Status Replica::recover() {
    const std::lock_guard lock(blocks_mutex_);
    machine_->abandon();
    SALUS_TRY(check_view_is_whole());
    SALUS_TRY(open_blocks());
    if (Status replayed = replay(); !replayed) return seen(std::move(replayed).error());
    return done;
}

Status Replica::save_checkpoint() {
    const std::lock_guard lock(blocks_mutex_);
    return blocks_->flush_checkpoint();
}

Status Replica::close() {
    SALUS_TRY(save_checkpoint());
    return kv_->flush();
}

}  // namespace salus::chain
