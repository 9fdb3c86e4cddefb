#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

/// The gatekeeper's two steps behind plain structs. libwabt's headers need C++17 under g++ 12, the
/// rest of Salus is C++20: this header is read by both and therefore includes neither.
namespace salus::contracts::wabt_side {

enum class Refusal : std::uint8_t { none, malformed, out_of_range, denied };

struct Scan {
    Refusal refusal = Refusal::none;
    std::string why;
};

/// Walks the bytes once and checks every rule and limit that needs no type checking. Nothing is
/// built, so hostile counts and nesting cost nothing.
Scan scan_module(const std::uint8_t* bytes, std::size_t size);

struct Rewrite {
    Refusal refusal = Refusal::none;
    std::string why;
    std::vector<std::uint8_t> module;
    std::uint32_t gas_global = 0;
};

/// Type-checks and rewrites a module that `scan_module` accepted.
Rewrite rewrite_module(const std::uint8_t* bytes, std::size_t size);

/// Price of a one-byte opcode, or −1 when it is outside the accepted subset. Free ones are 0.
std::int64_t opcode_price(std::uint32_t code) noexcept;

}  // namespace salus::contracts::wabt_side
