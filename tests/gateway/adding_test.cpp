#include "world.hpp"

/// The right to add to a collection, given by a consent without keys: what a laboratory gets.
namespace salus::gateway::test {
namespace {

struct Adding {
    World world;
    Person officer = world.first_officer();
    Person lab = world.staff(officer, "lab", "laboratory");
    Person ada = world.patient("ada");
    Kept own = world.keep(ada, "private note");
    ObjectId directive = random_bytes<ObjectId>(world.env);
    UnixMillis until{world.env.now().value + 3'600'000};

    Adding() {
        client::ConsentIr ir;
        ir.actors = {client::person_label(ada.account.keys.labels, lab.id())};
        ir.scope = {client::ScopeKind::collections, {own.collection}};
        ir.purposes = {"TREAT"};
        ir.actions = {"write"};
        ir.from = {world.env.now().value - 1'000};
        ir.until = until;
        const client::GrantPlace place{world.chain, ada.id(), ada.account.keys.signing_id,
                                       directive,   until,    "TREAT"};
        const client::operation::ConsentPut put{directive, client::encode(ir).value(), Digest{},
                                                client::wraps_digest({}).value(), std::nullopt};
        const Bytes tx =
            world.signed_by(ada, {client::operation::consent_put(put),
                                  client::operation::writer_put(own.collection, lab.id(), until)});
        const Bytes card = client::seal_card(world.env, place, {"Ada", "1950", {}},
                                             lab.account.keys.kem.public_half)
                               .value();
        const Answer answer =
            world.post_bytes("/api/grants", client::grants_body(tx, lab.id(), card, {}), &ada);
        INFO(as_text(answer.raw.body));
        REQUIRE(answer.status == 200);
    }
    std::uint64_t add(std::string_view text, ObjectId* record = nullptr) {
        const client::SealedItem item =
            world.seal(lab, world.facts(ada, own.collection), text, true);
        if (record != nullptr) *record = item.record;
        return json::need_uint(world.store(lab, {}, {item}).json, "code").value();
    }
    std::string listed() {
        return std::string(
            as_text(world.get("/api/shared/" + hex(directive) + "/records", &lab).raw.body));
    }
};

}  // namespace

TEST_CASE("a consent to add is listed as such, and lists nothing but the writer's own") {
    Adding a;
    const Answer shared = a.world.get("/api/shared", &a.lab);
    const json::Array& rows = *json::need_array(shared.json, "shared").value();
    REQUIRE(rows.size() == 1);
    const json::Array& actions = *json::need_array(rows.front(), "actions").value();
    REQUIRE(actions.size() == 1);
    CHECK(*actions.front().text() == "write");
    ObjectId result;
    CHECK(a.add("HbA1c 41", &result) == 0);
    CHECK(a.listed().find(hex(result)) != std::string::npos);
    CHECK(a.listed().find(hex(a.own.item.record)) == std::string::npos);
}

TEST_CASE("a consent to add opens nothing, whatever action a request names") {
    Adding a;
    CHECK(a.world.ask(a.lab, a.ada.id(), {a.own.item.record}).reason() == "consent-none");
    const Bytes request =
        client::access_request(a.world.env, a.lab.account.keys, a.world.occasion(),
                               {a.ada.id(), {a.own.item.record}, "TREAT", "write"})
            .value();
    CHECK(a.world.post_bytes("/api/open", request, &a.lab).status == 400);
}

TEST_CASE("one transaction ends the consent and the right with the contract") {
    Adding a;
    REQUIRE(a.add("before") == 0);
    const Bytes tx = a.world.signed_by(
        a.ada, {client::operation::consent_revoke(a.directive, "patient", {},
                                                  client::wraps_digest({}).value()),
                client::operation::writer_put(a.own.collection, a.lab.id(), UnixMillis{0})});
    const Answer ended = a.world.post_bytes("/api/revoke", client::revoke_body(tx, {}), &a.ada);
    INFO(as_text(ended.raw.body));
    REQUIRE(ended.status == 200);
    CHECK(a.add("after") == 101);
    CHECK(a.world.get("/api/shared/" + hex(a.directive) + "/records", &a.lab).status == 403);
}

}  // namespace salus::gateway::test
