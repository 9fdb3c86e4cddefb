#pragma once

#include "base/bytes.hpp"
#include "base/strong.hpp"

#include <string>
#include <string_view>
#include <vector>

/// The sentence a person agrees to, made from the same parts as the directive that is signed, so
/// that the command line and the portal show one text for one meaning. Portable: no library, no
/// locale, no clock.
namespace salus::client {

enum class GranteeKind : std::uint8_t { person, organisation, role };

struct SentenceParts {
    bool permit = true;
    GranteeKind grantee_kind = GranteeKind::person;
    std::string grantee;  ///< display name; of a role: the organisation's
    std::string role;     ///< grantee_kind role only: `clinician`, …
    bool everything = false;
    std::vector<std::string>
        what;  ///< names of collections, records or categories, as the owner calls them
    std::vector<std::string> purposes;  ///< ActReason codes
    std::vector<std::string> actions;   ///< `access`, `write`
    UnixMillis from;
    UnixMillis until;
};

/// "Dr. Ana Silva may open your Laboratory and Notes for treatment, from 24 November 2026 until 24
/// December 2026 (UTC)."
std::string consent_sentence(const SentenceParts& parts);
/// One record among the `what` of a sentence: "single record “Walks again” of 24 November 2026".
std::string record_words(std::string_view title, UnixMillis of);
/// SHA-256 of the sentence: field 3 of `consent.put`.
Digest text_hash(std::string_view sentence);

/// "24 November 2026" in UTC.
std::string plain_date(UnixMillis time);
/// "2026-11-24" in UTC.
std::string iso_date(UnixMillis time);
/// "treatment" for TREAT; an unknown code stays as it is.
std::string purpose_word(std::string_view code);

}  // namespace salus::client
