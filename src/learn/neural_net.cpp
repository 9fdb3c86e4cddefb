#include "learn/neural_net.hpp"

#include "learn/logistic.hpp"
#include "learn/portable_math.hpp"

#include <cmath>

namespace salus::learn {
namespace {

double hyperbolic_tangent(double x) noexcept {
    return 1 - 2 / (1 + portable_exp(2 * x));
}

/// One network: weights side by side, so that the optimiser sees a plain vector.
struct Net {
    std::size_t columns, hidden;
    [[nodiscard]] std::size_t size() const { return hidden * (columns + 1) + hidden + 1; }

    double forward(std::span<const double> row, const std::vector<double>& weights,
                   std::vector<double>& states) const noexcept {
        const double* out = &weights[hidden * (columns + 1)];
        double logit = out[hidden];
        for (std::size_t h = 0; h < hidden; ++h) {
            const double* in = &weights[h * (columns + 1)];
            double sum = in[columns];
            for (std::size_t c = 0; c < columns; ++c) sum += in[c] * row[c];
            states[h] = hyperbolic_tangent(sum);
            logit += out[h] * states[h];
        }
        return logit;
    }

    void backward(std::span<const double> row, const std::vector<double>& weights,
                  const std::vector<double>& states, double off,
                  std::vector<double>& gradient) const noexcept {
        const std::size_t base = hidden * (columns + 1);
        gradient[base + hidden] += off;
        for (std::size_t h = 0; h < hidden; ++h) {
            gradient[base + h] += off * states[h];
            const double inner = off * weights[base + h] * (1 - states[h] * states[h]);
            double* into = &gradient[h * (columns + 1)];
            for (std::size_t c = 0; c < columns; ++c) into[c] += inner * row[c];
            into[columns] += inner;
        }
    }
};

std::vector<double> train(const Net& net, const RowsView& rows,
                          std::span<const std::uint8_t> labels, const NetOptions& options,
                          RandomStream& random) {
    std::vector<double> weights(net.size());
    const double spread = 1 / std::sqrt(static_cast<double>(net.columns));
    for (double& weight : weights) weight = random.gaussian() * spread;
    std::vector<double> first(net.size(), 0.0);
    std::vector<double> second(net.size(), 0.0);
    std::vector<double> states(net.hidden);
    const auto count = static_cast<double>(labels.size());
    double first_left = 1;
    double second_left = 1;
    for (std::size_t round = 0; round < options.rounds; ++round) {
        std::vector<double> gradient(net.size(), 0.0);
        for (std::size_t r = 0; r < rows.rows(); ++r) {
            const double logit = net.forward(rows.row(r), weights, states);
            net.backward(rows.row(r), weights, states, probability_of(logit) - labels[r], gradient);
        }
        first_left *= 0.9;
        second_left *= 0.999;
        for (std::size_t i = 0; i < weights.size(); ++i) {
            const double slope = gradient[i] / count + options.decay * weights[i];
            first[i] = 0.9 * first[i] + 0.1 * slope;
            second[i] = 0.999 * second[i] + 0.001 * slope * slope;
            const double size = std::sqrt(second[i] / (1 - second_left)) + 1e-8;
            weights[i] -= options.rate * first[i] / (1 - first_left) / size;
        }
    }
    return weights;
}

}  // namespace

NeuralNets NeuralNets::fit(const RowsView& rows, std::span<const std::uint8_t> labels,
                           const NetOptions& options, const Seed& seed) {
    NeuralNets out;
    out.columns_ = rows.columns;
    out.hidden_ = options.hidden;
    RandomStream random(seed, "neural net");
    for (std::size_t n = 0; n < options.nets; ++n) {
        out.nets_.push_back(train({rows.columns, options.hidden}, rows, labels, options, random));
    }
    return out;
}

double NeuralNets::logit(std::span<const double> row) const {
    std::vector<double> states(hidden_);
    double sum = 0;
    for (const auto& weights : nets_) sum += Net{columns_, hidden_}.forward(row, weights, states);
    return nets_.empty() ? 0 : sum / static_cast<double>(nets_.size());
}

}  // namespace salus::learn
