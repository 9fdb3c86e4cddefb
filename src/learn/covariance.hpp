#pragma once

#include "learn/random_stream.hpp"
#include "learn/small_matrix.hpp"
#include "learn/table.hpp"

#include <vector>

namespace salus::learn {

/// Means and population covariances of numeric columns that have no missing cell.
struct Covariance {
    std::vector<double> means;
    SquareMatrix matrix;
};
Covariance covariance_of(const Table& table, const std::vector<std::size_t>& columns);

/// Noise (per chosen column, one entry per row) after which means and covariances are what they
/// were: the noisy rows are mapped back by L·M⁻¹, where L and M are the Cholesky factors of the
/// covariance before and after. Empty when fewer than two columns were chosen or one is a
/// combination of the others.
std::vector<std::vector<double>> covariance_keeping_noise(const Table& table,
                                                          const std::vector<std::size_t>& columns,
                                                          double scale, const Seed& seed);

}  // namespace salus::learn
