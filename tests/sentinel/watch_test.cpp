#include "sentinel/watch.hpp"

#include <doctest/doctest.h>

using namespace salus;
using namespace salus::sentinel;

namespace {

AccountId account(std::uint8_t n) {
    AccountId id;
    id.bytes[0] = n;
    return id;
}

AccessEvent opening(std::uint8_t actor, std::uint8_t patient, Via via, std::int64_t t = 1'000'000) {
    AccessEvent event;
    event.sequence = 7;
    event.time = UnixMillis{t};
    event.actor = account(actor);
    event.actor_name = "Dr Weiss";
    event.patient = account(patient);
    event.records = 1;
    event.purpose = "TREAT";
    event.via = via;
    return event;
}

Context encounter(std::uint8_t user, std::uint8_t patient, std::int64_t from, std::int64_t until) {
    return {ContextKind::encounter, "enc-1",          UnixMillis{from},
            UnixMillis{until},      account(patient), account(user)};
}

LoginEvent failure(const std::string& subject, std::int64_t t,
                   const std::string& network = "203.0.113.0/24") {
    return {UnixMillis{t}, subject, network, false};
}

}  // namespace

TEST_CASE("a consent that names the person explains the opening") {
    Watch watch;
    const auto seen = watch.on_access(opening(1, 2, Via::person));
    REQUIRE(seen.explanation);
    CHECK(seen.explanation->kind == "consent");
    CHECK(seen.alerts.empty());
}

TEST_CASE("an owner's opening of an own record is explained") {
    Watch watch;
    CHECK(watch.on_access(opening(2, 2, Via::own)).explanation->kind == "own");
}

TEST_CASE("a consent that names only the organisation explains nothing by itself") {
    Watch watch;
    const auto seen = watch.on_access(opening(1, 2, Via::organisation));
    CHECK_FALSE(seen.explanation);
    REQUIRE(seen.alerts.size() == 1);
    CHECK(seen.alerts[0].kind == AlertKind::unexplained);
    CHECK(seen.alerts[0].sentence ==
          "Dr Weiss opened 1 record of a patient with whom no reason connects them.");
    CHECK(seen.alerts[0].events == std::vector<std::uint64_t>{7});
    CHECK_FALSE(seen.alerts[0].searched.empty());
}

TEST_CASE("an encounter explains an opening from its start until before its end") {
    Watch watch;
    watch.add_context(encounter(1, 2, 1'000, 2'000));
    CHECK_FALSE(watch.explain(opening(1, 2, Via::organisation, 999)));
    CHECK(watch.explain(opening(1, 2, Via::organisation, 1'000)));
    CHECK(watch.explain(opening(1, 2, Via::organisation, 1'999)));
    CHECK_FALSE(watch.explain(opening(1, 2, Via::organisation, 2'000)));
}

TEST_CASE("an encounter with another person or patient explains nothing") {
    Watch watch;
    watch.add_context(encounter(1, 2, 0, 9'000'000));
    CHECK_FALSE(watch.explain(opening(3, 2, Via::organisation)));
    CHECK_FALSE(watch.explain(opening(1, 4, Via::organisation)));
}

TEST_CASE("the eighth patient within ten minutes raises one burst, the ninth none") {
    Watch watch;
    for (std::uint8_t patient = 1; patient <= 7; ++patient) {
        CHECK(
            watch.on_access(opening(99, patient, Via::person, 1'000'000 + patient)).alerts.empty());
    }
    const auto eighth = watch.on_access(opening(99, 8, Via::person, 1'000'008));
    REQUIRE(eighth.alerts.size() == 1);
    CHECK(eighth.alerts[0].kind == AlertKind::burst_of_openings);
    CHECK(watch.on_access(opening(99, 9, Via::person, 1'000'009)).alerts.empty());
}

TEST_CASE("the same patient opened often is no burst") {
    Watch watch;
    for (int i = 0; i < 50; ++i)
        CHECK(watch.on_access(opening(99, 1, Via::person, 1'000'000 + i)).alerts.empty());
}

TEST_CASE("openings older than the window are forgotten") {
    Watch watch;
    for (std::uint8_t patient = 1; patient <= 20; ++patient) {
        const std::int64_t t = 1'000'000 + std::int64_t{patient} * 100'000;
        CHECK(watch.on_access(opening(99, patient, Via::person, t)).alerts.empty());
    }
}

TEST_CASE("the fifth refusal within ten minutes raises an alert") {
    Watch watch;
    for (int i = 0; i < 4; ++i)
        CHECK(watch.on_access(opening(1, 2, Via::refused, 1'000'000 + i)).alerts.empty());
    const auto fifth = watch.on_access(opening(1, 2, Via::refused, 1'000'004));
    REQUIRE(fifth.alerts.size() == 1);
    CHECK(fifth.alerts[0].kind == AlertKind::burst_of_refusals);
}

TEST_CASE("the fifth failed sign-in on one name raises an alert, a success none") {
    Watch watch;
    for (int i = 0; i < 4; ++i) CHECK(watch.on_login(failure("a", 1'000'000 + i)).empty());
    CHECK(watch.on_login({UnixMillis{1'000'005}, "a", "203.0.113.0/24", true}).empty());
    CHECK(watch.on_login(failure("a", 1'000'006)).size() == 1);
    CHECK(watch.on_login(failure("a", 1'000'007)).empty());
}

TEST_CASE("twenty failures of different names from one network raise an alert") {
    Watch watch;
    std::size_t alerts = 0;
    for (int i = 0; i < 20; ++i)
        alerts += watch.on_login(failure("n" + std::to_string(i), 1'000'000 + i)).size();
    CHECK(alerts == 1);
}

TEST_CASE("an alert and a context read back as they were written") {
    Watch watch;
    Alert alert = watch.on_access(opening(1, 2, Via::organisation)).alerts.at(0);
    alert.id = 3;
    alert.state = AlertState::in_case;
    const auto back = decode_alert(encode(alert));
    REQUIRE(back.ok());
    CHECK(encode(*back) == encode(alert));
    CHECK(back->actor == alert.actor);
    const Context context = encounter(1, 2, 3, 4);
    CHECK(encode(*decode_context(encode(context))) == encode(context));
    CHECK(decode_alert(Bytes{0x80}).error().code == Errc::malformed);
}

TEST_CASE("a failed sign-in's alert names the account as the officer knows it, or only the hash") {
    const auto fifth = [](const std::string& shown) {
        Watch watch;
        LoginEvent event = failure("0a1b", 1'000'000);
        event.shown = shown;
        for (int i = 0; i < 4; ++i) CHECK(watch.on_login(event).empty());
        return watch.on_login(event).at(0);
    };
    const Alert staff = fifth("Dr Weiss");
    CHECK(staff.sentence == "Dr Weiss saw 5 failed sign-ins within 10 minutes.");
    CHECK(staff.evidence.at(0).text == "Dr Weiss");
    const Alert nobody = fifth("");
    CHECK(nobody.sentence == "A name without account saw 5 failed sign-ins within 10 minutes.");
    CHECK(nobody.evidence.at(0).text == "0a1b");
}

TEST_CASE("a bounded map holds its limit and lets go of what was asked for longest ago") {
    BoundedMap<int, int> map(3);
    for (int key = 1; key <= 2; ++key) map.touch(key) = key;
    CHECK(map.size() == 2);
    map.touch(3) = 3;
    CHECK(map.size() == 3);
    CHECK(map.touch(1) == 1);  // now the youngest
    map.touch(4) = 4;
    CHECK(map.size() == 3);
    CHECK(map.find(2) == nullptr);
    CHECK(*map.find(1) == 1);
    CHECK(*map.find(3) == 3);
}

TEST_CASE("names beyond the limit forget the oldest, whose failures count anew") {
    for (const int others : {1, 2, 3}) {  // with the name itself: one below the limit, at, above
        WatchLimits limits;
        limits.subjects_max = 3;
        Watch watch(limits);
        for (int i = 0; i < 4; ++i) CHECK(watch.on_login(failure("a", 1'000'000 + i)).empty());
        for (int i = 0; i < others; ++i)
            watch.on_login(failure("n" + std::to_string(i), 1'000'010));
        CHECK(watch.on_login(failure("a", 1'000'020)).size() == (others <= 2 ? 1U : 0U));
    }
}

TEST_CASE("people beyond the limit forget the oldest") {
    for (const int others : {1, 2, 3}) {
        WatchLimits limits;
        limits.actors_max = 3;
        Watch watch(limits);
        for (int i = 0; i < 4; ++i) watch.on_access(opening(99, 1, Via::refused, 1'000'000 + i));
        for (int i = 0; i < others; ++i)
            watch.on_access(opening(static_cast<std::uint8_t>(i), 1, Via::refused, 1'000'010));
        const auto last = watch.on_access(opening(99, 1, Via::refused, 1'000'020));
        CHECK(last.alerts.size() == (others <= 2 ? 1U : 0U));
    }
}

TEST_CASE("networks beyond the limit forget the oldest") {
    for (const int others : {1, 2, 3}) {
        WatchLimits limits;
        limits.networks_max = 3;
        limits.failures_of_network = 3;
        Watch watch(limits);
        watch.on_login(failure("a", 1'000'000, "first"));
        watch.on_login(failure("b", 1'000'001, "first"));
        for (int i = 0; i < others; ++i)
            watch.on_login(failure("c", 1'000'002, "n" + std::to_string(i)));
        CHECK(watch.on_login(failure("d", 1'000'003, "first")).size() == (others <= 2 ? 1U : 0U));
    }
}

TEST_CASE("events of one person are counted up to a limit, the oldest forgotten") {
    WatchLimits limits;
    limits.times_max = 8;
    Watch watch(limits);
    // Eight distinct patients fit into what is remembered; with nine events between, they do not.
    for (std::uint8_t patient = 1; patient <= 7; ++patient)
        watch.on_access(opening(99, patient, Via::person, 1'000'000 + patient));
    watch.on_access(opening(99, 7, Via::person, 1'000'008));
    CHECK(watch.on_access(opening(99, 8, Via::person, 1'000'009)).alerts.empty());
    CHECK(watch.on_access(opening(99, 9, Via::person, 1'000'010)).alerts.empty());
    Watch other(limits);
    for (std::uint8_t patient = 1; patient <= 7; ++patient)
        other.on_access(opening(99, patient, Via::person, 1'000'000 + patient));
    CHECK(other.on_access(opening(99, 8, Via::person, 1'000'008)).alerts.size() == 1);
}

TEST_CASE("contexts of a pair, and pairs, are kept up to their limits") {
    for (const std::int64_t others : {1, 2, 3}) {
        WatchLimits limits;
        limits.contexts_of_pair_max = 3;
        Watch watch(limits);
        watch.add_context(encounter(1, 2, 1'000, 2'000));
        for (std::int64_t i = 0; i < others; ++i)
            watch.add_context(encounter(1, 2, 5'000 + i, 6'000 + i));
        CHECK(watch.explain(opening(1, 2, Via::organisation, 1'500)).has_value() == (others <= 2));
        CHECK(watch.explain(opening(1, 2, Via::organisation, 5'500)));
    }
    for (const int others : {1, 2, 3}) {
        WatchLimits limits;
        limits.pairs_max = 3;
        Watch watch(limits);
        watch.add_context(encounter(1, 2, 1'000, 2'000));
        for (int i = 0; i < others; ++i)
            watch.add_context(encounter(1, static_cast<std::uint8_t>(10 + i), 1'000, 2'000));
        CHECK(watch.explain(opening(1, 2, Via::organisation, 1'500)).has_value() == (others <= 2));
    }
}
