#include "learn/dp_kat.hpp"

#include "learn/dp_account.hpp"
#include "learn/dp_sampler.hpp"

namespace salus::learn {
namespace {

/// A parameter of the mechanism, wherever it stands.
const json::Value* parameter(const json::Value& in, std::string_view name) {
    const json::Value* nested = in.find("parameters");
    if (nested != nullptr) {
        if (const json::Value* found = nested->find(name)) return found;
    }
    return in.find(name);
}

Error missing(std::string_view name) {
    return Error{Errc::malformed, "the field " + std::string(name) + " is missing or no number"};
}

Result<double> real(const json::Value& in, std::string_view name) {
    const json::Value* found = parameter(in, name);
    if (found == nullptr) return missing(name);
    return json::need_double(json::Value(json::Object{{std::string(name), *found}}), name);
}

Result<std::uint64_t> whole(const json::Value& in, std::string_view name) {
    const json::Value* found = parameter(in, name);
    if (found == nullptr) return missing(name);
    return json::need_uint(json::Value(json::Object{{std::string(name), *found}}), name);
}

/// The number as it is written: 2.5 is 5/2, no double in between.
Result<Rational> rational(const json::Value& in, std::string_view name) {
    const json::Value* found = parameter(in, name);
    if (found != nullptr && found->number() != nullptr) return rational_from(found->number()->text);
    if (found != nullptr && found->text() != nullptr) return rational_from(*found->text());
    return missing(name);
}

/// In dp.account `epsilon` may be the question as well as randomised response's parameter: the
/// parameter then stands in `parameters`, or the question is about delta.
Result<Mechanism> mechanism_of(const json::Value& in) {
    Mechanism out;
    out.kind = SALUS_TRY(mechanism_from(SALUS_TRY(json::need_text(in, "mechanism"))));
    switch (out.kind) {
        case MechanismKind::randomised_response:
            out.answers = SALUS_TRY(whole(in, "k"));
            out.epsilon = SALUS_TRY(real(in, "epsilon"));
            break;
        case MechanismKind::laplace:
        case MechanismKind::discrete_laplace:
            out.scale = SALUS_TRY(real(in, "scale"));
            break;
        case MechanismKind::subsampled_gaussian:
            out.q = SALUS_TRY(real(in, "q"));
            out.scale = SALUS_TRY(real(in, "sigma"));
            break;
        case MechanismKind::gaussian:
        case MechanismKind::discrete_gaussian:
            out.scale = SALUS_TRY(real(in, "sigma"));
            break;
    }
    return out;
}

Result<json::Value> account(const json::Value& in) {
    const Mechanism mechanism = SALUS_TRY(mechanism_of(in));
    std::uint64_t count = 1;
    if (in.find("count") != nullptr) count = SALUS_TRY(json::need_uint(in, "count"));
    if (in.find("delta") != nullptr) {
        const double delta = SALUS_TRY(json::need_double(in, "delta"));
        const PrivacyCost cost = SALUS_TRY(account_epsilon(mechanism, count, delta));
        return json::Value(json::Object{{"epsilon_rdp", cost.rdp}, {"epsilon_pld", cost.pld}});
    }
    const double epsilon = SALUS_TRY(json::need_double(in, "epsilon"));
    const PrivacyCost cost = SALUS_TRY(account_delta(mechanism, count, epsilon));
    return json::Value(json::Object{{"delta_rdp", cost.rdp}, {"delta_pld", cost.pld}});
}

template <class Draw>
json::Value values(std::uint64_t n, const Draw& draw) {
    json::Array out;
    out.reserve(n);
    for (std::uint64_t i = 0; i < n; ++i) out.emplace_back(draw());
    return json::Value(json::Object{{"values", std::move(out)}});
}

Result<json::Value> sample(Env& env, const json::Value& in) {
    const auto kind = SALUS_TRY(mechanism_from(SALUS_TRY(json::need_text(in, "mechanism"))));
    const std::uint64_t n = SALUS_TRY(whole(in, "n"));
    if (n > dp_samples_max) return Error{Errc::out_of_range, "n is at most 1000000"};
    Seed seed{};
    env.random(seed);
    RandomStream random(seed, "dp.sample");
    switch (kind) {
        case MechanismKind::discrete_laplace: {
            const DiscreteLaplace law(SALUS_TRY(rational(in, "scale")));
            return values(n, [&] { return law.draw(random); });
        }
        case MechanismKind::discrete_gaussian: {
            const auto law = SALUS_TRY(DiscreteGaussian::create(SALUS_TRY(rational(in, "sigma"))));
            return values(n, [&] { return law.draw(random); });
        }
        case MechanismKind::randomised_response: {
            const std::uint64_t k = SALUS_TRY(whole(in, "k"));
            const auto law =
                SALUS_TRY(RandomisedResponse::create(k, SALUS_TRY(rational(in, "epsilon"))));
            const std::uint64_t value = SALUS_TRY(whole(in, "value"));
            if (value >= k) return Error{Errc::out_of_range, "value is below k"};
            return values(n, [&] { return law.draw(random, value); });
        }
        case MechanismKind::gaussian:
        case MechanismKind::laplace:
        case MechanismKind::subsampled_gaussian:
            break;
    }
    return Error{Errc::malformed,
                 "integers are drawn by discrete_laplace, discrete_gaussian or "
                 "randomised_response"};
}

}  // namespace

bool is_dp_kat(std::string_view op) noexcept {
    return op == "dp.account" || op == "dp.sample";
}

Result<json::Value> dp_kat(Env& env, std::string_view op, const json::Value& in) {
    if (op == "dp.account") return account(in);
    return sample(env, in);
}

}  // namespace salus::learn
