#pragma once

#include "learn/dp_loss.hpp"

#include <cstdint>
#include <optional>
#include <vector>

/// Many runs of one mechanism. The loss of n runs is the n-fold convolution of one loss; it is
/// taken by FFT of the distribution tilted by e^(λ loss), with λ such that the tilted sum is
/// centred where the answer lies (saddle point). So an answer of 1e-12 has as many right digits as
/// one of .1.
namespace salus::learn {

class Composition {
  public:
    Composition(LossGrid grid, std::uint64_t count);

    /// P(breach beyond epsilon): E[(1 − e^(epsilon − loss))+]. Empty when the sum needs more than
    /// `points_max` grid points.
    [[nodiscard]] std::optional<double> delta(double epsilon) const;
    /// The least epsilon ≥ 0 with delta(epsilon) ≤ delta; infinity when cut-off tails exceed delta.
    [[nodiscard]] std::optional<double> epsilon(double delta) const;

    static constexpr std::size_t points_max = std::size_t{1} << 22U;

  private:
    /// log of the moment E[e^(λ loss)] of one run, its slope, and the slope's slope.
    struct Moment {
        double value, slope, bend;
    };
    /// The tilted sum: mass[i] lies at loss low + i · step and is to be multiplied by
    /// e^(log_scale − λ loss).
    struct Window {
        double tilt, low, log_scale;
        std::vector<double> mass;
    };
    [[nodiscard]] Moment moment(double tilt) const;
    [[nodiscard]] double tilt_at_mean(double loss) const;
    [[nodiscard]] double tilt_at_delta(double delta) const;
    [[nodiscard]] std::optional<Window> window(double tilt) const;
    [[nodiscard]] double solve(const Window& sum, double delta) const;

    LossGrid grid_;
    double count_;
    double infinite_;  ///< of all runs together
    double top_;       ///< largest finite loss of one run
};

}  // namespace salus::learn
