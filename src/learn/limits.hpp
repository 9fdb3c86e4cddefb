#pragma once

#include <cstddef>
#include <cstdint>

/// What a data set may hold. Each bound is tested one below, at, and one above.
namespace salus::learn {

inline constexpr std::size_t rows_max = 1'000'000;
inline constexpr std::size_t columns_max = 1'000;
inline constexpr std::size_t cells_max = 50'000'000;
inline constexpr std::size_t cell_bytes_max = std::size_t{1} << 20;
inline constexpr std::size_t file_bytes_max = std::size_t{1} << 30;
inline constexpr std::size_t column_name_bytes_max = 256;
inline constexpr std::size_t missing_marks_max = 64;
inline constexpr std::size_t missing_mark_bytes_max = 64;

/// A number cell longer than this is text.
inline constexpr std::size_t number_chars_max = 64;
/// A column with more distinct texts than this is no category.
inline constexpr std::size_t category_levels_max = 1'000;

inline constexpr std::size_t dictionary_bytes_max = std::size_t{1} << 20;
inline constexpr std::size_t dictionary_levels_max = 1'000;

inline constexpr std::size_t histogram_bins_max = 100;
/// Linkage and utility look at this many rows at most; larger tables are sampled by seed, and the
/// result says so.
inline constexpr std::size_t linkage_probe_rows_max = 5'000;
inline constexpr std::size_t utility_rows_max = 20'000;
inline constexpr std::size_t utility_columns_max = 60;

/// Rows handed out at once by Studio::page and Studio::rows_for_sealing.
inline constexpr std::size_t page_rows_max = 10'000;

}  // namespace salus::learn
