#include "sentinel/watch.hpp"

#include <algorithm>

namespace salus::sentinel {

namespace {

const std::vector<std::string> places{"consent that names this person",
                                      "encounter",
                                      "referral",
                                      "order",
                                      "care team",
                                      "own record",
                                      "emergency access"};

std::string plural(std::uint64_t n, std::string_view one) {
    return std::to_string(n) + " " + std::string(one) + (n == 1 ? "" : "s");
}

template <class Queue, class TimeOf>
void forget_before(Queue& queue, std::int64_t limit, TimeOf time_of) {
    while (!queue.empty() && time_of(queue.front()) < limit) queue.pop_front();
}

template <class Queue>
void keep_newest(Queue& queue, std::size_t count) {
    while (queue.size() > count) queue.pop_front();
}

Alert unexplained_alert(const AccessEvent& event) {
    Alert alert;
    alert.time = event.time;
    alert.kind = AlertKind::unexplained;
    alert.actor = event.actor;
    alert.patient = event.patient;
    alert.score = 60;
    alert.sentence = event.actor_name + " opened " + plural(event.records, "record") +
                     " of a patient with whom no reason connects them.";
    alert.evidence = {{"who", event.actor_name},
                      {"what", plural(event.records, "record") + ", purpose " + event.purpose},
                      {"permitted by", "a consent that names the organisation, not the person"}};
    alert.searched = places;
    alert.events = {event.sequence};
    return alert;
}

}  // namespace

void Watch::add_context(const Context& context) {
    std::deque<Context>& known = contexts_.touch({context.patient, context.user});
    known.push_back(context);
    if (known.size() <= limits_.contexts_of_pair_max) return;
    // The one that ended first explains the least of what is still to come.
    known.erase(std::min_element(known.begin(), known.end(),
                                 [](const auto& a, const auto& b) { return a.until < b.until; }));
}

const Context* Watch::find_context(const AccessEvent& event) const {
    const std::deque<Context>* known = contexts_.find({event.patient, event.actor});
    if (known == nullptr) return nullptr;
    for (const Context& context : *known) {
        if (context.from <= event.time && event.time < context.until) return &context;
    }
    return nullptr;
}

std::optional<Explanation> Watch::explain(const AccessEvent& event) const {
    if (event.via == Via::own) return Explanation{"own", "The owner opened their own record."};
    if (event.via == Via::author)
        return Explanation{"author", "Its author read again what they had added."};
    if (event.via == Via::person)
        return Explanation{"consent", "The patient's consent names this person."};
    if (const Context* context = find_context(event)) {
        return Explanation{std::string(to_string(context->kind)),
                           "The consent names the organisation, and the hospital's " +
                               std::string(to_string(context->kind)) + " " + context->id +
                               " connects the two."};
    }
    return std::nullopt;
}

std::optional<Alert> Watch::count_opening(const AccessEvent& event) {
    Recent& recent = recent_.touch(event.actor);
    const std::int64_t start = event.time.value - limits_.window_ms;
    forget_before(recent.opened, start, [](const auto& e) { return e.first.value; });
    recent.opened.emplace_back(event.time, event.patient);
    keep_newest(recent.opened, limits_.times_max);
    std::set<AccountId> patients;
    for (const auto& [time, patient] : recent.opened) patients.insert(patient);
    if (patients.size() < limits_.patients_in_window || recent.last_burst.value > start)
        return std::nullopt;
    recent.last_burst = event.time;
    Alert alert;
    alert.time = event.time;
    alert.kind = AlertKind::burst_of_openings;
    alert.actor = event.actor;
    alert.score = 80;
    alert.sentence = event.actor_name + " opened the records of " +
                     std::to_string(patients.size()) + " patients within " +
                     std::to_string(limits_.window_ms / 60'000) + " minutes.";
    alert.evidence = {{"who", event.actor_name},
                      {"patients", std::to_string(patients.size())},
                      {"usual limit", "fewer than " + std::to_string(limits_.patients_in_window)}};
    alert.events = {event.sequence};
    return alert;
}

std::optional<Alert> Watch::count_refusal(const AccessEvent& event) {
    Recent& recent = recent_.touch(event.actor);
    forget_before(recent.refused, event.time.value - limits_.window_ms,
                  [](UnixMillis t) { return t.value; });
    recent.refused.push_back(event.time);
    keep_newest(recent.refused, limits_.times_max);
    if (recent.refused.size() != limits_.refusals_in_window) return std::nullopt;
    Alert alert;
    alert.time = event.time;
    alert.kind = AlertKind::burst_of_refusals;
    alert.actor = event.actor;
    alert.score = 70;
    alert.sentence = event.actor_name + " was refused " + plural(recent.refused.size(), "time") +
                     " within " + std::to_string(limits_.window_ms / 60'000) + " minutes.";
    alert.evidence = {{"who", event.actor_name},
                      {"refused", plural(recent.refused.size(), "time")}};
    alert.events = {event.sequence};
    return alert;
}

Watch::Seen Watch::on_access(const AccessEvent& event) {
    Seen seen;
    if (event.via == Via::refused) {
        if (auto alert = count_refusal(event)) seen.alerts.push_back(std::move(*alert));
        return seen;
    }
    seen.explanation = explain(event);
    if (!seen.explanation) seen.alerts.push_back(unexplained_alert(event));
    if (event.via != Via::own) {
        if (auto alert = count_opening(event)) seen.alerts.push_back(std::move(*alert));
    }
    return seen;
}

bool Watch::count_failure(std::deque<UnixMillis>& failures, UnixMillis& reported, UnixMillis now,
                          std::size_t threshold) {
    const std::int64_t start = now.value - limits_.window_ms;
    forget_before(failures, start, [](UnixMillis t) { return t.value; });
    failures.push_back(now);
    keep_newest(failures, limits_.times_max);
    if (failures.size() < threshold || reported.value > start) return false;
    reported = now;
    return true;
}

std::vector<Alert> Watch::on_login(const LoginEvent& event) {
    std::vector<Alert> alerts;
    if (event.succeeded) return alerts;
    const std::string minutes = std::to_string(limits_.window_ms / 60'000);
    const auto raise = [&](std::string sentence, Evidence evidence, std::uint32_t score) {
        Alert alert;
        alert.time = event.time;
        alert.kind = AlertKind::burst_of_logins;
        alert.score = score;
        alert.sentence = std::move(sentence);
        alert.evidence = {std::move(evidence), {"network", event.network}};
        alerts.push_back(std::move(alert));
    };
    Failures& subject = by_subject_.touch(event.subject);
    if (count_failure(subject.times, subject.reported, event.time, limits_.failures_of_name)) {
        // An officer knows the staff; a patient's label and an unknown name's hash say nothing
        // more.
        const std::string who = event.shown.empty() ? "A name without account" : event.shown;
        raise(who + " saw " + std::to_string(subject.times.size()) + " failed sign-ins within " +
                  minutes + " minutes.",
              {"account", event.shown.empty() ? event.subject : event.shown}, 50);
    }
    Failures& network = by_network_.touch(event.network);
    if (count_failure(network.times, network.reported, event.time, limits_.failures_of_network)) {
        raise("One network failed to sign in " + std::to_string(network.times.size()) +
                  " times within " + minutes + " minutes, as someone who tries many names does.",
              {"failures", std::to_string(network.times.size())}, 75);
    }
    return alerts;
}

}  // namespace salus::sentinel
