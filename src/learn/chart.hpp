#pragma once

#include "base/result.hpp"
#include "learn/table.hpp"

#include <string>
#include <string_view>
#include <vector>

/// Patients by any column: bars of a category or of ranges of a number, under a title that says the
/// finding.
namespace salus::learn {

struct Bar {
    std::string label;
    std::size_t count = 0;
    double share = 0;  ///< of all rows
    bool not_stated = false;
};

struct Chart {
    std::string column, label, unit;
    std::string title;  ///< "Slightly more women than men"
    std::string note;   ///< why this column, when nobody chose it; empty otherwise
    bool binned = false;
    std::size_t rows = 0;
    std::vector<Bar> bars;  ///< categories: most frequent first; numbers: ascending; missing last
};

inline constexpr std::size_t chart_bars_max = 12;  ///< further categories are summed as "Other"

/// Errors: not_found — no such column.
Result<Chart> chart_by(const Table& table, std::string_view column);

/// Gender when there is one, else the first category, else the first column worth drawing; `note`
/// says which. Errors: not_found — the table has no column.
Result<Chart> default_chart(const Table& table);

}  // namespace salus::learn
