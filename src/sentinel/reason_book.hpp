#pragma once

#include "sentinel/stream.hpp"

#include <unordered_map>

namespace salus::sentinel {

/// Why an opening was allowed to be: found by an exact join, never guessed.
enum class Explained : std::uint8_t {
    no,
    department,  ///< an encounter, referral, order or care team of the person's department
    person,      ///< a reason that names the person; the person's own record
    emergency,   ///< the glass was broken, and rarely by this person
};

/// What is known of reasons around an opening, explained or not. Gaps are in ms, −1: there is none.
struct Relation {
    Explained explained = Explained::no;
    const Reason* reason = nullptr;
    std::int64_t own_ended = -1;       ///< since the last reason of this person ended
    std::int64_t own_begins = -1;      ///< until the next one begins
    std::int64_t department_gap = -1;  ///< to the nearest reason of the person's department
    std::int64_t patient_ended = -1;   ///< since the patient's last reason of any kind; 0: one runs
    bool cites_other = false;          ///< it names a reason that belongs to another patient
};

/// All reasons by patient. Threads: one at a time.
class ReasonBook {
  public:
    void add(const Reason& reason);
    /// Joins one opening; `dept` is the person's department. Cost: the patient's reasons.
    [[nodiscard]] Relation relate(const StreamEvent& event, std::uint32_t dept) const;
    [[nodiscard]] bool empty() const noexcept { return by_patient_.empty(); }

  private:
    std::unordered_map<std::uint32_t, std::vector<Reason>> by_patient_;
    std::unordered_map<std::uint32_t, std::uint32_t> patient_of_id_;
};

}  // namespace salus::sentinel
