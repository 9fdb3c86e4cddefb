#include "federated/lifted_solve.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>

namespace salus::federated {
namespace {

/// Turns two rows (or, by stride, columns) of a square matrix by the angle of (c, s).
void rotate(std::vector<double>& m, std::size_t n, std::size_t p, std::size_t q, double c, double s,
            bool columns) {
    for (std::size_t i = 0; i < n; ++i) {
        double& a = columns ? m[i * n + p] : m[p * n + i];
        double& b = columns ? m[i * n + q] : m[q * n + i];
        const double kept = a;
        a = c * kept - s * b;
        b = s * kept + c * b;
    }
}

double off_diagonal(const std::vector<double>& m, std::size_t n) {
    double sum = 0;
    for (std::size_t i = 0; i < n; ++i) {
        for (std::size_t j = 0; j < i; ++j) sum += m[i * n + j] * m[i * n + j];
    }
    return sum;
}

}  // namespace

std::vector<double> lifted_solve(std::vector<double> matrix, const std::vector<double>& b,
                                 double ridge) {
    const std::size_t n = b.size();
    std::vector<double> axes(n * n, 0.0);
    for (std::size_t i = 0; i < n; ++i) axes[i * n + i] = 1;
    // Jacobi's method: turn each pair of axes until nothing is left beside the diagonal.
    for (int sweep = 0; sweep < 60 && off_diagonal(matrix, n) > 1e-22; ++sweep) {
        for (std::size_t p = 0; p < n; ++p) {
            for (std::size_t q = p + 1; q < n; ++q) {
                const double apart = matrix[p * n + q];
                if (std::abs(apart) < 1e-300) continue;
                const double slope = (matrix[q * n + q] - matrix[p * n + p]) / (2 * apart);
                const double t =
                    (slope >= 0 ? 1 : -1) / (std::abs(slope) + std::sqrt(slope * slope + 1));
                const double c = 1 / std::sqrt(t * t + 1);
                rotate(matrix, n, p, q, c, t * c, true);
                rotate(matrix, n, p, q, c, t * c, false);
                rotate(axes, n, p, q, c, t * c, true);
            }
        }
    }
    std::vector<double> out(n, 0.0);
    for (std::size_t k = 0; k < n; ++k) {
        double along = 0;
        for (std::size_t i = 0; i < n; ++i) along += axes[i * n + k] * b[i];
        along /= std::max(matrix[k * n + k] + ridge, ridge);
        for (std::size_t i = 0; i < n; ++i) out[i] += axes[i * n + k] * along;
    }
    return out;
}

}  // namespace salus::federated
