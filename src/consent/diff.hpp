#pragma once

#include "base/result.hpp"
#include "consent/reference.hpp"

#include <cstdint>
#include <span>
#include <string>
#include <vector>

/// What a change of directives newly allows and newly blocks. Directives tell only finitely many
/// kinds of question apart: each kind is asked once, so nothing is missed.
namespace salus::consent {

/// A question that is answered otherwise, as an example of its kind.
struct Change {
    bool allows = false;  ///< newly allowed; else newly blocked
    Question example;
};

struct Difference {
    std::vector<Change> changes;  ///< at most one for each asker, purpose, action and direction
    std::size_t kinds = 0;        ///< kinds of question that were compared
};

/// Questions at `now` and at every later moment at which a directive begins or ends.
///
/// Errors: exhausted — the directives tell more than `kinds_max` kinds apart.
inline constexpr std::size_t kinds_max = 4'000'000;
Result<Difference> diff(std::span<const Directive> before, std::span<const Directive> after,
                        std::int64_t now);

/// "newly allowed: Practitioner/a may open … for treatment, on 2024-05-05 (example: …)".
std::string change_words(const Change& change);

}  // namespace salus::consent
