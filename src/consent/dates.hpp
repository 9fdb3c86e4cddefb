#pragma once

#include "base/result.hpp"
#include "consent/directive.hpp"

#include <string>
#include <string_view>

/// FHIR dates. A date may be partial: `2022` and `2022-06` are the whole year and the whole month.
namespace salus::consent {

/// The days that a FHIR date or dateTime names: one, a month's or a year's. A time of day and an
/// offset are read and left out: the day is the one that is written.
/// Errors: malformed.
Result<Days> days_of(std::string_view text);

/// The moments that a FHIR date or dateTime names: from the first millisecond to the one behind the
/// last. Without an offset the text is read in UTC.
/// Errors: malformed.
struct Moments {
    std::int64_t first = 0;
    std::int64_t behind = 0;
};
Result<Moments> moments_of(std::string_view text);

std::int64_t day_of(std::int64_t year, std::int64_t month, std::int64_t day) noexcept;
/// `2022-06-13`.
std::string iso_day(std::int64_t day);

}  // namespace salus::consent
