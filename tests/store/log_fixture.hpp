#pragma once

#include "base/sim_env.hpp"
#include "store/segment_log.hpp"

#include <string>
#include <vector>

/// Small logs for the tests of this folder.
namespace salus::store::test {

inline const std::string directory = "/ledger";
inline const std::string first_file = directory + "/seg-00000000.log";

inline Digest digest_of(std::uint8_t fill) {
    Digest digest;
    digest.bytes.fill(fill);
    return digest;
}

inline Bytes payload_of(std::size_t size, std::uint8_t seed) {
    Bytes bytes(size);
    for (std::size_t i = 0; i < size; ++i)
        bytes[i] = static_cast<std::uint8_t>(1 + (i * 7 + seed) % 255);
    return bytes;
}

/// Appends one batch of payloads of these sizes, all of type 3.
inline Result<std::vector<Position>> append_sizes(SegmentLog& log,
                                                  const std::vector<std::size_t>& sizes,
                                                  std::uint8_t seed = 0) {
    std::vector<Bytes> payloads;
    for (const std::size_t size : sizes) payloads.push_back(payload_of(size, seed));
    std::vector<NewEntry> batch;
    for (const Bytes& payload : payloads) batch.push_back({3, payload});
    return log.append(batch, digest_of(seed));
}

inline std::vector<Entry> read_all(SegmentLog& log) {
    std::vector<Entry> out;
    auto cursor = log.cursor();
    while (true) {
        auto next = cursor.next();
        if (!next.ok() || !*next) return out;
        out.push_back(std::move(**next));
    }
}

inline Bytes file_bytes(Env& env, const std::string& path) {
    auto bytes = read_file(env, path, std::uint64_t{1} << 30U);
    return bytes.ok() ? *bytes : Bytes{};
}

inline void put_file(Env& env, const std::string& path, ByteView bytes) {
    SALUS_ASSERT(env.make_directories(directory).ok());
    auto file = env.open(path, OpenMode::create);
    SALUS_ASSERT(file.ok());
    SALUS_ASSERT((*file)->resize(0).ok());
    SALUS_ASSERT((*file)->write_at(0, bytes).ok());
    SALUS_ASSERT((*file)->sync_data().ok());
    SALUS_ASSERT(env.sync_directory(directory).ok());
}

}  // namespace salus::store::test
