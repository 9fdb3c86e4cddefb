#pragma once

#include <cstdint>
#include <string>
#include <string_view>

/// Numbers as a table writes them, the same on every machine: no locale, no printf.
namespace salus::learn {

struct ParsedNumber {
    double value = 0;
    int decimals = 0;  ///< digits after the point once the exponent is applied, 0 to 17
};

/// `-12.50`, `.7`, `1e-3`. False for anything else: words, `inf`, hexadecimal, and a leading zero
/// before a digit
/// (`007` is a code, not a number). Nearest double, ties to even.
bool parse_number(std::string_view text, ParsedNumber& into) noexcept;

/// Shortest text that reads back as the same double; NaN is the empty text.
std::string number_text(double value);

/// Appends number_text: no allocation beyond the target's.
void append_number(std::string& to, double value);

/// The nearest multiple of 10^-decimals, as a double that prints with that many decimals at most.
double round_to(double value, int decimals) noexcept;

/// 10^exponent for exponents 0 to 22, where doubles are exact.
double power_of_ten(int exponent) noexcept;

/// "12,345" for people.
std::string grouped(std::uint64_t value);

/// Days since 1970-01-01 of a calendar date `YYYY-MM-DD` (also with `/`), years 1600 to 2999. False
/// otherwise.
bool parse_date(std::string_view text, double& days) noexcept;
std::string date_text(double days);

}  // namespace salus::learn
