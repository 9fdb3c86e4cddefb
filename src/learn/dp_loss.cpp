#include "learn/dp_loss.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <numbers>

namespace salus::learn {
namespace {

/// Gaussians are cut off here: what lies beyond has probability below 1e-30.
constexpr double deviations = 11.6;

double normal_density(double z) noexcept {
    return std::exp(-z * z / 2) / std::sqrt(2 * std::numbers::pi);
}
double normal_tail(double z) noexcept {
    return std::erfc(z / std::numbers::sqrt2) / 2;
}

/// A grid over [low, high] whose points are multiples of the step.
class GridBuilder {
  public:
    GridBuilder(double low, double high, double step) : step_(step) {
        first_ = std::floor(low / step);
        const double last = std::ceil(high / step);
        grid_.origin = first_ * step;
        grid_.step = step;
        grid_.mass.assign(static_cast<std::size_t>(last - first_) + 2, 0.0);
    }

    /// The grid cell that holds a loss: its index, and how far into it the loss lies, in losses.
    void add(double loss, double mass) {
        const double place = std::clamp(std::floor(loss / step_ - first_), 0.0,
                                        static_cast<double>(grid_.mass.size() - 2));
        add_to_cell(static_cast<std::size_t>(place), loss, mass);
    }

    /// Both P(cell) and Q(cell) = P e^(-loss) stay what they are.
    void add_to_cell(std::size_t cell, double loss, double mass) {
        const double inside = std::clamp(loss - grid_.loss(cell), 0.0, step_);
        const double upper = std::expm1(-inside) / std::expm1(-step_);
        grid_.mass[cell + 1] += mass * upper;
        grid_.mass[cell] += mass * (1 - upper);
    }

    void add_infinite(double mass) { grid_.infinite += mass; }
    [[nodiscard]] double step() const noexcept { return step_; }

    LossGrid finish() {
        while (grid_.mass.size() > 1 && grid_.mass.back() == 0) grid_.mass.pop_back();
        return std::move(grid_);
    }

  private:
    double step_;
    double first_ = 0;
    LossGrid grid_;
};

/// Gauss-Legendre on five points of [-1, 1].
constexpr std::array<double, 5> gauss_at{0, -0.53846931010568309, 0.53846931010568309,
                                         -0.90617984593866399, 0.90617984593866399};
constexpr std::array<double, 5> gauss_weight{0.56888888888888889, 0.47862867049936647,
                                             0.47862867049936647, 0.23692688505618909,
                                             0.23692688505618909};

/// The subsampled Gaussian: N(0, σ²) without the person, (1 − q) N(0, σ²) + q N(1, σ²) with.
struct Subsampled {
    double sigma, q;
    Neighbour neighbour;

    [[nodiscard]] double with_over_without(double x) const noexcept {
        return std::log1p(q * std::expm1((2 * x - 1) / (2 * sigma * sigma)));
    }
    [[nodiscard]] double loss(double x) const noexcept {
        return neighbour == Neighbour::remove ? with_over_without(x) : -with_over_without(x);
    }
    [[nodiscard]] double density(double x) const noexcept {
        const double without = normal_density(x / sigma) / sigma;
        if (neighbour == Neighbour::add) return without;
        return (1 - q) * without + q * normal_density((x - 1) / sigma) / sigma;
    }
    /// Where the loss is `value`; outside the range of losses, an end of the line.
    [[nodiscard]] double at_loss(double value) const noexcept {
        const double ratio = neighbour == Neighbour::remove ? value : -value;
        const double inner = std::expm1(ratio) / q;
        if (inner <= -1) return -1e300;
        return sigma * sigma * std::log1p(inner) + 0.5;
    }
};

/// Integrates the density over [from, to], all of it in one grid cell.
void integrate(GridBuilder& grid, const Subsampled& law, double from, double to, std::size_t cell) {
    const double half = (to - from) / 2;
    const double centre = (to + from) / 2;
    for (std::size_t g = 0; g < gauss_at.size(); ++g) {
        const double x = centre + half * gauss_at[g];
        grid.add_to_cell(cell, law.loss(x), half * gauss_weight[g] * law.density(x));
    }
}

LossGrid subsampled_grid(const Mechanism& mechanism, Neighbour neighbour, double step) {
    const Subsampled law{mechanism.scale, mechanism.q, neighbour};
    const double low_x = -deviations * law.sigma;
    const double high_x = (neighbour == Neighbour::remove ? 1.0 : 0.0) + deviations * law.sigma;
    const double low = std::min(law.loss(low_x), law.loss(high_x));
    const double high = std::max(law.loss(low_x), law.loss(high_x));
    GridBuilder grid(low, high, step);
    const double first = std::floor(low / step);
    // Pieces end where the loss crosses a grid point and are short against the density.
    const double piece = law.sigma / 8;
    double x = low_x;
    while (x < high_x) {
        const double cell = std::floor(law.loss(x) / step);
        const double next_point = (neighbour == Neighbour::remove ? cell + 1 : cell) * step;
        double end = law.at_loss(next_point);
        auto place = static_cast<std::size_t>(std::max(cell - first, 0.0));
        if (end <= x + 1e-13 * (1 + std::abs(x))) {  // x is a grid point itself
            if (neighbour == Neighbour::add && place > 0) --place;
            end =
                law.at_loss(neighbour == Neighbour::remove ? next_point + step : next_point - step);
            if (neighbour == Neighbour::remove) ++place;
            if (end <= x) end = high_x;
        }
        end = std::min({end, x + piece, high_x});
        integrate(grid, law, x, end, place);
        x = end;
    }
    // Tails: the side of high losses counts as a breach, the side of low ones as its end.
    const double below = normal_tail(deviations);
    const double above =
        neighbour == Neighbour::remove
            ? (1 - law.q) * normal_tail(high_x / law.sigma) + law.q * normal_tail(deviations)
            : normal_tail(deviations);
    grid.add_infinite(neighbour == Neighbour::remove ? above : below);
    grid.add(low, neighbour == Neighbour::remove ? below : above);
    return grid.finish();
}

/// Loss (1 − 2x) / b between the two peaks, ±1/b beyond them.
LossGrid laplace_grid(double scale, double step) {
    const double top = 1 / scale;
    const double cells = std::ceil(2 * top / step);
    LossGrid grid;
    grid.step = 2 * top / cells;
    grid.origin = -top;
    grid.mass.assign(static_cast<std::size_t>(cells) + 1, 0.0);
    grid.mass.back() = 0.5;
    grid.mass.front() = std::exp(-top) / 2;
    // Inside, P's density by loss is e^(-(top − loss) / 2) / 4: each cell's two ends in closed
    // form.
    const double h = grid.step;
    for (std::size_t i = 0; i + 1 < grid.mass.size(); ++i) {
        const double at = std::exp(-(top - grid.loss(i)) / 2) / 4;
        const double p = at * 2 * std::expm1(h / 2);
        // The cell's Q, times e^loss of its lower end.
        const double q = at * -2 * std::expm1(-h / 2);
        const double upper = (p - q) / -std::expm1(-h);
        grid.mass[i + 1] += upper;
        grid.mass[i] += p - upper;
    }
    return grid;
}

LossGrid two_sided_grid(double loss, double high, double middle, double low) {
    LossGrid grid;
    grid.step = middle > 0 ? loss : 2 * loss;
    grid.origin = -loss;
    if (middle > 0) {
        grid.mass = {low, middle, high};
    } else {
        grid.mass = {low, high};
    }
    return grid;
}

LossGrid response_grid(const Mechanism& mechanism) {
    const double others = static_cast<double>(mechanism.answers - 1);
    const double rest = std::exp(-mechanism.epsilon);
    const double all = 1 + others * rest;
    return two_sided_grid(mechanism.epsilon, 1 / all, (others - 1) * rest / all, rest / all);
}

LossGrid discrete_gaussian_grid(double sigma, double step) {
    const double square = sigma * sigma;
    const auto reach = static_cast<std::int64_t>(std::ceil(deviations * sigma)) + 2;
    double all = 0;
    for (std::int64_t x = reach; x > 0; --x) {
        const auto value = static_cast<double>(x);
        all += 2 * std::exp(-value * value / (2 * square));
    }
    all += 1;
    const auto mass_at = [&](std::int64_t x) {
        const auto value = static_cast<double>(x);
        return std::exp(-value * value / (2 * square)) / all;
    };
    if (step <= lattice_step({.kind = MechanismKind::discrete_gaussian, .scale = sigma})) {
        LossGrid grid;
        grid.step = 1 / square;
        grid.origin = (1 - 2 * static_cast<double>(reach)) / (2 * square);
        for (std::int64_t x = reach; x >= -reach; --x) grid.mass.push_back(mass_at(x));
        grid.infinite = mass_at(reach + 1) * 2;
        return grid;
    }
    const double top = (1 + 2 * static_cast<double>(reach)) / (2 * square);
    GridBuilder grid(-top, top, step);
    for (std::int64_t x = reach; x >= -reach; --x) {
        grid.add((1 - 2 * static_cast<double>(x)) / (2 * square), mass_at(x));
    }
    grid.add_infinite(mass_at(reach + 1) * 2);
    return grid.finish();
}

}  // namespace

double lattice_step(const Mechanism& mechanism) noexcept {
    switch (mechanism.kind) {
        case MechanismKind::discrete_laplace:
            return 2 / mechanism.scale;
        case MechanismKind::discrete_gaussian:
            return 1 / (mechanism.scale * mechanism.scale);
        case MechanismKind::randomised_response:
            return mechanism.epsilon;
        case MechanismKind::gaussian:
        case MechanismKind::laplace:
        case MechanismKind::subsampled_gaussian:
            break;
    }
    return 0;
}

double loss_spread(const Mechanism& mechanism) noexcept {
    const double single = 1 / mechanism.scale;
    if (mechanism.kind != MechanismKind::subsampled_gaussian) return single;
    // The variance of a ratio of Gaussians, held to what the logarithm leaves of it.
    const double wide = mechanism.q * std::sqrt(std::expm1(std::min(single * single, 600.0)));
    return std::min(wide, single);
}

LossGrid loss_grid(const Mechanism& mechanism, Neighbour neighbour, double step) {
    switch (mechanism.kind) {
        case MechanismKind::discrete_laplace: {
            // P(X ≤ 0) of the one side: the loss is ±1/scale and nothing else.
            const double high = 1 / (1 + std::exp(-1 / mechanism.scale));
            return two_sided_grid(1 / mechanism.scale, high, 0, 1 - high);
        }
        case MechanismKind::randomised_response:
            return response_grid(mechanism);
        case MechanismKind::discrete_gaussian:
            return discrete_gaussian_grid(mechanism.scale, step);
        case MechanismKind::laplace:
            return laplace_grid(mechanism.scale, step);
        case MechanismKind::gaussian:
        case MechanismKind::subsampled_gaussian:
            break;
    }
    return subsampled_grid(mechanism, neighbour, step);
}

}  // namespace salus::learn
