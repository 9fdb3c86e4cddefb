#pragma once

#include "base/result.hpp"
#include "learn/rows_view.hpp"
#include "learn/table.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace salus::learn {

/// A table as models read it: numbers with NaN for missing cells, and who has what is predicted.
struct Features {
    std::vector<std::string> names;    ///< per column; `name=level` for one level of a category
    std::vector<double> cells;         ///< row by row
    std::vector<std::uint8_t> labels;  ///< 1: has it
    std::string positive;              ///< the label's text that counts as 1, or "above 0"

    [[nodiscard]] RowsView rows() const noexcept { return {cells, names.size()}; }
};

/// Columns of identifiers and free text stay out; each level of a category becomes a column of 0
/// and 1 (two levels: one column). The label is 1 where a number is above 0, or the larger of its
/// two numbers; for words, where it is the second of two in the order of their bytes.
/// Errors: not_found — no column of the label's name; malformed — a missing label, one class only,
///         more than two words, or no column left to learn from.
Result<Features> features_of(const Table& table, std::string_view label);

}  // namespace salus::learn
