#include "store/blob_format.hpp"

#include "store/crc32c.hpp"

#include <algorithm>

namespace salus::store {
namespace {

constexpr std::string_view pack_magic = "SALUSPAK";
constexpr std::string_view journal_magic = "SALUSJNL";
constexpr std::uint32_t format_version = 1;
constexpr std::string_view name_prefix = "pack-";
constexpr std::string_view name_suffix = ".blob";
constexpr std::size_t name_digits = 8;
constexpr std::size_t location_bytes = 17;
constexpr std::size_t erasure_bytes = 32 + location_bytes;

bool is_place(std::uint8_t value) {
    return value == static_cast<std::uint8_t>(BlobPlace::packed) ||
           value == static_cast<std::uint8_t>(BlobPlace::own_file);
}

}  // namespace

Bytes encode_pack_header(const PackHeader& header) {
    Bytes out = to_bytes(pack_magic);
    append_be32(out, format_version);
    append_be32(out, header.number);
    append_be32(out, header.pack_bytes);
    append(out, header.salt.view());
    append_be32(out, crc32c(out));
    SALUS_ASSERT(out.size() == pack_header_bytes);
    return out;
}

Result<PackHeader> decode_pack_header(ByteView bytes) {
    if (bytes.size() < pack_header_bytes || as_text(bytes.first(8)) != pack_magic ||
        read_be32(&bytes[28]) != crc32c(bytes.first(28)))
        return Error{Errc::malformed, "pack header does not fit its check sum"};
    if (read_be32(&bytes[8]) != format_version)
        return Error{Errc::out_of_range, "pack header has an unknown version"};
    PackHeader header;
    header.number = read_be32(&bytes[12]);
    header.pack_bytes = read_be32(&bytes[16]);
    std::copy_n(bytes.begin() + 20, 8, header.salt.bytes.begin());
    return header;
}

Bytes encode_record_header(const PackSalt& salt, const BlobRecord& record) {
    Bytes rest;
    append_be32(rest, record.payload_check);
    append_be64(rest, record.length);
    rest.push_back(static_cast<std::uint8_t>(record.place));
    rest.push_back(record.erased ? 1 : 0);
    rest.resize(rest.size() + 6, 0);
    append(rest, record.digest.view());
    Bytes out;
    append_be32(out, crc32c(crc32c(salt.view()), rest));
    append(out, rest);
    SALUS_ASSERT(out.size() == blob_record_bytes);
    return out;
}

std::optional<BlobRecord> decode_record_header(const PackSalt& salt, ByteView bytes) {
    if (bytes.size() < blob_record_bytes) return std::nullopt;
    bytes = bytes.first(blob_record_bytes);
    if (!is_place(bytes[16]) || bytes[17] > 1 ||
        !std::all_of(&bytes[18], &bytes[24], [](std::uint8_t b) { return b == 0; }) ||
        read_be32(bytes.data()) != crc32c(crc32c(salt.view()), bytes.subspan(4)))
        return std::nullopt;
    BlobRecord record;
    record.payload_check = read_be32(&bytes[4]);
    record.length = read_be64(&bytes[8]);
    record.place = static_cast<BlobPlace>(bytes[16]);
    record.erased = bytes[17] == 1;
    std::copy_n(bytes.begin() + 24, 32, record.digest.bytes.begin());
    if (record.length > blob_bytes_max) return std::nullopt;
    return record;
}

Bytes encode_location(const BlobLocation& location) {
    Bytes out;
    append_be32(out, location.pack);
    append_be32(out, location.offset);
    append_be64(out, location.length);
    out.push_back(static_cast<std::uint8_t>(location.place));
    return out;
}

Result<BlobLocation> decode_location(ByteView bytes) {
    if (bytes.size() != location_bytes || !is_place(bytes[16]))
        return Error{Errc::malformed, "a blob's location is not of its form"};
    return BlobLocation{read_be32(&bytes[0]), read_be32(&bytes[4]), read_be64(&bytes[8]),
                        static_cast<BlobPlace>(bytes[16])};
}

Bytes encode_journal(const BlobJournal& journal) {
    Bytes out = to_bytes(journal_magic);
    append_be32(out, format_version);
    append_be32(out, journal.compacting.value_or(own_file_number));
    append_be32(out, static_cast<std::uint32_t>(journal.erasures.size()));
    for (const BlobJournal::Erasure& erasure : journal.erasures) {
        append(out, erasure.digest.view());
        append(out, encode_location(erasure.location));
    }
    append_be32(out, crc32c(out));
    return out;
}

Result<BlobJournal> decode_journal(ByteView bytes) {
    constexpr std::size_t head = 20;
    if (bytes.size() < head + 4 || as_text(bytes.first(8)) != journal_magic ||
        read_be32(&bytes[8]) != format_version ||
        read_be32(&bytes[bytes.size() - 4]) != crc32c(bytes.first(bytes.size() - 4)) ||
        (bytes.size() - head - 4) % erasure_bytes != 0 ||
        read_be32(&bytes[16]) != (bytes.size() - head - 4) / erasure_bytes)
        return Error{Errc::malformed, "the blob journal does not fit its check sum"};
    BlobJournal journal;
    if (read_be32(&bytes[12]) != own_file_number) journal.compacting = read_be32(&bytes[12]);
    for (std::size_t at = head; at + 4 < bytes.size(); at += erasure_bytes) {
        journal.erasures.push_back(
            {SALUS_TRY(Digest::from(bytes.subspan(at, 32))),
             SALUS_TRY(decode_location(bytes.subspan(at + 32, location_bytes)))});
    }
    return journal;
}

std::string pack_name(std::uint32_t number) {
    std::string digits = std::to_string(number);
    digits.insert(0, name_digits - std::min(name_digits, digits.size()), '0');
    return std::string(name_prefix) + digits + std::string(name_suffix);
}

std::optional<std::uint32_t> pack_number(std::string_view name) {
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
