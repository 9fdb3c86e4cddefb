#include "learn/process.hpp"

#include "learn/describe.hpp"
#include "learn/infer.hpp"

#include <algorithm>
#include <array>
#include <cmath>

namespace salus::learn {
namespace {

constexpr std::array<Fill, 5> fills{Fill::mean, Fill::median, Fill::mode, Fill::not_stated,
                                    Fill::leave};
constexpr std::string_view not_stated = "Not stated";

double most_frequent(const std::vector<double>& sorted) noexcept {
    double best = sorted.front();
    std::size_t best_run = 0;
    for (std::size_t at = 0; at < sorted.size();) {
        std::size_t end = at;
        while (end < sorted.size() && sorted[end] == sorted[at]) {
            ++end;
        }
        if (end - at > best_run) {
            best_run = end - at;
            best = sorted[at];
        }
        at = end;
    }
    return best;
}

double fill_number(const Column& column, Fill how) {
    const Moments m = moments(column);
    if (how == Fill::mean && column.kind != Kind::date) {
        return round_to(m.mean, std::min(column.decimals + 6, 15));
    }
    const std::vector<double> sorted = sorted_present(column);
    if (how == Fill::mode) {
        return most_frequent(sorted);
    }
    const double middle = quantile(sorted, 0.5);
    return column.kind == Kind::date ? std::floor(middle) : middle;
}

std::size_t fill_numbers(Column& column, double value) {
    std::size_t cells = 0;
    column.filled.assign(column.numbers.size(), 0);
    for (std::size_t row = 0; row < column.numbers.size(); ++row) {
        if (column.is_missing(row)) {
            column.numbers[row] = value;
            column.filled[row] = 1;
            ++cells;
        }
    }
    return cells;
}

std::uint32_t level_for_gaps(Column& column, Fill how) {
    if (how == Fill::mode) {
        std::vector<std::size_t> counts(column.levels.size(), 0);
        for (const std::uint32_t code : column.codes) {
            if (code != missing_code) {
                ++counts[code];
            }
        }
        return static_cast<std::uint32_t>(std::max_element(counts.begin(), counts.end()) -
                                          counts.begin());
    }
    for (std::uint32_t level = 0; level < column.levels.size(); ++level) {
        if (level_word(column, level) == not_stated) {
            return level;
        }
    }
    column.levels.emplace_back(not_stated);
    if (!column.level_names.empty()) {
        column.level_names.emplace_back();
    }
    return static_cast<std::uint32_t>(column.levels.size() - 1);
}

std::size_t fill_codes(Column& column, std::uint32_t level) {
    std::size_t cells = 0;
    column.filled.assign(column.codes.size(), 0);
    for (std::size_t row = 0; row < column.codes.size(); ++row) {
        if (column.codes[row] == missing_code) {
            column.codes[row] = level;
            column.filled[row] = 1;
            ++cells;
        }
    }
    return cells;
}

FilledColumn fill_column(Column& column, Fill how, std::size_t missing, std::size_t rows) {
    FilledColumn filled{column.name, how, 0, {}};
    const bool no_value = missing == rows;
    const bool worded = column.kind == Kind::text || column.kind == Kind::identifier;
    const bool number_unstated = how == Fill::not_stated && column.codes.empty();
    if (how == Fill::leave || no_value || worded || number_unstated) {
        filled.how = Fill::leave;
        return filled;
    }
    if (column.codes.empty()) {
        const double value = fill_number(column, how);
        filled.how = column.kind == Kind::date && how == Fill::mean ? Fill::median : how;
        filled.cells = fill_numbers(column, value);
        if (column.kind == Kind::integer && value != std::trunc(value)) {
            column.kind = Kind::number;
        }
        filled.value = column.kind == Kind::date ? date_text(value) : number_text(value);
        return filled;
    }
    const std::uint32_t level = level_for_gaps(column, how);
    filled.how = how == Fill::mode ? how : Fill::not_stated;
    filled.cells = fill_codes(column, level);
    filled.value = level_word(column, level);
    return filled;
}

// The words stay in `levels`, so a chart of the encoded column still speaks of women and men.
Encoding encode_column(Column& column) {
    Encoding encoding{column.name, {}};
    for (std::size_t level = 0; level < column.levels.size(); ++level) {
        encoding.levels.emplace_back(level_word(column, level));
    }
    column.numbers.resize(column.codes.size());
    for (std::size_t row = 0; row < column.codes.size(); ++row) {
        column.numbers[row] = column.codes[row] == missing_code
                                  ? missing_number
                                  : static_cast<double>(column.codes[row]);
    }
    column.codes = {};
    column.kind = Kind::integer;
    column.decimals = 0;
    return encoding;
}

std::size_t all_missing(const Table& table) {
    std::size_t count = 0;
    for (const Column& column : table.columns) {
        count += missing_count(column);
    }
    return count;
}

Fill fill_for(const Column& column, const ProcessOptions& options) {
    for (const auto& [name, fill] : options.fill_of) {
        if (name == column.name) {
            return fill;
        }
    }
    return options.fill;
}

}  // namespace

std::string_view to_string(Fill fill) noexcept {
    switch (fill) {
        case Fill::mean:
            return "mean";
        case Fill::median:
            return "median";
        case Fill::mode:
            return "mode";
        case Fill::not_stated:
            return "not_stated";
        case Fill::leave:
            return "leave";
    }
    return "leave";
}

Result<Fill> fill_from(std::string_view word) {
    for (const Fill fill : fills) {
        if (to_string(fill) == word) {
            return fill;
        }
    }
    return Error{Errc::malformed,
                 "missing values are filled by mean, median, mode, not_stated or leave"};
}

Result<ProcessReport> process(Table& table, const ProcessOptions& options) {
    for (const auto& exception : options.fill_of) {
        if (!table.has(exception.first)) {
            return Error{Errc::not_found, "a column to fill is not in the data set"};
        }
    }
    ProcessReport report;
    report.rows_before = table.rows;
    if (options.drop_duplicates) {
        drop_rows(table, duplicate_flags(table));
    }
    report.rows_after = table.rows;
    report.duplicates_dropped = report.rows_before - report.rows_after;
    report.missing_before = all_missing(table);
    bool figures_used = false;
    for (Column& column : table.columns) {
        const std::size_t missing = missing_count(column);
        if (missing > 0) {
            report.filled.push_back(
                fill_column(column, fill_for(column, options), missing, table.rows));
            report.cells_filled += report.filled.back().cells;
            figures_used = figures_used || report.filled.back().cells > 0;
        }
        if (options.encode && column.kind == Kind::category) {
            report.encodings.push_back(encode_column(column));
        }
    }
    report.missing_after = report.missing_before - report.cells_filled;
    if (figures_used) {
        report.notes.emplace_back(
            "a filled value is itself a figure computed from these rows; it is not differentially "
            "private");
    }
    return report;
}

}  // namespace salus::learn
