#include "learn/dp_account.hpp"

#include "learn/dp_composition.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <optional>

namespace salus::learn {
namespace {

/// Results are raised by this, which rounding stays below.
constexpr double safety = 1e-6;
/// Halving the step may change an answer by this share; then it is near enough.
constexpr double change_max = 0.002;
/// A grid beyond this is not tried.
constexpr double grid_points_max = 4e6;

/// Φc(z) e^(z² / 2): the normal tail without its decay, so that differences of far tails keep their
/// digits.
double scaled_tail(double z) {
    if (z < 25) return std::erfc(z / std::numbers::sqrt2) / 2 * std::exp(z * z / 2);
    const double s = 1 / (z * z);
    return (1 - s * (1 - 3 * s * (1 - 5 * s * (1 - 7 * s)))) /
           (z * std::sqrt(2 * std::numbers::pi));
}

double gaussian_epsilon(double ratio, double delta) {
    if (gaussian_delta(ratio, 0) <= delta) return 0;
    double low = 0;
    double high = 1;
    while (gaussian_delta(ratio, high) > delta) high *= 2;
    for (int round = 0; round < 200 && high - low > 1e-12 * high; ++round) {
        const double middle = (low + high) / 2;
        (gaussian_delta(ratio, middle) > delta ? low : high) = middle;
    }
    return high;
}

/// Asks compositions over finer and finer grids until the answer stands still.
template <class Ask>
std::optional<double> refine(const Mechanism& mechanism, Neighbour neighbour, std::uint64_t count,
                             const Ask& ask) {
    const double spread = loss_spread(mechanism);
    const double lattice = lattice_step(mechanism);
    if (lattice > 0 &&
        (mechanism.kind != MechanismKind::discrete_gaussian || lattice >= spread / 500)) {
        return ask(Composition(loss_grid(mechanism, neighbour, lattice), count));
    }
    std::optional<double> best;
    for (double step = spread / 8; 24 / (step * mechanism.scale) < grid_points_max; step /= 2) {
        const auto now = ask(Composition(loss_grid(mechanism, neighbour, step), count));
        if (!now) break;
        const bool settled = best && std::abs(*best - *now) <= change_max * *now;
        best = best ? std::min(*best, *now) : *now;
        if (settled || *now == 0) break;
    }
    return best;
}

template <class Ask>
Result<double> worse_neighbour(const Mechanism& mechanism, std::uint64_t count, const Ask& ask) {
    double worst = 0;
    for (const Neighbour neighbour : {Neighbour::remove, Neighbour::add}) {
        const auto one = refine(mechanism, neighbour, count, ask);
        if (!one) return Error{Errc::exhausted, "so many runs need a finer grid than there is"};
        worst = std::max(worst, *one);
        if (mechanism.kind != MechanismKind::subsampled_gaussian) break;  // both are the same
    }
    return worst;
}

Status check(const Mechanism& mechanism, std::uint64_t count) {
    SALUS_TRY(check_mechanism(mechanism));
    if (count == 0 || count > dp_count_max) {
        return Error{Errc::out_of_range, "count is from 1 to 10000000"};
    }
    return done;
}

bool is_gaussian(const Mechanism& mechanism) {
    return mechanism.kind == MechanismKind::gaussian ||
           (mechanism.kind == MechanismKind::subsampled_gaussian && mechanism.q == 1);
}

double gaussian_ratio(const Mechanism& mechanism, std::uint64_t count) {
    return std::sqrt(static_cast<double>(count)) / mechanism.scale;
}

}  // namespace

double gaussian_delta(double ratio, double epsilon) {
    const double a = epsilon / ratio - ratio / 2;
    const double b = epsilon / ratio + ratio / 2;
    // e^epsilon times the density at b is the density at a.
    if (a < 0) {
        return std::erfc(a / std::numbers::sqrt2) / 2 - std::exp(-a * a / 2) * scaled_tail(b);
    }
    return std::exp(-a * a / 2) * (scaled_tail(a) - scaled_tail(b));
}

Result<PrivacyCost> account_epsilon(const Mechanism& mechanism, std::uint64_t count, double delta) {
    SALUS_TRY(check(mechanism, count));
    if (!(delta >= dp_delta_min && delta < 1)) {
        return Error{Errc::out_of_range, "delta is from 1e-18 to below 1"};
    }
    PrivacyCost out;
    out.rdp = rdp_epsilon(mechanism, count, delta) * (1 + safety);
    if (is_gaussian(mechanism)) {
        out.pld = gaussian_epsilon(gaussian_ratio(mechanism, count), delta);
    } else {
        out.pld = SALUS_TRY(worse_neighbour(
            mechanism, count, [&](const Composition& runs) { return runs.epsilon(delta); }));
    }
    out.pld *= 1 + safety;
    return out;
}

Result<PrivacyCost> account_delta(const Mechanism& mechanism, std::uint64_t count, double epsilon) {
    SALUS_TRY(check(mechanism, count));
    if (!(epsilon >= 0 && epsilon <= 1e6)) {
        return Error{Errc::out_of_range, "epsilon is from 0 to 1000000"};
    }
    PrivacyCost out;
    out.rdp = std::min(1.0, rdp_delta(mechanism, count, epsilon) * (1 + safety));
    if (is_gaussian(mechanism)) {
        out.pld = gaussian_delta(gaussian_ratio(mechanism, count), epsilon);
    } else {
        out.pld = SALUS_TRY(worse_neighbour(
            mechanism, count, [&](const Composition& runs) { return runs.delta(epsilon); }));
    }
    out.pld = std::min(1.0, out.pld * (1 + safety));
    return out;
}

}  // namespace salus::learn
