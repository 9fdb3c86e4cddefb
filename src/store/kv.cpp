#include "store/kv.hpp"

#include "store/kv_check.hpp"

#include <array>

namespace salus::store {

std::string_view to_string(Column column) noexcept {
    static constexpr std::array<std::string_view, column_count> names = {
        "meta",  "state",  "seen",     "index",  "tree",    "blobs",
        "vault", "access", "identity", "outbox", "sentinel"};
    return names[static_cast<std::size_t>(column)];
}

void WriteBatch::put(Column column, ByteView key, ByteView value) {
    changes_.push_back({column, to_bytes(key), to_bytes(value)});
}

void WriteBatch::del(Column column, ByteView key) {
    changes_.push_back({column, to_bytes(key), std::nullopt});
}

Status check_batch(const WriteBatch& batch) {
    for (const WriteBatch::Change& change : batch.changes()) {
        if (change.key.empty() || change.key.size() > kv_key_bytes_max)
            return Error{Errc::out_of_range, "a key has 1 to 4096 bytes"};
        if (change.value && change.value->size() > kv_value_bytes_max)
            return Error{Errc::out_of_range, "a value is longer than 16 MiB"};
    }
    return done;
}

Bytes encode_marker(BlockHeight height) {
    Bytes out;
    append_be64(out, height.value);
    return out;
}

Result<BlockHeight> decode_marker(const std::optional<Bytes>& stored) {
    if (!stored) return BlockHeight{};
    if (stored->size() != 8) return Error{Errc::integrity, "the height marker is not 8 bytes"};
    return BlockHeight{read_be64(stored->data())};
}

Bytes end_of_prefix(ByteView prefix) {
    Bytes end = to_bytes(prefix);
    while (!end.empty() && end.back() == 0xFF) end.pop_back();
    if (!end.empty()) ++end.back();
    return end;
}

}  // namespace salus::store
