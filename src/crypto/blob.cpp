#include "crypto/blob.hpp"

#include <limits>

namespace salus::crypto {
namespace {

constexpr std::string_view magic = "SALUS";
constexpr std::size_t version_at = 5;
constexpr std::size_t suite_at = 6;
constexpr std::size_t kind_at = 7;

}  // namespace

Bytes blob_head(BlobKind kind) {
    Bytes head = to_bytes(magic);
    head.push_back(blob_version);
    head.push_back(suite_x25519_aes256gcm);
    head.push_back(static_cast<std::uint8_t>(kind));
    return head;
}

Result<ByteView> blob_body(ByteView blob, BlobKind expected) {
    if (blob.size() < blob_head_bytes || as_text(blob.first(magic.size())) != magic) {
        return Error{Errc::malformed, "not a sealed blob of Salus"};
    }
    if (blob[version_at] != blob_version) {
        return Error{Errc::denied, "blob version is not allowed here"};
    }
    if (blob[suite_at] != suite_x25519_aes256gcm) {
        return Error{Errc::denied, "blob suite is not allowed here"};
    }
    if (blob[kind_at] != static_cast<std::uint8_t>(expected)) {
        return Error{Errc::malformed, "blob is of another kind"};
    }
    return blob.subspan(blob_head_bytes);
}

void append_prefixed(Bytes& to, ByteView field) {
    SALUS_ASSERT(field.size() <= std::numeric_limits<std::uint32_t>::max());
    append_be32(to, static_cast<std::uint32_t>(field.size()));
    append(to, field);
}

}  // namespace salus::crypto
