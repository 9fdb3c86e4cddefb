#pragma once

#include "learn/dp_mechanism.hpp"

#include <cstdint>

/// What `count` runs of a mechanism cost, by two methods. Both are upper bounds: never below the
/// true value.
namespace salus::learn {

/// By privacy loss distributions, and by Rényi differential privacy (Mironov 2017). The first is
/// within 1 % of the true value, the second simpler and looser.
struct PrivacyCost {
    double rdp = 0;
    double pld = 0;
};

/// The epsilon of (epsilon, delta)-differential privacy.
/// Errors: out_of_range — a parameter, count not in [1, 10,000,000], delta not in [1e-18, 1);
///         exhausted — the distribution does not fit into the grid.
/// Cost: milliseconds; up to some seconds for many runs of a little noise.
Result<PrivacyCost> account_epsilon(const Mechanism& mechanism, std::uint64_t count, double delta);

/// The delta that goes with an epsilon. Errors: as above; epsilon not in [0, 1e6].
Result<PrivacyCost> account_delta(const Mechanism& mechanism, std::uint64_t count, double epsilon);

/// Rényi divergence of one run at an order above 1, the larger of both directions.
double renyi_divergence(const Mechanism& mechanism, double order);
double rdp_epsilon(const Mechanism& mechanism, std::uint64_t count, double delta);
double rdp_delta(const Mechanism& mechanism, std::uint64_t count, double epsilon);

/// delta of a Gaussian whose sensitivity is `ratio` deviations (Balle, Wang 2018, theorem 8).
double gaussian_delta(double ratio, double epsilon);

}  // namespace salus::learn
