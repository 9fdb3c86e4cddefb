#pragma once

#include "learn/limits.hpp"
#include "learn/table.hpp"

#include <string>
#include <vector>

/// Figures of one column and of all.
namespace salus::learn {

struct Bin {
    double low = 0, high = 0;  ///< low ≤ value < high; the last bin holds its high as well
    std::size_t count = 0;
};

struct LevelCount {
    std::string text;  ///< the word of the dictionary, or the cell
    std::size_t count = 0;
};

struct ColumnSummary {
    std::string name, label, unit;
    Kind kind = Kind::text;
    Role role = Role::none;
    std::size_t present = 0, missing = 0, distinct = 0, filled = 0;
    bool numeric = false;
    /// Numeric columns with a present cell; NaN otherwise. sd divides by the count, quartiles
    /// interpolate.
    double min = missing_number, max = missing_number, mean = missing_number, sd = missing_number;
    double q1 = missing_number, median = missing_number, q3 = missing_number;
    std::vector<Bin> histogram;
    std::vector<LevelCount> levels;  ///< of a category: most frequent first, at most 20
};

/// bins: 1 to histogram_bins_max; dates are days since 1970. Cost: O(rows log rows).
ColumnSummary describe_column(const Column& column, std::size_t bins = 20);
std::vector<ColumnSummary> describe(const Table& table, std::size_t bins = 20);

struct Moments {
    std::size_t present = 0;
    double mean = missing_number, sd = missing_number, min = missing_number, max = missing_number;
};
/// Two passes, in row order: the same bits on every machine. All NaN when no cell is present.
Moments moments(const Column& column) noexcept;
/// Linear interpolation between order statistics; `sorted` ascending and not empty, 0 ≤ share ≤ 1.
double quantile(const std::vector<double>& sorted, double share) noexcept;
std::vector<double> sorted_present(const Column& column);

/// A round step (1, 2 or 5 times a power of ten) that cuts [low, high] into about `bins` pieces.
double round_step(double low, double high, std::size_t bins) noexcept;
/// Bins of that step from a multiple of it; `sorted` ascending.
std::vector<Bin> histogram_of(const std::vector<double>& sorted, std::size_t bins);

}  // namespace salus::learn
