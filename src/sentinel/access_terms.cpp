#include "sentinel/access_terms.hpp"

#include <algorithm>
#include <cmath>

namespace salus::sentinel {

namespace {

constexpr std::array<std::string_view, terms> term_names{
    "relation",   "colleagues",  "patient", "history", "hour",    "shift",
    "department", "unexplained", "burst",   "fan-in",  "records", "action",
    "purpose",    "site",        "place",   "refused", "citation"};

/// Before anything is learnt: how an opening by ill will answers, and a harmless one.
struct Prior {
    std::array<float, bins> ill;
    std::array<float, bins> harmless;
    bool by_chance;  ///< the ill side is learnt from openings by chance
};

constexpr std::array<Prior, terms> priors{{
    {{1, 1, 2, 1, 40}, {8, 5, 3, 4, 12}, true},                            // own relation
    {{1, 2, 4, 8, 40}, {10, 8, 5, 3, 12}, true},                           // colleagues
    {{4, 3, 6, 6, 30}, {10, 8, 6, 4, 8}, true},                            // presence
    {{40, 1, 2, 1}, {14, 8, 6, 3}, true},                                  // history
    {{3, 4, 5, 6, 6, 2}, {12, 8, 4, 2, 1, 2}, true},                       // hour
    {{8, 6, 5, 5, 8}, {14, 8, 4, 2, 3}, false},                            // shift
    {{4, 6, 10, 10, 10}, {14, 6, 3, 2, 6}, true},                          // department pair
    {{12, 6, 4, 4, 6, 7, 7, 7}, {24, 8, 4, 2, 1, .5, .2F, .1F}, false},    // unexplained of a day
    {{14, 6, 3, 3, 5, 6, 6, 6}, {16, 10, 6, 3, 1, .4F, .2F, .1F}, false},  // burst
    {{20, 5, 4, 6, 6, 6}, {30, 4, 1.5F, .7F, .3F, .1F}, false},            // fan-in
    {{8, 5, 5, 5, 6, 6}, {20, 8, 4, 2, .7F, .3F}, false},                  // records
    {{10, 6, 6, 6, 4}, {24, 5, 1.5F, .5F, 4}, false},                      // action
    {{10, 6, 6, 6, 4}, {24, 5, 1.5F, .5F, 4}, false},                      // purpose
    {{10, 16, 8}, {20, 3, 4}, true},                                       // site
    {{16, 10, 8}, {20, 3, 8}, false},                                      // place
    {{12, 4}, {20, 2}, false},                                             // refused
    {{14, 4}, {30, .3F}, false},                                           // citation
}};

/// The most that an answer may weigh. What harmless people also do now and then (a long record, an
/// unusual action) is a hint and must not drown what was learnt about relations.
constexpr std::array<double, terms> weight_max{4, 4,   4,   4,   2.5, 1.5, 3,  5, 5,
                                               6, 1.2, 1.5, 1.5, 2,   1.5, .7, 3};
constexpr double weight_min = -3;
constexpr std::uint8_t none = bins;
constexpr std::array<std::uint8_t, terms> unknown_answer{
    none, none, 4, none, 5, none, 4, none, none, none, none, 4, 4, 2, 2, none, none};
/// How many observations of a role outweigh what all roles do.
constexpr float role_inertia = 60;

const char* quantity(std::uint32_t n) {
    return n == 1 ? "" : "s";
}

std::string count_of(std::uint32_t n, const char* one) {
    return std::to_string(n) + " " + one + quantity(n);
}

using Texts = std::array<const char*, bins>;

constexpr std::array<Texts, terms> texts{{
    {"The person cared for the patient until two days ago or less.",
     "The person cared for the patient within the last two weeks.",
     "The person cared for the patient longer ago.", "The person will soon care for the patient.",
     "No encounter, referral, order or care team ever connected the two."},
    {"The department knows the patient now.", "A colleague cared for the patient within two days.",
     "A colleague cared for the patient within two weeks.",
     "The department knew the patient longer ago.",
     "Nobody of the person's department ever cared for the patient."},
    {"The patient is in care now.", "The patient was in care within the last week.",
     "The patient was in care within two months.", "The patient has been in care before.",
     "The patient is in nobody's care."},
    {"The person never opened this patient before.",
     "The person opened this patient before, with a reason.",
     "The person opened this patient once before, without a reason.",
     "The person keeps opening this patient without a reason."},
    {"It is the person's usual time of day.", "The person often works at this time of day.",
     "The person seldom works at this time of day.",
     "The person hardly ever works at this time of day.",
     "The person never works at this time of day.", "The person's working hours are not known."},
    {"The person was at work within the hour.", "The person was at work within four hours.",
     "The person was last at work more than four hours ago.",
     "The person was last at work more than twelve hours ago.",
     "The person was not at work for more than a day and a half."},
    {"This role and department often meet such patients.",
     "This role and department sometimes meet such patients.",
     "This role and department seldom meet such patients.",
     "This role and department never met such patients.",
     "Which department the patient belongs to is not known."},
    {},
    {},
    {},
    {},
    {"People of this role do this often.", "People of this role do this sometimes.",
     "People of this role seldom do this.", "People of this role never did this before.",
     "What was done is not known."},
    {"People of this role often give this purpose.",
     "People of this role sometimes give this purpose.",
     "People of this role seldom give this purpose.",
     "People of this role never gave this purpose before.", "No purpose was given."},
    {"The patient is known at this site.", "The patient is known at another site only.",
     "At which site the patient is known is not on file."},
    {"It came from where this person usually works.",
     "It came from a network or device that this person has not used before.",
     "Where it came from is not known."},
    {"It was permitted.", "It was refused."},
    {"It names no reason of another patient.", "The reason it names belongs to another patient."},
}};

}  // namespace

std::string_view to_string(Term term) noexcept {
    return term_names[static_cast<std::size_t>(term)];
}

TermTable::TermTable() : of_role_(roles_max, Counts{}) {
    for (std::size_t t = 0; t < terms; ++t) {
        by_chance_[t] = priors[t].ill;
        harmless_[t] = priors[t].harmless;
    }
}

double TermTable::weight(Term term, std::uint8_t answer, std::uint32_t role) const noexcept {
    const auto t = static_cast<std::size_t>(term);
    const std::array<float, bins>& ill = by_chance_[t];
    const std::array<float, bins>& all = harmless_[t];
    const std::array<float, bins>& own = of_role_[role % roles_max][t];
    float ill_sum = 0;
    float all_sum = 0;
    float own_sum = 0;
    for (std::size_t b = 0; b < bins; ++b) {
        ill_sum += ill[b];
        all_sum += all[b];
        own_sum += own[b];
    }
    const float share_all = (all[answer] + 0.05F) / (all_sum + 0.05F * bins);
    const float share = (own[answer] + role_inertia * share_all) / (own_sum + role_inertia);
    const float share_ill = (ill[answer] + 0.5F) / (ill_sum + 0.5F * bins);
    // What is not known speaks for nobody.
    const double least = unknown_answer[t] == answer ? 0 : weight_min;
    return std::clamp(static_cast<double>(std::log(share_ill / share)), least, weight_max[t]);
}

void TermTable::learn_harmless(const Answers& answers, std::uint32_t role) noexcept {
    for (std::size_t t = 0; t < terms; ++t) {
        harmless_[t][answers[t]] += 1;
        of_role_[role % roles_max][t][answers[t]] += 1;
    }
}

void TermTable::learn_by_chance(const Answers& answers) noexcept {
    for (std::size_t t = 0; t < terms; ++t)
        if (priors[t].by_chance) by_chance_[t][answers[t]] += 1;
}

std::string sentence_of(Term term, std::uint8_t answer, const Circumstances& seen) {
    switch (term) {
        case Term::unexplained_day:
            return "Within a day the person opened " + count_of(seen.unexplained_day, "patient") +
                   " without a reason.";
        case Term::burst:
            return "Within ten minutes the person opened " + count_of(seen.burst, "patient") + ".";
        case Term::fan_in:
            return "Within a week " + count_of(seen.fan_in, "other person") +
                   " opened this patient without a reason.";
        case Term::records:
            return "The opening took " + count_of(seen.records, "record") + ".";
        case Term::hour:
            return std::string(texts[static_cast<std::size_t>(term)][answer]) + " (" +
                   std::to_string(seen.hour) + " o'clock)";
        default: {
            const char* text = texts[static_cast<std::size_t>(term)][answer];
            return text == nullptr ? "" : text;
        }
    }
}

}  // namespace salus::sentinel
