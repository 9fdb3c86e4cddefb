#include "consent/dates.hpp"

#include <array>

namespace salus::consent {
namespace {

constexpr std::int64_t day_ms = 86'400'000;

Error no_date() {
    return {Errc::malformed, "a date is not of the form YYYY, YYYY-MM, YYYY-MM-DD or a dateTime"};
}

/// Takes `count` digits off the front.
Result<std::int64_t> digits(std::string_view& text, std::size_t count) {
    if (text.size() < count) return no_date();
    std::int64_t out = 0;
    for (std::size_t i = 0; i < count; ++i) {
        if (text[i] < '0' || text[i] > '9') return no_date();
        out = out * 10 + (text[i] - '0');
    }
    text.remove_prefix(count);
    return out;
}

bool take(std::string_view& text, char sign) {
    if (text.empty() || text.front() != sign) return false;
    text.remove_prefix(1);
    return true;
}

bool is_leap(std::int64_t year) {
    return (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
}

std::int64_t days_in(std::int64_t year, std::int64_t month) {
    constexpr std::array<std::int64_t, 12> days{31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    return days[static_cast<std::size_t>(month - 1)] + (month == 2 && is_leap(year) ? 1 : 0);
}

/// The date at the front; what stands behind it stays.
Result<Days> take_date(std::string_view& text) {
    const std::int64_t year = SALUS_TRY(digits(text, 4));
    if (year == 0) return no_date();
    if (!take(text, '-')) return Days{day_of(year, 1, 1), day_of(year, 12, 31)};
    const std::int64_t month = SALUS_TRY(digits(text, 2));
    if (month < 1 || month > 12) return no_date();
    if (!take(text, '-'))
        return Days{day_of(year, month, 1), day_of(year, month, days_in(year, month))};
    const std::int64_t day = SALUS_TRY(digits(text, 2));
    if (day < 1 || day > days_in(year, month)) return no_date();
    const std::int64_t number = day_of(year, month, day);
    return Days{number, number};
}

/// Milliseconds within the day, and how long the moment written is (a minute, a second, a
/// millisecond).
struct Clock {
    std::int64_t ms = 0;
    std::int64_t length = 1;
};

Result<Clock> take_clock(std::string_view& text) {
    Clock out;
    const std::int64_t hours = SALUS_TRY(digits(text, 2));
    if (!take(text, ':')) return no_date();
    const std::int64_t minutes = SALUS_TRY(digits(text, 2));
    if (hours > 23 || minutes > 59) return no_date();
    out.ms = (hours * 60 + minutes) * 60'000;
    out.length = 60'000;
    if (!take(text, ':')) return out;
    const std::int64_t seconds = SALUS_TRY(digits(text, 2));
    if (seconds > 60) return no_date();
    out.ms += seconds * 1000;
    out.length = 1000;
    if (!take(text, '.')) return out;
    std::int64_t scale = 100;
    if (text.empty() || text.front() < '0' || text.front() > '9') return no_date();
    while (!text.empty() && text.front() >= '0' && text.front() <= '9') {
        out.ms += (text.front() - '0') * scale;
        scale /= 10;
        text.remove_prefix(1);
    }
    out.length = 1;
    return out;
}

Result<std::int64_t> take_offset(std::string_view& text) {
    if (text.empty() || take(text, 'Z')) return std::int64_t{0};
    const bool minus = text.front() == '-';
    if (!take(text, '-') && !take(text, '+')) return no_date();
    const std::int64_t hours = SALUS_TRY(digits(text, 2));
    if (!take(text, ':')) return no_date();
    const std::int64_t minutes = SALUS_TRY(digits(text, 2));
    if (hours > 14 || minutes > 59) return no_date();
    const std::int64_t ms = (hours * 60 + minutes) * 60'000;
    return minus ? -ms : ms;
}

}  // namespace

std::int64_t day_of(std::int64_t year, std::int64_t month, std::int64_t day) noexcept {
    // The days-from-civil algorithm of H. Hinnant.
    const std::int64_t y = month <= 2 ? year - 1 : year;
    const std::int64_t era = (y >= 0 ? y : y - 399) / 400;
    const std::int64_t of_era = y - era * 400;
    const std::int64_t of_year = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1;
    return era * 146'097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719'468;
}

std::string iso_day(std::int64_t day) {
    const std::int64_t shifted = day + 719'468;
    const std::int64_t era = (shifted >= 0 ? shifted : shifted - 146'096) / 146'097;
    const std::int64_t of_era = shifted - era * 146'097;
    const std::int64_t year_of_era =
        (of_era - of_era / 1'460 + of_era / 36'524 - of_era / 146'096) / 365;
    const std::int64_t of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    const std::int64_t from_march = (5 * of_year + 2) / 153;
    const std::int64_t date = of_year - (153 * from_march + 2) / 5 + 1;
    const std::int64_t month = from_march < 10 ? from_march + 3 : from_march - 9;
    const std::int64_t year = year_of_era + era * 400 + (month <= 2 ? 1 : 0);
    const auto padded = [](std::int64_t number, std::size_t width) {
        std::string out = std::to_string(number);
        return std::string(out.size() < width ? width - out.size() : 0, '0') + out;
    };
    return padded(year, 4) + "-" + padded(month, 2) + "-" + padded(date, 2);
}

Result<Days> days_of(std::string_view text) {
    const Days days = SALUS_TRY(take_date(text));
    if (text.empty()) return days;
    if (days.from != days.to || !take(text, 'T')) return no_date();
    SALUS_TRY(take_clock(text));
    SALUS_TRY(take_offset(text));
    if (!text.empty()) return no_date();
    return days;
}

Result<Moments> moments_of(std::string_view text) {
    const Days days = SALUS_TRY(take_date(text));
    if (text.empty()) return Moments{*days.from * day_ms, (*days.to + 1) * day_ms};
    if (days.from != days.to || !take(text, 'T')) return no_date();
    const Clock clock = SALUS_TRY(take_clock(text));
    const std::int64_t offset = SALUS_TRY(take_offset(text));
    if (!text.empty()) return no_date();
    const std::int64_t first = *days.from * day_ms + clock.ms - offset;
    return Moments{first, first + clock.length};
}

}  // namespace salus::consent
