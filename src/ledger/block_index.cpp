#include "ledger/block_index.hpp"

#include "store/crc32c.hpp"

namespace salus::ledger {
namespace {

constexpr std::size_t record_bytes = 64;
constexpr std::size_t chunk_records = 4096;

constexpr std::size_t checked_bytes = 60;  ///< of a record; their CRC32C follows

Bytes encode(const BlockPlace& place) {
    Bytes out;
    out.reserve(record_bytes);
    append_be64(out, place.height.value);
    append_be64(out, place.log_end);
    append_be32(out, static_cast<std::uint32_t>(place.log_end - place.log_begin));
    append_be32(out, place.at.segment);
    append_be32(out, place.at.offset);
    append(out, place.header_hash.view());
    append_be32(out, store::crc32c(out));
    return out;
}

BlockPlace decode(const std::uint8_t* at) {
    BlockPlace place;
    place.height.value = read_be64(at);
    place.log_end = read_be64(at + 8);
    place.log_begin = place.log_end - read_be32(at + 16);
    place.at = {read_be32(at + 20), read_be32(at + 24)};
    std::copy(at + 28, at + checked_bytes, place.header_hash.bytes.begin());
    return place;
}

bool is_whole(const std::uint8_t* at) {
    return read_be32(at + checked_bytes) == store::crc32c(ByteView(at, checked_bytes));
}

/// A record that a lost or zeroed page left behind does not continue the one before.
bool follows(const std::vector<BlockPlace>& before, const BlockPlace& place) {
    if (place.log_end < place.log_begin || place.log_end - place.log_begin < 2) return false;
    // The first begins where the log does: at 0, or behind a snapshot.
    if (before.empty()) return place.height.value > 0;
    const BlockPlace& last = before.back();
    return place.log_begin == last.log_end && place.height > last.height && place.at > last.at;
}

}  // namespace

Result<BlockIndex> BlockIndex::open(Env& env, const std::string& path) {
    BlockIndex index(SALUS_TRY(env.open(path, OpenMode::create)));
    Bytes chunk(chunk_records * record_bytes);
    for (std::uint64_t offset = 0;;) {
        const std::size_t read = SALUS_TRY(index.file_->read_at(offset, chunk));
        for (std::size_t at = 0; at + record_bytes <= read; at += record_bytes) {
            const BlockPlace place = decode(chunk.data() + at);
            if (!is_whole(chunk.data() + at) || !follows(index.loaded_, place)) {
                SALUS_TRY(index.cut(index.loaded_.size()));
                return index;
            }
            index.loaded_.push_back(place);
        }
        if (read < chunk.size()) break;
        offset += read;
    }
    SALUS_TRY(index.cut(index.loaded_.size()));
    return index;
}

Status BlockIndex::cut(std::size_t count) {
    count_ = count;
    return file_->resize(std::uint64_t{count} * record_bytes);
}

Status BlockIndex::append(const BlockPlace& place) {
    SALUS_TRY(file_->write_at(std::uint64_t{count_} * record_bytes, encode(place)));
    ++count_;
    return done;
}

}  // namespace salus::ledger
