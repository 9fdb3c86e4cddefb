#include "learn/logistic.hpp"

#include "learn/portable_math.hpp"

#include <algorithm>
#include <array>
#include <cmath>

namespace salus::learn {
namespace {

constexpr std::size_t lanes = 4;
using Lanes = double __attribute__((vector_size(8 * lanes)));

/// Adds weight · x xᵀ, lower triangle of a matrix of padded rows: vectors of four columns.
void add_outer(std::vector<Lanes>& sum, const std::vector<Lanes>& x, std::size_t size,
               double weight) noexcept {
    const std::size_t stride = x.size();
    for (std::size_t row = 0; row < size; ++row) {
        const double scaled = x[row / lanes][row % lanes] * weight;
        const Lanes factor{scaled, scaled, scaled, scaled};
        Lanes* into = &sum[row * stride];
        for (std::size_t block = 0; block <= row / lanes; ++block) into[block] += factor * x[block];
    }
}

}  // namespace

double probability_of(double logit) noexcept {
    return 1 / (1 + portable_exp(-logit));
}

double logit_of(std::span<const double> row, std::span<const double> weights) noexcept {
    double out = weights.back();
    for (std::size_t c = 0; c < row.size(); ++c) out += row[c] * weights[c];
    return out;
}

LogisticSums logistic_sums(const RowsView& rows, std::span<const std::uint8_t> labels,
                           std::span<const double> weights) {
    const std::size_t size = rows.columns + 1;
    const std::size_t stride = (size + lanes - 1) / lanes;
    LogisticSums out(size);
    std::vector<Lanes> x(stride, Lanes{});
    std::vector<Lanes> outer(size * stride, Lanes{});
    x[rows.columns / lanes][rows.columns % lanes] = 1;
    for (std::size_t r = 0; r < rows.rows(); ++r) {
        const std::span<const double> row = rows.row(r);
        for (std::size_t c = 0; c < row.size(); ++c) x[c / lanes][c % lanes] = row[c];
        const double logit = logit_of(row, weights);
        const double p = probability_of(logit);
        const double off = labels[r] - p;
        // −log of the probability of what was the case, without overflow.
        out.loss += std::max(labels[r] != 0 ? -logit : logit, 0.0) +
                    portable_log(1 + portable_exp(-std::abs(logit)));
        for (std::size_t c = 0; c < row.size(); ++c) out.gradient[c] += off * row[c];
        out.gradient[rows.columns] += off;
        add_outer(outer, x, size, p * (1 - p));
    }
    for (std::size_t i = 0, at = 0; i < size; ++i) {
        for (std::size_t j = 0; j <= i; ++j) {
            out.curvature[at++] = outer[i * stride + j / lanes][j % lanes];
        }
    }
    return out;
}

Status newton_step(const LogisticSums& sums, std::span<const double> ridge,
                   std::vector<double>& weights) {
    const std::size_t size = weights.size();
    SquareMatrix curvature(size);
    std::vector<double> step(size);
    for (std::size_t i = 0, at = 0; i < size; ++i) {
        for (std::size_t j = 0; j <= i; ++j) {
            curvature.at(i, j) = curvature.at(j, i) = sums.curvature[at++];
        }
        curvature.at(i, i) += ridge[i];
        step[i] = sums.gradient[i] - ridge[i] * weights[i];
    }
    if (!curvature.factorise()) {
        return Error{Errc::malformed, "a column is a combination of others: raise the ridge"};
    }
    curvature.solve(step);
    for (std::size_t i = 0; i < size; ++i) weights[i] += step[i];
    return done;
}

Result<std::vector<double>> fit_logistic(const RowsView& rows, std::span<const std::uint8_t> labels,
                                         const LogisticOptions& options) {
    if (rows.columns == 0 || rows.columns > logistic_columns_max) {
        return Error{Errc::out_of_range, "logistic regression takes 1 to 256 columns"};
    }
    if (rows.rows() != labels.size() || labels.empty()) {
        return Error{Errc::malformed, "rows and labels differ in number"};
    }
    std::vector<double> weights(rows.columns + 1, 0.0);
    std::vector<double> ridge(weights.size(), options.ridge);
    ridge.back() = 1e-9;
    for (std::size_t round = 0; round < options.rounds_max; ++round) {
        const std::vector<double> before = weights;
        SALUS_TRY(newton_step(logistic_sums(rows, labels, weights), ridge, weights));
        double change = 0;
        for (std::size_t i = 0; i < weights.size(); ++i) {
            change = std::max(change, std::abs(weights[i] - before[i]));
        }
        if (!std::isfinite(change)) break;
        if (change <= options.tolerance) return weights;
    }
    return Error{Errc::malformed, "Newton's method did not settle: raise the ridge"};
}

}  // namespace salus::learn
