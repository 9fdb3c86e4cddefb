#pragma once

#include "learn/random_stream.hpp"
#include "learn/rows_view.hpp"

#include <cstdint>
#include <span>
#include <vector>

/// A small neural network: one hidden layer, a few networks averaged.
namespace salus::learn {

struct NetOptions {
    std::size_t hidden = 8;
    std::size_t nets = 2;
    std::size_t rounds = 120;  ///< each over all rows (Adam, Kingma and Ba 2015)
    double rate = 0.04;
    double decay = 0.02;  ///< pull of each weight towards 0, per row's mean loss
};

class NeuralNets {
  public:
    /// Rows standardised and without missing cells.
    static NeuralNets fit(const RowsView& rows, std::span<const std::uint8_t> labels,
                          const NetOptions& options, const Seed& seed);
    /// Mean of the networks' logits.
    [[nodiscard]] double logit(std::span<const double> row) const;

  private:
    std::size_t columns_ = 0, hidden_ = 0;
    std::vector<std::vector<double>> nets_;  ///< per net: hidden × (columns + 1), then hidden + 1
};

}  // namespace salus::learn
