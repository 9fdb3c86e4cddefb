#include "chain/view.hpp"

#include "base/cbor.hpp"

#include <limits>

namespace salus::chain {

namespace {

constexpr std::string_view head_key = "view-head";
constexpr std::size_t account_and_nonce_bytes = 32;
constexpr std::size_t seen_key_bytes = seen_prefix.size() + 8 + account_and_nonce_bytes;

Bytes transaction_key(const Digest& id) {
    Bytes key = to_bytes("t");
    append(key, id.view());
    return key;
}

}  // namespace

Bytes encode_view_head(const ViewHead& head) {
    cbor::Writer writer;
    writer.array(7)
        .uint(head.height.value)
        .integer(head.time.value)
        .bytes(head.header_hash.view())
        .bytes(head.state_root.view())
        .bytes(head.app_hash.view())
        .uint(head.log_size)
        .uint(head.transactions);
    return writer.take();
}

Result<ViewHead> decode_view_head(ByteView bytes) {
    cbor::Reader reader(bytes);
    SALUS_TRY(reader.array_of(7));
    ViewHead head;
    head.height = BlockHeight{SALUS_TRY(reader.uint())};
    head.time = UnixMillis{SALUS_TRY(reader.integer())};
    head.header_hash = SALUS_TRY(reader.fixed<Digest>());
    head.state_root = SALUS_TRY(reader.fixed<Digest>());
    head.app_hash = SALUS_TRY(reader.fixed<Digest>());
    head.log_size = SALUS_TRY(reader.uint());
    head.transactions = SALUS_TRY(reader.uint());
    SALUS_TRY(reader.end());
    return head;
}

Result<std::optional<ViewHead>> read_view_head(const store::KvReader& kv) {
    const auto stored = SALUS_TRY(kv.get(store::Column::meta, as_bytes(head_key)));
    if (!stored) {
        return std::optional<ViewHead>{};
    }
    return std::optional<ViewHead>{SALUS_TRY(decode_view_head(*stored))};
}

void put_view_head(store::WriteBatch& batch, const ViewHead& head) {
    batch.put(store::Column::meta, as_bytes(head_key), encode_view_head(head));
    batch.set_marker(head.height);
}

Result<std::optional<TransactionPlace>> find_transaction(const store::KvReader& kv,
                                                         const Digest& id) {
    const auto stored = SALUS_TRY(kv.get(store::Column::index, transaction_key(id)));
    if (!stored) {
        return std::optional<TransactionPlace>{};
    }
    if (stored->size() != 20) {
        return Error{Errc::integrity, "the place of a transaction is not 20 bytes"};
    }
    return std::optional<TransactionPlace>{
        TransactionPlace{.height = BlockHeight{read_be64(stored->data())},
                         .index = read_be32(stored->data() + 8),
                         .position = LogPosition{read_be64(stored->data() + 12)}}};
}

void put_transaction_place(store::WriteBatch& batch, const Digest& id,
                           const TransactionPlace& place) {
    Bytes value;
    value.reserve(20);
    append_be64(value, place.height.value);
    append_be32(value, place.index);
    append_be64(value, place.position.value);
    batch.put(store::Column::index, transaction_key(id), value);
}

Bytes seen_index_key(const AccountId& account, const ledger::Nonce& nonce) {
    Bytes key;
    key.reserve(account_and_nonce_bytes);
    append(key, account.view());
    append(key, nonce.view());
    return key;
}

Bytes seen_state_key(UnixMillis valid_until, const AccountId& account, const ledger::Nonce& nonce) {
    SALUS_ASSERT(valid_until.value >= 0);
    Bytes key;
    key.reserve(seen_key_bytes);
    append(key, as_bytes(seen_prefix));
    append_be64(key, static_cast<std::uint64_t>(valid_until.value));
    append(key, account.view());
    append(key, nonce.view());
    return key;
}

ByteView seen_index_part(ByteView state_key) {
    SALUS_ASSERT(state_key.size() == seen_key_bytes);
    return state_key.last(account_and_nonce_bytes);
}

UnixMillis seen_valid_until(ByteView state_key) {
    SALUS_ASSERT(state_key.size() == seen_key_bytes);
    const std::uint64_t value = read_be64(state_key.data() + seen_prefix.size());
    SALUS_ASSERT(value <= static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max()));
    return UnixMillis{static_cast<std::int64_t>(value)};
}

Result<std::optional<Bytes>> KvState::get(ByteView key) const {
    return kv_.get(store::Column::state, key);
}

Result<std::vector<KeyValue>> KvState::scan(ByteView prefix, ByteView after,
                                            std::size_t limit) const {
    std::vector<KeyValue> found;
    const auto it =
        kv_.scan(store::Column::state, {.prefix = to_bytes(prefix), .from = to_bytes(after)});
    for (; it->valid() && found.size() < limit; it->next()) {
        if (!after.empty() && as_text(it->key()) == as_text(after)) {
            continue;
        }
        found.push_back({.key = to_bytes(it->key()), .value = to_bytes(it->value())});
    }
    SALUS_TRY(it->status());
    return found;
}

}  // namespace salus::chain
