#pragma once

#include "base/json.hpp"
#include "consent/directive.hpp"

#include <optional>
#include <string>

/// FHIR R4 Consent to a directive, as docs/formats/consent-ir.md §3 says.
namespace salus::consent {

/// The directive of a FHIR R4 Consent (JSON). Nothing for one that does not bind: its status is not
/// `active`, or its scope is a treatment or an advance directive, which say nothing of data.
/// A directive without rules is one whose consent has no provision: it is in force and says
/// nothing.
///
/// Errors: malformed — no R4 Consent, an element that is not known or that changes the meaning
///         (`modifierExtension`, `implicitRules`), no root type, a date or code that is none;
///         out_of_range — beyond limits.hpp.
Result<std::optional<Directive>> read_consent(const json::Value& consent);

/// `Consent.id`, or empty.
std::string consent_id(const json::Value& consent);

/// A reference as it is compared: without a version.
std::string plain_reference(std::string_view reference);

}  // namespace salus::consent
