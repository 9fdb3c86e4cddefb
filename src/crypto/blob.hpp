#pragma once

#include "base/bytes.hpp"

/// The eight bytes in front of everything that this module seals: "SALUS", version, suite, kind. A
/// reader refuses what it does not know, so that no byte of the head can be changed into a meaning
/// the writer did not give it.
namespace salus::crypto {

inline constexpr std::size_t blob_head_bytes = 8;
inline constexpr std::uint8_t blob_version = 1;
inline constexpr std::uint8_t suite_x25519_aes256gcm = 1;
inline constexpr std::uint8_t suite_xwing_reserved =
    2;  ///< X-Wing (0x647a); refused until it is written

/// Append-only: the numbers are in stored bytes.
enum class BlobKind : std::uint8_t {
    key_slot = 0x01,                ///< docs/formats/key-slot.md
    wrapped_collection_key = 0x10,  ///< docs/formats/hpke-wrap.md
    wrapped_data_key = 0x11,
    wrapped_organisation_key = 0x12,
    wrapped_break_glass_key = 0x13,
    wrapped_share = 0x14,
    wrapped_card = 0x15,
    sealed_body = 0x20,   ///< docs/formats/sealed-record.md
    shamir_share = 0x30,  ///< docs/formats/shamir-share.md
};

Bytes blob_head(BlobKind kind);
/// What follows the head. Errors: malformed — no Salus blob, or another kind; denied — version or
/// suite not allowed.
Result<ByteView> blob_body(ByteView blob, BlobKind expected);

/// be32 length, then the bytes: how contexts and additional data join fields so that no two lists
/// look alike.
void append_prefixed(Bytes& to, ByteView field);

}  // namespace salus::crypto
