#pragma once

#include "base/bytes.hpp"
#include "crypto/secret.hpp"

/// Argon2id (RFC 9106, version 0x13) with one lane, through libsodium.
namespace salus::crypto {

using KdfSalt = FixedBytes<struct KdfSaltTag, 16>;

struct Argon2Parameters {
    std::uint32_t m_kib = 0;
    std::uint32_t t = 0;
    std::uint32_t p = 1;  ///< lanes; only 1 is known
    bool operator==(const Argon2Parameters&) const = default;
};

/// What a client stretches a password with, and the least it accepts whatever a server says.
inline constexpr Argon2Parameters argon2_client_floor{64 * 1024, 3, 1};
/// What a server stores an authKey under: the authKey has been stretched by the client already.
inline constexpr Argon2Parameters argon2_server_floor{19 * 1024, 2, 1};
inline constexpr Argon2Parameters insecure_for_tests_argon2{8, 1, 1};

/// Errors: denied — memory or passes below `floor`, or another number of lanes.
Status meets_floor(const Argon2Parameters& parameters, const Argon2Parameters& floor);

/// Sizes:   password ≤ 4096 bytes; 16 ≤ length ≤ 1024; 8 KiB ≤ memory ≤ 2 GiB.
/// Errors:  out_of_range — a parameter outside these; unavailable — no memory.
/// Cost:    64 MiB, t = 3: about 0.13 s on one core.
Result<Bytes> argon2id(ByteView password, const KdfSalt& salt, const Argon2Parameters& parameters,
                       std::size_t length);

}  // namespace salus::crypto
