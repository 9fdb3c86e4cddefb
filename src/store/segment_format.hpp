#pragma once

#include "base/bytes.hpp"
#include "store/limits.hpp"

#include <cstdint>
#include <optional>
#include <string>

/// The bytes of a segment file: docs/formats/segment-log.md. Pure; no file is touched here.
namespace salus::store {

inline constexpr std::size_t segment_header_bytes = 72;
inline constexpr std::size_t entry_header_bytes = 24;
inline constexpr std::uint32_t segment_format_version = 1;

/// Random per segment and part of every entry's check, so that a payload chosen by a stranger
/// cannot look like an entry, and an entry of another file cannot pass as one of this.
using SegmentSalt = FixedBytes<struct SegmentSaltTag, 8>;

struct SegmentHeader {
    std::uint32_t number = 0;
    std::uint32_t segment_bytes = 0;  ///< size of the whole file, multiple of 8
    std::uint64_t first_sequence = 0;
    Digest chain;  ///< given by the ledger: hash of the last block before this segment
    SegmentSalt salt;
    bool operator==(const SegmentHeader&) const = default;
};

struct EntryHeader {
    std::uint32_t payload_check = 0;
    std::uint32_t length = 0;       ///< payload bytes
    std::uint16_t batch_index = 0;  ///< how many entries of its batch stand before it
    std::uint8_t type = 0;          ///< the caller's
    bool ends_batch = false;
    std::uint64_t sequence = 0;  ///< position in the log, from 0
};

Bytes encode_segment_header(const SegmentHeader& header);
/// Errors: malformed — too short, magic, sizes or check sum; out_of_range — whole, but of an
/// unknown version.
Result<SegmentHeader> decode_segment_header(ByteView bytes);

/// Header, payload and padding to a multiple of 8; `entry.payload_check` and `length` are computed.
void append_entry(Bytes& to, const SegmentSalt& salt, const EntryHeader& entry, ByteView payload);
/// Nothing when the header does not fit its check, which is also what tells a header from other
/// bytes.
std::optional<EntryHeader> decode_entry_header(const SegmentSalt& salt, ByteView header);
/// Whether `entry` (header, payload and padding) has the header's length, payload check and zero
/// padding.
bool payload_is_whole(const EntryHeader& header, ByteView entry);

/// Bytes that an entry with this payload takes in the file.
constexpr std::size_t entry_bytes(std::size_t payload_bytes) {
    return (entry_header_bytes + payload_bytes + 7) / 8 * 8;
}
/// "seg-00000000.log"; the number of such a name, or nothing.
std::string segment_name(std::uint32_t number);
std::optional<std::uint32_t> segment_number(std::string_view name);

}  // namespace salus::store
