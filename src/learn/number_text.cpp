#include "learn/number_text.hpp"

#include "learn/limits.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <cstdlib>

namespace salus::learn {
namespace {

constexpr std::array<double, 23> powers{1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,
                                        1e8,  1e9,  1e10, 1e11, 1e12, 1e13, 1e14, 1e15,
                                        1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22};
constexpr double exact_integer_max = 9007199254740992.0;  // 2^53

bool is_digit(char c) noexcept {
    return c >= '0' && c <= '9';
}

struct Decimal {
    std::uint64_t mantissa = 0;
    int digits = 0;    // significant digits collected, leading zeros excluded
    int after = 0;     // digits after the point
    int exponent = 0;  // what follows `e`
    bool negative = false;
};

bool read_digits(std::string_view text, std::size_t& at, Decimal& d, bool fraction) noexcept {
    const std::size_t start = at;
    while (at < text.size() && is_digit(text[at])) {
        const auto digit = static_cast<std::uint64_t>(text[at] - '0');
        if (d.digits < 19) {
            d.mantissa = d.mantissa * 10 + digit;
        }
        if (d.mantissa != 0) {
            ++d.digits;
        }
        if (fraction) {
            ++d.after;
        }
        ++at;
    }
    return at > start;
}

bool read_exponent(std::string_view text, std::size_t& at, Decimal& d) noexcept {
    if (at == text.size() || (text[at] != 'e' && text[at] != 'E')) {
        return true;
    }
    ++at;
    bool negative = false;
    if (at < text.size() && (text[at] == '+' || text[at] == '-')) {
        negative = text[at] == '-';
        ++at;
    }
    const std::size_t start = at;
    while (at < text.size() && is_digit(text[at]) && at - start < 3) {
        d.exponent = d.exponent * 10 + (text[at] - '0');
        ++at;
    }
    if (at == start) {
        return false;
    }
    if (negative) {
        d.exponent = -d.exponent;
    }
    return true;
}

bool read_decimal(std::string_view text, Decimal& d) noexcept {
    std::size_t at = 0;
    if (at < text.size() && (text[at] == '-' || text[at] == '+')) {
        d.negative = text[at] == '-';
        ++at;
    }
    const bool zero_led = at + 1 < text.size() && text[at] == '0' && is_digit(text[at + 1]);
    bool any = read_digits(text, at, d, false);
    if (zero_led) {
        return false;
    }
    if (at < text.size() && text[at] == '.') {
        ++at;
        any = read_digits(text, at, d, true) || any;
    }
    return any && read_exponent(text, at, d) && at == text.size();
}

// The C library rounds correctly; it is reached only for more than 15 digits or a large exponent.
double slow_value(std::string_view text) noexcept {
    std::array<char, number_chars_max + 1> copy{};
    std::copy(text.begin(), text.end(), copy.begin());
    return std::strtod(copy.data(), nullptr);
}

}  // namespace

double power_of_ten(int exponent) noexcept {
    return powers[static_cast<std::size_t>(std::clamp(exponent, 0, 22))];
}

bool parse_number(std::string_view text, ParsedNumber& into) noexcept {
    if (text.empty() || text.size() > number_chars_max) {
        return false;
    }
    Decimal d;
    if (!read_decimal(text, d)) {
        return false;
    }
    const int shift = d.exponent - d.after;
    into.decimals = std::clamp(-shift, 0, 17);
    const auto mantissa = static_cast<double>(d.mantissa);
    if (d.digits <= 19 && mantissa <= exact_integer_max && shift >= -22 && shift <= 22) {
        const double magnitude =
            shift < 0 ? mantissa / power_of_ten(-shift) : mantissa * power_of_ten(shift);
        into.value = d.negative ? -magnitude : magnitude;
        return true;
    }
    into.value = slow_value(text);
    return std::isfinite(into.value);
}

void append_number(std::string& to, double value) {
    if (std::isnan(value)) {
        return;
    }
    std::array<char, 40> out{};
    char* const first = out.data();
    char* const last = out.data() + out.size();
    const double size = std::fabs(value);
    const bool whole = size < exact_integer_max && value == std::trunc(value);
    const bool plain =
        size >= 1e-9 && size < 1e15;  // what a person still reads without an exponent
    const auto end = whole   ? std::to_chars(first, last, static_cast<std::int64_t>(value))
                     : plain ? std::to_chars(first, last, value, std::chars_format::fixed)
                             : std::to_chars(first, last, value);
    to.append(first, end.ptr);
}

std::string number_text(double value) {
    std::string out;
    append_number(out, value);
    return out;
}

double round_to(double value, int decimals) noexcept {
    const double scale = power_of_ten(decimals);
    const double scaled = value * scale;
    if (!(std::fabs(scaled) < exact_integer_max)) {
        return value;
    }
    return std::nearbyint(scaled) / scale;
}

std::string grouped(std::uint64_t value) {
    std::string digits = std::to_string(value);
    for (std::size_t at = digits.size(); at > 3; at -= 3) {
        digits.insert(at - 3, 1, ',');
    }
    return digits;
}

namespace {

// Days of the proleptic Gregorian calendar, counted in 400-year eras that begin on 1 March.
std::int64_t days_from_civil(int year, int month, int day) noexcept {
    const int y = month <= 2 ? year - 1 : year;
    const int era = y / 400;
    const int year_of_era = y - era * 400;
    const int day_of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
    const int day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    return static_cast<std::int64_t>(era) * 146097 + day_of_era - 719468;
}

struct Civil {
    int year, month, day;
};

Civil civil_from_days(std::int64_t days) noexcept {
    const std::int64_t z = days + 719468;
    const std::int64_t era = z / 146097;
    const std::int64_t day_of_era = z - era * 146097;
    const std::int64_t year_of_era =
        (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
    const std::int64_t day_of_year =
        day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    const std::int64_t shifted = (5 * day_of_year + 2) / 153;
    const std::int64_t month = shifted < 10 ? shifted + 3 : shifted - 9;
    return {static_cast<int>(year_of_era + era * 400 + (month <= 2 ? 1 : 0)),
            static_cast<int>(month), static_cast<int>(day_of_year - (153 * shifted + 2) / 5 + 1)};
}

void append_padded(std::string& to, int value, std::size_t width) {
    const std::string digits = std::to_string(value);
    to.append(width > digits.size() ? width - digits.size() : 0, '0');
    to += digits;
}

}  // namespace

bool parse_date(std::string_view text, double& days) noexcept {
    if (text.size() != 10 || (text[4] != '-' && text[4] != '/') || text[7] != text[4]) {
        return false;
    }
    for (const std::size_t at : {0U, 1U, 2U, 3U, 5U, 6U, 8U, 9U}) {
        if (!is_digit(text[at])) {
            return false;
        }
    }
    const auto two = [&](std::size_t at) { return (text[at] - '0') * 10 + (text[at + 1] - '0'); };
    const int year = two(0) * 100 + two(2);
    const int month = two(5);
    const int day = two(8);
    if (year < 1600 || year > 2999 || month < 1 || month > 12 || day < 1) {
        return false;
    }
    const std::int64_t count = days_from_civil(year, month, day);
    const Civil back = civil_from_days(count);
    if (back.month != month || back.day != day) {
        return false;  // 31 April, 29 February of a common year
    }
    days = static_cast<double>(count);
    return true;
}

std::string date_text(double days) {
    if (std::isnan(days)) {
        return {};
    }
    const Civil civil = civil_from_days(static_cast<std::int64_t>(std::floor(days)));
    std::string out;
    append_padded(out, civil.year, 4);
    out += '-';
    append_padded(out, civil.month, 2);
    out += '-';
    append_padded(out, civil.day, 2);
    return out;
}

}  // namespace salus::learn
