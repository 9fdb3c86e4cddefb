#include "gateway/world.hpp"

/// Losing password and device, and the way back, as a client meets it. docs/formats/identity.md.

using namespace salus;
using namespace salus::gateway;
using namespace salus::gateway::test;

namespace {

json::Value recover_body(const Person& person, std::string name = "", std::string code = "") {
    return json::Object{{"name", name.empty() ? person.account.options.name : name},
                        {"recovery_auth_key",
                         to_base64url(crypto::recovery_auth_key(person.account.recovery).reveal())},
                        {"code", code.empty() ? json::Value() : json::Value(code)}};
}

/// New password, code and, where there is one, second factor, drawn into `person`.
json::Value finish_body(World& world, Person& person, const Answer& begun) {
    client::NewAccount& a = person.account;
    a.auth = crypto::random_key<crypto::AuthKey>(world.env);
    a.recovery = crypto::random_key<crypto::RecoveryCode>(world.env);
    json::Object body{
        {"recovery", json::need_text(begun.json, "recovery").value()},
        {"kdf", client::to_json(a.kdf)},
        {"auth_key", to_base64url(a.auth.reveal())},
        {"recovery_auth_key", to_base64url(crypto::recovery_auth_key(a.recovery).reveal())},
        {"slots", client::to_json(a.slots)}};
    if (a.options.second_factor) {
        world.env.random(a.totp_secret);
        person.last_code_ms = 0;
        body.emplace_back("totp_secret", to_base64url(a.totp_secret));
        body.emplace_back("totp_code", world.code(person));
    }
    return json::Value(std::move(body));
}

Person drawn(World& world, std::string name, bool staff, bool second, std::string invitation = "") {
    Person out = world.newcomer(std::move(name), staff, second, std::move(invitation));
    out.account.recovery = crypto::random_key<crypto::RecoveryCode>(world.env);
    return out;
}

}  // namespace

TEST_CASE("whoever lost password and device comes back by the recovery code alone") {
    World world;
    Person ada = drawn(world, "ada", false, true);
    world.sign_up(ada);
    const std::string left_open = ada.cookie;
    const Kept kept = world.keep(ada, "sealed before the loss");

    const Answer begun = world.post("/api/recover", recover_body(ada));
    REQUIRE(begun.status == 200);
    CHECK(json::need_text(begun.json, "account").value() == hex(ada.id()));
    CHECK(json::need_base64url(begun.json, "slot").value() == ada.account.slots[1].blob);
    CHECK(*begun.json.find("second_factor")->boolean());
    CHECK(begun.header("Set-Cookie").empty());

    const Answer done = world.post("/api/recover/finish", finish_body(world, ada, begun));
    INFO(as_text(done.raw.body));
    REQUIRE(done.status == 200);
    const std::string fresh_cookie = [&] {
        World::take_cookie(ada, done);
        return std::exchange(ada.cookie, left_open);
    }();
    CHECK(world.get("/api/session", &ada).status == 401);
    ada.cookie = fresh_cookie;
    CHECK(world.get("/api/session", &ada).status == 200);
    // The records are still the account's own.
    const Answer opened = world.ask(ada, ada.id(), {kept.item.record});
    CHECK(opened.status == 200);
    CHECK(world.post("/api/login", world.login_body(ada, world.code(ada))).status == 200);
}

TEST_CASE("a recovery is no session: its token opens no other door") {
    World world;
    Person ada = drawn(world, "ada", false, false);
    world.sign_up(ada);
    const Answer begun = world.post("/api/recover", recover_body(ada));
    const Bytes token = json::need_base64url(begun.json, "recovery").value();
    ada.cookie = "__Host-salus-" + ada.home() + "=" + to_hex(token);
    for (const char* const path : {"/api/session", "/api/keyring", "/api/slots", "/api/records"})
        CHECK(world.get(path, &ada).status == 401);
    CHECK(world.send("PUT", "/api/slots", json::Object{}, &ada).status == 401);
}

TEST_CASE("an unknown name, a wrong code and an account without one are answered byte for byte") {
    World world;
    Person ada = drawn(world, "ada", false, false);
    world.sign_up(ada);
    const Person other = drawn(world, "other", false, false);
    const Answer unknown = world.post("/api/recover", recover_body(other, "nobody"));
    const Answer wrong = world.post("/api/recover", recover_body(other, "ada"));
    const Answer no_name = world.post("/api/recover", recover_body(other, "no body"));
    CHECK(unknown.status == 401);
    for (const Answer* const one : {&wrong, &no_name}) {
        CHECK(one->status == unknown.status);
        CHECK(one->without_reference() == unknown.without_reference());
        CHECK(one->raw.headers == unknown.raw.headers);
    }
    for (int i = 0; i < 4; ++i) world.post("/api/recover", recover_body(other, "ada"));
    const Answer wait = world.post("/api/recover", recover_body(ada));
    CHECK(wait.status == 429);
    CHECK(wait.reason() == "login-wait");
    CHECK_FALSE(wait.header("Retry-After").empty());
}

TEST_CASE("staff come back with their second factor, or readmitted by an officer, who is told") {
    World world;
    Person officer = drawn(world, "officer", true, true, world.set_up());
    world.sign_up(officer);
    Person doc = drawn(world, "doc", true, true, world.invite(officer, "clinician"));
    world.sign_up(doc);

    const Answer asked = world.post("/api/recover", recover_body(doc));
    CHECK(asked.status == 401);
    CHECK(asked.reason() == "second-factor");
    const auto readmit = [&](const Person* by, const AccountId& whom) {
        return world.post("/api/readmissions", json::Object{{"account", hex(whom)}}, by);
    };
    CHECK(readmit(nullptr, doc.id()).status == 401);
    CHECK(readmit(&doc, doc.id()).status == 403);
    CHECK(readmit(&officer, officer.id()).status == 403);
    CHECK(readmit(&officer, AccountId{}).status == 404);
    CHECK(readmit(&officer, doc.id()).status == 200);

    const Answer begun = world.post("/api/recover", recover_body(doc));
    REQUIRE(begun.status == 200);
    const Answer done = world.post("/api/recover/finish", finish_body(world, doc, begun));
    INFO(as_text(done.raw.body));
    REQUIRE(done.status == 200);
    CHECK(world.post("/api/recover", recover_body(doc)).reason() == "second-factor");
    CHECK(world.post("/api/recover", recover_body(doc, "", world.code(doc))).status == 200);

    world.post("/api/stepup", json::Object{{"code", world.code(officer)}}, &officer);
    const Answer alerts = world.get("/api/alerts?state=open", &officer);
    const json::Array& list = *json::need_array(alerts.json, "alerts").value();
    REQUIRE(list.size() == 3);
    for (const json::Value& alert : list) {
        CHECK(json::need_text(alert, "kind").value() == "recovery");
        CHECK(json::need_text(alert, "actor").value() == hex(doc.id()));
        CHECK(json::need_text(alert, "sentence").value().starts_with("Name of doc "));
    }
}

TEST_CASE("the owner is told of a recovery until they have read it") {
    World world;
    Person ada = drawn(world, "ada", false, false);
    world.sign_up(ada);
    const auto notices = [&] {
        std::vector<std::string> kinds;
        const Answer session = world.get("/api/session", &ada);
        for (const json::Value& n : *json::need_array(session.json, "notices").value())
            kinds.push_back(json::need_text(n, "kind").value());
        return kinds;
    };
    CHECK(notices().empty());
    const Answer begun = world.post("/api/recover", recover_body(ada));
    REQUIRE(begun.status == 200);
    CHECK(notices() == std::vector<std::string>{"recovery-begun"});
    const Answer done = world.post("/api/recover/finish", finish_body(world, ada, begun));
    World::take_cookie(ada, done);
    CHECK(notices() == std::vector<std::string>{"recovery-begun", "recovered"});
    CHECK(world.dispatch(World::request("DELETE", "/api/notices?until=1", &ada)).status == 200);
    CHECK(notices().size() == 2);
    CHECK(world.dispatch(World::request("DELETE", "/api/notices", &ada)).status == 200);
    CHECK(notices().empty());
}

TEST_CASE("slots are listed to their owner without what is sealed in them") {
    World world;
    Person ada = drawn(world, "ada", false, false);
    world.sign_up(ada);
    CHECK(world.get("/api/slots").status == 401);
    const auto recovery_slot = [&] {
        const Answer answer = world.get("/api/slots", &ada);
        std::string id;
        const json::Array& slots = *json::need_array(answer.json, "slots").value();
        CHECK(slots.size() == 2);
        for (const json::Value& slot : slots) {
            CHECK(slot.find("blob") == nullptr);
            CHECK(json::need_int(slot, "created").value() > 0);
            if (json::need_text(slot, "type").value() == "recovery")
                id = json::need_text(slot, "id").value();
        }
        return id;
    };
    const std::string before = recovery_slot();
    const Person old_code = drawn(world, "ada", false, false);
    const auto replace = [&](const client::NewAccount& with) {
        return world.send(
            "PUT", "/api/slots",
            json::Object{
                {"add", client::to_json(std::vector<client::NamedSlot>{ada.account.slots[1]})},
                {"remove", json::Array{}},
                {"recovery_auth_key",
                 to_base64url(crypto::recovery_auth_key(with.recovery).reveal())}},
            &ada);
    };
    CHECK(replace(old_code.account).status == 200);
    const std::string after = recovery_slot();
    CHECK(before != after);
    CHECK(world.post("/api/recover", recover_body(ada)).status == 401);
    CHECK(world.post("/api/recover", recover_body(old_code)).status == 200);
    world.advance(identity::step_up_ms);
    const Answer stale = replace(ada.account);
    CHECK(stale.status == 401);
    CHECK(stale.reason() == "step-up");
}

TEST_CASE("whoever tries taken names at sign-up waits, and a newcomer elsewhere does not") {
    World world;
    world.patient("ada");
    const auto sign_up = [&](std::string name, std::string peer) {
        Person person = world.newcomer(std::move(name), false, false);
        Request request = World::request("POST", "/api/signup");
        request.peer = std::move(peer);
        request.headers.emplace_back("content-type", "application/json");
        request.body = to_bytes(json::write(world.sign_up_body(person)));
        return world.dispatch(request);
    };
    for (int i = 0; i < 5; ++i) CHECK(sign_up("ada", "203.0.113.7").status == 409);
    const Answer wait = sign_up("bea", "203.0.113.9");
    CHECK(wait.status == 429);
    CHECK(wait.reason() == "login-wait");
    CHECK(sign_up("bea", "198.51.100.1").status == 200);
    world.advance(1'000);
    CHECK(sign_up("cleo", "203.0.113.9").status == 200);
}

TEST_CASE("prelogin answers a known and an unknown name with the same parameters") {
    World world;
    world.patient("ada");
    const auto shape = [&](std::string name) {
        const Answer answer = world.post("/api/prelogin", json::Object{{"name", name}});
        CHECK(answer.status == 200);
        std::string text(as_text(answer.raw.body));
        const std::size_t at = text.find("\"salt\":\"");
        return text.erase(at + 8, 22);
    };
    CHECK(shape("ada") == shape("nobody"));
    CHECK(shape("ada") == shape("no body at all"));
}
