#include "learn/portable_math.hpp"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstdint>

namespace salus::learn {
namespace {

// ln 2 in two parts: the high one has 32 trailing zero bits, so small multiples of it are exact.
constexpr double ln2_high = 0x1.62e42feep-1;
constexpr double ln2_low = 0x1.a39ef35793c76p-33;

}  // namespace

double portable_exp(double x) noexcept {
    const double held = std::clamp(x, -700.0, 700.0);
    const double k = std::nearbyint(held * 1.4426950408889634);
    const double r = (held - k * ln2_high) - k * ln2_low;
    double sum = 1.0;
    for (int term = 14; term >= 1; --term) {
        sum = 1.0 + sum * r / term;
    }
    const auto exponent = static_cast<std::uint64_t>(static_cast<std::int64_t>(k) + 1023);
    return sum * std::bit_cast<double>(exponent << 52);
}

double portable_log(double x) noexcept {
    const auto bits = std::bit_cast<std::uint64_t>(x);
    auto exponent = static_cast<std::int64_t>(bits >> 52) - 1023;
    double m = std::bit_cast<double>((bits & 0x000fffffffffffffULL) | 0x3ff0000000000000ULL);
    if (m > 1.4142135623730951) {
        m *= 0.5;
        ++exponent;
    }
    const double s = (m - 1.0) / (m + 1.0);
    const double square = s * s;
    double sum = 0;
    for (int odd = 23; odd >= 3; odd -= 2) {
        sum = (sum + 1.0 / odd) * square;
    }
    const auto k = static_cast<double>(exponent);
    return k * ln2_high + (2.0 * s + (2.0 * s * sum + k * ln2_low));
}

}  // namespace salus::learn
