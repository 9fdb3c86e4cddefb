#include "learn/decision_trees.hpp"

#include <algorithm>
#include <numeric>
#include <optional>

namespace salus::learn {

class TreeBuilder {
  public:
    TreeBuilder(const RowsView& rows, std::span<const std::uint8_t> labels,
                const TreeOptions& options, const Seed& seed)
        : rows_(rows), labels_(labels), options_(options), random_(seed, "decision trees") {}

    DecisionTrees build() {
        for (std::size_t t = 0; t < options_.trees; ++t) {
            order_.resize(rows_.rows());
            for (std::size_t i = 0; i < order_.size(); ++i) {
                order_[i] = options_.resample ? random_.below(order_.size()) : i;
            }
            trees_.roots_.push_back(add_node());
            grow(trees_.roots_.back(), 0, order_.size(), 0);
        }
        return std::move(trees_);
    }

  private:
    struct Split {
        std::size_t column;
        double threshold;
        double impurity;
    };

    std::uint32_t add_node() {
        trees_.nodes_.emplace_back();
        return static_cast<std::uint32_t>(trees_.nodes_.size() - 1);
    }

    [[nodiscard]] double cell(std::size_t row, std::size_t column) const noexcept {
        return rows_.cells[row * rows_.columns + column];
    }

    /// The best cut of one column between the places, if one is better than `best`.
    void try_column(std::size_t column, std::size_t from, std::size_t to,
                    std::optional<Split>& best) {
        sorted_.assign(order_.begin() + static_cast<std::ptrdiff_t>(from),
                       order_.begin() + static_cast<std::ptrdiff_t>(to));
        std::sort(sorted_.begin(), sorted_.end(),
                  [&](std::size_t a, std::size_t b) { return cell(a, column) < cell(b, column); });
        double all = 0;
        for (const std::size_t row : sorted_) all += labels_[row];
        const auto count = static_cast<double>(sorted_.size());
        double left = 0;
        for (std::size_t i = 0; i + 1 < sorted_.size(); ++i) {
            left += labels_[sorted_[i]];
            const double low = cell(sorted_[i], column);
            const double high = cell(sorted_[i + 1], column);
            if (low == high || i + 1 < options_.leaf_rows_min ||
                sorted_.size() - i - 1 < options_.leaf_rows_min) {
                continue;
            }
            const auto n = static_cast<double>(i + 1);
            const double right = all - left;
            const double impurity =
                left * (n - left) / n + right * (count - n - right) / (count - n);
            if (!best || impurity < best->impurity) {
                best = Split{column, low + (high - low) / 2, impurity};
            }
        }
    }

    std::optional<Split> best_split(std::size_t from, std::size_t to) {
        std::optional<Split> best;
        if (options_.columns_tried == 0 || options_.columns_tried >= rows_.columns) {
            for (std::size_t c = 0; c < rows_.columns; ++c) try_column(c, from, to, best);
            return best;
        }
        for (const std::uint32_t c : random_.sample(options_.columns_tried, rows_.columns)) {
            try_column(c, from, to, best);
        }
        return best;
    }

    void grow(std::uint32_t node, std::size_t from, std::size_t to, std::size_t depth) {
        double positives = 0;
        for (std::size_t i = from; i < to; ++i) positives += labels_[order_[i]];
        const auto count = static_cast<double>(to - from);
        trees_.nodes_[node].share = (positives + 0.5) / (count + 1);
        if (depth >= options_.depth_max || positives == 0 || positives == count) return;
        const std::optional<Split> split = best_split(from, to);
        if (!split) return;
        const auto middle = std::partition(
            order_.begin() + static_cast<std::ptrdiff_t>(from),
            order_.begin() + static_cast<std::ptrdiff_t>(to),
            [&](std::size_t row) { return cell(row, split->column) <= split->threshold; });
        const auto cut = static_cast<std::size_t>(middle - order_.begin());
        if (cut == from || cut == to) return;  // the threshold was rounded to an end
        const std::uint32_t left = add_node();
        add_node();
        trees_.nodes_[node].threshold = split->threshold;
        trees_.nodes_[node].column = static_cast<std::uint32_t>(split->column);
        trees_.nodes_[node].left = left;
        grow(left, from, cut, depth + 1);
        grow(left + 1, cut, to, depth + 1);
    }

    const RowsView& rows_;
    std::span<const std::uint8_t> labels_;
    TreeOptions options_;
    RandomStream random_;
    DecisionTrees trees_;
    std::vector<std::size_t> order_, sorted_;
};

DecisionTrees DecisionTrees::fit(const RowsView& rows, std::span<const std::uint8_t> labels,
                                 const TreeOptions& options, const Seed& seed) {
    return TreeBuilder(rows, labels, options, seed).build();
}

double DecisionTrees::predict(std::span<const double> row) const noexcept {
    double sum = 0;
    for (const std::uint32_t root : roots_) {
        const Node* node = &nodes_[root];
        while (node->left != 0) {
            node = &nodes_[node->left + (row[node->column] <= node->threshold ? 0U : 1U)];
        }
        sum += node->share;
    }
    return roots_.empty() ? 0.5 : sum / static_cast<double>(roots_.size());
}

}  // namespace salus::learn
