#include "learn/dp_account.hpp"
#include "learn/dp_composition.hpp"

#include <doctest/doctest.h>

#include <cmath>
#include <fstream>
#include <limits>
#include <string>

using namespace salus;
using namespace salus::learn;

namespace {

struct Answer {
    std::string name;
    double first = 0, second = 0;
    std::uint64_t count = 0;
    char asked = 'd';
    double given = 0;
    std::string optimistic, pessimistic, renyi;
    [[nodiscard]] Mechanism mechanism() const {
        Mechanism out;
        out.kind = *mechanism_from(name);
        out.scale = first;
        out.q = second;
        if (out.kind == MechanismKind::randomised_response) {
            out.answers = static_cast<std::uint64_t>(first);
            out.epsilon = second;
        }
        return out;
    }
};

}  // namespace

TEST_CASE("privacy costs lie above the true value and within one percent of it") {
    std::ifstream file(std::string(SALUS_SOURCE_DIR) + "/tests/vectors/dp-accounting/answers.txt");
    Answer a;
    int lines = 0;
    while (file >> a.name >> a.first >> a.second >> a.count >> a.asked >> a.given >> a.optimistic >>
           a.pessimistic >> a.renyi) {
        ++lines;
        const auto cost = a.asked == 'd' ? account_epsilon(a.mechanism(), a.count, a.given)
                                         : account_delta(a.mechanism(), a.count, a.given);
        REQUIRE(cost.ok());
        const double optimistic = std::stod(a.optimistic);
        const double pessimistic = std::stod(a.pessimistic);
        const double renyi = std::stod(a.renyi);
        CAPTURE(a.name);
        CAPTURE(a.count);
        CHECK(cost->pld >= optimistic * (1 - 1e-9));
        CHECK(cost->rdp >= cost->pld * (1 - 1e-5));
        if (!std::isnan(pessimistic)) CHECK(cost->pld <= pessimistic * 1.01);
        if (!std::isnan(renyi)) CHECK(cost->rdp <= renyi * 1.05);
    }
    CHECK(lines >= 18);
}

TEST_CASE("pure mechanisms cost what their closed forms say") {
    // One Laplace of scale b: delta(e) = 1 − e^((e − 1/b) / 2).
    for (const double epsilon : {0.0, 0.3, 0.9}) {
        const auto cost = account_delta({.kind = MechanismKind::laplace}, 1, epsilon);
        REQUIRE(cost.ok());
        const double exact = 1 - std::exp((epsilon - 1) / 2);
        CHECK(cost->pld >= exact);
        CHECK(cost->pld <= exact * 1.01);
    }
    const auto beyond = account_delta({.kind = MechanismKind::laplace}, 1, 1.0);
    REQUIRE(beyond.ok());
    CHECK(beyond->pld == 0);
    // Randomised response: delta(e) = p − e^e q for the true and another answer.
    const Mechanism response{
        .kind = MechanismKind::randomised_response, .epsilon = 2, .answers = 7};
    const auto cost = account_delta(response, 1, 0.5);
    REQUIRE(cost.ok());
    const double exact = (std::exp(2.0) - std::exp(0.5)) / (std::exp(2.0) + 6);
    CHECK(cost->pld >= exact);
    CHECK(cost->pld <= exact * 1.0001);
}

TEST_CASE("the Gaussian's delta keeps its digits far out") {
    // Balle and Wang's formula with 40 digits: sigma 1, epsilon 10 and sigma 100, epsilon 0.08.
    CHECK(gaussian_delta(1, 0) == doctest::Approx(0.38292492254802624).epsilon(1e-12));
    CHECK(gaussian_delta(0.5, 1) == doctest::Approx(0.006829).epsilon(1e-3));
    const auto cost = account_epsilon({.scale = 1}, 1, gaussian_delta(1, 8));
    REQUIRE(cost.ok());
    CHECK(cost->pld == doctest::Approx(8).epsilon(1e-5));
}

TEST_CASE("a composition asked for delta and for epsilon gives one curve") {
    const Mechanism mechanism{.kind = MechanismKind::subsampled_gaussian, .scale = 1.2, .q = 0.02};
    for (const double delta : {1e-3, 1e-6, 1e-12}) {
        const auto there = account_epsilon(mechanism, 500, delta);
        REQUIRE(there.ok());
        const auto back = account_delta(mechanism, 500, there->pld);
        REQUIRE(back.ok());
        CHECK(back->pld == doctest::Approx(delta).epsilon(0.02));
    }
}

TEST_CASE("an account refuses what is no mechanism, no count, no delta") {
    const Mechanism fine;
    const auto nan = std::numeric_limits<double>::quiet_NaN();
    CHECK(account_epsilon({.scale = 0}, 1, 1e-5).error().code == Errc::out_of_range);
    CHECK(account_epsilon({.scale = nan}, 1, 1e-5).error().code == Errc::out_of_range);
    CHECK(account_epsilon(fine, 0, 1e-5).error().code == Errc::out_of_range);
    CHECK(account_epsilon(fine, dp_count_max, 1e-5).ok());
    CHECK(account_epsilon(fine, dp_count_max + 1, 1e-5).error().code == Errc::out_of_range);
    for (const double delta : {0.0, 1.0, -1.0, 1e-19, nan}) {
        CHECK(account_epsilon(fine, 1, delta).error().code == Errc::out_of_range);
    }
    CHECK(account_delta(fine, 1, -0.1).error().code == Errc::out_of_range);
    const Mechanism one{.kind = MechanismKind::randomised_response, .answers = 1};
    CHECK(account_delta(one, 1, 1).error().code == Errc::out_of_range);
    CHECK(mechanism_from("noise").error().code == Errc::malformed);
}
