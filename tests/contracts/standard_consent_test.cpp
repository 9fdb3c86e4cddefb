#include "contracts/support/standard_people.hpp"

#include <doctest/doctest.h>

/// Codes and limits of docs/contracts/consent.md. Who may call: standard_callers; what a decision
/// is: standard_consent_property.

using namespace salus;
using namespace salus::contracts;
using namespace salus::contracts::testing;
using args::Directive;
using args::ScopeKind;

namespace {

struct House : StandardWorld {
    House() : StandardWorld(EngineChoice::compiled_when_shipped) { populate(*this); }
    std::uint32_t put(const Directive& d, const std::optional<ObjectId>& supersedes = {}) {
        return as(ada).call("consent", "put", args::consent_put(fresh_id(), d, supersedes)).code;
    }
    std::uint32_t put_ir(ByteView ir) {
        return as(ada).call("consent", "put", args::consent_put_ir(fresh_id(), ir)).code;
    }
    std::uint32_t revoke(const Bytes& args) { return as(ada).call("consent", "revoke", args).code; }
    ObjectId fresh_id() { return object(0xF5, ++ids_); }

  private:
    std::uint64_t ids_ = 0;
};

const Bytes malformed = {0xA0};

std::vector<ObjectId> ids(std::size_t count) {
    std::vector<ObjectId> out;
    for (std::size_t i = 0; i < count; ++i) {
        out.push_back(object(0x20, i));
    }
    return out;
}
std::vector<std::string> words(std::size_t count) {
    std::vector<std::string> out;
    for (std::size_t i = 0; i < count; ++i) {
        out.push_back("P" + std::to_string(i));
    }
    return out;
}

}  // namespace

TEST_CASE("a directive lists no more than its limits, and something of everything") {
    struct Limit {
        std::size_t most;
        Directive (*with)(std::size_t);
        std::uint32_t none;  ///< code of an empty list
    };
    const Limit limits[] = {
        {64, [](std::size_t n) { return Directive{.actors = ids(n)}; }, 120},
        {64,
         [](std::size_t n) {
             return Directive{.scope = ScopeKind::collections, .scope_ids = ids(n)};
         },
         120},
        {256,
         [](std::size_t n) { return Directive{.scope = ScopeKind::records, .scope_ids = ids(n)}; },
         120},
        {32,
         [](std::size_t n) {
             return Directive{.scope = ScopeKind::categories, .scope_ids = ids(n)};
         },
         120},
        {16, [](std::size_t n) { return Directive{.purposes = words(n)}; }, 120},
        {8, [](std::size_t n) { return Directive{.actions = words(n)}; }, 120},
        {32, [](std::size_t n) { return Directive{.purposes = {std::string(n, 'x')}}; }, 120},
        {32, [](std::size_t n) { return Directive{.actions = {std::string(n, 'x')}}; }, 120},
    };
    House house;
    for (const Limit& limit : limits) {
        CAPTURE(limit.most);
        CHECK(house.put(limit.with(0)) == limit.none);
        CHECK(house.put(limit.with(1)) == 0);
        CHECK(house.put(limit.with(limit.most - 1)) == 0);
        CHECK(house.put(limit.with(limit.most)) == 0);
        CHECK(house.put(limit.with(limit.most + 1)) == 104);
    }
}

TEST_CASE("the largest directive fits, decides, and is listed") {
    House house;
    const Directive largest{.actors = ids(64),
                            .scope = ScopeKind::records,
                            .scope_ids = ids(256),
                            .purposes = std::vector(16, std::string(32, 'x')),
                            .actions = std::vector(8, std::string(32, 'x'))};
    for (int i = 0; i < 100; ++i) {
        REQUIRE(house.put(largest) == 0);
    }
    const Answer decided = house.query("consent", "decide",
                                       args::decide({.patient = ada,
                                                     .actors = {object(0x20, 63)},
                                                     .purpose = std::string(32, 'x'),
                                                     .action = std::string(32, 'x'),
                                                     .record = object(0x20, 255)}));
    REQUIRE(decided.code == 0);
    cbor::Reader in(decided.data);
    REQUIRE(in.map_of(4).ok());
    REQUIRE(in.key(1).ok());
    CHECK(in.uint().value() == 1);
    // More than one answer carries: page by page, and every one once.
    std::optional<ObjectId> after;
    std::size_t listed = 0;
    for (std::size_t found = 1; found > 0; listed += found) {
        const Answer page = house.query("consent", "list", args::page(ada.view(), after, 100));
        INFO(page.detail);
        REQUIRE(page.code == 0);
        cbor::Reader rows(page.data);
        found = rows.array().value();
        for (std::size_t i = 0; i < found; ++i) {
            REQUIRE(rows.array_of(2).ok());
            const ObjectId id = rows.fixed<ObjectId>().value();
            CHECK((!after || *after < id));
            after = id;
            REQUIRE(rows.skip().ok());
        }
    }
    CHECK(listed == 101);
}

TEST_CASE("a directive is of a known version and ends after it begins") {
    House house;
    CHECK(house.put_ir(args::ir({}, 0)) == 120);
    CHECK(house.put_ir(args::ir({}, 2)) == 100);  // version 2 has five fields
    CHECK(house.put_ir(args::ir({}, 3)) == 120);
    CHECK(house.put_ir(args::ir({}, 1)) == 0);
    CHECK(house.put_ir(malformed) == 100);
    CHECK(house.put_ir(Bytes{}) == 100);
    CHECK(house.put({.from = start_time + 10, .until = start_time + 9}) == 120);
    CHECK(house.put({.from = start_time + 10, .until = start_time + 10}) == 120);
    CHECK(house.put({.from = start_time + 10, .until = start_time + 11}) == 0);
    CHECK(house.put({.from = -1}) == 104);
    CHECK(house.put({.from = 0, .until = start_time - 1}) == 121);
    CHECK(house.put({.from = 0, .until = start_time}) == 121);
    CHECK(house.put({.from = 0, .until = start_time + 1}) == 0);
    Bytes longer = args::ir({});
    longer.push_back(0xF6);
    CHECK(house.put_ir(longer) == 100);
}

TEST_CASE("a scope has the form of its kind") {
    House house;
    const auto with_scope = [&](const Bytes& scope) {
        const Bytes whole = args::ir({});
        // The scope of everything is 04 81 00, behind field 3.
        const Bytes before(whole.begin(), whole.begin() + 25);
        REQUIRE(whole[24] == 0x04);
        REQUIRE(whole[25] == 0x81);
        Bytes out = before;
        append(out, scope);
        out.insert(out.end(), whole.begin() + 27, whole.end());
        return house.put_ir(out);
    };
    CHECK(with_scope({0x81, 0x00}) == 0);
    CHECK(with_scope({0x82, 0x00, 0x80}) == 120);
    CHECK(with_scope({0x81, 0x01}) == 120);
    CHECK(with_scope({0x82, 0x01, 0x80}) == 120);
    CHECK(with_scope({0x81, 0x04}) == 104);
    CHECK(with_scope({0x83, 0x01, 0x80, 0x80}) == 120);
    CHECK(with_scope({0xF6}) == 100);
    CHECK(with_scope({0x80}) == 120);
}

TEST_CASE("a directive is at most 16,384 bytes") {
    House house;
    // A valid one is smaller by its other limits: what is refused at the limit is its form.
    for (const auto& [size, code] : std::vector<std::pair<std::size_t, std::uint32_t>>{
             {16'383, 100}, {16'384, 100}, {16'385, 104}}) {
        Bytes padded = args::ir({});
        padded.resize(size, 0xF6);
        CHECK(house.put_ir(padded) == code);
    }
}

TEST_CASE("a directive is put once, and supersedes a live one of the same patient") {
    House house;
    const auto put = [&](const AccountId& who, const ObjectId& id,
                         const std::optional<ObjectId>& supersedes = std::nullopt) {
        return house.as(who).call("consent", "put", args::consent_put(id, {}, supersedes)).code;
    };
    const ObjectId next = object(0xF1);
    CHECK(put(ada, directive_ada) == 103);
    CHECK(put(ben, directive_ada) == 0);  // ids are the patient's own
    CHECK(put(ada, next, object(0xF2)) == 122);
    CHECK(put(ada, next, next) == 122);
    CHECK(put(ada, next, directive_ada) == 0);
    CHECK(put(ada, object(0xF2), directive_ada) == 123);
    CHECK(house.revoke(args::revoke(directive_ada)) == 123);
    CHECK(house.as(ada).call("consent", "put", malformed).code == 100);
    // Ben's of the same id lives on.
    CHECK(house.as(ben).call("consent", "revoke", args::revoke(directive_ada)).code == 0);
}

TEST_CASE("a directive supersedes one about the same things only") {
    House house;
    const auto about = [](ScopeKind kind, std::vector<ObjectId> ids) {
        return Directive{.scope = kind, .scope_ids = std::move(ids)};
    };
    const ObjectId one = object(1);
    const ObjectId two = object(2);
    const std::vector<Directive> scopes{
        about(ScopeKind::everything, {}),         about(ScopeKind::records, {one}),
        about(ScopeKind::records, {two}),         about(ScopeKind::records, {one, two}),
        about(ScopeKind::collections, {one}),     about(ScopeKind::categories, {one}),
        about(ScopeKind::categories, {one, two}),
    };
    std::uint64_t next = 0;
    for (std::size_t before = 0; before < scopes.size(); ++before) {
        for (std::size_t after = 0; after < scopes.size(); ++after) {
            const ObjectId old = object(0xF1, ++next);
            REQUIRE(
                house.as(ada).call("consent", "put", args::consent_put(old, scopes[before])).code ==
                0);
            CHECK(house.put(scopes[after], old) == (before == after ? 0 : 124));
            // Refused, it ends nothing.
            CHECK(house.revoke(args::revoke(old)) == (before == after ? 123 : 0));
        }
    }
    // The order of the names is not a difference, nor is a name written twice.
    const ObjectId old = object(0xF2);
    REQUIRE(house.as(ada).call("consent", "put", args::consent_put(old, scopes[3])).code == 0);
    CHECK(house.put(about(ScopeKind::records, {two, one, two}), old) == 0);
}

TEST_CASE("a revocation gives its reason and happens once") {
    House house;
    CHECK(house.revoke(args::revoke(object(0xF9))) == 101);
    CHECK(house.revoke(args::revoke(directive_ada, {}, "")) == 100);
    CHECK(house.revoke(args::revoke(directive_ada, {}, std::string(33, 'x'))) == 104);
    CHECK(house.revoke(malformed) == 100);
    CHECK(house.revoke(args::revoke(directive_ada, {}, std::string(32, 'x'))) == 0);
    CHECK(house.revoke(args::revoke(directive_ada)) == 123);
    cbor::Writer expected;
    expected.map(7).uint(1).bytes(args::ir({})).uint(2).bytes(digest(0x91).view()).uint(3).uint(42);
    expected.uint(4).integer(yesterday - 1).uint(5).integer(start_time);
    expected.uint(6).bytes(digest(0x92).view()).uint(7).null();
    CHECK(
        house.query("consent", "directive", args::two_ids(ada.view(), directive_ada.view())).data ==
        expected.view());
    CHECK(
        house.query("consent", "directive", args::two_ids(ben.view(), directive_ada.view())).data ==
        nothing());
}

TEST_CASE("a revocation rotates up to 64 collections, all or none") {
    House house;
    std::vector<args::Rotation> rotations;
    for (std::uint8_t i = 0; i < 65; ++i) {
        const ObjectId collection = object(0xC5, i);
        rotations.push_back({collection, 2});
        REQUIRE(
            house.as(ada).call("record", "collection_put", args::collection_put(collection)).code ==
            0);
    }
    const auto epoch_is = [&](const ObjectId& collection, std::uint64_t epoch) {
        return house.as(ada)
                   .call("record", "collection_rotate",
                         args::collection_rotate(collection, epoch + 1))
                   .code == 0;
    };
    CHECK(house.revoke(args::revoke(directive_ada, rotations)) == 104);
    rotations.pop_back();
    rotations[63].epoch = 3;
    CHECK(house.revoke(args::revoke(directive_ada, rotations)) == 105);
    rotations[63] = {bens, 2};
    CHECK(house.revoke(args::revoke(directive_ada, rotations)) == 101);
    CHECK(house.revoke(args::revoke(directive_ada, {rotations[0], rotations[0]})) == 105);
    rotations[63] = {object(0xC5, 63), 2};
    CHECK(house.revoke(args::revoke(directive_ada, rotations)) == 0);
    CHECK(epoch_is(object(0xC5, 0), 2));
    CHECK(epoch_is(object(0xC5, 63), 2));
    CHECK(epoch_is(object(0xC5, 64), 1));
}

TEST_CASE("sixty-three collections are rotated together") {
    House house;
    std::vector<args::Rotation> rotations;
    for (std::uint8_t i = 0; i < 63; ++i) {
        rotations.push_back({object(0xC5, i), 2});
        REQUIRE(house.as(ada)
                    .call("record", "collection_put", args::collection_put(object(0xC5, i)))
                    .code == 0);
    }
    CHECK(house.revoke(args::revoke(directive_ada, rotations)) == 0);
}

TEST_CASE("a question names at most 64 labels, and codes of at most 256 bytes") {
    House house;
    const auto ask = [&](const args::Question& q) {
        return house.query("consent", "decide", args::decide(q)).code;
    };
    CHECK(ask({.patient = ada, .actors = {}}) == 0);
    CHECK(ask({.patient = ada, .actors = ids(63)}) == 0);
    CHECK(ask({.patient = ada, .actors = ids(64)}) == 0);
    CHECK(ask({.patient = ada, .actors = ids(65)}) == 104);
    for (const auto& [size, code] :
         std::vector<std::pair<std::size_t, std::uint32_t>>{{255, 0}, {256, 0}, {257, 104}}) {
        CHECK(ask({.patient = ada, .purpose = std::string(size, 'x')}) == code);
        CHECK(ask({.patient = ada, .action = std::string(size, 'x')}) == code);
    }
    CHECK(house.query("consent", "decide", malformed).code == 100);
    CHECK(ask({.patient = newcomer}) == 0);
}

TEST_CASE("directives are listed in pages of at most a hundred") {
    House house;
    for (int i = 0; i < 101; ++i) {
        REQUIRE(house.put({}) == 0);
    }
    const auto page = [&](std::uint64_t count,
                          const std::optional<ObjectId>& after = std::nullopt) {
        return house.query("consent", "list", args::page(ada.view(), after, count));
    };
    CHECK(page(0).code == 104);
    CHECK(page(101).code == 104);
    CHECK(cbor::Reader(page(99).data).array().value() == 99);
    CHECK(cbor::Reader(page(100).data).array().value() == 100);
    CHECK(cbor::Reader(page(100, object(0xF5, 99)).data).array().value() == 2);
    CHECK(cbor::Reader(page(100, object(0xF5, 101)).data).array().value() == 0);
    CHECK(house.query("consent", "list", malformed).code == 100);
}

TEST_CASE("each name has one leaf with the times in which it was permitted to read") {
    House house;
    const ObjectId doctor = object(0x9A);
    const auto stored = [&](const ObjectId& label) {
        Bytes id = to_bytes(ada.view());
        append(id, label.view());
        const auto value = house.stored("consent", "l", id);
        return value ? to_hex(*value) : std::string();
    };
    const auto put = [&](const ObjectId& id, const Directive& d,
                         const std::optional<ObjectId>& supersedes = {}) {
        return house.as(ada).call("consent", "put", args::consent_put(id, d, supersedes)).code;
    };
    const auto interval = [](cbor::Writer& out, const ObjectId& id, std::int64_t begin) {
        out.array(4).bytes(id.view()).integer(begin).integer(start_time + 1'000'000);
    };
    CHECK(put(object(1), {.permit = false, .actors = {doctor}}) == 0);
    CHECK(put(object(2), {.actors = {doctor}, .actions = {"write"}}) == 0);
    CHECK(stored(doctor).empty());

    // Neither before the block that carries it, nor before it begins.
    CHECK(put(object(3), {.actors = {doctor, object(0x98)}}) == 0);
    CHECK(put(object(4),
              {.actors = {doctor}, .actions = {"write", "access"}, .from = start_time + 50}) == 0);
    cbor::Writer two;
    two.array(2);
    interval(two, object(3), start_time);
    two.null();
    interval(two, object(4), start_time + 50);
    two.null();
    CHECK(stored(doctor) == to_hex(two.view()));

    house.at(start_time + 7);
    CHECK(house.revoke(args::revoke(object(3))) == 0);
    house.at(start_time + 9);
    CHECK(put(object(5), {.actors = {doctor}}, object(4)) == 0);
    cbor::Writer three;
    three.array(3);
    interval(three, object(3), start_time);
    three.integer(start_time + 7);
    interval(three, object(4), start_time + 50);
    three.integer(start_time + 9);
    interval(three, object(5), start_time + 9);
    three.null();
    CHECK(stored(doctor) == to_hex(three.view()));
    cbor::Writer other;
    other.array(1);
    interval(other, object(3), start_time);
    other.integer(start_time + 7);
    CHECK(stored(object(0x98)) == to_hex(other.view()));
}

TEST_CASE("a name takes 256 permits in its life, and every one of them can be revoked") {
    House house;
    const Directive many{.actors = ids(64)};
    std::uint64_t number = 0;
    const auto put = [&] {
        const ObjectId id = object(0xF6, ++number);
        return house.as(ada).call("consent", "put", args::consent_put(id, many, {})).code;
    };
    for (int i = 0; i < 255; ++i) REQUIRE(put() == 0);
    CHECK(put() == 0);
    CHECK(put() == 104);
    CHECK(house.put({.permit = false, .actors = ids(64)}) == 0);
    CHECK(house.put({.actors = {object(0x97)}}) == 0);
    CHECK(house.revoke(args::revoke(object(0xF6, 1))) == 0);
    CHECK(house.revoke(args::revoke(object(0xF6, 256))) == 0);
}
