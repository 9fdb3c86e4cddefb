#pragma once

/// exp and log from additions and multiplications alone. The C library's differ in the last bit
/// between machines, and a release must be the same bytes natively and in the browser.
namespace salus::learn {

/// Relative error below 1e-15; the argument is held to [-700, 700].
double portable_exp(double x) noexcept;
/// Absolute error below 1e-15 for x in (0, 1], relative below 1e-15 above; x must be positive and
/// normal.
double portable_log(double x) noexcept;

}  // namespace salus::learn
