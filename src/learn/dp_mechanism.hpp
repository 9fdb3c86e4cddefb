#pragma once

#include "base/result.hpp"

#include <cstdint>
#include <string_view>

/// Mechanisms whose privacy this module accounts for. A query has sensitivity 1; neighbours differ
/// by one person added or removed (randomised response: by one person's answer).
namespace salus::learn {

enum class MechanismKind : std::uint8_t {
    gaussian,
    laplace,
    subsampled_gaussian,  ///< each person takes part with probability q (Poisson sampling)
    discrete_laplace,     ///< integers, P(x) ∝ e^(-|x| / scale)
    discrete_gaussian,    ///< integers, P(x) ∝ e^(-x² / 2 sigma²)
    randomised_response,  ///< one of k answers, the true one e^epsilon times as likely as another
};

std::string_view to_string(MechanismKind kind) noexcept;
/// Errors: malformed — no mechanism of this name.
Result<MechanismKind> mechanism_from(std::string_view name);

struct Mechanism {
    MechanismKind kind = MechanismKind::gaussian;
    double scale = 1;           ///< sigma of the Gaussians, scale of the Laplaces
    double q = 1;               ///< share that a Poisson sample takes
    double epsilon = 1;         ///< of randomised response
    std::uint64_t answers = 2;  ///< k of randomised response
};

inline constexpr double dp_scale_min = 1e-2;
inline constexpr double dp_scale_max = 1e6;
inline constexpr double dp_q_min = 1e-9;
inline constexpr double dp_epsilon_max = 700;
inline constexpr std::uint64_t dp_answers_max = std::uint64_t{1} << 53U;
inline constexpr std::uint64_t dp_count_max = 10'000'000;
/// Below this the tails that are cut off would no longer be negligible.
inline constexpr double dp_delta_min = 1e-18;

/// Errors: out_of_range — a parameter that is no number or outside the bounds above.
Status check_mechanism(const Mechanism& mechanism);

}  // namespace salus::learn
