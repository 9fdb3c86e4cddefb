#include "sentinel/access_model.hpp"

#include "sentinel/edge_sketch.hpp"

#include <algorithm>
#include <bit>
#include <cmath>

namespace salus::sentinel {

namespace {

constexpr std::int64_t minute_ms = 60'000;
constexpr std::int64_t hour_ms = 60 * minute_ms;
constexpr std::int64_t day_ms = 24 * hour_ms;
constexpr std::size_t pool_max = 65'536;
/// One in so many explained openings is also imagined at a patient by chance.
constexpr std::uint64_t imagine_every = 16;

std::uint64_t pair_key(std::uint32_t a, std::uint32_t b) noexcept {
    return mix64((std::uint64_t{a} << 32U | b) + 0x9e3779b97f4a7c15ULL);
}

void set(Answers& answers, Term term, std::size_t answer) {
    answers[static_cast<std::size_t>(term)] = static_cast<std::uint8_t>(answer);
}

/// 0 for none, 1, 2, then doubling.
std::size_t doubling(std::uint32_t n, std::size_t last) {
    return std::min<std::size_t>(std::bit_width(n), last);
}

std::uint32_t hour_of(std::int64_t time) {
    return static_cast<std::uint32_t>(((time % day_ms) + day_ms) % day_ms / hour_ms);
}

/// How seldom a person works at an hour: shoulders count half, so that a shift has soft ends.
std::size_t hour_answer(const UserState& user, std::uint32_t hour) {
    double sum = 0;
    for (const std::uint16_t n : user.hours) sum += n;
    if (sum < 20) return 5;
    const double here =
        user.hours[hour] + 0.5 * user.hours[(hour + 1) % 24] + 0.5 * user.hours[(hour + 23) % 24];
    const double ratio = (here / 2 + 0.2) / (sum + 4.8) * 24;
    if (ratio >= 1) return 0;
    if (ratio >= 0.4) return 1;
    if (ratio >= 0.12) return 2;
    return ratio >= 0.04 ? 3 : 4;
}

template <std::size_t N>
std::uint32_t different_since(const std::array<UserState::Opened, N>& opened, std::int64_t since,
                              std::uint32_t patient) {
    std::array<std::uint32_t, N> seen{};
    std::size_t count = 0;
    for (const auto& one : opened) {
        if (one.patient == 0 || one.time < since || one.patient == patient) continue;
        const auto* const end = seen.data() + count;
        if (std::find(static_cast<const std::uint32_t*>(seen.data()), end, one.patient) == end)
            seen[count++] = one.patient;
    }
    return static_cast<std::uint32_t>(count);
}

bool among(const std::array<std::uint32_t, 4>& known, std::uint32_t one) {
    return std::find(known.begin(), known.end(), one) != known.end();
}

void note_place(std::array<std::uint32_t, 4>& known, std::uint8_t& at, std::uint32_t one) {
    if (one == 0 || among(known, one)) return;
    known[at] = one;
    at = static_cast<std::uint8_t>((at + 1) % known.size());
}

std::size_t age_answer(std::int64_t gap) {
    return gap <= 2 * day_ms ? 0 : gap <= 14 * day_ms ? 1 : 2;
}

}  // namespace

const PairTable::Entry* PairTable::find(std::uint64_t key) const noexcept {
    const std::size_t base = (key % entries_.size()) & ~std::size_t{3};
    for (std::size_t i = base; i < base + 4; ++i)
        if (entries_[i].key == key) return &entries_[i];
    return nullptr;
}

PairTable::Entry& PairTable::touch(std::uint64_t key) noexcept {
    const std::size_t base = (key % entries_.size()) & ~std::size_t{3};
    std::size_t oldest = base;
    for (std::size_t i = base; i < base + 4; ++i) {
        if (entries_[i].key == key) return entries_[i];
        if (entries_[i].key == 0 || entries_[i].time < entries_[oldest].time) oldest = i;
        if (entries_[i].key == 0) break;
    }
    entries_[oldest] = {key, 0, 0, 0};
    return entries_[oldest];
}

std::uint8_t HabitTable::answer(std::uint64_t who, std::uint32_t what) const noexcept {
    if (what == 0) return 4;
    const auto sum = sums_.find(who);
    if (sum == sums_.end() || sum->second < 20) return 4;
    const auto count = counts_.find(mix64(who) ^ what);
    if (count == counts_.end()) return 3;
    const double share = static_cast<double>(count->second) / sum->second;
    if (share >= 0.1) return 0;
    return share >= 0.01 ? 1 : 2;
}

void HabitTable::learn(std::uint64_t who, std::uint32_t what) {
    if (what == 0 || counts_.size() >= keys_max) return;
    ++sums_[who];
    ++counts_[mix64(who) ^ what];
}

void AccessModel::relation_answers(Answers& out, const StreamEvent& event, const Relation& relation,
                                   const UserState& user, const PatientState& patient) const {
    const std::uint32_t dept = user.dept;
    const std::int64_t soon = 7 * day_ms;
    const bool upcoming = relation.own_begins >= 0 && relation.own_begins <= soon;
    set(out, Term::own_relation,
        relation.own_ended >= 0 ? age_answer(relation.own_ended)
        : upcoming              ? 3
                                : 4);
    std::size_t colleagues = 4;
    if (relation.department_gap >= 0) {
        colleagues = relation.department_gap == 0 ? 0 : 1 + age_answer(relation.department_gap);
    } else if (const auto* known = department_patient_.find(pair_key(dept, event.patient))) {
        colleagues = 1 + age_answer(std::max<std::int64_t>(event.time - known->time, 0));
    }
    set(out, Term::colleagues, colleagues);
    const std::int64_t ended = relation.patient_ended;
    set(out, Term::presence,
        ended == 0                          ? 0
        : ended > 0 && ended <= soon        ? 1
        : ended > 0 && ended <= 60 * day_ms ? 2
        : ended > 0 || patient.dept != 0    ? 3
                                            : 4);
    std::size_t history = 0;
    if (const auto* known = person_patient_.find(pair_key(event.user, event.patient)))
        history = known->explained > 0 ? 1 : known->unexplained > 1 ? 3 : 2;
    set(out, Term::history, history);
    const std::uint64_t who = std::uint64_t{user.role} << 32U | dept;
    set(out, Term::department_pair, departments_.answer(who, patient.dept));
    set(out, Term::site,
        patient.site == 0 || user.site == 0 ? 2
        : patient.site == user.site         ? 0
                                            : 1);
}

void AccessModel::counting_answers(Answers& out, const StreamEvent& event, const UserState& user,
                                   const PatientState& patient, Circumstances& seen) const {
    seen.unexplained_day =
        1 + different_since(user.unexplained, event.time - day_ms, event.patient);
    seen.burst = 1 + different_since(user.recent, event.time - 10 * minute_ms, event.patient);
    std::array<std::uint32_t, 16> visitors{};
    for (const auto& one : patient.unexplained) {
        const bool counts = one.user != 0 && one.user != event.user &&
                            one.time >= event.time - 7 * day_ms &&
                            std::find(visitors.begin(), visitors.end(), one.user) == visitors.end();
        if (counts) visitors[seen.fan_in++] = one.user;
    }
    seen.records = static_cast<std::uint32_t>(event.records);
    set(out, Term::unexplained_day,
        std::min<std::size_t>(seen.unexplained_day <= 2 ? seen.unexplained_day - 1
                                                        : doubling(seen.unexplained_day - 1, 6),
                              7));
    set(out, Term::burst, doubling(seen.burst - 1, 7));
    set(out, Term::fan_in, doubling(seen.fan_in, 5));
    set(out, Term::records, doubling(std::min(seen.records, 1'000'000U), 6) - 1);
}

Answers AccessModel::answers(const StreamEvent& event, const Relation& relation,
                             const UserState& user, const PatientState& patient,
                             Circumstances& seen) const {
    Answers out{};
    relation_answers(out, event, relation, user, patient);
    counting_answers(out, event, user, patient, seen);
    seen.hour = hour_of(event.time);
    set(out, Term::hour, hour_answer(user, seen.hour));
    const std::int64_t rest = user.worked == 0 ? 2 * day_ms : event.time - user.worked;
    set(out, Term::shift,
        rest <= hour_ms        ? 0
        : rest <= 4 * hour_ms  ? 1
        : rest <= 12 * hour_ms ? 2
        : rest <= 36 * hour_ms ? 3
                               : 4);
    const std::uint64_t role = std::uint64_t{user.role} << 1U;
    set(out, Term::action, actions_.answer(role, event.action));
    set(out, Term::purpose, purposes_.answer(role, event.purpose));
    const bool said = (event.network != 0 && user.network_at + user.networks[0] != 0) ||
                      (event.device != 0 && user.device_at + user.devices[0] != 0);
    const bool fresh = (event.network != 0 && !among(user.networks, event.network)) ||
                       (event.device != 0 && !among(user.devices, event.device));
    set(out, Term::place, !said ? 2 : fresh ? 1 : 0);
    set(out, Term::refused, event.refused ? 1 : 0);
    set(out, Term::citation, relation.cites_other ? 1 : 0);
    return out;
}

/// The same person at a patient picked by chance, at any hour: what ill will without a plan does.
void AccessModel::imagine(const StreamEvent& event, const UserState& user) {
    if (pool_.size() < 100) return;
    drawn_ = mix64(drawn_ + 0x9e3779b97f4a7c15ULL);
    StreamEvent other;
    other.user = event.user;
    other.patient = pool_[drawn_ % pool_.size()];
    if (other.patient == event.patient) return;
    other.time = event.time - event.time % day_ms +
                 static_cast<std::int64_t>((drawn_ >> 32U) % 24) * hour_ms;
    const Relation relation = reasons_.relate(other, user.dept);
    if (relation.explained != Explained::no) return;
    const auto patient = patients_.find(other.patient);
    Circumstances seen;
    static const PatientState unknown;
    table_.learn_by_chance(answers(other, relation, user,
                                   patient == patients_.end() ? unknown : patient->second, seen));
}

/// Breaking the glass explains an opening, but not the fourth of a day.
void AccessModel::limit_emergency(Relation& relation, const StreamEvent& event) {
    if (!event.emergency || relation.explained != Explained::no) return;
    auto& times = emergencies_[event.user];
    const auto oldest = std::min_element(times.begin(), times.end());
    const bool rare = *oldest == 0 || event.time - *oldest > day_ms;
    *oldest = event.time;
    if (rare) relation.explained = Explained::emergency;
}

void AccessModel::remember(const StreamEvent& event, const Judged& judged, UserState& user,
                           PatientState& patient) {
    const bool explained = judged.relation.explained != Explained::no;
    auto& pair = person_patient_.touch(pair_key(event.user, event.patient));
    pair.time = event.time;
    auto& count = explained ? pair.explained : pair.unexplained;
    if (count < 0xffff) ++count;
    user.recent[user.recent_at] = {event.time, event.patient};
    user.recent_at = static_cast<std::uint8_t>((user.recent_at + 1U) % user.recent.size());
    if (user.hours[judged.seen.hour] == 0xffff)
        for (auto& n : user.hours) n = static_cast<std::uint16_t>(n / 2);
    ++user.openings;
    if (!explained) {
        user.unexplained[user.unexplained_at] = {event.time, event.patient};
        user.unexplained_at =
            static_cast<std::uint8_t>((user.unexplained_at + 1U) % user.unexplained.size());
        patient.unexplained[patient.at] = {event.time, event.user};
        patient.at = static_cast<std::uint8_t>((patient.at + 1U) % patient.unexplained.size());
        table_.learn_harmless(judged.answers, user.role);
        // Only what has a reason teaches habits: who does wrong for long must not make it usual.
        // A log without any reasons has nothing better to teach.
        if (!reasons_.empty()) return;
    }
    ++user.hours[judged.seen.hour];
    user.worked = event.time;
    note_place(user.networks, user.network_at, event.network);
    note_place(user.devices, user.device_at, event.device);
    department_patient_.touch(pair_key(user.dept, event.patient)).time = event.time;
    const std::uint64_t role = std::uint64_t{user.role} << 1U;
    actions_.learn(role, event.action);
    purposes_.learn(role, event.purpose);
    if (patient.dept != 0)
        departments_.learn(std::uint64_t{user.role} << 32U | user.dept, patient.dept);
    patient.dept = user.dept;
    patient.site = user.site;
}

Judged AccessModel::judge(const StreamEvent& event) {
    UserState& user = users_[event.user];
    PatientState& patient = patients_[event.patient];
    if (event.role != 0) user.role = event.role;
    if (event.site != 0) user.site = event.site;
    if (event.dept != 0) user.dept = event.dept;
    Judged out;
    out.role = user.role;
    out.site = user.site;
    out.relation = reasons_.relate(event, user.dept);
    limit_emergency(out.relation, event);
    out.answers = answers(event, out.relation, user, patient, out.seen);
    double sum = 0;
    for (std::size_t t = 0; t < terms; ++t) {
        out.weights[t] = table_.weight(static_cast<Term>(t), out.answers[t], user.role);
        sum += out.weights[t];
    }
    const Explained explained = out.relation.explained;
    out.score = explained == Explained::no           ? sum + no_reason_weight
                : explained == Explained::department ? sum + department_relief
                                                     : explained_score + sum;
    drawn_ = mix64(drawn_ + 0x9e3779b97f4a7c15ULL);
    if (explained == Explained::no || drawn_ % imagine_every == 0) imagine(event, user);
    if (pool_.size() < pool_max) {
        pool_.push_back(event.patient);
    } else {
        pool_[drawn_ % pool_max] = event.patient;
    }
    remember(event, out, user, patient);
    return out;
}

std::vector<Cited> AccessModel::reasons(const Judged& judged) {
    std::vector<Cited> out;
    const Explained explained = judged.relation.explained;
    if (explained == Explained::no) {
        out.push_back({"reason",
                       "No consent that names the person, encounter, referral, order or care team "
                       "explains the opening.",
                       no_reason_weight});
    } else {
        out.push_back({"reason", "A reason is on file.",
                       explained == Explained::department ? department_relief : explained_score});
    }
    for (std::size_t t = 0; t < terms; ++t) {
        const auto term = static_cast<Term>(t);
        const double weight = judged.weights[t];
        out.push_back({std::string(to_string(term)),
                       sentence_of(term, judged.answers[t], judged.seen), weight});
    }
    std::stable_sort(out.begin(), out.end(),
                     [](const Cited& a, const Cited& b) { return a.weight > b.weight; });
    return out;
}

}  // namespace salus::sentinel
