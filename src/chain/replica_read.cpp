#include "chain/cached_reader.hpp"
#include "chain/replica.hpp"
#include "ledger/receipt_sign.hpp"

#include <algorithm>
#include <utility>

/// What others may ask of a replica while its engine goes on.
namespace salus::chain {

ViewHead Replica::head() const {
    const std::lock_guard lock(view_mutex_);
    return machine_->info();
}

std::shared_ptr<const Replica::Snapshot> Replica::snapshot() const {
    const std::lock_guard lock(view_mutex_);
    if (!snapshot_) {
        auto fresh = std::make_shared<Snapshot>();
        fresh->reader = cached_reader(kv_->snapshot());
        fresh->head = machine_->info();
        snapshot_ = std::move(fresh);
    }
    return snapshot_;
}

Result<QueryAnswer> Replica::query(std::string_view contract, std::string_view method,
                                   ByteView args) const {
    const std::shared_ptr<const Snapshot> now = snapshot();
    auto answer =
        StateMachine::query_at(*now->reader, now->head, executor_, contract, method, args);
    if (!answer) return seen(std::move(answer).error());
    return answer;
}

Result<TransactionPlace> Replica::find(const Digest& id) const {
    const auto place = find_transaction(*kv_, id);
    if (!place) return seen(place.error());
    if (!*place) {
        return Error{Errc::not_found, "no transaction has this id"};
    }
    return **place;
}

Result<StoredTransaction> Replica::transaction(const Digest& id) const {
    StoredTransaction out;
    out.place = SALUS_TRY(find(id));
    ledger::Block stored = SALUS_TRY(block(out.place.height));
    if (out.place.index >= stored.transactions.size() || out.place.index >= stored.results.size()) {
        return Error{Errc::integrity, "the block holds fewer transactions than the index says"};
    }
    out.envelope = std::move(stored.transactions[out.place.index]);
    out.result = std::move(stored.results[out.place.index]);
    out.header = SALUS_TRY(ledger::decode_header(stored.header));
    out.header_hash = ledger::header_hash(stored.header);
    return out;
}

Result<ledger::Block> Replica::block(BlockHeight height) const {
    const std::lock_guard lock(blocks_mutex_);
    return blocks_->block(height);
}

Result<ledger::BlockPlace> Replica::block_place(BlockHeight height) const {
    const std::lock_guard lock(blocks_mutex_);
    return blocks_->place_of(height);
}

Result<ledger::BlockPlace> Replica::block_of(LogPosition position) const {
    const std::lock_guard lock(blocks_mutex_);
    return blocks_->place_of(position);
}

std::vector<ledger::BlockPlace> Replica::block_places(BlockHeight from, std::size_t count) const {
    const std::lock_guard lock(blocks_mutex_);
    const std::vector<ledger::BlockPlace>& all = blocks_->places();
    const auto first = std::lower_bound(
        all.begin(), all.end(), from,
        [](const ledger::BlockPlace& place, BlockHeight height) { return place.height < height; });
    const auto here = static_cast<std::size_t>(all.end() - first);
    return {first, first + static_cast<std::ptrdiff_t>(std::min(count, here))};
}

std::vector<ledger::BlockPlace> Replica::newest_block_places(std::size_t count) const {
    const std::lock_guard lock(blocks_mutex_);
    const std::vector<ledger::BlockPlace>& all = blocks_->places();
    return {all.end() - static_cast<std::ptrdiff_t>(std::min(count, all.size())), all.end()};
}

Result<std::string> Replica::checkpoint() const {
    const std::lock_guard lock(view_mutex_);
    if (newest_note_.empty()) {
        return Error{Errc::not_found, "the log has no block yet"};
    }
    return newest_note_;
}

Result<Bytes> Replica::receipt(const Digest& id, std::optional<std::size_t> operation,
                               std::string_view note) const {
    const StoredTransaction stored = SALUS_TRY(transaction(id));
    const std::lock_guard lock(view_mutex_);
    const ledger::BundleSource source{.log = *log_tree_,
                                      .position = stored.place.position,
                                      .transaction = stored.envelope,
                                      .result = stored.result,
                                      .height = stored.header.height,
                                      .time = stored.header.time,
                                      .checkpoint = as_bytes(note.empty() ? newest_note_ : note)};
    return operation ? ledger::make_operation_bundle(source, *operation, sealer_.key)
                     : ledger::make_bundle(source, sealer_.key);
}

Result<std::vector<Digest>> Replica::consistency(std::uint64_t old_size,
                                                 std::uint64_t new_size) const {
    const std::lock_guard lock(view_mutex_);
    return log_tree_->consistency(old_size, new_size);
}

}  // namespace salus::chain
