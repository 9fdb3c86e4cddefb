#pragma once

#include <cstdint>

/// What things cost. One unit is about one simple instruction. C++17-clean.
/// A change of any number is a new schedule: raise `version`, since gas used is part of the result
/// root.
namespace salus::contracts::gas {

inline constexpr std::uint32_t version = 1;

// Instructions; drop, nop, block, loop, end and else are free.
inline constexpr std::uint64_t simple = 1;
inline constexpr std::uint64_t load = 2;
inline constexpr std::uint64_t store = 3;
inline constexpr std::uint64_t multiply = 3;
inline constexpr std::uint64_t divide = 10;
inline constexpr std::uint64_t branch = 2;
inline constexpr std::uint64_t branch_table = 4;
inline constexpr std::uint64_t call = 8;
inline constexpr std::uint64_t call_indirect = 12;
inline constexpr std::uint64_t memory_grow_page = 10'000;

// Host functions: a base, and a price per byte or item where work grows with it.
inline constexpr std::uint64_t host_small = 50;  ///< caller, block_time, …
inline constexpr std::uint64_t copied_byte = 1;
inline constexpr std::uint64_t kv_get = 1'000;
inline constexpr std::uint64_t kv_put = 3'000;
inline constexpr std::uint64_t kv_put_byte = 10;
inline constexpr std::uint64_t kv_del = 2'000;
inline constexpr std::uint64_t kv_scan = 3'000;
inline constexpr std::uint64_t kv_scan_key = 300;
inline constexpr std::uint64_t contract_call = 5'000;
inline constexpr std::uint64_t emit = 1'000;
inline constexpr std::uint64_t emit_byte = 5;
inline constexpr std::uint64_t sha256 = 300;
inline constexpr std::uint64_t sha256_byte = 1;
inline constexpr std::uint64_t ed25519_verify = 60'000;
inline constexpr std::uint64_t p256_verify = 80'000;
inline constexpr std::uint64_t signed_byte = 2;
inline constexpr std::uint64_t merkle_verify = 500;
inline constexpr std::uint64_t merkle_step = 400;

}  // namespace salus::contracts::gas
