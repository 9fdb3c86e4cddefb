#include "gateway/world.hpp"

/// A clinician asks, the patient answers: docs/formats/http-api.md, Asks.

using namespace salus;
using namespace salus::gateway;
using namespace salus::gateway::test;

namespace {

struct Ward : World {
    Ward() : officer(first_officer()), novak(staff(officer, "novak", "clinician")) {}

    json::Value ask_body(const Person& of, std::string_view id) {
        return json::Object{{"id", std::string(id)},
                            {"patient", hex(of.id())},
                            {"to_patient", to_base64url(Bytes(90, 1))},
                            {"to_asker", to_base64url(Bytes(90, 2))}};
    }
    Answer asks(const Person& by, const Person& of, std::string_view id = one) {
        return post("/api/asks", ask_body(of, id), &by);
    }
    Answer answers(const Person& by, std::string answer, json::Value directive = {}) {
        return post(
            "/api/asks/" + std::string(one) + "/answer",
            json::Object{{"answer", std::move(answer)}, {"directive", std::move(directive)}}, &by);
    }
    std::string state_for(const Person& side) {
        const Answer list = get("/api/asks", &side);
        REQUIRE(list.status == 200);
        const json::Array* rows = json::need_array(list.json, "asks").value();
        return rows->empty() ? "none" : json::need_text(rows->front(), "state").value();
    }

    static constexpr std::string_view one = "11111111111111111111111111111111";
    Person officer;
    Person novak;
};

}  // namespace

TEST_CASE("an ask reaches the patient, each side with the copy sealed to it") {
    Ward ward;
    const Person ada = ward.patient("ada");
    const Answer made = ward.asks(ward.novak, ada);
    INFO(as_text(made.raw.body));
    REQUIRE(made.status == 200);
    for (const Person* side : std::initializer_list<const Person*>{&ada, &ward.novak}) {
        const Answer list = ward.get("/api/asks", side);
        const json::Value& row = json::need_array(list.json, "asks").value()->front();
        const bool is_patient = side == &ada;
        CHECK(json::need_text(row, "side").value() == (is_patient ? "patient" : "asker"));
        CHECK(json::need_base64url(row, "blob", 90).value() == Bytes(90, is_patient ? 1 : 2));
        CHECK(json::need_text(row, "state").value() == "open");
        CHECK(json::need_uint(row, "expires").value() ==
              json::need_uint(row, "made").value() + 7U * 86'400'000U);
    }
    CHECK(ward.state_for(ward.officer) == "none");
}

TEST_CASE("both sides hear at once that an ask was made and answered") {
    Ward ward;
    const Person ada = ward.patient("ada");
    const auto heard = ward.house->events.subscribe(EventHub::Who{ada.id(), false, Digest{}, {}});
    REQUIRE(heard.ok());
    REQUIRE(ward.asks(ward.novak, ada).status == 200);
    const std::string text = (*heard)->drain();
    CHECK(text.find("event: ask") != std::string::npos);
    CHECK(text.find(Ward::one) != std::string::npos);
}

TEST_CASE("allowing names a sharing in force with whoever asks, and no other") {
    Ward ward;
    Person ada = ward.patient("ada");
    const Kept kept = ward.keep(ada, "a result");
    const Person other = ward.staff(ward.officer, "haddad", "clinician");
    REQUIRE(ward.asks(ward.novak, ada).status == 200);
    const auto to_other = ward.grant(ada, kept.collection, ward.to_person(ada, other));
    CHECK(ward.answers(ada, "allow").status == 400);
    CHECK(ward.answers(ada, "allow", std::string(32, 'd')).status == 403);
    CHECK(ward.answers(ada, "allow", hex(to_other.directive)).status == 403);
    const auto ended = ward.grant(ada, kept.collection, ward.to_person(ada, ward.novak));
    REQUIRE(ward.revoke(ada, ended.directive).status == 200);
    CHECK(ward.answers(ada, "allow", hex(ended.directive)).status == 403);
    CHECK(ward.state_for(ada) == "open");
    const auto given = ward.grant(ada, kept.collection, ward.to_person(ada, ward.novak));
    CHECK(ward.answers(ada, "allow", hex(given.directive)).status == 200);
    CHECK(ward.state_for(ward.novak) == "allowed");
}

TEST_CASE("refusing needs no sharing and leaves none") {
    Ward ward;
    const Person ada = ward.patient("ada");
    REQUIRE(ward.asks(ward.novak, ada).status == 200);
    CHECK(ward.answers(ada, "perhaps").status == 400);
    CHECK(ward.answers(ada, "refuse").status == 200);
    CHECK(ward.state_for(ward.novak) == "refused");
    CHECK(ward.answers(ada, "refuse").status == 403);
    const Answer shared = ward.get("/api/shared", &ward.novak);
    CHECK(json::need_array(shared.json, "shared").value()->empty());
}

TEST_CASE("nobody but the patient answers, and nobody but the asker withdraws") {
    Ward ward;
    const Person ada = ward.patient("ada");
    const Person ben = ward.patient("ben");
    REQUIRE(ward.asks(ward.novak, ada).status == 200);
    const std::string path = "/api/asks/" + std::string(Ward::one);
    for (const Person* stranger :
         std::initializer_list<const Person*>{&ben, &ward.novak, &ward.officer})
        CHECK(ward.answers(*stranger, "refuse").status == 404);
    for (const Person* stranger : std::initializer_list<const Person*>{&ben, &ada, &ward.officer})
        CHECK(ward.send("DELETE", path, json::Object{}, stranger).status == 404);
    CHECK(ward.answers(ada, "refuse").status == 200);
    CHECK(ward.send("DELETE", path, json::Object{}, &ward.novak).status == 403);
}

TEST_CASE("an asker withdraws an ask, and it can no longer be answered") {
    Ward ward;
    const Person ada = ward.patient("ada");
    REQUIRE(ward.asks(ward.novak, ada).status == 200);
    const std::string path = "/api/asks/" + std::string(Ward::one);
    CHECK(ward.send("DELETE", path, json::Object{}, &ward.novak).status == 200);
    CHECK(ward.state_for(ada) == "withdrawn");
    CHECK(ward.answers(ada, "refuse").status == 403);
}

TEST_CASE("after seven days an ask has expired on both sides") {
    Ward ward;
    const Person ada = ward.patient("ada");
    REQUIRE(ward.asks(ward.novak, ada).status == 200);
    ward.env.ahead_ms += vault::ask_life_ms;
    const vault::AccessAsk kept =
        ward.house->asks->get(ObjectId::from(Bytes(16, 0x11)).value()).value();
    CHECK(kept.state_at(ward.env.now()) == vault::AskState::expired);
}

TEST_CASE("patients ask nobody, and staff and strangers are not asked") {
    Ward ward;
    const Person ada = ward.patient("ada");
    const Person ben = ward.patient("ben");
    CHECK(ward.asks(ben, ada).status == 403);
    CHECK(ward.asks(ward.novak, ward.officer).status == 404);
    const Person nobody = ward.newcomer("nobody", false, false);
    CHECK(ward.asks(ward.novak, nobody).status == 404);
    CHECK(ward.get("/api/asks").status == 401);
}
