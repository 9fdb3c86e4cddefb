#pragma once

#include <cstddef>
#include <cstdint>

/// Limits of docs/formats/contract-abi.md. C++17-clean: the files that see libwabt include it.
/// A change here changes what nodes accept: raise gatekeeper_version or the ABI's name with it.
namespace salus::contracts {

// One module.
inline constexpr std::size_t module_bytes_max = 512U * 1024U;
inline constexpr std::uint32_t functions_max = 4096;
inline constexpr std::uint32_t types_max = 512;
inline constexpr std::uint32_t parameters_max = 16;
inline constexpr std::uint32_t globals_max = 256;
inline constexpr std::uint32_t locals_max = 1000;    ///< of one function, parameters included
inline constexpr std::uint32_t operands_max = 1024;  ///< height of one function's operand stack
inline constexpr std::uint32_t nesting_max = 128;    ///< blocks within blocks
inline constexpr std::uint32_t table_elements_max = 1024;
inline constexpr std::uint32_t memory_pages_max = 32;
inline constexpr std::uint32_t page_bytes = 65536;

// One run.
inline constexpr std::uint32_t stack_units_max = 16384;     ///< at most 256 frames
inline constexpr std::uint32_t stack_units_frame_min = 64;  ///< each frame takes at least this
inline constexpr std::uint32_t call_depth_max = 8;          ///< contracts, the first counted
inline constexpr std::size_t input_bytes_max = 128U * 1024U;
inline constexpr std::size_t result_bytes_max = 256U * 1024U;
inline constexpr std::size_t reason_bytes_max = 256;
inline constexpr std::size_t contract_name_bytes_max = 32;

// Host functions.
inline constexpr std::size_t key_bytes_max = 256;
inline constexpr std::size_t value_bytes_max = 64U * 1024U;
inline constexpr std::uint32_t scan_keys_max = 1024;
inline constexpr std::size_t open_scans_max = 16;
/// Bytes of keys and values that a node keeps of one scan: no rule, the rest is read again.
inline constexpr std::size_t scan_value_bytes_kept = 256U * 1024U;
inline constexpr std::size_t events_max = 64;
inline constexpr std::size_t event_topic_bytes_max = 64;
inline constexpr std::size_t event_data_bytes_max = 4096;

// Results.
inline constexpr std::uint32_t code_unknown_method = 7;
inline constexpr std::uint32_t code_out_of_gas = 8;
inline constexpr std::uint32_t code_trap = 9;
inline constexpr std::uint32_t contract_code_min = 100;  ///< a contract's own codes
inline constexpr std::uint32_t contract_code_max = 65'535;

// Gas. A tight loop of 20 M gas takes 3 ms compiled and 0.6 s interpreted.
inline constexpr std::uint64_t gas_operation_max = 20'000'000;
inline constexpr std::uint64_t gas_query_max = 50'000'000;
inline constexpr std::uint64_t gas_limit_max = std::uint64_t{1} << 60U;

/// Codes kept ready by one machine; the least recently used is dropped.
inline constexpr std::size_t loaded_codes_max = 64;

}  // namespace salus::contracts
