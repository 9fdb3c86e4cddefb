#pragma once

#include "consent/directive.hpp"

#include <string>
#include <string_view>

/// Which code lies below which: HL7 v3 ActReason (purposes), v3 ActCode (sensitivities), v3
/// Confidentiality. A rule's code matches a code asked about when that is the same or below it.
/// The chain names the version of the tables that a decision was made with.
/// Source: the code systems of FHIR R4 (4.0.1), read as docs/formats/consent-ir.md §5 says.
namespace salus::consent {

inline constexpr std::uint64_t table_version = 1;

inline constexpr std::string_view act_reason = "http://terminology.hl7.org/CodeSystem/v3-ActReason";
inline constexpr std::string_view act_code = "http://terminology.hl7.org/CodeSystem/v3-ActCode";
inline constexpr std::string_view confidentiality =
    "http://terminology.hl7.org/CodeSystem/v3-Confidentiality";
inline constexpr std::string_view consent_action =
    "http://terminology.hl7.org/CodeSystem/consentaction";

std::string token(std::string_view system, std::string_view code);
/// The one name of a system that goes by several (an OID, the name it had in an older FHIR).
std::string_view canonical_system(std::string_view system) noexcept;
/// A token with its system's one name; a bare code is one of `system`.
std::string canonical_token(std::string_view text, std::string_view system);

/// The code, and every code that it is below.
Items and_above(const std::string& code);
/// The code, and every code below it.
Items and_below(const std::string& code);
/// Whether `asked` is `rule` or below it.
bool is_or_below(const std::string& asked, const std::string& rule);

/// The labels that a rule names by naming `label`: those below it, and in a permit of a
/// confidentiality also every lower one (FHIR R4 Consent.provision.securityLabel: a level names
/// what is labelled so or lower). A deny names its own level alone: "not what is restricted" leaves
/// what is normal as it was (IHE PCF, advanced consent for normal but not restricted data).
Items labels_meant(const std::string& label, bool permit);

/// Whether a purpose is one of research, and so what a consent of scope `research` is about.
bool is_research(const std::string& purpose);

}  // namespace salus::consent
