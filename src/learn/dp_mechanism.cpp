#include "learn/dp_mechanism.hpp"

#include <array>
#include <utility>

namespace salus::learn {
namespace {

constexpr std::array<std::pair<MechanismKind, std::string_view>, 6> names{
    {{MechanismKind::gaussian, "gaussian"},
     {MechanismKind::laplace, "laplace"},
     {MechanismKind::subsampled_gaussian, "subsampled_gaussian"},
     {MechanismKind::discrete_laplace, "discrete_laplace"},
     {MechanismKind::discrete_gaussian, "discrete_gaussian"},
     {MechanismKind::randomised_response, "randomised_response"}}};

}  // namespace

std::string_view to_string(MechanismKind kind) noexcept {
    for (const auto& [one, name] : names) {
        if (one == kind) return name;
    }
    return "";
}

Result<MechanismKind> mechanism_from(std::string_view name) {
    for (const auto& [kind, one] : names) {
        if (one == name) return kind;
    }
    return Error{Errc::malformed,
                 "a mechanism is gaussian, laplace, subsampled_gaussian, discrete_laplace, "
                 "discrete_gaussian or randomised_response"};
}

Status check_mechanism(const Mechanism& mechanism) {
    // Each condition is written so that NaN fails it.
    if (mechanism.kind == MechanismKind::randomised_response) {
        if (mechanism.answers < 2 || mechanism.answers > dp_answers_max) {
            return Error{Errc::out_of_range, "k is from 2 to 2^53"};
        }
        if (!(mechanism.epsilon > 0 && mechanism.epsilon <= dp_epsilon_max)) {
            return Error{Errc::out_of_range, "epsilon is above 0 and at most 700"};
        }
        return done;
    }
    if (!(mechanism.scale >= dp_scale_min && mechanism.scale <= dp_scale_max)) {
        return Error{Errc::out_of_range, "sigma or scale is from 0.01 to 1000000"};
    }
    if (mechanism.kind == MechanismKind::subsampled_gaussian &&
        !(mechanism.q >= dp_q_min && mechanism.q <= 1)) {
        return Error{Errc::out_of_range, "q is from 1e-9 to 1"};
    }
    return done;
}

}  // namespace salus::learn
