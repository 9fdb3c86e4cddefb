#pragma once

#include <cstddef>
#include <vector>

/// Dense symmetric matrices of a few dozen rows, in plain loops: the same bits natively and in the
/// browser.
namespace salus::learn {

/// Row-major, size × size.
class SquareMatrix {
  public:
    explicit SquareMatrix(std::size_t size) : size_(size), cells_(size * size, 0.0) {}
    [[nodiscard]] std::size_t size() const noexcept { return size_; }
    double& at(std::size_t row, std::size_t column) noexcept {
        return cells_[row * size_ + column];
    }
    [[nodiscard]] double at(std::size_t row, std::size_t column) const noexcept {
        return cells_[row * size_ + column];
    }

    /// Lower Cholesky factor in place (the upper half is left as it was). False when not positive
    /// definite.
    bool factorise() noexcept;
    /// L x = b for the factor L, in place.
    void solve_lower(std::vector<double>& b) const noexcept;
    /// L Lᵀ x = b for the factor L, in place.
    void solve(std::vector<double>& b) const noexcept;

  private:
    std::size_t size_;
    std::vector<double> cells_;
};

}  // namespace salus::learn
