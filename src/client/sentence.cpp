#include "client/sentence.hpp"

#include "crypto/hash.hpp"

#include <array>
#include <utility>

namespace salus::client {
namespace {

constexpr std::int64_t day_ms = 86'400'000;

constexpr std::array<std::string_view, 12> months{"January",   "February", "March",    "April",
                                                  "May",       "June",     "July",     "August",
                                                  "September", "October",  "November", "December"};

/// HL7 v3 ActReason, in the words of a patient.
constexpr std::array<std::pair<std::string_view, std::string_view>, 6> purposes{{
    {"TREAT", "treatment"},
    {"ETREAT", "emergency treatment"},
    {"HRESCH", "medical research"},
    {"HPAYMT", "billing"},
    {"PATRQT", "a request of mine"},
    {"HOPERAT", "running the hospital"},
}};

/// "a", "a and b", "a, b and c".
std::string listed(const std::vector<std::string>& items) {
    std::string out;
    for (std::size_t i = 0; i < items.size(); ++i) {
        if (i > 0) out += i + 1 == items.size() ? " and " : ", ";
        out += items[i];
    }
    return out;
}

std::string grantee_words(const SentenceParts& parts) {
    switch (parts.grantee_kind) {
        case GranteeKind::person:
            return parts.grantee;
        case GranteeKind::organisation:
            // Both hold: the node lets members in only, and only the key opens.
            return "Everybody at " + parts.grantee + " who has its key";
        case GranteeKind::role:
            return "Every " + parts.role + " of " + parts.grantee;
    }
    return parts.grantee;
}

std::string action_words(const std::vector<std::string>& actions) {
    std::vector<std::string> words;
    for (const std::string& action : actions) {
        words.push_back(action == "access" ? "open" : action == "write" ? "add to" : action);
    }
    return listed(words);
}

struct Date {
    std::int64_t year, month, day;
};

/// Days since 1970 to year, month and day in UTC (the civil-from-days algorithm of H. Hinnant).
Date date_of(UnixMillis time) {
    const std::int64_t days = (time.value >= 0 ? time.value : time.value - day_ms + 1) / day_ms;
    const std::int64_t shifted = days + 719'468;
    const std::int64_t era = (shifted >= 0 ? shifted : shifted - 146'096) / 146'097;
    const std::int64_t day_of_era = shifted - era * 146'097;
    const std::int64_t year_of_era =
        (day_of_era - day_of_era / 1'460 + day_of_era / 36'524 - day_of_era / 146'096) / 365;
    const std::int64_t day_of_year =
        day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    const std::int64_t from_march = (5 * day_of_year + 2) / 153;
    const std::int64_t day = day_of_year - (153 * from_march + 2) / 5 + 1;
    const std::int64_t month = from_march < 10 ? from_march + 3 : from_march - 9;
    return {year_of_era + era * 400 + (month <= 2 ? 1 : 0), month, day};
}

}  // namespace

std::string plain_date(UnixMillis time) {
    const Date date = date_of(time);
    std::string out = std::to_string(date.day);
    out += ' ';
    out += months[static_cast<std::size_t>(date.month - 1)];
    out += ' ';
    return out + std::to_string(date.year);
}

std::string iso_date(UnixMillis time) {
    const Date date = date_of(time);
    const auto two = [](std::int64_t number) {
        return std::string(number < 10 ? "-0" : "-") + std::to_string(number);
    };
    return std::to_string(date.year) + two(date.month) + two(date.day);
}

std::string purpose_word(std::string_view code) {
    for (const auto& [known, word] : purposes) {
        if (known == code) return std::string(word);
    }
    return std::string(code);
}

std::string consent_sentence(const SentenceParts& parts) {
    std::vector<std::string> reasons;
    for (const std::string& purpose : parts.purposes) reasons.push_back(purpose_word(purpose));
    std::string out = grantee_words(parts);
    out += parts.permit ? " may " : " may not ";
    out += action_words(parts.actions);
    out += parts.everything ? std::string(" everything of mine") : " my " + listed(parts.what);
    out += " for " + listed(reasons);
    out += ", from " + plain_date(parts.from) + " until " + plain_date(parts.until) + " (UTC).";
    // Who may only add is told apart from who reads, in so many words.
    if (parts.permit && parts.actions == std::vector<std::string>{"write"})
        out += " " + grantee_words(parts) + " may not read my records.";
    return out;
}

std::string record_words(std::string_view title, UnixMillis of) {
    return "single record “" + std::string(title) + "” of " + plain_date(of);
}

Digest text_hash(std::string_view sentence) {
    return crypto::sha256(as_bytes(sentence));
}

}  // namespace salus::client
