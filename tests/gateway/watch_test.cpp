#include "gateway/world.hpp"

/// What the privacy officer sees, and what the officer can do about it.

using namespace salus;
using namespace salus::gateway;
using namespace salus::gateway::test;

namespace {

/// A hospital whose patient shares one collection with the whole organisation.
struct Hospital {
    Hospital() : officer(world.first_officer()), eve(world.staff(officer, "eve", "clinician")) {
        ada = world.patient("ada");
        kept = world.keep(ada, "note");
        world.grant(
            ada, kept.collection,
            {client::organisation_label(ada.account.keys.labels, world.node->organisation()),
             officer.id(), officer.account.keys.kem.public_half});
    }
    Answer open() { return world.ask(eve, ada.id(), {kept.item.record}); }
    std::vector<json::Value> alerts(std::string query = "?state=open") {
        const Answer answer = world.get("/api/alerts" + query, &officer);
        REQUIRE(answer.status == 200);
        return *json::need_array(answer.json, "alerts").value();
    }
    Answer resolve(std::uint64_t id, std::string action) {
        return world.post("/api/alerts/" + std::to_string(id),
                          json::Object{{"action", action}, {"note", "looked into"}}, &officer);
    }
    World world;
    Person officer;
    Person eve;
    Person ada;
    Kept kept;
};

}  // namespace

TEST_CASE("an opening that only the organisation's consent explains raises an alert") {
    Hospital h;
    CHECK(h.open().status == 200);
    const auto alerts = h.alerts();
    REQUIRE(alerts.size() == 1);
    CHECK(json::need_text(alerts[0], "kind").value() == "unexplained");
    CHECK(json::need_text(alerts[0], "actor").value() == hex(h.eve.id()));
    CHECK(json::need_text(alerts[0], "sentence").value().find("Name of eve") == 0);
    const Answer feed = h.world.get("/api/feed", &h.ada);
    CHECK(feed.json.find("openings")->array()->at(0).find("explanation")->is_null());
}

TEST_CASE("the same opening during an encounter raises none") {
    Hospital h;
    const std::int64_t now = h.world.env.now().value;
    const auto context = [&](const Person* as, std::int64_t until) {
        return h.world
            .post("/api/context",
                  json::Object{{"kind", "encounter"},
                               {"id", "E-1"},
                               {"t", now - 1'000},
                               {"until", until},
                               {"patient", hex(h.ada.id())},
                               {"user", hex(h.eve.id())}},
                  as)
            .status;
    };
    CHECK(context(&h.eve, now + 600'000) == 403);
    CHECK(context(&h.officer, now - 2'000) == 400);
    CHECK(context(&h.officer, now + 600'000) == 200);
    CHECK(h.open().status == 200);
    CHECK(h.alerts().empty());
    h.world.reopen();
    CHECK(h.open().status == 200);
    CHECK(h.alerts().empty());
    const Answer feed = h.world.get("/api/feed", &h.ada);
    const json::Value* why = feed.json.find("openings")->array()->at(0).find("explanation");
    CHECK(json::need_text(*why, "kind").value() == "encounter");
    h.world.advance(600'001);
    CHECK(h.open().status == 200);
    CHECK(h.alerts().size() == 1);
}

TEST_CASE("a consent that names the person explains itself") {
    Hospital h;
    h.world.grant(h.ada, h.kept.collection, h.world.to_person(h.ada, h.eve));
    CHECK(h.open().status == 200);
    CHECK(h.alerts().empty());
}

TEST_CASE("many failed sign-ins raise one alert") {
    Hospital h;
    Person impostor = h.world.newcomer("ada", false, false);
    for (int i = 0; i < 7; ++i) {
        h.world.post("/api/login", h.world.login_body(impostor));
        h.world.advance(10'000);
    }
    const auto alerts = h.alerts();
    REQUIRE(alerts.size() == 1);
    CHECK(json::need_text(alerts[0], "kind").value() == "burst-of-logins");
    CHECK(json::write(alerts[0]).find("\"ada\"") == std::string::npos);
}

TEST_CASE("an account that an officer holds opens nothing until the hold is lifted") {
    Hospital h;
    CHECK(h.open().status == 200);
    const auto id = json::need_uint(h.alerts()[0], "id").value();
    CHECK(h.world
              .post("/api/alerts/" + std::to_string(id),
                    json::Object{{"action", "hold"}, {"note", ""}}, &h.eve)
              .status == 403);
    CHECK(h.resolve(id, "forgive").status == 400);
    CHECK(h.resolve(999, "hold").status == 404);
    CHECK(h.resolve(id, "hold").status == 200);
    CHECK(h.alerts().empty());
    CHECK(h.alerts("").size() == 1);
    const Answer refused = h.open();
    CHECK(refused.status == 403);
    CHECK(refused.reason() == "held");
    h.world.reopen();
    CHECK(h.open().reason() == "held");
    CHECK(h.resolve(id, "explain").status == 200);
    CHECK(h.open().status == 200);
}

TEST_CASE("alerts and everybody's openings are for officers") {
    Hospital h;
    CHECK(h.open().status == 200);
    for (const char* address : {"/api/alerts", "/api/accesses"}) {
        CHECK(h.world.get(address).status == 401);
        CHECK(h.world.get(address, &h.ada).status == 403);
        CHECK(h.world.get(address, &h.eve).status == 403);
        CHECK(h.world.get(address, &h.officer).status == 200);
    }
    // An officer watches openings, and neither a patient's name nor their account stands there.
    const Answer all = h.world.get("/api/accesses", &h.officer);
    CHECK(as_text(all.raw.body).find(hex(h.ada.id())) == std::string_view::npos);
    CHECK(as_text(all.raw.body).find("Name of ada") == std::string_view::npos);
}

TEST_CASE("blocks reach every listener, alerts officers only, openings their patient") {
    Hospital h;
    const auto listen = [&](const Person* as) {
        Request request =
            World::request("GET", as ? "/api/events?home=" + as->home() : "/api/events", as);
        const auto sink = std::make_shared<Catch>();
        Reply reply(sink);
        REQUIRE(h.world.router->dispatch(request, reply));
        REQUIRE(sink->wait());
        REQUIRE(sink->events);
        return sink->events;
    };
    const auto anybody = listen(nullptr);
    const auto patient = listen(&h.ada);
    const auto officer = listen(&h.officer);
    CHECK(h.open().status == 200);
    REQUIRE(h.world.settled());
    const std::string to_anybody = anybody->drain();
    CHECK(to_anybody.find("event: block\ndata: {\"height\":") != std::string::npos);
    CHECK(to_anybody.find("event: alert") == std::string::npos);
    CHECK(to_anybody.find("event: feed") == std::string::npos);
    const std::string to_patient = patient->drain();
    CHECK(to_patient.find("event: feed\ndata: {\"sequence\":1") != std::string::npos);
    CHECK(to_patient.find("event: alert") == std::string::npos);
    const std::string to_officer = officer->drain();
    CHECK(to_officer.find("event: alert") != std::string::npos);
    CHECK(to_officer.find("event: feed") == std::string::npos);
}

TEST_CASE("a listener that does not read loses the oldest events and is told") {
    EventStream events;
    for (std::size_t i = 0; i < EventStream::lines_max; ++i) events.push("block", "{}");
    CHECK(events.drain().find("event: gap") == std::string::npos);
    for (std::size_t i = 0; i < EventStream::lines_max + 1; ++i) events.push("block", "{}");
    CHECK(events.drain().starts_with("event: gap"));
}
