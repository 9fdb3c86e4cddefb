#pragma once

#include "base/bytes.hpp"
#include "store/limits.hpp"

#include <optional>
#include <string>
#include <vector>

/// The bytes of pack and blob files: docs/formats/blob-pack.md. Pure; no file is touched here.
namespace salus::store {

inline constexpr std::size_t pack_header_bytes = 32;
inline constexpr std::size_t blob_record_bytes = 56;
/// Stands for the pack number in the header of a file that holds one large blob.
inline constexpr std::uint32_t own_file_number = 0xFFFF'FFFFU;

/// Random per file and part of every record's check: a blob's content cannot look like a record.
using PackSalt = FixedBytes<struct PackSaltTag, 8>;

struct PackHeader {
    std::uint32_t number = 0;
    std::uint32_t pack_bytes = 0;
    PackSalt salt;
    bool operator==(const PackHeader&) const = default;
};

enum class BlobPlace : std::uint8_t { packed = 1, own_file = 2 };

struct BlobRecord {
    std::uint32_t payload_check = 0;
    std::uint64_t length = 0;
    BlobPlace place = BlobPlace::packed;
    bool erased = false;
    Digest digest;
    bool operator==(const BlobRecord&) const = default;
};

/// Where a record lies.
struct BlobLocation {
    std::uint32_t pack = 0;
    std::uint32_t offset = 0;
    std::uint64_t length = 0;
    BlobPlace place = BlobPlace::packed;
    bool operator==(const BlobLocation&) const = default;
};

/// What has to be finished after a crash: erasing these records, or emptying this pack.
struct BlobJournal {
    struct Erasure {
        Digest digest;
        BlobLocation location;
        bool operator==(const Erasure&) const = default;
    };
    std::vector<Erasure> erasures;
    std::optional<std::uint32_t> compacting;
    bool operator==(const BlobJournal&) const = default;
};

/// Bytes of a record in a pack: header, payload when it lies here, padding to 8.
constexpr std::size_t record_bytes(BlobPlace place, std::uint64_t length) {
    const std::size_t payload = place == BlobPlace::packed ? static_cast<std::size_t>(length) : 0;
    return (blob_record_bytes + payload + 7) / 8 * 8;
}

Bytes encode_pack_header(const PackHeader& header);
Result<PackHeader> decode_pack_header(ByteView bytes);
Bytes encode_record_header(const PackSalt& salt, const BlobRecord& record);
/// Nothing when the bytes do not fit their check.
std::optional<BlobRecord> decode_record_header(const PackSalt& salt, ByteView bytes);

Bytes encode_location(const BlobLocation& location);
Result<BlobLocation> decode_location(ByteView bytes);
Bytes encode_journal(const BlobJournal& journal);
/// Errors: malformed.
Result<BlobJournal> decode_journal(ByteView bytes);

/// "pack-00000000.blob", and the number of such a name.
std::string pack_name(std::uint32_t number);
std::optional<std::uint32_t> pack_number(std::string_view name);

}  // namespace salus::store
