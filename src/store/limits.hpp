#pragma once

#include <cstddef>
#include <cstdint>

/// Every bound of this module. Each is tested one below, at, and one above.
namespace salus::store {

/// One log entry. A block of 4 MiB with its results fits several times.
inline constexpr std::size_t entry_payload_bytes_max = std::size_t{16} << 20U;
/// Entries of one batch (the commit unit of the log).
inline constexpr std::size_t batch_entries_max = 65'535;
/// Size of a segment or pack file, preallocated.
inline constexpr std::uint32_t segment_bytes_default = std::uint32_t{64} << 20U;
inline constexpr std::uint32_t segment_bytes_min = 256;
inline constexpr std::uint32_t segment_bytes_max = std::uint32_t{1} << 30U;
/// File numbers have eight decimal digits.
inline constexpr std::uint32_t segment_number_max = 99'999'999;

/// A blob up to this size shares a pack file with others; a larger one is a file of its own.
inline constexpr std::size_t packed_blob_bytes_max = std::size_t{1} << 20U;
inline constexpr std::size_t blob_bytes_max = std::size_t{256} << 20U;

/// Keys and values of the key-value store.
inline constexpr std::size_t kv_key_bytes_max = 4096;
inline constexpr std::size_t kv_value_bytes_max = std::size_t{16} << 20U;

}  // namespace salus::store
