#include "learn/isolation_forest.hpp"

#include "learn/portable_math.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <unordered_set>

namespace salus::learn {
namespace {

constexpr std::size_t lanes = 8;
constexpr double log_of_two = 0.69314718055994531;

/// Mean depth of an unsuccessful search in a binary tree of n leaves: what a leaf of n sample rows
/// would add if it were grown on.
double further_depth(std::size_t n) noexcept {
    if (n <= 1) return 0;
    if (n == 2) return 1;
    constexpr double euler = 0.57721566490153286;
    const auto count = static_cast<double>(n);
    return 2 * (portable_log(count - 1) + euler) - 2 * (count - 1) / count;
}

/// A copy of the row in which a missing cell holds the column's median.
void fill_row(std::span<const double> row, const std::vector<double>& medians,
              double* into) noexcept {
    for (std::size_t c = 0; c < row.size(); ++c) into[c] = row[c] == row[c] ? row[c] : medians[c];
}

}  // namespace

/// Grows the trees one after another; holds the rows of the tree at hand.
class ForestBuilder {
  public:
    ForestBuilder(const RowsView& rows, const ForestOptions& options, const Seed& seed)
        : rows_(rows), options_(options), random_(seed, "isolation forest") {}

    IsolationForest build() {
        // Trees that all see the whole of a small table would be too much alike.
        const std::size_t half = std::max<std::size_t>(rows_.rows() / 2, 2);
        const std::size_t sample = std::min({options_.sample, half, rows_.rows()});
        learn_medians();
        for (std::size_t t = 0; t < options_.trees; ++t) {
            take_sample(draw_rows(sample));
            forest_.roots_.push_back(add_node());
            grow(forest_.roots_.back(), 0, sample, 0, 0);
        }
        const double usual = further_depth(sample) + options_.density * further_depth(sample);
        forest_.usual_ = std::max(usual, 1.0) * static_cast<double>(options_.trees);
        return std::move(forest_);
    }

  private:
    /// `count` different rows (Floyd's method: the work does not grow with the table).
    std::vector<std::uint32_t> draw_rows(std::size_t count) {
        std::unordered_set<std::uint32_t> taken;
        std::vector<std::uint32_t> out;
        for (std::size_t last = rows_.rows() - count; last < rows_.rows(); ++last) {
            auto one = static_cast<std::uint32_t>(random_.below(last + 1));
            if (!taken.insert(one).second) {
                one = static_cast<std::uint32_t>(last);
                taken.insert(one);
            }
            out.push_back(one);
        }
        return out;
    }

    /// Medians over at most a thousand rows.
    void learn_medians() {
        forest_.medians_.assign(rows_.columns, 0.0);
        const auto chosen = draw_rows(std::min<std::size_t>(1'001, rows_.rows()));
        std::vector<double> present;
        for (std::size_t c = 0; c < rows_.columns; ++c) {
            present.clear();
            for (const std::uint32_t r : chosen) {
                const double cell = rows_.cells[r * rows_.columns + c];
                if (cell == cell) present.push_back(cell);
            }
            if (present.empty()) continue;
            const auto middle = present.begin() + static_cast<std::ptrdiff_t>(present.size() / 2);
            std::nth_element(present.begin(), middle, present.end());
            forest_.medians_[c] = *middle;
        }
    }

    void take_sample(const std::vector<std::uint32_t>& chosen) {
        cells_.resize(chosen.size() * rows_.columns);
        order_.resize(chosen.size());
        for (std::size_t i = 0; i < chosen.size(); ++i) {
            fill_row(rows_.row(chosen[i]), forest_.medians_, &cells_[i * rows_.columns]);
            order_[i] = static_cast<std::uint32_t>(i);
        }
    }

    std::uint32_t add_node() {
        forest_.nodes_.push_back({std::numeric_limits<double>::infinity(), 0,
                                  static_cast<std::uint32_t>(forest_.nodes_.size())});
        forest_.values_.push_back(0);
        return forest_.nodes_.back().left;
    }

    [[nodiscard]] double cell(std::size_t place, std::size_t column) const noexcept {
        return cells_[order_[place] * rows_.columns + column];
    }

    /// A column whose cells differ between the places, by lot; the ends of its range. False: none.
    bool choose_column(std::size_t from, std::size_t to, std::size_t& column, double& low,
                       double& high) {
        untried_.resize(rows_.columns);
        for (std::size_t c = 0; c < rows_.columns; ++c) untried_[c] = c;
        while (!untried_.empty()) {
            const std::size_t at = random_.below(untried_.size());
            column = untried_[at];
            low = high = cell(from, column);
            for (std::size_t i = from + 1; i < to; ++i) {
                low = std::min(low, cell(i, column));
                high = std::max(high, cell(i, column));
            }
            if (low < high) return true;
            untried_[at] = untried_.back();
            untried_.pop_back();
        }
        return false;
    }

    void grow(std::uint32_t node, std::size_t from, std::size_t to, std::size_t depth,
              double log_volume) {
        const std::size_t count = to - from;
        std::size_t column = 0;
        double low = 0;
        double high = 0;
        if (count <= 1 || depth >= options_.depth_max ||
            !choose_column(from, to, column, low, high)) {
            const double log_density = portable_log(static_cast<double>(count)) - log_volume;
            forest_.values_[node] = static_cast<float>(
                static_cast<double>(depth) + further_depth(count) + options_.density * log_density);
            return;
        }
        const double share = random_.unit();
        // Rounding may carry the cut to the upper end, where it would cut nothing off.
        const double cut = std::min(low + share * (high - low),
                                    std::nextafter(high, -std::numeric_limits<double>::infinity()));
        const auto begin = order_.begin();
        const auto middle = std::partition(
            begin + static_cast<std::ptrdiff_t>(from), begin + static_cast<std::ptrdiff_t>(to),
            [&](std::uint32_t row) { return cells_[row * rows_.columns + column] <= cut; });
        const std::uint32_t left = add_node();
        const std::uint32_t right = add_node();
        forest_.nodes_[node] = {cut, static_cast<std::uint32_t>(column), left};
        constexpr double smallest = 1e-9;
        const auto split = static_cast<std::size_t>(middle - begin);
        grow(left, from, split, depth + 1, log_volume + portable_log(std::max(share, smallest)));
        grow(right, split, to, depth + 1, log_volume + portable_log(std::max(1 - share, smallest)));
    }

    const RowsView& rows_;
    const ForestOptions& options_;
    RandomStream random_;
    IsolationForest forest_;
    std::vector<double> cells_;         ///< the tree's sample
    std::vector<std::uint32_t> order_;  ///< its rows, those of a node side by side
    std::vector<std::size_t> untried_;
};

Result<IsolationForest> IsolationForest::fit(const RowsView& rows, const ForestOptions& options,
                                             const Seed& seed) {
    if (rows.rows() == 0 || rows.columns == 0 || rows.columns > forest_columns_max) {
        return Error{Errc::out_of_range, "a forest wants rows of 1 to 1,000 columns"};
    }
    if (options.trees == 0 || options.trees > forest_trees_max || options.sample < 2 ||
        options.sample > forest_sample_max || options.depth_max == 0 || options.depth_max > 64) {
        return Error{Errc::out_of_range,
                     "a forest has 1 to 4,096 trees over samples of 2 to 65,536 rows"};
    }
    if (!(options.density >= 0 && options.density <= 10)) {
        return Error{Errc::out_of_range, "the weight of density is from 0 to 10"};
    }
    if (std::any_of(rows.cells.begin(), rows.cells.end(),
                    [](double cell) { return std::isinf(cell); })) {
        return Error{Errc::out_of_range, "a cell is infinite"};
    }
    return ForestBuilder(rows, options, seed).build();
}

double IsolationForest::to_score(double total) const noexcept {
    return portable_exp(-log_of_two * total / usual_);
}

double IsolationForest::score(std::span<const double> row) const {
    SALUS_ASSERT(row.size() == columns());
    std::array<double, 64> short_row{};
    std::vector<double> long_row;
    double* filled = short_row.data();
    if (row.size() > short_row.size()) {
        long_row.resize(row.size());
        filled = long_row.data();
    }
    fill_row(row, medians_, filled);
    // Several trees are walked at once, so that one load waits while others arrive.
    double total = 0;
    for (std::size_t first = 0; first < roots_.size(); first += lanes) {
        const std::size_t count = std::min(lanes, roots_.size() - first);
        std::array<std::uint32_t, lanes> at{};
        for (std::size_t i = 0; i < lanes; ++i) at[i] = roots_[first + std::min(i, count - 1)];
        for (bool moved = true; moved;) {
            moved = false;
            for (std::uint32_t& place : at) {
                const Node& node = nodes_[place];
                const std::uint32_t next =
                    node.left + static_cast<std::uint32_t>(filled[node.column] > node.threshold);
                moved |= next != place;
                place = next;
            }
        }
        for (std::size_t i = 0; i < count; ++i) total += static_cast<double>(values_[at[i]]);
    }
    return to_score(total);
}

void IsolationForest::walk_rows(const double* rows, std::size_t count,
                                double* totals) const noexcept {
    const std::size_t width = columns();
    for (const std::uint32_t root : roots_) {
        for (std::size_t first = 0; first < count; first += lanes) {
            std::array<std::uint32_t, lanes> at{};
            at.fill(root);
            const double* row = rows + first * width;
            for (bool moved = true; moved;) {
                moved = false;
                for (std::size_t i = 0; i < lanes; ++i) {
                    const Node& node = nodes_[at[i]];
                    const std::uint32_t next =
                        node.left +
                        static_cast<std::uint32_t>(row[i * width + node.column] > node.threshold);
                    moved |= next != at[i];
                    at[i] = next;
                }
            }
            for (std::size_t i = 0; i < lanes; ++i) {
                totals[first + i] += static_cast<double>(values_[at[i]]);
            }
        }
    }
}

std::vector<double> IsolationForest::scores(const RowsView& rows) const {
    SALUS_ASSERT(rows.columns == columns());
    // A block of rows stays in the first cache while all trees pass over it.
    constexpr std::size_t block = 128;
    std::vector<double> out(rows.rows());
    std::vector<double> filled(block * rows.columns);
    std::array<double, block> totals{};
    for (std::size_t start = 0; start < out.size(); start += block) {
        const std::size_t count = std::min(block, out.size() - start);
        for (std::size_t i = 0; i < count; ++i) {
            fill_row(rows.row(start + i), medians_, &filled[i * rows.columns]);
        }
        totals.fill(0);
        walk_rows(filled.data(), (count + lanes - 1) / lanes * lanes, totals.data());
        for (std::size_t i = 0; i < count; ++i) out[start + i] = to_score(totals[i]);
    }
    return out;
}

}  // namespace salus::learn
