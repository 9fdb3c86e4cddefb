#pragma once

#include "learn/dp_mechanism.hpp"

#include <cstddef>
#include <vector>

/// Privacy loss distributions on a grid. The loss at an outcome x is log(P(x) / Q(x)) where P is
/// the outcome's law with the person and Q without, or the other way round.
namespace salus::learn {

enum class Neighbour : std::uint8_t { remove, add };

/// P's probability of each loss origin + i · step. Where the mechanism's losses lie between grid
/// points, the probability of each cell is shared between its ends so that both P's and Q's share
/// of it stay: the result dominates the mechanism (Doroshenko et al. 2022, "Connect the dots"), and
/// its error falls with the square of the step.
struct LossGrid {
    double origin = 0;
    double step = 1;
    std::vector<double> mass;
    double infinite = 0;  ///< probability of outcomes that are cut off and counted as a full breach

    [[nodiscard]] double loss(std::size_t i) const noexcept {
        return origin + step * static_cast<double>(i);
    }
};

/// Spacing of a mechanism whose losses lie on a lattice; 0 for the others. Such a grid is exact.
double lattice_step(const Mechanism& mechanism) noexcept;

/// Standard deviation of one loss, roughly: what a step is chosen by.
double loss_spread(const Mechanism& mechanism) noexcept;

/// Step > 0. The mechanism has passed check_mechanism and is none with a closed form (gaussian).
/// The step of a lattice is lattice_step, or coarser. Cost: O(grid).
LossGrid loss_grid(const Mechanism& mechanism, Neighbour neighbour, double step);

}  // namespace salus::learn
