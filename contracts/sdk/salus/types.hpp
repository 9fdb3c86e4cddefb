#pragma once

#include "salus/abi.hpp"
#include "salus/memory.hpp"

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

namespace salus {

using View = std::span<const std::uint8_t>;
using Text = std::string_view;

/// Codes that mean the same in every contract; a contract's own start at `code::own`.
namespace code {
inline constexpr std::uint32_t unknown_method = 7;
inline constexpr std::uint32_t malformed = 100;
inline constexpr std::uint32_t denied = 101;
inline constexpr std::uint32_t not_found = 102;
inline constexpr std::uint32_t already_exists = 103;
inline constexpr std::uint32_t out_of_range = 104;
inline constexpr std::uint32_t conflict = 105;
inline constexpr std::uint32_t exhausted = 106;
inline constexpr std::uint32_t bad_proof = 107;
inline constexpr std::uint32_t own = 120;
}  // namespace code

/// Ends the call with `code`; everything written is taken back. `reason`: ≤ 256 bytes, no health
/// data.
[[noreturn]] inline void fail(std::uint32_t code, Text reason) {
    abi::salus_abort(code, reason.data(), static_cast<std::uint32_t>(reason.size()));
    __builtin_trap();
}
inline void require(bool condition, std::uint32_t code, Text reason) {
    if (!condition) {
        fail(code, reason);
    }
}

inline View as_view(Text text) {
    return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}
inline Text as_text(View view) {
    return {reinterpret_cast<const char*>(view.data()), view.size()};
}
/// Whether 16 bytes here are the 16 bytes there.
inline bool same16(const std::uint8_t* a, const std::uint8_t* b) {
    std::uint64_t left[2];
    std::uint64_t right[2];
    __builtin_memcpy(left, a, 16);
    __builtin_memcpy(right, b, 16);
    return left[0] == right[0] && left[1] == right[1];
}
inline bool equal(View a, View b) {
    return a.size() == b.size() && __builtin_memcmp(a.data(), b.data(), a.size()) == 0;
}
/// Bytewise order, a prefix before what it begins.
inline bool less(View a, View b) {
    return as_text(a) < as_text(b);
}

/// N bytes by value: ids, labels, digests, keys.
template <std::size_t N>
struct Fixed {
    static constexpr std::size_t size_bytes = N;
    std::array<std::uint8_t, N> bytes{};
    [[nodiscard]] View view() const { return bytes; }
    friend bool operator==(const Fixed& a, const Fixed& b) { return equal(a.view(), b.view()); }
    friend bool operator<(const Fixed& a, const Fixed& b) { return less(a.view(), b.view()); }
};
using Id = Fixed<16>;
using Digest = Fixed<32>;

/// Copies exactly N bytes; another size is code::malformed.
template <std::size_t N>
Fixed<N> fixed_from(View view) {
    require(view.size() == N, code::malformed, "wrong number of bytes");
    Fixed<N> out;
    __builtin_memcpy(out.bytes.data(), view.data(), N);
    return out;
}

}  // namespace salus
