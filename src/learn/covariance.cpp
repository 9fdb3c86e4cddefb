#include "learn/covariance.hpp"

#include "learn/describe.hpp"

namespace salus::learn {
namespace {

using Rows = std::vector<std::vector<double>>;  // [column][row]

Covariance covariance_of_rows(const Rows& x) {
    const std::size_t k = x.size();
    Covariance out{std::vector<double>(k, 0.0), SquareMatrix(k)};
    const std::size_t rows = k == 0 ? 0 : x[0].size();
    const auto n = static_cast<double>(rows);
    for (std::size_t i = 0; i < k; ++i) {
        for (const double value : x[i]) {
            out.means[i] += value;
        }
        out.means[i] /= n;
        for (std::size_t j = 0; j <= i; ++j) {
            double sum = 0;
            for (std::size_t row = 0; row < rows; ++row) {
                sum += (x[i][row] - out.means[i]) * (x[j][row] - out.means[j]);
            }
            out.matrix.at(i, j) = sum / n;
            out.matrix.at(j, i) = sum / n;
        }
    }
    return out;
}

Rows copy_of(const Table& table, const std::vector<std::size_t>& columns) {
    Rows x;
    x.reserve(columns.size());
    for (const std::size_t index : columns) {
        x.push_back(table.columns[index].numbers);
    }
    return x;
}

}  // namespace

Covariance covariance_of(const Table& table, const std::vector<std::size_t>& columns) {
    return covariance_of_rows(copy_of(table, columns));
}

std::vector<std::vector<double>> covariance_keeping_noise(const Table& table,
                                                          const std::vector<std::size_t>& columns,
                                                          double scale, const Seed& seed) {
    const std::size_t k = columns.size();
    if (k < 2) {
        return {};
    }
    const Rows x = copy_of(table, columns);
    Covariance before = covariance_of_rows(x);
    Rows y = x;
    for (std::size_t i = 0; i < k; ++i) {
        const double sd = scale * moments(table.columns[columns[i]]).sd;
        RandomStream random(seed, "noise/" + table.columns[columns[i]].name);
        for (double& value : y[i]) {
            value += sd * random.gaussian();
        }
    }
    Covariance after = covariance_of_rows(y);
    if (!before.matrix.factorise() || !after.matrix.factorise()) {
        return {};
    }
    std::vector<double> point(k);
    for (std::size_t row = 0; row < table.rows; ++row) {
        for (std::size_t i = 0; i < k; ++i) {
            point[i] = y[i][row] - after.means[i];
        }
        after.matrix.solve_lower(point);
        for (std::size_t i = 0; i < k; ++i) {
            double mapped = before.means[i];
            for (std::size_t j = 0; j <= i; ++j) {
                mapped += before.matrix.at(i, j) * point[j];
            }
            y[i][row] = mapped - x[i][row];
        }
    }
    return y;
}

}  // namespace salus::learn
