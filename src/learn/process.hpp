#pragma once

#include "base/result.hpp"
#include "learn/table.hpp"

#include <string>
#include <string_view>
#include <utility>
#include <vector>

/// From a loaded table to one that a model or a release can take: repeats dropped, gaps filled,
/// words numbered.
namespace salus::learn {

enum class Fill : std::uint8_t { mean, median, mode, not_stated, leave };
/// Errors: malformed — not one of `mean`, `median`, `mode`, `not_stated`, `leave`.
Result<Fill> fill_from(std::string_view word);
std::string_view to_string(Fill fill) noexcept;

struct ProcessOptions {
    bool drop_duplicates = true;
    Fill fill = Fill::mean;  ///< of number columns; dates take the median whenever this says mean
    std::vector<std::pair<std::string, Fill>> fill_of{};  ///< exceptions by column name
    bool encode =
        true;  ///< categories become the whole numbers 0, 1, 2 … in the order of their levels
};

struct FilledColumn {
    std::string column;
    Fill how = Fill::leave;
    std::size_t cells = 0;
    std::string value;  ///< what the cells were filled with
};

/// level `i` of the column became the number `i`.
struct Encoding {
    std::string column;
    std::vector<std::string> levels;
};

struct ProcessReport {
    std::size_t rows_before = 0, rows_after = 0, duplicates_dropped = 0;
    std::size_t missing_before = 0, missing_after = 0, cells_filled = 0;
    std::vector<FilledColumn> filled;  ///< columns in which a cell was missing
    std::vector<Encoding> encodings;
    std::vector<std::string>
        notes;  ///< "a filled mean is itself a figure of these rows" and the like
};

/// Categories: mean, median and not_stated give their gaps the level "Not stated", mode takes the
/// most frequent level; texts and identifiers keep their gaps, and so does a number column under
/// not_stated. A mean is written with six decimals more than its column. Errors: not_found —
/// `fill_of` names a column that is not there.
Result<ProcessReport> process(Table& table, const ProcessOptions& options);

}  // namespace salus::learn
