#include "sentinel/stream.hpp"

#include <charconv>

namespace salus::sentinel {

namespace {

/// Takes `digits` digits off the front.
std::optional<std::int64_t> take_number(std::string_view& text, std::size_t digits) {
    if (text.size() < digits) return std::nullopt;
    std::int64_t value = 0;
    for (const char c : text.substr(0, digits)) {
        if (c < '0' || c > '9') return std::nullopt;
        value = value * 10 + (c - '0');
    }
    text.remove_prefix(digits);
    return value;
}

bool take_char(std::string_view& text, char c) {
    if (text.empty() || text.front() != c) return false;
    text.remove_prefix(1);
    return true;
}

std::optional<std::int64_t> take_clock(std::string_view& text) {
    const auto hour = take_number(text, 2);
    if (!hour || !take_char(text, ':')) return std::nullopt;
    const auto minute = take_number(text, 2);
    if (!minute) return std::nullopt;
    std::int64_t ms = (*hour * 60 + *minute) * 60'000;
    if (!take_char(text, ':')) return ms;
    const auto second = take_number(text, 2);
    if (!second) return std::nullopt;
    ms += *second * 1'000;
    if (!take_char(text, '.')) return ms;
    std::int64_t scale = 100;
    while (!text.empty() && text.front() >= '0' && text.front() <= '9') {
        ms += (text.front() - '0') * scale;
        scale /= 10;
        text.remove_prefix(1);
    }
    return ms;
}

std::optional<std::int64_t> take_offset(std::string_view& text) {
    if (text.empty() || take_char(text, 'Z') || take_char(text, 'z')) return 0;
    const bool west = take_char(text, '-');
    if (!west && !take_char(text, '+')) return std::nullopt;
    const auto hour = take_number(text, 2);
    take_char(text, ':');
    const auto minute = take_number(text, 2);
    if (!hour) return std::nullopt;
    const std::int64_t ms = (*hour * 60 + minute.value_or(0)) * 60'000;
    return west ? -ms : ms;
}

}  // namespace

// Counting from March makes the leap day the last of its year.
std::int64_t days_of(std::int64_t year, std::int64_t month, std::int64_t day) noexcept {
    year -= month <= 2 ? 1 : 0;
    const std::int64_t era = (year >= 0 ? year : year - 399) / 400;
    const std::int64_t of_era = year - era * 400;
    const std::int64_t of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
    return era * 146'097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719'468;
}

std::optional<std::int64_t> iso_time(std::string_view text) {
    const auto year = take_number(text, 4);
    if (!year || !take_char(text, '-')) return std::nullopt;
    const auto month = take_number(text, 2);
    if (!month || *month < 1 || *month > 12 || !take_char(text, '-')) return std::nullopt;
    const auto day = take_number(text, 2);
    if (!day || *day < 1 || *day > 31) return std::nullopt;
    const std::int64_t midnight = days_of(*year, *month, *day) * 86'400'000;
    if (text.empty()) return midnight;
    if (!take_char(text, 'T') && !take_char(text, 't') && !take_char(text, ' '))
        return std::nullopt;
    const auto clock = take_clock(text);
    if (!clock) return std::nullopt;
    const auto offset = take_offset(text);
    if (!offset || !text.empty()) return std::nullopt;
    return midnight + *clock - *offset;
}

}  // namespace salus::sentinel
