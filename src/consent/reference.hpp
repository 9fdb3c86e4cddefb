#pragma once

#include "consent/filter.hpp"

#include <span>
#include <vector>

/// What directives mean, written to be read: docs/formats/consent-ir.md §4. The contract is held to
/// it on random cases; a gateway filters with its `residual`.
namespace salus::consent {

/// The rules of a directive with everything that they inherit.
std::vector<Node> effective(const Directive& directive);

struct Verdict {
    Decision decision = Decision::not_applicable;
    std::vector<std::size_t> directives;  ///< places, in the span given, of those that decided
    std::uint8_t obligations = 0;
    bool operator==(const Verdict&) const = default;
};

/// What one directive says.
struct Word {
    Decision decision = Decision::not_applicable;
    std::uint8_t obligations = 0;
};
Word speak(const Directive& directive, const Question& question);

/// What they say together: any deny decides, else any permit, in whatever order they come.
Verdict decide(std::span<const Directive> directives, const Question& question);

/// Which records the directives permit, whatever is known of `question` besides its record.
/// Law: passes(residual(d, q), r) is yes exactly when decide(d, q with r) permits.
Filter residual(std::span<const Directive> directives, const Question& question);

/// The half of it that says which records no directive denies.
Filter not_denied(std::span<const Directive> directives, const Question& question);

/// When anything in the directive can hold: the hull of its rules' periods.
Period life(const Directive& directive);
/// Whether the directive is in force: whether it stands in the way of an implicit policy.
bool is_live(const Directive& directive, std::int64_t now);
/// Whether a directive's scope is about this question at all.
Tri in_scope(const Directive& directive, const Question& question);

}  // namespace salus::consent
