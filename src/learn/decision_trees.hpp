#pragma once

#include "learn/random_stream.hpp"
#include "learn/rows_view.hpp"

#include <cstdint>
#include <span>
#include <vector>

/// Decision trees that split where the classes part best (Gini), one or a forest of them.
namespace salus::learn {

struct TreeOptions {
    std::size_t trees = 1;
    std::size_t depth_max = 4;
    std::size_t leaf_rows_min = 10;
    std::size_t columns_tried = 0;  ///< at each split, by lot; 0: all
    bool resample = false;          ///< each tree sees rows drawn with repetition
};

class DecisionTrees {
  public:
    /// Rows without missing cells, one label each. Sizes up to limits.hpp.
    static DecisionTrees fit(const RowsView& rows, std::span<const std::uint8_t> labels,
                             const TreeOptions& options, const Seed& seed);
    /// Mean over trees of the leaf's share of labels, drawn a little to one half.
    [[nodiscard]] double predict(std::span<const double> row) const noexcept;

  private:
    friend class TreeBuilder;
    struct Node {
        double threshold = 0;  ///< left when the cell is not above it
        std::uint32_t column = 0;
        std::uint32_t left = 0;  ///< 0: a leaf; the right child lies behind the left
        double share = 0;
    };
    std::vector<Node> nodes_;
    std::vector<std::uint32_t> roots_;
};

}  // namespace salus::learn
