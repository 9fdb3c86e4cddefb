#pragma once

#include "base/result.hpp"
#include "learn/random_stream.hpp"

#include <cstdint>
#include <string_view>

/// Exact samplers of integers (Canonne, Kamath, Steinke 2020, algorithms 1 to 3): integers and
/// uniform bits only. A floating-point Laplace leaks through the gaps between doubles (Mironov
/// 2012); these have no such gaps.
namespace salus::learn {

/// A positive rational, in lowest terms.
struct Rational {
    std::uint64_t over = 1;
    std::uint64_t under = 1;
};

/// "2.5", "1e-3", "5/2". Errors: malformed — no such number; out_of_range — zero, or a numerator or
/// denominator above 2^26.
Result<Rational> rational_from(std::string_view text);

inline constexpr std::uint64_t rational_part_max = std::uint64_t{1} << 26U;

/// True with probability e^(-over / under); under ≥ 1.
__extension__ using Wide = unsigned __int128;
bool bernoulli_exp(RandomStream& random, Wide over, Wide under) noexcept;

/// P(x) ∝ e^(-|x| / scale).
class DiscreteLaplace {
  public:
    explicit DiscreteLaplace(const Rational& scale) noexcept : scale_(scale) {}
    std::int64_t draw(RandomStream& random) const noexcept;

  private:
    Rational scale_;
};

/// P(x) ∝ e^(-x² / 2 sigma²). Values beyond 64 scales of the proposal are drawn anew: their
/// probability is below e^-64 times a Gaussian's own tail there.
class DiscreteGaussian {
  public:
    /// Errors: out_of_range — sigma's numerator + denominator above 2^26.
    static Result<DiscreteGaussian> create(const Rational& sigma);
    std::int64_t draw(RandomStream& random) const noexcept;

  private:
    DiscreteGaussian() = default;
    std::uint64_t proposal_ = 1;  ///< scale of the Laplace that proposes
    std::uint64_t square_over_ = 1, square_under_ = 1;
};

/// One of k answers: the true one is e^epsilon times as likely as each other.
class RandomisedResponse {
  public:
    /// Errors: out_of_range — k below 2 or above 2^32.
    static Result<RandomisedResponse> create(std::uint64_t k, const Rational& epsilon);
    /// value < k.
    std::uint64_t draw(RandomStream& random, std::uint64_t value) const noexcept;

  private:
    RandomisedResponse() = default;
    std::uint64_t k_ = 2;
    Rational epsilon_;
};

}  // namespace salus::learn
