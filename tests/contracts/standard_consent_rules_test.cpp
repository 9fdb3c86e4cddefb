#include "consent/ir.hpp"
#include "consent/tables.hpp"
#include "contracts/support/standard_people.hpp"

#include <doctest/doctest.h>

#include <algorithm>

/// Directives of version 2 (docs/formats/consent-ir.md) in the consent contract: what is taken,
/// what is kept, what ends. What they mean: tests/consent/judge_property_test.cpp.

using namespace salus;
using namespace salus::contracts;
using namespace salus::contracts::testing;
using consent::Actor;
using consent::Node;
using consent::Question;
using Rules = consent::Directive;

namespace {

/// Kind and name as they are, cut to 16 bytes.
ObjectId label(std::string_view kind, std::string_view name) {
    const std::string text = std::string(kind.substr(0, 2)) + std::string(name);
    ObjectId out;
    std::copy_n(text.begin(), std::min(text.size(), out.bytes.size()), out.bytes.begin());
    return out;
}

const std::string doctor = "Practitioner/a";
const std::string nurse = "urn:r|nurse";
const std::string treat = consent::token(consent::act_reason, "TREAT");

Rules permit_doctor() {
    Rules out{"", "patient-privacy", {Node{1, true, {}, consent::notify}}};
    out.nodes[0].own.actors = std::vector<Actor>{{doctor, {}}};
    out.nodes[0].own.purposes = consent::Items{treat};
    out.nodes[0].own.period = consent::Period{std::nullopt, start_time + 100};
    return out;
}

/// Decision, reason and obligations.
struct Said {
    std::uint64_t decision = 0;
    std::uint64_t reason = 0;
    std::uint64_t obligations = 0;
    bool operator==(const Said&) const = default;
};

struct House : StandardWorld {
    House() : StandardWorld(EngineChoice::compiled_when_shipped) { populate(*this); }
    std::uint32_t put_ir(ByteView ir, const ObjectId& id,
                         const std::optional<ObjectId>& supersedes = {}) {
        return as(ada).call("consent", "put", args::consent_put_ir(id, ir, supersedes)).code;
    }
    std::uint32_t put(const Rules& rules, std::uint64_t id,
                      const std::optional<ObjectId>& supersedes = {}) {
        return put_ir(consent::encode_ir(rules, label).value(), object(0xF5, id), supersedes);
    }
    Said ask(const Question& question) {
        const Answer answer =
            query("consent", "decide", consent::encode_question(ada, question, label).value());
        REQUIRE(answer.code == 0);
        const auto out = consent::decode_answer(answer.data);
        REQUIRE(out.ok());
        return {static_cast<std::uint64_t>(out->decision), out->reason, out->obligations};
    }
    Question by_doctor() {
        Question out;
        out.actor = doctor;
        out.roles.emplace();
        out.organizations.emplace();
        out.groups.emplace();
        out.purpose = treat;
        out.action = consent::token(consent::consent_action, "access");
        out.now = now();
        return out;
    }
    /// How many intervals a name has.
    std::size_t intervals(const ObjectId& name) {
        Bytes id = to_bytes(ada.view());
        append(id, name.view());
        const auto value = stored("consent", "l", id);
        if (!value) return 0;
        cbor::Reader in(*value);
        return in.array().value();
    }
};

constexpr Said permitted{1, 0, consent::notify | 0U};

}  // namespace

TEST_CASE("nested rules permit, are revoked, expire, and say so") {
    House house;
    CHECK(house.ask(house.by_doctor()) == Said{2, 1, 0});
    REQUIRE(house.put(permit_doctor(), 1) == 0);
    CHECK(house.ask(house.by_doctor()) == permitted);
    Question later = house.by_doctor();
    later.now = start_time + 99;
    CHECK(house.ask(later) == permitted);
    later.now = start_time + 100;
    CHECK(house.ask(later) == Said{2, 4, 0});
    later.actor = "Practitioner/other";
    CHECK(house.ask(later) == Said{2, 1, 0});
    house.at(start_time + 10);
    REQUIRE(house.as(ada).call("consent", "revoke", args::revoke(object(0xF5, 1))).code == 0);
    Question now = house.by_doctor();
    CHECK(house.ask(now) == Said{2, 3, 0});
    now.now = start_time + 9;
    CHECK(house.ask(now) == permitted);
}

TEST_CASE("a deny among nested rules decides with a flat permit beside it") {
    House house;
    args::Directive flat;
    flat.actors = {label("actor", doctor)};
    REQUIRE(house.as(ada).call("consent", "put", args::consent_put(object(0xF5, 1), flat)).code ==
            0);
    CHECK(house.ask(house.by_doctor()) == Said{1, 0, 0});
    Rules deny{"", "patient-privacy", {Node{1, false, {}, 0}}};
    deny.nodes[0].own.labels = consent::Items{"s|secret"};
    REQUIRE(house.put(deny, 2) == 0);
    Question question = house.by_doctor();
    CHECK(house.ask(question) == Said{0, 2, 0});
    question.record.labels = consent::Items{"s|other"};
    CHECK(house.ask(question) == Said{1, 0, 0});
}

TEST_CASE("a question without facts knows nothing of the record") {
    House house;
    Rules rules = permit_doctor();
    REQUIRE(house.put(rules, 1) == 0);
    args::Question plain;
    plain.patient = ada;
    plain.actors = {label("actor", doctor)};
    const auto decision = [&] {
        const Answer answer = house.query("consent", "decide", args::decide(plain));
        REQUIRE(answer.code == 0);
        cbor::Reader in(answer.data);
        REQUIRE(in.map_of(4).ok());
        REQUIRE(in.key(1).ok());
        return in.uint().value();
    };
    CHECK(decision() == 1);
    Node except{2, false, {}, 0};
    except.own.codes = consent::Items{"s|1"};
    rules.nodes.push_back(except);
    REQUIRE(house.put(rules, 2) == 0);
    CHECK(decision() == 0);
}

TEST_CASE("nested rules supersede those of the same scope") {
    House house;
    REQUIRE(house.put(permit_doctor(), 1) == 0);
    Rules other = permit_doctor();
    other.nodes[0].permit = false;
    CHECK(house.put(other, 2, object(0xF5, 1)) == 0);
    CHECK(house.ask(house.by_doctor()) == Said{0, 2, 0});
    Rules research = permit_doctor();
    research.scope = "research";
    CHECK(house.put(research, 3, object(0xF5, 2)) == 124);
    REQUIRE(house.as(ada)
                .call("consent", "put", args::consent_put(object(0xF5, 4), args::Directive{}))
                .code == 0);
    CHECK(house.put(permit_doctor(), 5, object(0xF5, 4)) == 124);
    CHECK(house.put(permit_doctor(), 5, object(0xF5, 1)) == 123);
}

TEST_CASE("whoever a rule lets read has an interval, and nobody else") {
    House house;
    Rules rules = permit_doctor();
    rules.nodes[0].own.actors = std::vector<Actor>{{doctor, {nurse}}, {{}, {nurse}}};
    Node denied{2, false, {}, 0};
    denied.own.actors = std::vector<Actor>{{"Practitioner/denied", {}}};
    Node writes{2, true, {}, 0};
    writes.own.actors = std::vector<Actor>{{"Practitioner/writes", {}}};
    writes.own.actions = consent::Items{"urn:a|write"};
    rules.nodes.push_back(denied);
    rules.nodes.push_back(writes);
    REQUIRE(house.put(rules, 1) == 0);
    CHECK(house.intervals(label("actor", doctor)) == 1);
    CHECK(house.intervals(label("role", nurse)) == 1);
    CHECK(house.intervals(label("actor", "Practitioner/denied")) == 0);
    CHECK(house.intervals(label("actor", "Practitioner/writes")) == 0);
    CHECK(house.intervals(ObjectId{}) == 0);
    // A rule about nobody in particular lets everybody read.
    REQUIRE(house.put(Rules{"", "patient-privacy", {Node{1, true, {}, 0}}}, 2) == 0);
    CHECK(house.intervals(ObjectId{}) == 1);
}

TEST_CASE("reading among other actions is reading, wherever it stands") {
    House house;
    args::Directive flat;
    flat.actors = {label("actor", doctor)};
    flat.actions = {"access", "write"};
    REQUIRE(house.as(ada).call("consent", "put", args::consent_put(object(0xF5, 1), flat)).code ==
            0);
    CHECK(house.intervals(label("actor", doctor)) == 1);
    flat.actions = {"write"};
    REQUIRE(house.as(ada).call("consent", "put", args::consent_put(object(0xF5, 2), flat)).code ==
            0);
    CHECK(house.intervals(label("actor", doctor)) == 1);
}

TEST_CASE("a role with a name is both: neither alone is permitted") {
    House house;
    Rules rules = permit_doctor();
    rules.nodes[0].own.actors = std::vector<Actor>{{doctor, {nurse}}};
    REQUIRE(house.put(rules, 1) == 0);
    Question question = house.by_doctor();
    CHECK(house.ask(question).decision == 2);
    question.roles = consent::Items{nurse};
    CHECK(house.ask(question).decision == 1);
    question.actor = "Practitioner/other";
    CHECK(house.ask(question).decision == 2);
}

TEST_CASE("rules name at most 64 who may read") {
    House house;
    const auto with = [&](std::size_t count, std::uint64_t id) {
        Rules rules = permit_doctor();
        rules.nodes[0].own.actors->clear();
        for (std::size_t i = 0; i < count; ++i)
            rules.nodes[0].own.actors->push_back({"P/" + std::to_string(i), {}});
        return house.put(rules, id);
    };
    CHECK(with(63, 1) == 0);
    CHECK(with(64, 2) == 0);
    CHECK(with(65, 3) == 104);
}

TEST_CASE("a question about another version of the code tables is refused") {
    House house;
    Bytes args = consent::encode_question(ada, house.by_doctor(), label).value();
    CHECK(house.query("consent", "decide", args).code == 0);
    // Facts begin with field 1, the version: ac 01 01.
    const std::array<std::uint8_t, 3> head{0xac, 0x01, 0x01};
    const auto at = std::search(args.begin(), args.end(), head.begin(), head.end());
    REQUIRE(at != args.end());
    at[2] = 2;
    CHECK(house.query("consent", "decide", args).code == 104);
}

TEST_CASE("whatever bytes stand for rules or a question, they are taken or refused, never a trap") {
    House house;
    Rules rules = permit_doctor();
    Node except{2, false, {}, 0};
    except.own.labels = consent::Items{"s|secret", ""};
    except.own.data = consent::Data{{"Observation/1"}, {doctor}, {}, {}};
    except.own.classes = consent::Classes{{"Observation"}, {""}};
    except.own.data_period = consent::Days{10, 20};
    rules.nodes.push_back(except);
    const Bytes good = consent::encode_ir(rules, label).value();
    const Bytes asked = consent::encode_question(ada, house.by_doctor(), label).value();
    std::uint64_t id = 0;
    const auto empty = house.state.entries;
    const auto refused_or_taken = [&](ByteView ir) {
        house.state.entries = empty;
        const std::uint32_t code = house.put_ir(ir, object(0xF6, ++id));
        CHECK((code == 0 || code == 100 || code == 104 || code == 120 || code == 121));
        // What was taken is decided on, too.
        if (code == 0) {
            CHECK(house.query("consent", "decide", asked).code == 0);
            CHECK(house.as(ada).call("consent", "revoke", args::revoke(object(0xF6, id))).code ==
                  0);
        }
    };
    for (std::size_t at = 0; at < good.size(); ++at) {
        refused_or_taken(ByteView(good).first(at));
        for (const int change : {1, 0x20, 0x80}) {
            Bytes bad = good;
            bad[at] = static_cast<std::uint8_t>(bad[at] ^ change);
            refused_or_taken(bad);
        }
    }
    house.state.entries = empty;
    REQUIRE(house.put_ir(good, object(0xF7, 1)) == 0);
    for (std::size_t at = 0; at < asked.size(); ++at) {
        for (const int change : {1, 0x20, 0x80}) {
            Bytes bad = asked;
            bad[at] = static_cast<std::uint8_t>(bad[at] ^ change);
            const std::uint32_t code = house.query("consent", "decide", bad).code;
            CHECK((code == 0 || code == 100 || code == 104));
        }
    }
}
