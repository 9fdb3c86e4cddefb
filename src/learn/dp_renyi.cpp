#include "learn/dp_account.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <numbers>
#include <vector>

namespace salus::learn {
namespace {

double log_add(double a, double b) noexcept {
    const double high = std::max(a, b);
    if (high == -std::numeric_limits<double>::infinity()) return high;
    return high + std::log1p(std::exp(std::min(a, b) - high));
}

/// Σ e^(-(x − shift)² / 2σ²) over the integers.
double theta(double sigma, double shift) {
    const double centre = std::round(shift);
    const double reach = std::ceil(12 * sigma) + 2;
    double sum = 0;
    for (double x = centre - reach; x <= centre + reach; x += 1) {
        sum += std::exp(-(x - shift) * (x - shift) / (2 * sigma * sigma));
    }
    return sum;
}

double laplace_divergence(double scale, double order) {
    const double first = std::log(order / (2 * order - 1)) + (order - 1) / scale;
    const double second = std::log((order - 1) / (2 * order - 1)) - order / scale;
    return log_add(first, second) / (order - 1);
}

/// Two outcomes that the pair gives with swapped probabilities, and one that it gives alike.
double response_divergence(double epsilon, double others_alike, double order) {
    const double all = std::log1p((1 + others_alike) * std::exp(-epsilon));
    const double swapped = log_add((order - 1) * epsilon, -order * epsilon) - all;
    const double alike = others_alike > 0 ? std::log(others_alike) - epsilon - all
                                          : -std::numeric_limits<double>::infinity();
    return log_add(swapped, alike) / (order - 1);
}

/// log E[(1 + q (e^((2x − 1) / 2σ²) − 1))^power] over x ~ N(0, σ²), by the trapezoidal rule, whose
/// error for such integrands falls exponentially with the step.
double subsampled_log_moment(double sigma, double q, double power) {
    const double high = std::max(power, 0.0) + 14 * sigma;
    const double low = std::min(power, 0.0) * 0 - 14 * sigma;
    const double step = std::min(sigma / 16, (high - low) / 512);
    double out = -std::numeric_limits<double>::infinity();
    const double scale = std::log(step / (sigma * std::sqrt(2 * std::numbers::pi)));
    const double log_q = std::log(q);
    const double log_rest = std::log1p(-q);
    std::vector<double> parts;
    for (double x = low; x <= high; x += step) {
        const double ratio = log_add(log_rest, log_q + (2 * x - 1) / (2 * sigma * sigma));
        parts.push_back(scale - x * x / (2 * sigma * sigma) + power * ratio);
    }
    const double top = *std::max_element(parts.begin(), parts.end());
    double sum = 0;
    for (const double part : parts) sum += std::exp(part - top);
    out = top + std::log(sum);
    return out;
}

double subsampled_divergence(double sigma, double q, double order) {
    if (q == 1) return order / (2 * sigma * sigma);
    // With the person against without, and the other way round.
    const double with = subsampled_log_moment(sigma, q, order);
    const double without = subsampled_log_moment(sigma, q, 1 - order);
    // A sum so near 1 that its logarithm is rounding: what rounding can hide is added.
    return std::max({with, without, 0.0}) / (order - 1) + 1e-14 / (order - 1);
}

/// Orders at which a bound is looked for; between the best and its neighbours the search goes on.
std::vector<double> orders_for(const Mechanism& mechanism) {
    std::vector<double> out;
    // The moment's integral grows with the order where sigma is small.
    const double highest = mechanism.kind == MechanismKind::subsampled_gaussian ? 2'048 : 1e7;
    for (double above = 0.01; above < highest; above *= 1.25) out.push_back(1 + above);
    return out;
}

/// The least value of a bound over orders: the grid's best, then golden sections around it.
template <class Bound>
double least_over_orders(const std::vector<double>& orders, const Bound& bound) {
    std::size_t best = 0;
    double least = std::numeric_limits<double>::infinity();
    for (std::size_t i = 0; i < orders.size(); ++i) {
        const double now = bound(orders[i]);
        if (now < least) {
            least = now;
            best = i;
        }
    }
    double low = orders[best == 0 ? 0 : best - 1];
    double high = orders[std::min(best + 1, orders.size() - 1)];
    constexpr double golden = 0.61803398874989485;
    for (int round = 0; round < 16; ++round) {
        const double a = high - golden * (high - low);
        const double b = low + golden * (high - low);
        const double at_a = bound(a);
        const double at_b = bound(b);
        least = std::min({least, at_a, at_b});
        if (at_a < at_b) {
            high = b;
        } else {
            low = a;
        }
    }
    return least;
}

/// What the least order tried says without a search: total variation by Bretagnolle and Huber.
double variation_bound(const Mechanism& mechanism, double count) {
    const double divergence = count * renyi_divergence(mechanism, 1.01);
    return std::sqrt(-std::expm1(-divergence));
}

}  // namespace

double renyi_divergence(const Mechanism& mechanism, double order) {
    const double scale = mechanism.scale;
    switch (mechanism.kind) {
        case MechanismKind::gaussian:
            return order / (2 * scale * scale);
        case MechanismKind::laplace:
            return laplace_divergence(scale, order);
        case MechanismKind::subsampled_gaussian:
            return subsampled_divergence(scale, mechanism.q, order);
        case MechanismKind::discrete_laplace:
            return response_divergence(1 / scale, 0, order);
        case MechanismKind::discrete_gaussian: {
            const double bound = order / (2 * scale * scale);
            if (scale > 20) return bound;  // the sums differ by less than rounding
            const double shifted = theta(scale, 1 - order) / theta(scale, 0);
            return bound + std::log(shifted) / (order - 1);
        }
        case MechanismKind::randomised_response:
            break;
    }
    return response_divergence(mechanism.epsilon, static_cast<double>(mechanism.answers - 2),
                               order);
}

double rdp_epsilon(const Mechanism& mechanism, std::uint64_t count, double delta) {
    const auto runs = static_cast<double>(count);
    if (variation_bound(mechanism, runs) <= delta) return 0;
    // Canonne, Kamath, Steinke 2020, proposition 12.
    const double found = least_over_orders(orders_for(mechanism), [&](double order) {
        return runs * renyi_divergence(mechanism, order) + std::log1p(-1 / order) -
               (std::log(delta) + std::log(order)) / (order - 1);
    });
    return std::max(found, 0.0);
}

double rdp_delta(const Mechanism& mechanism, std::uint64_t count, double epsilon) {
    const auto runs = static_cast<double>(count);
    const double log_delta = least_over_orders(orders_for(mechanism), [&](double order) {
        return (order - 1) *
                   (runs * renyi_divergence(mechanism, order) - epsilon + std::log1p(-1 / order)) -
               std::log(order);
    });
    return std::min({1.0, std::exp(log_delta), variation_bound(mechanism, runs)});
}

}  // namespace salus::learn
