#pragma once

#include <cstdint>

namespace salus::ledger {

/// Result codes of a transaction or operation that are not a contract's own (those are ≥ 100).
/// Source: docs/formats/transaction.md. 1 to 6 keep a transaction out of the log.
namespace code {
inline constexpr std::uint32_t success = 0;
inline constexpr std::uint32_t malformed = 1;
inline constexpr std::uint32_t wrong_chain = 2;
inline constexpr std::uint32_t bad_signature = 3;
inline constexpr std::uint32_t unknown_account = 4;
inline constexpr std::uint32_t replayed = 5;
inline constexpr std::uint32_t expired = 6;
inline constexpr std::uint32_t unknown_method = 7;
inline constexpr std::uint32_t out_of_gas = 8;
inline constexpr std::uint32_t trap = 9;
inline constexpr std::uint32_t undone = 10;
inline constexpr std::uint32_t contract_first = 100;
}  // namespace code

/// Whether an operation that is in the log may carry this code: 0, 7 to 10, ≥ 100.
constexpr bool is_operation_code(std::uint64_t value) noexcept {
    return value == 0 || (value >= code::unknown_method && value <= code::undone) ||
           (value >= code::contract_first && value <= 0xFFFF'FFFFU);
}

}  // namespace salus::ledger
