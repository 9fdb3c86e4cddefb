#pragma once

#include <cstddef>
#include <span>

namespace salus::learn {

/// Rows of doubles side by side, as models read them. NaN: missing.
struct RowsView {
    std::span<const double> cells;
    std::size_t columns = 0;

    [[nodiscard]] std::size_t rows() const noexcept {
        return columns == 0 ? 0 : cells.size() / columns;
    }
    [[nodiscard]] std::span<const double> row(std::size_t index) const noexcept {
        return cells.subspan(index * columns, columns);
    }
};

}  // namespace salus::learn
