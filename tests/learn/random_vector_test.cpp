#include "learn/portable_math.hpp"
#include "learn/random_stream.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <set>

using namespace salus::learn;

TEST_CASE("the ChaCha20 block function gives the answer of RFC 8439 section 2.3.2") {
    std::array<std::uint32_t, 16> state{0x61707865, 0x3320646e, 0x79622d32, 0x6b206574};
    for (std::uint32_t i = 0; i < 8; ++i) {
        const std::uint32_t first = 4 * i;
        state[4 + i] = first | (first + 1) << 8 | (first + 2) << 16 | (first + 3) << 24;
    }
    state[12] = 1;
    state[13] = 0x09000000;
    state[14] = 0x4a000000;
    state[15] = 0;
    std::array<std::uint32_t, 16> out{};
    chacha20_block(state, out);
    const std::array<std::uint32_t, 16> expected{0xe4e7f110, 0x15593bd1, 0x1fdd0f50, 0xc47120a3,
                                                 0xc7f4d1c7, 0x0368c033, 0x9aaa2204, 0x4e6cd4c3,
                                                 0x466482d2, 0x09aa9f07, 0x05d7c214, 0xa2028bd9,
                                                 0xd19c12b5, 0xb94e16de, 0xe883d0cb, 0x4e3c50a2};
    CHECK(out == expected);
}

TEST_CASE("a seed and a purpose fix the stream, and either changes it") {
    RandomStream a(seed_from(1), "x");
    RandomStream b(seed_from(1), "x");
    RandomStream c(seed_from(1), "y");
    RandomStream d(seed_from(2), "x");
    int same_c = 0;
    int same_d = 0;
    for (int i = 0; i < 1000; ++i) {
        const std::uint64_t value = a.next();
        CHECK(value == b.next());
        same_c += value == c.next() ? 1 : 0;
        same_d += value == d.next() ? 1 : 0;
    }
    CHECK(same_c == 0);
    CHECK(same_d == 0);
}

TEST_CASE("portable exp and log agree with the C library to the last digits") {
    for (double x = -30; x <= 30; x += 0.037) {
        CHECK(std::fabs(portable_exp(x) / std::exp(x) - 1) < 4e-15);
    }
    CHECK(portable_exp(0) == 1);
    CHECK(portable_exp(-1e9) > 0);
    CHECK(std::isfinite(portable_exp(1e9)));
    for (double x = 1e-300; x < 1e300; x *= 7.3) {
        CHECK(std::fabs(portable_log(x) - std::log(x)) <=
              4e-15 * std::max(1.0, std::fabs(std::log(x))));
    }
    CHECK(portable_log(1) == 0);
}

TEST_CASE("the Gaussian has mean 0, deviation 1, no skew and the right tails") {
    RandomStream random(seed_from(5), "gaussian");
    const int n = 400'000;
    double sum = 0, squares = 0, cubes = 0, fourths = 0;
    int beyond2 = 0, beyond3 = 0;
    for (int i = 0; i < n; ++i) {
        const double g = random.gaussian();
        sum += g;
        squares += g * g;
        cubes += g * g * g;
        fourths += g * g * g * g;
        beyond2 += std::fabs(g) > 2 ? 1 : 0;
        beyond3 += std::fabs(g) > 3 ? 1 : 0;
    }
    CHECK(std::fabs(sum / n) < 0.006);
    CHECK(std::fabs(squares / n - 1) < 0.01);
    CHECK(std::fabs(cubes / n) < 0.02);
    CHECK(std::fabs(fourths / n - 3) < 0.06);
    CHECK(std::fabs(beyond2 / static_cast<double>(n) - 0.0455) < 0.0015);
    CHECK(std::fabs(beyond3 / static_cast<double>(n) - 0.0027) < 0.0004);
}

TEST_CASE("a sample holds different numbers in order, all of them when asked for more") {
    RandomStream random(seed_from(3), "sample");
    const auto some = random.sample(100, 1000);
    CHECK(some.size() == 100);
    CHECK(std::set<std::uint32_t>(some.begin(), some.end()).size() == 100);
    CHECK(std::is_sorted(some.begin(), some.end()));
    CHECK(some.back() < 1000);
    CHECK(random.sample(10, 3) == std::vector<std::uint32_t>{0, 1, 2});
    CHECK(random.sample(0, 3).empty());
    for (int i = 0; i < 1000; ++i) {
        CHECK(random.below(7) < 7);
    }
    CHECK(random.below(1) == 0);
}
