#pragma once

#include "sentinel/reason_book.hpp"

#include <array>
#include <cstdint>
#include <string>
#include <vector>

namespace salus::sentinel {

/// The kinds of evidence about an opening. Each is a question with a few possible answers ("bins").
enum class Term : std::uint8_t {
    own_relation,     ///< did this person care for the patient, before or soon
    colleagues,       ///< does the person's department know the patient
    presence,         ///< is the patient in care at all
    history,          ///< did this person open this patient before
    hour,             ///< is it this person's time of day
    shift,            ///< was the person at work just now
    department_pair,  ///< do this role and department meet patients of that department
    unexplained_day,  ///< patients opened without a reason within a day
    burst,            ///< patients opened within ten minutes
    fan_in,           ///< other people without a reason at this patient within a week
    records,          ///< records of one opening
    action,           ///< does this role do this
    purpose,          ///< does this role give this purpose
    site,             ///< is the patient known at this site
    place,            ///< a network or device that the person has used
    refused,          ///< the opening was refused
    citation,         ///< the reason it names belongs to another patient
};
inline constexpr std::size_t terms = 17;
inline constexpr std::size_t bins = 8;

std::string_view to_string(Term term) noexcept;

/// The answers of one opening.
using Answers = std::array<std::uint8_t, terms>;

/// One cited piece of evidence. The weights of an opening add up to its score.
struct Cited {
    std::string field;
    std::string text;
    double weight = 0;
};

/// Counts of answers: of openings without reason (nearly all of them harmless) per role, and of
/// what an opening by chance or ill will would answer. Their log ratio is the weight of an answer.
///
/// No labels and no names of roles enter: a hospital's own habits make the weights. An answer that
/// harmless openings never give weighs much, one that they often give weighs nothing.
class TermTable {
  public:
    TermTable();
    [[nodiscard]] double weight(Term term, std::uint8_t answer, std::uint32_t role) const noexcept;
    void learn_harmless(const Answers& answers, std::uint32_t role) noexcept;
    /// What the same person would have answered at a patient picked by chance, at any hour.
    void learn_by_chance(const Answers& answers) noexcept;

    static constexpr std::size_t roles_max = 64;  ///< beyond: roles share a row

  private:
    using Counts = std::array<std::array<float, bins>, terms>;
    Counts by_chance_{};
    Counts harmless_{};
    std::vector<Counts> of_role_;
};

/// What the sentences say beside the answer.
struct Circumstances {
    std::uint32_t unexplained_day = 0;
    std::uint32_t burst = 0;
    std::uint32_t fan_in = 0;
    std::uint32_t records = 1;
    std::uint32_t hour = 0;
};

/// One sentence for an answer, as an officer reads it.
std::string sentence_of(Term term, std::uint8_t answer, const Circumstances& seen);

}  // namespace salus::sentinel
