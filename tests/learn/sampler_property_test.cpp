#include "learn/dp_sampler.hpp"

#include <doctest/doctest.h>

#include <chrono>
#include <cmath>
#include <ctime>
#include <functional>
#include <map>

using namespace salus;
using namespace salus::learn;

namespace {

constexpr std::size_t draws = 400'000;

/// χ² of drawn integers against their exact law, as deviations from its mean: N(0, 1) nearly.
/// Values expected fewer than ten times are taken together.
double chi_square_deviation(const std::map<std::int64_t, std::size_t>& drawn,
                            const std::function<double(std::int64_t)>& law, std::int64_t reach) {
    double square = 0;
    double cells = 0;
    double rest_expected = draws;
    double rest_seen = draws;
    for (std::int64_t x = -reach; x <= reach; ++x) {
        const double expected = law(x) * draws;
        if (expected < 10) continue;
        const auto found = drawn.find(x);
        const double seen = found == drawn.end() ? 0 : static_cast<double>(found->second);
        square += (seen - expected) * (seen - expected) / expected;
        rest_expected -= expected;
        rest_seen -= seen;
        cells += 1;
    }
    if (rest_expected > 10) {
        square += (rest_seen - rest_expected) * (rest_seen - rest_expected) / rest_expected;
        cells += 1;
    }
    return (square - (cells - 1)) / std::sqrt(2 * (cells - 1));
}

std::map<std::int64_t, std::size_t> count_of(const std::function<std::int64_t()>& draw) {
    std::map<std::int64_t, std::size_t> out;
    for (std::size_t i = 0; i < draws; ++i) ++out[draw()];
    return out;
}

double cpu_seconds() {
    timespec now{};
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    return static_cast<double>(now.tv_sec) + 1e-9 * static_cast<double>(now.tv_nsec);
}

}  // namespace

TEST_CASE("the discrete Laplace draws every integer as often as its law says") {
    for (const char* text : {"0.3", "1", "5/2", "17.25", "1000000"}) {
        const auto scale = rational_from(text);
        REQUIRE(scale.ok());
        if (scale->over > 1'000) continue;
        const double t = static_cast<double>(scale->over) / static_cast<double>(scale->under);
        RandomStream random(seed_from(11), text);
        const DiscreteLaplace sampler(*scale);
        const double all = std::tanh(1 / (2 * t));
        const auto drawn = count_of([&] { return sampler.draw(random); });
        const double off = chi_square_deviation(
            drawn, [&](auto x) { return all * std::exp(-std::abs(double(x)) / t); }, 600);
        CAPTURE(text);
        CHECK(std::abs(off) < 5);
    }
}

TEST_CASE("the discrete Gaussian draws every integer as often as its law says") {
    for (const char* text : {"0.5", "1", "2.5", "12.125", "31/3"}) {
        const auto sigma = rational_from(text);
        REQUIRE(sigma.ok());
        const double s = static_cast<double>(sigma->over) / static_cast<double>(sigma->under);
        const auto sampler = DiscreteGaussian::create(*sigma);
        REQUIRE(sampler.ok());
        double all = 0;
        for (int x = -400; x <= 400; ++x) all += std::exp(-x * x / (2 * s * s));
        RandomStream random(seed_from(12), text);
        const auto drawn = count_of([&] { return sampler->draw(random); });
        const double off = chi_square_deviation(
            drawn, [&](auto x) { return std::exp(-double(x * x) / (2 * s * s)) / all; }, 300);
        CAPTURE(text);
        CHECK(std::abs(off) < 5);
    }
}

TEST_CASE("randomised response gives the true answer e^epsilon times as often as another") {
    const auto epsilon = rational_from("1.5");
    const auto sampler = RandomisedResponse::create(5, *epsilon);
    REQUIRE(sampler.ok());
    const double all = std::exp(1.5) + 4;
    RandomStream random(seed_from(13), "answers");
    const auto drawn =
        count_of([&] { return static_cast<std::int64_t>(sampler->draw(random, 3)); });
    const double off = chi_square_deviation(
        drawn, [&](auto x) { return x < 0 || x > 4 ? 0 : (x == 3 ? std::exp(1.5) : 1) / all; }, 5);
    CHECK(std::abs(off) < 5);
}

TEST_CASE("a Laplace of doubles rounded to a grid is caught where the exact one passes") {
    // The planted fault: the textbook inverse of the distribution function over 2^-16 steps of a
    // uniform number, as a careless use of a short random word would make it.
    RandomStream random(seed_from(14), "planted");
    const auto naive = [&] {
        const double u = static_cast<double>(random.next() >> 48) * 0x1p-16 - 0.5;
        const double size = -2.0 * std::log(1 - 2 * std::abs(u));
        return static_cast<std::int64_t>(std::trunc(u < 0 ? -size : size));
    };
    const double all = std::tanh(0.25);
    const auto law = [&](std::int64_t x) { return all * std::exp(-std::abs(double(x)) / 2); };
    CHECK(chi_square_deviation(count_of(naive), law, 600) > 50);
    const DiscreteLaplace exact({2, 1});
    CHECK(chi_square_deviation(count_of([&] { return exact.draw(random); }), law, 600) < 5);
}

TEST_CASE("a stochastic tester tells neighbours' outputs of a floating-point Laplace apart") {
    // Of two neighbouring counts, each output must come from both: the doubles that 0 + noise can
    // reach are largely not those of 1 + noise, which gives the neighbour away (Mironov 2012).
    RandomStream random(seed_from(15), "gaps");
    const auto reachable = [](double output, double count) {
        const double noise = output - count;
        return count + noise == output && noise == std::nearbyint(noise * 0x1p52) * 0x1p-52;
    };
    const auto breaches = [&](const std::function<double()>& release) {
        int out = 0;
        for (int i = 0; i < 20'000; ++i) out += reachable(release(), 1) ? 0 : 1;
        return out;
    };
    const auto planted = [&] {
        const double u = random.unit() - 0.5;
        return (u < 0 ? 1 : -1) * std::log(1 - 2 * std::abs(u)) * 0.25;
    };
    const DiscreteLaplace exact({1, 4});
    CHECK(breaches(planted) > 1'000);
    CHECK(breaches([&] { return static_cast<double>(exact.draw(random)); }) == 0);
}

TEST_CASE("a rational is what its decimals say and nothing near it") {
    const auto is = [](const char* text, std::uint64_t over, std::uint64_t under) {
        const auto made = rational_from(text);
        return made.ok() && made->over == over && made->under == under;
    };
    CHECK(is("2.5", 5, 2));
    CHECK(is("1e-3", 1, 1'000));
    CHECK(is("1.50E2", 150, 1));
    CHECK(is("6/4", 3, 2));
    CHECK(is("67108864", rational_part_max, 1));
    for (const char* bad : {"", ".", "-1", "1e", "1/", "nan", "1.5/2", "1x"}) {
        CAPTURE(bad);
        CHECK(rational_from(bad).error().code == Errc::malformed);
    }
    for (const char* far :
         {"0", "0.0", "1/0", "67108865", "1e-9", "1e60", "99999999999999999999"}) {
        CAPTURE(far);
        CHECK(rational_from(far).error().code == Errc::out_of_range);
    }
}

TEST_CASE("five million exact draws a second cost one core") {
    RandomStream random(seed_from(16), "speed");
    const DiscreteLaplace laplace({10, 1});
    const auto gaussian = DiscreteGaussian::create({10, 1});
    const auto rate = [&](const auto& sampler) {
        std::int64_t sum = 0;
        const double start = cpu_seconds();
        for (int i = 0; i < 300'000; ++i) sum += sampler.draw(random);
        const double spent = cpu_seconds() - start;
        CHECK(std::abs(static_cast<double>(sum)) < 1e6);
        return 0.3 / spent;
    };
    const double laplace_rate = rate(laplace);
    const double gaussian_rate = rate(*gaussian);
    MESSAGE("million draws a second: Laplace ", laplace_rate, ", Gaussian ", gaussian_rate);
    CHECK(laplace_rate > 1);
}
