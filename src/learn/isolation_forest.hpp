#pragma once

#include "base/result.hpp"
#include "learn/random_stream.hpp"
#include "learn/rows_view.hpp"

#include <cstdint>
#include <span>
#include <vector>

/// Isolation forest (Liu, Ting, Zhou 2008): rows that few random cuts set apart are unusual.
namespace salus::learn {

/// Trees grow to the end of their sample instead of to log2 of it, and a leaf counts by its depth
/// and, with `density` as weight, by the logarithm of how many sample rows share its part of the
/// sample's box. Both choices were measured: docs/learning.md.
struct ForestOptions {
    std::size_t trees = 100;
    std::size_t sample = 256;  ///< rows that each tree sees: half of the table at most
    std::size_t depth_max = 16;
    double density = 0.2;
};

inline constexpr std::size_t forest_trees_max = 4096;
inline constexpr std::size_t forest_sample_max = 65'536;
inline constexpr std::size_t forest_columns_max = 1'000;

class IsolationForest {
  public:
    /// The same seed gives the same forest on every machine.
    /// Errors: out_of_range — no row, no column, more than the limits above, or an infinite cell.
    /// Cost:   0.1 s for 100 trees over any number of rows (only samples are read).
    static Result<IsolationForest> fit(const RowsView& rows, const ForestOptions& options,
                                       const Seed& seed);

    /// In (0, 1): about .5 for the usual row, towards 1 the more unusual. A missing cell counts as
    /// the column's median in the samples.
    /// Shapes:  row is [columns].
    /// Threads: any; pure.
    [[nodiscard]] double score(std::span<const double> row) const;

    /// Scores of many rows: half the cost per row.
    /// Shapes:  rows is [n, columns], the result [n].
    [[nodiscard]] std::vector<double> scores(const RowsView& rows) const;

    [[nodiscard]] std::size_t columns() const noexcept { return medians_.size(); }
    [[nodiscard]] std::size_t trees() const noexcept { return roots_.size(); }

  private:
    friend class ForestBuilder;
    IsolationForest() = default;
    /// A leaf points at itself and its threshold is infinite: a walk may step on without looking.
    struct Node {
        double threshold;
        std::uint32_t column;
        std::uint32_t left;  ///< the right child lies behind it
    };
    [[nodiscard]] double to_score(double total) const noexcept;
    void walk_rows(const double* rows, std::size_t count, double* totals) const noexcept;

    std::vector<Node> nodes_;
    std::vector<float> values_;  ///< per node; what a leaf adds to a row's total
    std::vector<std::uint32_t> roots_;
    std::vector<double> medians_;
    double usual_ = 1;  ///< the total of a row of usual depth
};

}  // namespace salus::learn
