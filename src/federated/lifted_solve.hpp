#pragma once

#include <vector>

namespace salus::federated {

/// Solves (matrix + ridge) x = b for a symmetric matrix that noise may have left with eigenvalues
/// too small or negative: each eigenvalue of the sum counts as the ridge at least, so noise in a
/// direction that the data say little about is not blown up.
/// Shapes: matrix is [n, n] row by row, b is [n]. ridge > 0. Cost: O(n³), n up to a few hundred.
std::vector<double> lifted_solve(std::vector<double> matrix, const std::vector<double>& b,
                                 double ridge);

}  // namespace salus::federated
