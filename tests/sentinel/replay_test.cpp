#include "sentinel/replay.hpp"

#include "sentinel/simulate.hpp"

#include <doctest/doctest.h>

#include <string>

using namespace salus;
using namespace salus::sentinel;

namespace {

const Simulated& small_hospital() {
    static const Simulated made =
        simulate({.seed = 7, .users = 600, .patients = 12'000, .openings = 120'000});
    return made;
}

double sum_of(const ReplayAlert& alert) {
    double sum = 0;
    for (const Cited& one : alert.reasons) sum += one.weight;
    return sum;
}

std::string line_of(const std::string& events, std::uint64_t number) {
    std::size_t at = 0;
    for (std::uint64_t line = 1; line < number; ++line) at = events.find('\n', at) + 1;
    return events.substr(at, events.find('\n', at) - at);
}

}  // namespace

TEST_CASE("a simulated hospital is the same bytes for the same seed and others for another") {
    const SimulatorOptions few{.seed = 3, .users = 100, .patients = 500, .openings = 2'000};
    SimulatorOptions other = few;
    other.seed = 4;
    CHECK(simulate(few).events == simulate(few).events);
    CHECK(simulate(few).events != simulate(other).events);
}

TEST_CASE("a replay finds most illicit openings and stolen passwords within its budget") {
    const Simulated& made = small_hospital();
    const Stream stream = read_stream(made.events);
    CHECK(stream.lines_left_out == 0);
    const Replayed replayed = replay(stream, {.train_until = made.middle, .budget = 0.01});
    const Found found = compare(replayed, read_truth(made.truth));
    std::uint64_t openings = 0;
    for (const ReplayScore& one : replayed.scores)
        openings += one.kind == StreamKind::access ? 1 : 0;
    CHECK(replayed.alerts.size() <= openings / 100);
    CHECK(*found.auc >= 0.97);
    CHECK(*found.recall >= 0.85);
    CHECK(*found.explained >= 0.94);
    CHECK(*found.bulk_within <= 10);
    CHECK(found.blocked_of.at("naive") >= 0.97);
    CHECK(*found.step_up <= 0.05);
}

TEST_CASE("the weights of an alert's reasons add up to its score") {
    const Simulated& made = small_hospital();
    const Replayed replayed =
        replay(read_stream(made.events), {.train_until = made.middle, .budget = 0.002});
    REQUIRE_FALSE(replayed.alerts.empty());
    for (const ReplayAlert& alert : replayed.alerts) {
        CHECK(sum_of(alert) == doctest::Approx(alert.score));
        CHECK(alert.p_value > 0);
        CHECK(alert.p_value <= 1);
        for (const Cited& one : alert.reasons) CHECK_FALSE(one.text.empty());
    }
}

TEST_CASE("a consent that names the person makes the alert vanish") {
    const Simulated& made = small_hospital();
    const ReplayOptions options{.train_until = made.middle, .budget = 0.005};
    const Replayed before = replay(read_stream(made.events), options);
    REQUIRE(before.alerts.size() > 10);
    std::string events = made.events;
    std::vector<std::uint64_t> consented;
    for (std::size_t i = 0; i < 10; ++i) {
        const std::uint64_t number = before.alerts[i].line;
        const json::Value opening = json::parse(line_of(made.events, number)).value();
        events += json::write(json::Object{{"kind", "grant"},
                                           {"t", made.middle - 1},
                                           {"until", nullptr},
                                           {"patient", *opening.find("patient")},
                                           {"user", *opening.find("user")},
                                           {"id", "g" + std::to_string(i)}}) +
                  "\n";
        consented.push_back(number);
    }
    const Replayed after = replay(read_stream(events), options);
    for (const ReplayAlert& alert : after.alerts)
        for (const std::uint64_t number : consented) CHECK(alert.line != number);
}

TEST_CASE("without the cited evidence an alert's score lies below the least alert") {
    const Simulated& made = small_hospital();
    const Replayed replayed =
        replay(read_stream(made.events), {.train_until = made.middle, .budget = 0.005});
    REQUIRE_FALSE(replayed.alerts.empty());
    const double threshold = replayed.alerts.back().score;
    for (const ReplayAlert& alert : replayed.alerts) {
        double left = alert.score;
        for (const Cited& one : alert.reasons) left -= one.weight > 0 ? one.weight : 0;
        CHECK(left < threshold);
    }
}

TEST_CASE("lines that are no event are left out, and a line's number is its place in the file") {
    const std::string text =
        "nonsense\n\n{\"t\":1,\"kind\":\"weather\"}\n{\"kind\":\"access\",\"user\":\"a\"}\n"
        "{\"t\":\"2026-01-05T10:00:00Z\",\"kind\":\"access\",\"user\":7,\"patient\":8,\"role\":"
        "null}\n"
        "{\"t\":\"2026-01-05T11:00:00+01:00\",\"kind\":\"Login\",\"user\":\"a\",\"result\":false}";
    const Stream stream = read_stream(text);
    CHECK(stream.lines_left_out == 3);
    REQUIRE(stream.events.size() == 2);
    CHECK(stream.events[0].line == 5);
    CHECK(stream.events[0].time == 1'767'607'200'000);
    CHECK(stream.events[1].time == stream.events[0].time);
    CHECK(stream.events[1].refused);
    CHECK(stream.names.name(stream.events[0].user) == "7");
}

TEST_CASE("the clock's unit is found from its numbers") {
    const auto time_of = [](const std::string& t) {
        return read_stream("{\"t\":" + t + ",\"kind\":\"login\",\"user\":\"a\"}").events.at(0).time;
    };
    CHECK(time_of("1767607200") == 1'767'607'200'000);
    CHECK(time_of("1767607200000") == 1'767'607'200'000);
    CHECK(time_of("1767607200000000") == 1'767'607'200'000);
    CHECK(time_of("1767607200000000000") == 1'767'607'200'000);
    CHECK(time_of("3600") == 3'600'000);
    CHECK(iso_time("2024-02-29") == 1'709'164'800'000);
    CHECK_FALSE(iso_time("2024-13-01"));
    CHECK_FALSE(iso_time("yesterday"));
}

TEST_CASE("an empty stream, a stream without reasons and a budget of nothing are replayed") {
    CHECK(replay(read_stream(""), {}).alerts.empty());
    std::string text;
    for (int i = 0; i < 3'000; ++i)
        text += "{\"t\":" + std::to_string(1'767'607'200 + i * 60) +
                ",\"kind\":\"access\",\"user\":\"u" + std::to_string(i % 20) +
                "\",\"patient\":\"p" + std::to_string(i % 300) + "\"}\n";
    const Stream stream = read_stream(text);
    CHECK(replay(stream, {.budget = 0}).alerts.empty());
    CHECK(replay(stream, {.budget = 0.01}).alerts.size() == 30);
    CHECK(replay(stream, {.budget = 0.29}).alerts.size() <= 870);
}

TEST_CASE("a FHIR AuditEvent is read as an opening, with the reasons that it names") {
    const std::string event =
        R"({"resourceType":"AuditEvent","type":{"code":"rest"},"action":"R","recorded":"2026-01-05T10:00:00Z","outcome":"0","agent":[{"requestor":false,"who":{"reference":"Device/1"}},{"requestor":true,"who":{"reference":"Practitioner/3"},"role":[{"coding":[{"code":"nurse"}]}],"network":{"address":"10.1.2.3"}}],"source":{"site":"north"},"entity":[{"what":{"reference":"Patient/7"},"role":{"code":"1"}},{"what":{"reference":"Observation/1"}},{"what":{"reference":"Encounter/e1"}}]})";
    const std::string reason =
        R"({"kind":"encounter","t":"2026-01-05","patient":"Patient/7","user":"Practitioner/3","id":"Encounter/e1"})";
    const Stream stream = read_audit_events(event + "\n" + reason + "\n");
    REQUIRE(stream.events.size() == 1);
    CHECK(stream.reasons.size() == 1);
    const StreamEvent& opening = stream.events[0];
    CHECK(stream.names.name(opening.user) == "Practitioner/3");
    CHECK(stream.names.name(opening.patient) == "Patient/7");
    CHECK(stream.names.name(opening.role) == "nurse");
    CHECK(opening.refs.size() == 1);
    CHECK(replay(stream, {.budget = 1}).scores.at(0).explained);
}
