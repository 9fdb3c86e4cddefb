#pragma once

#include "base/json.hpp"
#include "consent/layers.hpp"

#include <string>
#include <vector>

/// A question about FHIR consents, as JSON: what `salus kat` is asked, and what it works with.
/// docs/formats/consent-ir.md §6.
namespace salus::consent {

/// An implicit policy by its name: `deny`, `treatment` (TREAT), `tpo` (TREAT, HPAYMT, HOPERAT).
/// Errors: not_found — no policy of this name.
Result<ImplicitPolicy> implicit_policy(std::string_view name);

struct Case {
    std::vector<Directive> directives;  ///< those in force or once so, and that say something
    std::vector<std::string> silent;    ///< ids of those in force that say nothing
    std::vector<std::string> unclear;   ///< ids of those that cannot be read: they might deny
    Layers layers;
    Question question;

    /// Whether a directive in force is about this question, so that no implicit policy is asked.
    [[nodiscard]] bool has_live_directive() const;
};

/// {consents, implicit_policy?, law?: {forbids, mandates, withheld, absolute: consents, selves:
/// references, break_glass: boolean}, request: {actor, roles, organizations, groups, purpose,
/// action, now, resource?}}. Errors: malformed — the question, not a consent in it; not_found — the
/// policy.
Result<Case> read_case(const json::Value& in);

/// The answer, given what the directives say together (with places in `directives`).
Verdict conclude(const Case& asked, Verdict directives);
json::Value verdict_json(const Case& asked, const Verdict& verdict);

/// Which records are permitted: by all layers.
Filter residual(const Case& asked);

}  // namespace salus::consent
