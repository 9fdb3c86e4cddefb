#include "store/segment_format.hpp"

#include "store/crc32c.hpp"

#include <algorithm>

namespace salus::store {
namespace {

constexpr std::string_view segment_magic = "SALUSLOG";
constexpr std::uint8_t flag_ends_batch = 1;
constexpr std::string_view name_prefix = "seg-";
constexpr std::string_view name_suffix = ".log";
constexpr std::size_t name_digits = 8;

// Offsets in an entry header; the header's own check stands first.
constexpr std::size_t at_payload_check = 4;
constexpr std::size_t at_length = 8;
constexpr std::size_t at_index = 12;
constexpr std::size_t at_type = 14;
constexpr std::size_t at_flags = 15;
constexpr std::size_t at_sequence = 16;

std::uint32_t header_check(const SegmentSalt& salt, ByteView header) {
    return crc32c(crc32c(salt.view()),
                  header.subspan(at_payload_check, entry_header_bytes - at_payload_check));
}

void write_be32(std::uint8_t* at, std::uint32_t value) {
    for (unsigned i = 0; i < 4; ++i) at[i] = static_cast<std::uint8_t>(value >> (24U - 8U * i));
}

}  // namespace

Bytes encode_segment_header(const SegmentHeader& header) {
    Bytes out = to_bytes(segment_magic);
    append_be32(out, segment_format_version);
    append_be32(out, header.number);
    append_be32(out, header.segment_bytes);
    append_be64(out, header.first_sequence);
    append(out, header.chain.view());
    append(out, header.salt.view());
    append_be32(out, crc32c(out));
    SALUS_ASSERT(out.size() == segment_header_bytes);
    return out;
}

Result<SegmentHeader> decode_segment_header(ByteView bytes) {
    if (bytes.size() < segment_header_bytes)
        return Error{Errc::malformed, "segment header is cut short"};
    bytes = bytes.first(segment_header_bytes);
    if (as_text(bytes.first(8)) != segment_magic)
        return Error{Errc::malformed, "segment header has a wrong magic"};
    if (read_be32(&bytes[68]) != crc32c(bytes.first(68)))
        return Error{Errc::malformed, "segment header does not fit its check sum"};
    if (read_be32(&bytes[8]) != segment_format_version)
        return Error{Errc::out_of_range, "segment header has an unknown version"};
    SegmentHeader header;
    header.number = read_be32(&bytes[12]);
    header.segment_bytes = read_be32(&bytes[16]);
    header.first_sequence = read_be64(&bytes[20]);
    std::copy_n(bytes.begin() + 28, 32, header.chain.bytes.begin());
    std::copy_n(bytes.begin() + 60, 8, header.salt.bytes.begin());
    if (header.segment_bytes < segment_bytes_min || header.segment_bytes > segment_bytes_max ||
        header.segment_bytes % 8 != 0)
        return Error{Errc::malformed, "segment header states an impossible size"};
    return header;
}

void append_entry(Bytes& to, const SegmentSalt& salt, const EntryHeader& entry, ByteView payload) {
    SALUS_ASSERT(payload.size() <= entry_payload_bytes_max);
    const std::size_t start = to.size();
    append_be32(to, 0);
    append_be32(to, crc32c(payload));
    append_be32(to, static_cast<std::uint32_t>(payload.size()));
    append_be16(to, entry.batch_index);
    to.push_back(entry.type);
    to.push_back(entry.ends_batch ? flag_ends_batch : std::uint8_t{0});
    append_be64(to, entry.sequence);
    write_be32(to.data() + start,
               header_check(salt, ByteView{to}.subspan(start, entry_header_bytes)));
    append(to, payload);
    to.resize(start + entry_bytes(payload.size()), 0);
}

std::optional<EntryHeader> decode_entry_header(const SegmentSalt& salt, ByteView header) {
    if (header.size() < entry_header_bytes || header[at_flags] > flag_ends_batch)
        return std::nullopt;
    EntryHeader out;
    out.payload_check = read_be32(&header[at_payload_check]);
    out.length = read_be32(&header[at_length]);
    out.batch_index = static_cast<std::uint16_t>(header[at_index] << 8U | header[at_index + 1]);
    out.type = header[at_type];
    out.ends_batch = header[at_flags] == flag_ends_batch;
    out.sequence = read_be64(&header[at_sequence]);
    if (out.length > entry_payload_bytes_max || out.sequence < out.batch_index ||
        read_be32(header.data()) != header_check(salt, header))
        return std::nullopt;
    return out;
}

bool payload_is_whole(const EntryHeader& header, ByteView entry) {
    if (entry.size() != entry_bytes(header.length)) return false;
    if (crc32c(entry.subspan(entry_header_bytes, header.length)) != header.payload_check)
        return false;
    const ByteView padding = entry.subspan(entry_header_bytes + header.length);
    return std::all_of(padding.begin(), padding.end(), [](std::uint8_t b) { return b == 0; });
}

std::string segment_name(std::uint32_t number) {
    std::string digits = std::to_string(number);
    digits.insert(0, name_digits - std::min(name_digits, digits.size()), '0');
    return std::string(name_prefix) + digits + std::string(name_suffix);
}

std::optional<std::uint32_t> segment_number(std::string_view name) {
    if (name.size() != name_prefix.size() + name_digits + name_suffix.size() ||
        !name.starts_with(name_prefix) || !name.ends_with(name_suffix))
        return std::nullopt;
    std::uint32_t number = 0;
    for (const char c : name.substr(name_prefix.size(), name_digits)) {
        if (c < '0' || c > '9') return std::nullopt;
        number = number * 10 + static_cast<std::uint32_t>(c - '0');
    }
    return number;
}

}  // namespace salus::store
