#include "learn/small_matrix.hpp"

#include <cmath>

namespace salus::learn {

bool SquareMatrix::factorise() noexcept {
    for (std::size_t j = 0; j < size_; ++j) {
        double pivot = at(j, j);
        const double whole = pivot;
        for (std::size_t k = 0; k < j; ++k) {
            pivot -= at(j, k) * at(j, k);
        }
        if (!(pivot > 1e-12 * whole) || !(whole > 0)) {
            return false;
        }
        const double root = std::sqrt(pivot);
        at(j, j) = root;
        for (std::size_t i = j + 1; i < size_; ++i) {
            double sum = at(i, j);
            for (std::size_t k = 0; k < j; ++k) {
                sum -= at(i, k) * at(j, k);
            }
            at(i, j) = sum / root;
        }
    }
    return true;
}

void SquareMatrix::solve_lower(std::vector<double>& b) const noexcept {
    for (std::size_t i = 0; i < size_; ++i) {
        for (std::size_t k = 0; k < i; ++k) {
            b[i] -= at(i, k) * b[k];
        }
        b[i] /= at(i, i);
    }
}

void SquareMatrix::solve(std::vector<double>& b) const noexcept {
    solve_lower(b);
    for (std::size_t i = size_; i-- > 0;) {
        for (std::size_t k = i + 1; k < size_; ++k) {
            b[i] -= at(k, i) * b[k];
        }
        b[i] /= at(i, i);
    }
}

}  // namespace salus::learn
