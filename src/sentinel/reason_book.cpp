#include "sentinel/reason_book.hpp"

#include <algorithm>

namespace salus::sentinel {

namespace {

void keep_nearer(std::int64_t& known, std::int64_t gap) {
    if (known < 0 || gap < known) known = gap;
}

/// Time between a moment and an interval; 0 inside.
std::int64_t gap_to(const Reason& reason, std::int64_t time) {
    if (time < reason.from) return reason.from - time;
    return time > reason.until ? time - reason.until : 0;
}

/// A consent that names no person says only that the organisation may.
bool joins_department(const Reason& reason, const StreamEvent& event, std::uint32_t dept) {
    if (reason.kind == StreamKind::grant) return false;
    if (reason.dept != 0) return reason.dept == dept;
    const bool cited = reason.id != 0 && std::find(event.refs.begin(), event.refs.end(),
                                                   reason.id) != event.refs.end();
    return reason.user == 0 && cited;
}

}  // namespace

void ReasonBook::add(const Reason& reason) {
    by_patient_[reason.patient].push_back(reason);
    if (reason.id != 0) patient_of_id_.emplace(reason.id, reason.patient);
}

Relation ReasonBook::relate(const StreamEvent& event, std::uint32_t dept) const {
    Relation out;
    if (event.user == event.patient) out.explained = Explained::person;
    const auto found = by_patient_.find(event.patient);
    if (found != by_patient_.end()) {
        for (const Reason& reason : found->second) {
            const bool own = reason.user != 0 && reason.user == event.user;
            const bool of_department = joins_department(reason, event, dept);
            const std::int64_t gap = gap_to(reason, event.time);
            if (gap == 0 && own && out.explained != Explained::person) {
                out.explained = Explained::person;
                out.reason = &reason;
            } else if (gap == 0 && of_department && out.explained == Explained::no) {
                out.explained = Explained::department;
                out.reason = &reason;
            }
            const bool to_come = event.time < reason.from;
            if (own) keep_nearer(to_come ? out.own_begins : out.own_ended, gap);
            if (of_department) keep_nearer(out.department_gap, gap);
            if (!to_come && reason.kind != StreamKind::grant) keep_nearer(out.patient_ended, gap);
        }
    }
    for (const std::uint32_t id : event.refs) {
        const auto cited = patient_of_id_.find(id);
        out.cites_other =
            out.cites_other || (cited != patient_of_id_.end() && cited->second != event.patient);
    }
    return out;
}

}  // namespace salus::sentinel
