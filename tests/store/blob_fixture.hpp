#pragma once

#include "base/sim_env.hpp"
#include "store/blobs.hpp"
#include "store/lagging_kv.hpp"

#include <algorithm>
#include <random>

/// Blobs of this folder's tests: the digest is any unique name, since no hash lives on this floor.
namespace salus::store::test {

inline const std::string blob_directory = "/blobs";
inline constexpr LocalBlobsOptions small_packs{.pack_bytes = 1024, .packed_bytes_max = 300};

inline Digest name_of(std::uint64_t n) {
    Digest digest;
    for (std::size_t i = 0; i < 8; ++i)
        digest.bytes[i] = static_cast<std::uint8_t>((n + 1) * 0x9E3779B97F4A7C15ULL >> (8 * i));
    digest.bytes[31] = static_cast<std::uint8_t>(n);
    return digest;
}

/// No two contents share a run of bytes.
inline Bytes content_of(std::uint64_t n, std::size_t size) {
    std::mt19937_64 random(n);
    Bytes bytes(size);
    for (std::uint8_t& byte : bytes) byte = static_cast<std::uint8_t>(1 + random() % 255);
    return bytes;
}

inline Status put(Blobs& blobs, std::uint64_t n, std::size_t size) {
    return blobs.put(name_of(n), content_of(n, size));
}

inline bool holds(Blobs& blobs, std::uint64_t n, std::size_t size) {
    const auto got = blobs.get(name_of(n));
    return got.ok() && *got == content_of(n, size);
}

/// Whether any file of the store still has this part of the content.
inline bool is_on_disk(Env& env, const Bytes& content) {
    const auto names = env.list(blob_directory);
    if (!names.ok()) return false;
    for (const std::string& name : *names) {
        const auto bytes = read_file(env, blob_directory + "/" + name, std::uint64_t{1} << 30U);
        if (bytes.ok() && std::search(bytes->begin(), bytes->end(), content.begin(),
                                      content.end()) != bytes->end())
            return true;
    }
    return false;
}

}  // namespace salus::store::test
