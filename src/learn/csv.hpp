#pragma once

#include "base/bytes.hpp"
#include "learn/limits.hpp"
#include "learn/table.hpp"

#include <functional>
#include <string>
#include <vector>

/// Reads comma-, semicolon-, tab- or bar-separated text (RFC 4180 with UTF-8) into a Table.
namespace salus::learn {

/// What a person should know about a file that was read. `code` is stable; `text` names columns by
/// their name and never holds a cell.
struct Warning {
    std::string
        code;  ///< header, all_missing, single_value, mixed_numbers, duplicate_names, duplicates
    std::string column;  ///< empty: the whole file
    std::string text;
};

struct CsvOptions {
    std::size_t rows_max = learn::rows_max;
    std::vector<std::string> missing{};  ///< marks beside the empty cell, `?`, `NA`, `NaN`
    std::vector<std::string> columns{};  ///< names of a file without a header; empty: find out
    char delimiter = 0;                  ///< 0: find out
    /// Called about 100 times with (done, total); false stops with `denied`.
    std::function<bool(std::uint64_t, std::uint64_t)> progress{};
};

struct CsvResult {
    Table table;
    std::size_t duplicate_rows = 0;     ///< rows that repeat an earlier row in every column
    std::vector<std::size_t> missing;   ///< per column
    std::vector<std::size_t> distinct;  ///< per column
    std::vector<Warning> warnings;
};

/// Sizes:   limits.hpp: file ≤ 1 GiB, rows ≤ rows_max, columns ≤ 1,000, cell ≤ 1 MiB.
/// Errors:  malformed — not UTF-8, a NUL byte, UTF-16, a ragged row, an open quote, text after a
/// closing quote, no
///          header or rows; out_of_range — a limit; denied — `progress` said stop. A sentence names
///          row (counted without the header) and column by number, never a cell.
/// Header:  the first row is the header unless it looks like data; a doubtful choice leaves a
/// warning "header". Cost:    1,000,000 × 10 in about a second on one core; memory about 3 × the
/// file.
Result<CsvResult> read_csv(ByteView bytes, const CsvOptions& options = {});

/// RFC 4180 with a header row, LF line ends; missing cells are empty.
std::string write_csv(const Table& table);

}  // namespace salus::learn
