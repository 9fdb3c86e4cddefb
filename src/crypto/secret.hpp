#pragma once

#include "base/bytes.hpp"
#include "base/env.hpp"

#include <array>
#include <cstddef>
#include <span>

namespace salus::crypto {

/// Overwrites memory in a way the compiler keeps.
void wipe(std::span<std::uint8_t> bytes) noexcept;
/// Constant-time comparison; false when the sizes differ.
bool equal_constant_time(ByteView a, ByteView b) noexcept;

/// N secret bytes: move-only, wiped on destruction, not comparable, not printable. A key type per
/// purpose derives from it with its own Tag.
template <std::size_t N>
class Secret {
  public:
    static constexpr std::size_t size_bytes = N;
    Secret() = default;
    ~Secret() { wipe(bytes_); }
    Secret(Secret&& other) noexcept : bytes_(other.bytes_) { wipe(other.bytes_); }
    Secret& operator=(Secret&& other) noexcept {
        if (this != &other) {
            bytes_ = other.bytes_;
            wipe(other.bytes_);
        }
        return *this;
    }
    Secret(const Secret&) = delete;
    Secret& operator=(const Secret&) = delete;
    bool operator==(const Secret&) const = delete;

    /// The one way in and the one way out; callers keep no copy.
    [[nodiscard]] std::span<std::uint8_t> reveal_mutable() noexcept { return bytes_; }
    [[nodiscard]] ByteView reveal() const noexcept { return bytes_; }

  private:
    std::array<std::uint8_t, N> bytes_{};
};

/// Draws a fresh key of any Secret type.
template <class Key>
Key random_key(Env& env) {
    Key key;
    env.random(key.reveal_mutable());
    return key;
}

/// Copies exactly Key::size_bytes bytes. Errors: malformed — another size.
template <class Key>
Result<Key> key_from(ByteView bytes) {
    if (bytes.size() != Key::size_bytes) {
        return Error{Errc::malformed,
                     "a key of " + std::to_string(Key::size_bytes) + " bytes expected"};
    }
    Key key;
    std::copy(bytes.begin(), bytes.end(), key.reveal_mutable().begin());
    return key;
}

}  // namespace salus::crypto
