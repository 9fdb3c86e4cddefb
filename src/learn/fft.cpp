#include "learn/fft.hpp"

#include "base/result.hpp"

#include <bit>
#include <cmath>
#include <numbers>
#include <utility>

namespace salus::learn {
namespace {

Complex times(const Complex& a, const Complex& b) noexcept {
    return {a.re * b.re - a.im * b.im, a.re * b.im + a.im * b.re};
}

void bit_reverse(std::vector<Complex>& points) noexcept {
    const std::size_t size = points.size();
    for (std::size_t i = 1, j = 0; i < size; ++i) {
        std::size_t bit = size >> 1U;
        for (; (j & bit) != 0; bit >>= 1U) j ^= bit;
        j ^= bit;
        if (i < j) std::swap(points[i], points[j]);
    }
}

/// e^(-2πi k / size) for k below size / 2.
std::vector<Complex> twiddles(std::size_t size) {
    std::vector<Complex> out(size / 2);
    for (std::size_t k = 0; k < out.size(); ++k) {
        const double angle =
            -2 * std::numbers::pi * static_cast<double>(k) / static_cast<double>(size);
        out[k] = {std::cos(angle), std::sin(angle)};
    }
    return out;
}

/// Squares and multiplies, so the error grows with the count only as rounding does.
Complex power(Complex base, std::uint64_t exponent) noexcept {
    Complex out{1, 0};
    for (; exponent != 0; exponent >>= 1U) {
        if ((exponent & 1U) != 0) out = times(out, base);
        base = times(base, base);
    }
    return out;
}

}  // namespace

void fft(std::vector<Complex>& points, bool inverse) {
    const std::size_t size = points.size();
    SALUS_ASSERT(std::has_single_bit(size));
    bit_reverse(points);
    const std::vector<Complex> roots = twiddles(size);
    for (std::size_t half = 1; half < size; half *= 2) {
        const std::size_t stride = size / (2 * half);
        for (std::size_t start = 0; start < size; start += 2 * half) {
            for (std::size_t k = 0; k < half; ++k) {
                Complex root = roots[k * stride];
                if (inverse) root.im = -root.im;
                const Complex turned = times(points[start + half + k], root);
                const Complex kept = points[start + k];
                points[start + k] = {kept.re + turned.re, kept.im + turned.im};
                points[start + half + k] = {kept.re - turned.re, kept.im - turned.im};
            }
        }
    }
    if (!inverse) return;
    const double share = 1 / static_cast<double>(size);
    for (Complex& point : points) point = {point.re * share, point.im * share};
}

std::vector<double> cyclic_power(const std::vector<double>& mass, std::uint64_t count) {
    std::vector<Complex> points(mass.size());
    for (std::size_t i = 0; i < mass.size(); ++i) points[i].re = mass[i];
    fft(points, false);
    for (Complex& point : points) point = power(point, count);
    fft(points, true);
    std::vector<double> out(mass.size());
    for (std::size_t i = 0; i < mass.size(); ++i) out[i] = points[i].re > 0 ? points[i].re : 0;
    return out;
}

}  // namespace salus::learn
