#include "learn/dp_composition.hpp"

#include "learn/fft.hpp"

#include <algorithm>
#include <bit>
#include <cmath>
#include <limits>

namespace salus::learn {
namespace {

/// Tails of the tilted sum below e^-40 are cut off: 4e-18 of the answer.
constexpr double tail_log = 40;

}  // namespace

Composition::Composition(LossGrid grid, std::uint64_t count)
    : grid_(std::move(grid)), count_(static_cast<double>(count)) {
    infinite_ = -std::expm1(count_ * std::log1p(-grid_.infinite));
    top_ = grid_.loss(grid_.mass.size() - 1);
}

Composition::Moment Composition::moment(double tilt) const {
    // Relative to the largest exponent, so that nothing overflows.
    const double reference = tilt >= 0 ? top_ : grid_.origin;
    double sum = 0;
    double first = 0;
    double second = 0;
    for (std::size_t i = 0; i < grid_.mass.size(); ++i) {
        if (grid_.mass[i] == 0) continue;
        const double away = grid_.loss(i) - reference;
        const double part = grid_.mass[i] * std::exp(tilt * away);
        sum += part;
        first += part * away;
        second += part * away * away;
    }
    const double mean = first / sum;
    return {std::log(sum) + tilt * reference, mean + reference,
            std::max(second / sum - mean * mean, 0.0)};
}

double Composition::tilt_at_mean(double loss) const {
    const double wanted = loss / count_;
    if (moment(0).slope >= wanted) return 0;
    // Beyond the cap all of the tilted mass lies at the top.
    const double cap = 60 / grid_.step;
    double low = 0;
    double high = std::min(1.0, cap);
    while (high < cap && moment(high).slope < wanted) high = std::min(high * 2, cap);
    for (int round = 0; round < 40 && high - low > 1e-4 * high; ++round) {
        const double middle = (low + high) / 2;
        (moment(middle).slope < wanted ? low : high) = middle;
    }
    return (low + high) / 2;
}

double Composition::tilt_at_delta(double delta) const {
    // The exponent of the saddle-point estimate falls as the tilt grows.
    const double wanted = std::log(delta);
    const auto exponent = [&](double tilt) {
        const Moment at = moment(tilt);
        return count_ * (at.value - tilt * at.slope);
    };
    const double cap = 60 / grid_.step;
    double low = 0;
    double high = std::min(1.0, cap);
    while (high < cap && exponent(high) > wanted) high = std::min(high * 2, cap);
    for (int round = 0; round < 30 && high - low > 1e-2 * high; ++round) {
        const double middle = (low + high) / 2;
        (exponent(middle) > wanted ? low : high) = middle;
    }
    return (low + high) / 2;
}

std::optional<Composition::Window> Composition::window(double tilt) const {
    const Moment at = moment(tilt);
    const double spread = std::sqrt(count_ * at.bend) + grid_.step;
    const double bottom_end = count_ * grid_.origin;
    const double top_end = count_ * top_;
    double low = bottom_end;
    double high = top_end;
    // Chernoff's bound on either side, over a range of exponents.
    for (double lean = 1 / 64.0; lean <= 16; lean *= 2) {
        const double theta = lean / spread;
        const double up = count_ * (moment(tilt + theta).value - at.value);
        const double down = count_ * (moment(tilt - theta).value - at.value);
        high = std::min(high, (up + tail_log) / theta);
        low = std::max(low, -(down + tail_log) / theta);
    }
    const double first = std::floor((low - bottom_end) / grid_.step);
    const double needed = std::ceil((high - bottom_end) / grid_.step) - first + 2;
    if (!(needed <= static_cast<double>(points_max))) return std::nullopt;
    const std::size_t size = std::bit_ceil(static_cast<std::size_t>(needed));

    std::vector<double> tilted(size, 0.0);
    for (std::size_t i = 0; i < grid_.mass.size(); ++i) {
        if (grid_.mass[i] == 0) continue;
        tilted[i % size] += grid_.mass[i] * std::exp(tilt * grid_.loss(i) - at.value);
    }
    std::vector<double> sum = cyclic_power(tilted, static_cast<std::uint64_t>(count_));
    // The sum's index, counted from n times the origin, is known modulo the size.
    const auto shift = static_cast<std::size_t>(std::fmod(first, static_cast<double>(size)));
    std::rotate(sum.begin(), sum.begin() + static_cast<std::ptrdiff_t>(shift), sum.end());
    return Window{tilt, bottom_end + first * grid_.step, count_ * at.value, std::move(sum)};
}

std::optional<double> Composition::delta(double epsilon) const {
    if (epsilon >= count_ * top_) return infinite_;
    const auto sum = window(tilt_at_mean(epsilon));
    if (!sum) return std::nullopt;
    double total = 0;
    for (std::size_t i = sum->mass.size(); i-- > 0;) {
        const double loss = sum->low + grid_.step * static_cast<double>(i);
        if (loss <= epsilon) break;
        total += sum->mass[i] * std::exp(sum->log_scale - sum->tilt * loss) *
                 -std::expm1(epsilon - loss);
    }
    return std::min(1.0, infinite_ + total);
}

/// Walks down from the top: between grid points delta is A − e^epsilon B.
double Composition::solve(const Window& sum, double delta) const {
    const double wanted = delta - infinite_;
    double above = 0;
    double weighed = 0;  // of Σ mass e^(base − loss)
    double base = sum.low + grid_.step * static_cast<double>(sum.mass.size());
    for (std::size_t i = sum.mass.size(); i-- > 0;) {
        const double loss = sum.low + grid_.step * static_cast<double>(i);
        // delta at this grid point, from what lies above it.
        const double here = above - weighed * std::exp(loss - base);
        if (here >= wanted) {
            return std::log((above - wanted) / weighed) + base;
        }
        const double part = sum.mass[i] * std::exp(sum.log_scale - sum.tilt * loss);
        above += part;
        weighed = weighed * std::exp(loss - base) + part;
        base = loss;
    }
    if (above <= wanted) return sum.low;
    return std::log((above - wanted) / weighed) + base;
}

std::optional<double> Composition::epsilon(double delta) const {
    if (delta <= infinite_) return std::numeric_limits<double>::infinity();
    double tilt = tilt_at_delta(delta);
    double found = 0;
    // A second round centres the sum where the first found the answer.
    for (int round = 0; round < 2; ++round) {
        const auto sum = window(tilt);
        if (!sum) return std::nullopt;
        found = std::max(solve(*sum, delta), 0.0);
        const double next = tilt_at_mean(found);
        if (std::abs(next - tilt) <= 0.05 * (tilt + next)) break;
        tilt = next;
    }
    return found;
}

}  // namespace salus::learn
