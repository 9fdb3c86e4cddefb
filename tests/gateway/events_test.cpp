#include "gateway/world.hpp"

/// Live events end with the session that asked for them.

using namespace salus;
using namespace salus::gateway;
using namespace salus::gateway::test;

namespace {

std::shared_ptr<EventStream> listen(World& world, const Person& as) {
    const auto sink = std::make_shared<Catch>();
    Request request = World::request("GET", "/api/events?home=" + as.home(), &as);
    Reply reply(sink);
    REQUIRE(world.router->dispatch(request, reply));
    REQUIRE(sink->wait());
    REQUIRE(sink->events);
    return sink->events;
}

void tell(World& world, const Person& whom) {
    world.house->events.feed(whom.id(), json::Object{{"sequence", 1}});
}

}  // namespace

TEST_CASE("a stream ends at once when its session is logged out, and nobody else's does") {
    World world;
    const Person ada = world.patient("ada");
    const Person bea = world.patient("bea");
    const auto of_ada = listen(world, ada);
    const auto of_bea = listen(world, bea);
    bool woken = false;
    of_ada->on_ready([&] { woken = true; });
    CHECK(world.post("/api/logout", json::Object{}, &ada).status == 200);
    CHECK(woken);
    CHECK(of_ada->closed());
    CHECK_FALSE(of_bea->closed());
    tell(world, ada);
    tell(world, bea);
    CHECK(of_ada->drain().empty());
    CHECK(of_bea->drain().find("event: feed") != std::string::npos);
}

TEST_CASE("a stream ends when its session is ended from another device") {
    World world;
    Person ada = world.patient("ada");
    const auto first = listen(world, ada);
    const std::string first_cookie = ada.cookie;
    World::take_cookie(ada, world.post("/api/login", world.login_body(ada)));
    const auto second = listen(world, ada);
    const Answer list = world.get("/api/sessions", &ada);
    for (const json::Value& s : *json::need_array(list.json, "sessions").value()) {
        if (*s.find("current")->boolean()) continue;
        const std::string id = json::need_text(s, "id").value();
        CHECK(world.dispatch(World::request("DELETE", "/api/sessions/" + id, &ada)).status == 200);
    }
    CHECK(first->closed());
    CHECK_FALSE(second->closed());
}

TEST_CASE("a stream ends when its session ran out, before another event is handed on") {
    World world;
    const Person ada = world.patient("ada");
    const auto events = listen(world, ada);
    world.advance(identity::patient_idle_ms - 60'000);
    tell(world, ada);
    CHECK(events->drain().find("event: feed") != std::string::npos);
    CHECK_FALSE(events->closed());
    // Listening is no use of a session: it runs out all the same.
    world.advance(60'000);
    tell(world, ada);
    CHECK(events->drain().empty());
    CHECK(events->closed());
}

TEST_CASE("a stream without a session goes on when sessions end") {
    World world;
    const Person ada = world.patient("ada");
    const auto sink = std::make_shared<Catch>();
    Request request = World::request("GET", "/api/events");
    Reply reply(sink);
    REQUIRE(world.router->dispatch(request, reply));
    REQUIRE(sink->wait());
    CHECK(world.post("/api/logout", json::Object{}, &ada).status == 200);
    CHECK_FALSE(sink->events->closed());
}
