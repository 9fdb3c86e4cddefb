#include "crypto/secret.hpp"

#include <sodium.h>

namespace salus::crypto {
namespace {

/// Before main: libsodium then picks the fastest code for this processor, which takes a third off
/// an Argon2id. Every program that uses this module links wipe(), and with it this line.
[[maybe_unused]] const bool sodium_is_ready = [] {
    SALUS_ASSERT(sodium_init() >= 0);
    return true;
}();

}  // namespace

void wipe(std::span<std::uint8_t> bytes) noexcept {
    sodium_memzero(bytes.data(), bytes.size());
}

bool equal_constant_time(ByteView a, ByteView b) noexcept {
    return a.size() == b.size() && sodium_memcmp(a.data(), b.data(), a.size()) == 0;
}

}  // namespace salus::crypto
