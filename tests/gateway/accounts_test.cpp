#include "gateway/world.hpp"

/// Set-up, sign-up, login and sessions, as a client meets them.

using namespace salus;
using namespace salus::gateway;
using namespace salus::gateway::test;

TEST_CASE("a set-up link works once, and not with another token or a name that is none") {
    World world;
    CHECK(*world.get("/api/status").json.find("setup_needed")->boolean());
    const auto set_up = [&](std::string token, std::string name) {
        return world.post("/api/setup",
                          json::Object{{"token", token}, {"organisation_name", name}});
    };
    const std::string token = world.house->setup_token();
    CHECK(set_up(std::string(32, '0'), "St Anne").status == 403);
    CHECK(set_up(token, "").status == 400);
    CHECK(set_up(token, std::string(129, 'x')).status == 400);
    CHECK(set_up(token, "St Anne").status == 200);
    CHECK(set_up(token, "St Anne").status == 403);
    CHECK(set_up("", "St Anne").status == 403);
    CHECK_FALSE(*world.get("/api/status").json.find("setup_needed")->boolean());
}

TEST_CASE("a patient signs up with a declined second factor, or with one") {
    World world;
    Person plain = world.newcomer("ada", false, false);
    const Answer first = world.post("/api/signup", world.sign_up_body(plain));
    CHECK(first.status == 200);
    CHECK(json::need_text(first.json, "account").value() == hex(plain.id()));
    const Person careful = world.patient("bea", true);
    const Answer session = world.get("/api/session", &careful);
    CHECK(*session.json.find("second_factor")->boolean());
    CHECK(json::need_text(session.json, "kind").value() == "patient");

    Person late = world.newcomer("cleo", false, true);
    json::Value body = world.sign_up_body(late);
    for (auto& [key, value] : *body.object()) {
        if (key == "totp_code") value = "000000";
    }
    CHECK(world.post("/api/signup", body).status == 401);
}

TEST_CASE("a sign-in name is taken once, whatever its case") {
    World world;
    world.patient("ada");
    Person other = world.newcomer("ADA", false, false);
    CHECK(world.post("/api/signup", world.sign_up_body(other)).status == 409);
}

TEST_CASE("staff sign up by an invitation only, and a failed try does not use it up") {
    World world;
    const std::string invitation = world.set_up();
    Person nobody = world.newcomer("nobody", true, true, "AAAA-BBBB-CCCC");
    CHECK(world.post("/api/signup", world.sign_up_body(nobody)).status == 404);
    Person without_code = world.newcomer("lazy", true, false, invitation);
    CHECK(world.post("/api/signup", world.sign_up_body(without_code)).status == 403);

    // The chain refuses: this transaction is for another chain.
    Person officer = world.newcomer("officer", true, true, invitation);
    const std::string real = std::exchange(world.chain, "another-chain");
    CHECK(world.post("/api/signup", world.sign_up_body(officer)).status == 400);
    world.chain = real;
    world.advance(30'000);
    world.sign_up(officer);
    const Answer session = world.get("/api/session", &officer);
    const json::Array& roles = *json::need_array(session.json, "roles").value();
    REQUIRE(roles.size() == 1);
    CHECK(json::need_text(roles[0], "role").value() == "officer");
    Person second = world.newcomer("second", true, true, invitation);
    CHECK(world.post("/api/signup", world.sign_up_body(second)).status == 404);
}

TEST_CASE("an invitation says what it offers, to its holder only, and ends after a week") {
    World world;
    const Person officer = world.first_officer();
    const std::string code = world.invite(officer, "clinician");
    const Answer shown = world.get("/api/invitation/" + code);
    CHECK(json::need_text(shown.json, "role").value() == "clinician");
    CHECK(json::need_text(shown.json, "organisation").value() == "St Anne");
    CHECK(world.get("/api/invitation/WRONG").status == 404);
    const Answer list = world.get("/api/invitations", &officer);
    CHECK(list.status == 200);
    CHECK(std::string(as_text(list.raw.body)).find(code) == std::string::npos);
    world.advance(8LL * 24 * 60 * 60'000);
    CHECK(world.get("/api/invitation/" + code).status == 404);
}

TEST_CASE("only an officer with a fresh proof invites, and only to roles that exist") {
    World world;
    Person officer = world.first_officer();
    const Person ada = world.patient("ada");
    const auto invite = [&](const Person* as, std::string role, std::int64_t expires) {
        return world.post("/api/invitations",
                          json::Object{{"role", role},
                                       {"display_name", "Dr. Eve"},
                                       {"licence", "L"},
                                       {"expires", expires}},
                          as);
    };
    const std::int64_t later = world.env.now().value + 1'000'000'000;
    CHECK(invite(nullptr, "clinician", later).status == 401);
    CHECK(invite(&ada, "clinician", later).status == 403);
    CHECK(invite(&officer, "king", later).status == 400);
    CHECK(invite(&officer, "clinician", world.env.now().value).status == 400);
    CHECK(invite(&officer, "clinician", later).status == 200);

    world.advance(5 * 60'000);
    const Answer stale = invite(&officer, "clinician", later);
    CHECK(stale.status == 401);
    CHECK(stale.reason() == "step-up");
    CHECK(world.post("/api/stepup", json::Object{{"code", "000000"}}, &officer).status == 401);
    CHECK(world.post("/api/stepup", json::Object{{"code", world.code(officer)}}, &officer).status ==
          200);
    CHECK(invite(&officer, "clinician", later).status == 200);
}

TEST_CASE("an unknown name is answered like a wrong password, byte for byte") {
    World world;
    const Person ada = world.patient("ada");
    Person stranger = world.newcomer("nobody", false, false);
    Person impostor = world.newcomer("ada", false, false);
    const Answer unknown = world.post("/api/login", world.login_body(stranger));
    const Answer wrong = world.post("/api/login", world.login_body(impostor));
    CHECK(unknown.status == 401);
    CHECK(wrong.status == 401);
    CHECK(unknown.without_reference() == wrong.without_reference());
    CHECK(unknown.raw.headers == wrong.raw.headers);
    CHECK(world.post("/api/login", world.login_body(ada)).status == 200);

    const auto salt_of = [&](std::string name) {
        const Answer answer = world.post("/api/prelogin", json::Object{{"name", name}});
        return json::need_text(*answer.json.find("kdf"), "salt").value();
    };
    CHECK(salt_of("nobody") == salt_of("NoBody"));
    CHECK(salt_of("nobody") != salt_of("somebody"));
    CHECK(salt_of("ada") == to_base64url(ada.account.kdf.salt.view()));
}

TEST_CASE("a right password without its code, with a wrong one or a used one is not enough") {
    World world;
    Person ada = world.patient("ada", true);
    const std::string used =
        crypto::totp_code(ada.account.totp_secret, ada.last_code_ms / 1'000).value();
    for (const std::string& code : {std::string(), std::string("000000"), used}) {
        const Answer answer = world.post("/api/login", world.login_body(ada, code));
        CHECK(answer.status == 401);
        CHECK(answer.reason() == "second-factor");
    }
    const std::string code = world.code(ada);
    CHECK(world.post("/api/login", world.login_body(ada, code)).status == 200);
    CHECK(world.post("/api/login", world.login_body(ada, code)).status == 401);
}

TEST_CASE("the fifth failure waits, says how long, and locks nobody else out") {
    World world;
    const Person ada = world.patient("ada");
    const Person bea = world.patient("bea");
    Person impostor = world.newcomer("ada", false, false);
    for (int i = 0; i < 5; ++i)
        CHECK(world.post("/api/login", world.login_body(impostor)).status == 401);
    const Answer waits = world.post("/api/login", world.login_body(ada));
    CHECK(waits.status == 429);
    CHECK(waits.reason() == "login-wait");
    CHECK(waits.header("Retry-After") == "1");
    CHECK(world.post("/api/login", world.login_body(bea)).status == 200);

    Request from_home = World::request("POST", "/api/login");
    from_home.headers.emplace_back("content-type", "application/json");
    from_home.body = to_bytes(json::write(world.login_body(ada)));
    from_home.peer = "203.0.113.9";
    CHECK(world.dispatch(from_home).status == 200);
    world.advance(1'001);
    CHECK(world.post("/api/login", world.login_body(ada)).status == 200);
}

TEST_CASE("codes for a step-up cannot be tried one after another") {
    World world;
    Person ada = world.patient("ada", true);
    for (int i = 0; i < 5; ++i)
        CHECK(world.post("/api/stepup", json::Object{{"code", "000000"}}, &ada).status == 401);
    CHECK(world.post("/api/stepup", json::Object{{"code", "000000"}}, &ada).status == 429);
    world.advance(1'001);
    CHECK(world.post("/api/stepup", json::Object{{"code", world.code(ada)}}, &ada).status == 200);
}

TEST_CASE("a session's cookie is bound to its host and hidden from scripts") {
    World world;
    Person ada = world.newcomer("ada", false, false);
    const Answer answer = world.post("/api/signup", world.sign_up_body(ada));
    const std::string cookie = answer.header("Set-Cookie");
    CHECK(cookie.starts_with("__Host-salus-" + ada.home() + "="));
    for (const char* part : {"; Path=/", "; Secure", "; HttpOnly", "; SameSite=Strict"})
        CHECK(cookie.find(part) != std::string::npos);
    CHECK(cookie.find("Domain") == std::string::npos);
}

TEST_CASE("a session needs its own home header") {
    World world;
    const Person ada = world.patient("ada");
    const Person bea = world.patient("bea");
    const auto ask = [&](std::string home, std::string cookie) {
        Request request = World::request("GET", "/api/session");
        if (!home.empty()) request.headers.emplace_back("salus-home", home);
        if (!cookie.empty()) request.headers.emplace_back("cookie", cookie);
        return world.dispatch(request).status;
    };
    CHECK(ask(ada.home(), ada.cookie) == 200);
    CHECK(ask(ada.home(), bea.cookie + "; " + ada.cookie) == 200);
    CHECK(ask("", ada.cookie) == 401);
    CHECK(ask(bea.home(), ada.cookie) == 401);
    CHECK(ask(ada.home(), "") == 401);
    CHECK(ask(ada.home(), "__Host-salus-" + ada.home() + "=00") == 401);
    // Bea's token under Ada's name opens neither home.
    const std::string token = bea.cookie.substr(bea.cookie.find('='));
    CHECK(ask(ada.home(), "__Host-salus-" + ada.home() + token) == 401);
}

TEST_CASE("another site's page changes nothing") {
    World world;
    const Person ada = world.patient("ada");
    const auto log_out = [&](std::string name, std::string value) {
        Request request = World::request("POST", "/api/logout", &ada);
        request.headers.emplace_back(name, value);
        return world.dispatch(request).status;
    };
    CHECK(log_out("origin", "https://evil.example") == 403);
    CHECK(log_out("origin", "null") == 403);
    CHECK(log_out("origin", "https://localhost:8080.evil.example") == 403);
    CHECK(log_out("sec-fetch-site", "cross-site") == 403);
    CHECK(log_out("sec-fetch-site", "same-site") == 403);
    CHECK(world.get("/api/session", &ada).status == 200);
    CHECK(log_out("origin", "http://localhost:8080") == 200);
    CHECK(world.get("/api/session", &ada).status == 401);
}

TEST_CASE("sessions are listed, ended one by one, and end by themselves") {
    World world;
    const Person ada = world.patient("ada");
    const Person bea = world.patient("bea");
    Person elsewhere = world.newcomer("ada", false, false);
    const Answer second = world.post("/api/login", world.login_body(ada));
    elsewhere.account.keys.account = ada.id();
    World::take_cookie(elsewhere, second);

    const Answer list = world.get("/api/sessions", &ada);
    const json::Array& sessions = *json::need_array(list.json, "sessions").value();
    REQUIRE(sessions.size() == 2);
    std::string other;
    for (const json::Value& s : sessions) {
        if (!*s.find("current")->boolean()) other = json::need_text(s, "id").value();
    }
    CHECK(world.dispatch(World::request("DELETE", "/api/sessions/" + other, &bea)).status == 404);
    CHECK(world.dispatch(World::request("DELETE", "/api/sessions/zz", &ada)).status == 400);
    CHECK(world.get("/api/session", &elsewhere).status == 200);
    CHECK(world.dispatch(World::request("DELETE", "/api/sessions/" + other, &ada)).status == 200);
    CHECK(world.get("/api/session", &elsewhere).status == 401);

    world.reopen();
    CHECK(world.get("/api/session", &ada).status == 200);
    world.advance(identity::patient_idle_ms + 1);
    CHECK(world.get("/api/session", &ada).status == 401);
}

TEST_CASE("of two clients that save a keyring, the second is told to load it first") {
    World world;
    const Person ada = world.patient("ada");
    const auto put = [&](std::uint64_t version, std::size_t size) {
        return world
            .send("PUT", "/api/keyring",
                  json::Object{{"version", version}, {"blob", to_base64url(Bytes(size, 7))}}, &ada)
            .status;
    };
    CHECK(put(1, 100) == 200);
    CHECK(put(1, 200) == 409);
    CHECK(put(3, 200) == 409);
    CHECK(put(2, 200) == 200);
    CHECK(put(3, identity::keyring_bytes_max) == 200);
    CHECK(put(4, identity::keyring_bytes_max + 1) == 400);
    const Answer got = world.get("/api/keyring", &ada);
    CHECK(json::need_uint(got.json, "version").value() == 3);
}

TEST_CASE("demo links work on a demo node only") {
    const auto demo_login = [](World& world, const Person& person) {
        return world.post(
            "/api/demo/login",
            json::Object{
                {"name", person.account.options.name},
                {"auth_key", to_base64url(crypto::demo_keys(*person.account.demo).auth.reveal())}});
    };
    const auto with_demo = [](World& world, std::string name) {
        Person out = world.newcomer(std::move(name), false, false);
        out.account.demo = crypto::random_key<crypto::DemoKey>(world.env);
        return out;
    };
    World real;
    Person ada = with_demo(real, "ada");
    CHECK(real.post("/api/signup", real.sign_up_body(ada)).status == 403);
    CHECK(demo_login(real, ada).status == 403);

    World demo(true);
    Person bea = with_demo(demo, "bea");
    demo.sign_up(bea);
    CHECK(demo_login(demo, bea).status == 200);
    bea.account.demo = crypto::random_key<crypto::DemoKey>(demo.env);
    CHECK(demo_login(demo, bea).status == 401);
}

TEST_CASE("a body that is no JSON object is refused") {
    World world;
    const auto log_in = [&](std::string type, std::string body) {
        Request request = World::request("POST", "/api/login");
        request.headers.emplace_back("content-type", std::move(type));
        request.body = to_bytes(body);
        return world.dispatch(request).status;
    };
    CHECK(log_in("text/plain", "{}") == 400);
    CHECK(log_in("application/json", "[]") == 400);
    CHECK(log_in("application/json", "") == 400);
    CHECK(log_in("application/json", R"({"name":"a","name":"b"})") == 400);
    CHECK(log_in("application/json", R"({"name":1e400})") == 400);
    CHECK(log_in("application/json", std::string(100'000, '[')) == 400);
    CHECK(log_in("application/json", "{\"name\":\"ada\",\"auth_key\":\"AAAA\"}") == 400);
}
