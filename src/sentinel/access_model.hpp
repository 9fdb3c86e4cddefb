#pragma once

#include "sentinel/access_terms.hpp"

#include <unordered_map>

namespace salus::sentinel {

/// What is remembered of one person: fixed size, below 1 KB.
struct UserState {
    struct Opened {
        std::int64_t time = 0;
        std::uint32_t patient = 0;
    };
    std::array<std::uint16_t, 24> hours{};
    std::array<Opened, 24> recent{};       ///< last openings of different patients
    std::array<Opened, 20> unexplained{};  ///< last openings without a reason
    std::array<std::uint32_t, 4> networks{};
    std::array<std::uint32_t, 4> devices{};
    std::int64_t worked = 0;  ///< last opening with a reason
    std::uint32_t openings = 0;
    std::uint32_t role = 0;
    std::uint32_t site = 0;
    std::uint32_t dept = 0;
    std::uint8_t recent_at = 0;
    std::uint8_t unexplained_at = 0;
    std::uint8_t network_at = 0;
    std::uint8_t device_at = 0;
};
static_assert(sizeof(UserState) <= 1024);

struct PatientState {
    struct Visitor {
        std::int64_t time = 0;
        std::uint32_t user = 0;
    };
    std::array<Visitor, 16> unexplained{};
    std::uint32_t dept = 0;  ///< of the last opening with a reason
    std::uint32_t site = 0;
    std::uint8_t at = 0;
};

/// Pairs of numbers with a time and a count: constant memory, the oldest of four goes.
class PairTable {
  public:
    struct Entry {
        std::uint64_t key = 0;
        std::int64_t time = 0;
        std::uint16_t explained = 0;
        std::uint16_t unexplained = 0;
    };
    explicit PairTable(unsigned bits) : entries_(std::size_t{1} << bits) {}
    [[nodiscard]] const Entry* find(std::uint64_t key) const noexcept;
    Entry& touch(std::uint64_t key) noexcept;

  private:
    std::vector<Entry> entries_;
};

/// Counts of answers to "which X does this Y have", for "often, seldom, never".
class HabitTable {
  public:
    /// 0 often (a tenth or more), 1 sometimes, 2 seldom, 3 never, 4 not known yet.
    [[nodiscard]] std::uint8_t answer(std::uint64_t who, std::uint32_t what) const noexcept;
    void learn(std::uint64_t who, std::uint32_t what);

  private:
    static constexpr std::size_t keys_max = 1'000'000;
    std::unordered_map<std::uint64_t, std::uint32_t> sums_;
    std::unordered_map<std::uint64_t, std::uint32_t> counts_;
};

/// A scored opening.
struct Judged {
    double score = 0;
    Relation relation;
    Answers answers{};
    std::array<double, terms> weights{};  ///< of the answers, when it was judged
    Circumstances seen;
    std::uint32_t role = 0;
    std::uint32_t site = 0;
};

/// Scores openings one after the other and learns from each. Memory is bounded per person, patient
/// and pair. Threads: one at a time; no clock.
class AccessModel {
  public:
    explicit AccessModel(const ReasonBook& reasons) : reasons_(reasons) {}
    /// Judges and then learns. Cost: below 2 µs.
    Judged judge(const StreamEvent& event);
    /// Evidence for a score, strongest first; the weights add up to the score.
    [[nodiscard]] static std::vector<Cited> reasons(const Judged& judged);

    /// What having no reason weighs by itself.
    static constexpr double no_reason_weight = 20;
    /// A department's reason takes this much off; one that names the person ends the matter.
    static constexpr double department_relief = -10;
    static constexpr double explained_score = -100;

  private:
    [[nodiscard]] Answers answers(const StreamEvent& event, const Relation& relation,
                                  const UserState& user, const PatientState& patient,
                                  Circumstances& seen) const;
    void relation_answers(Answers& out, const StreamEvent& event, const Relation& relation,
                          const UserState& user, const PatientState& patient) const;
    void counting_answers(Answers& out, const StreamEvent& event, const UserState& user,
                          const PatientState& patient, Circumstances& seen) const;
    void imagine(const StreamEvent& event, const UserState& user);
    void remember(const StreamEvent& event, const Judged& judged, UserState& user,
                  PatientState& patient);
    void limit_emergency(Relation& relation, const StreamEvent& event);

    const ReasonBook& reasons_;
    TermTable table_;
    std::unordered_map<std::uint32_t, UserState> users_;
    std::unordered_map<std::uint32_t, PatientState> patients_;
    std::unordered_map<std::uint32_t, std::array<std::int64_t, 3>> emergencies_;
    std::vector<std::uint32_t> pool_;  ///< patients to imagine openings of
    PairTable person_patient_{21};
    PairTable department_patient_{20};
    HabitTable actions_;
    HabitTable purposes_;
    HabitTable departments_;
    std::uint64_t drawn_ = 1;
};

}  // namespace salus::sentinel
