#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

/// Discrete Fourier transform of a power of two of points, for convolving distributions.
namespace salus::learn {

struct Complex {
    double re = 0;
    double im = 0;
};

/// In place; the inverse divides by the number of points. The size must be a power of two. The
/// error is about 1e-16 of the largest coefficient per level.
void fft(std::vector<Complex>& points, bool inverse);

/// The `count`-fold cyclic convolution of `mass` with itself; its size must be a power of two.
/// Entries that rounding left below zero are zero.
std::vector<double> cyclic_power(const std::vector<double>& mass, std::uint64_t count);

}  // namespace salus::learn
