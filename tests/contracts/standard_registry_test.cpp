#include "contracts/support/standard_people.hpp"

#include <doctest/doctest.h>

/// Codes and limits of docs/contracts/registry.md and access.md. Who may call: standard_callers.

using namespace salus;
using namespace salus::contracts;
using namespace salus::contracts::testing;

namespace {

struct House : StandardWorld {
    House() : StandardWorld(EngineChoice::compiled_when_shipped) { populate(*this); }
    std::uint32_t code(const AccountId& who, std::string_view method, const Bytes& args) {
        return as(who).call("registry", method, args).code;
    }
    bool ask(std::string_view method, const Bytes& args) {
        const Answer answer = query("registry", method, args);
        REQUIRE(answer.code == 0);
        return cbor::Reader(answer.data).boolean().value();
    }
    bool holds(const AccountId& who, std::string_view role, std::int64_t time,
               const std::optional<ObjectId>& organisation = std::nullopt) {
        return ask("holds", args::holds(who, role, time, organisation));
    }
};

const Bytes malformed = {0xA0};

}  // namespace

TEST_CASE("an enrolment is kept as it was sent, and is of a kind that exists") {
    House house;
    std::uint8_t number = 0x70;
    for (const std::string_view kind : {"patient", "staff", "organisation", "service"}) {
        const AccountId somebody = account(number++);
        CHECK(house.code(somebody, "enrol", args::enrol(kind)) == 0);
        CHECK(house.ask("is_active", args::one_id(somebody.view())));
    }
    CHECK(house.code(newcomer, "enrol", args::enrol("clinician")) == 104);
    CHECK(house.code(newcomer, "enrol", args::enrol("")) == 104);
    CHECK(house.code(newcomer, "enrol", args::enrol("sixteen_letters_")) == 104);
    CHECK(house.code(newcomer, "enrol", args::enrol("seventeen_letters")) == 104);
    CHECK(house.code(newcomer, "enrol", malformed) == 100);
    CHECK_FALSE(house.ask("is_active", args::one_id(newcomer.view())));
    cbor::Writer expected;
    expected.map(6).uint(1).text("patient").uint(2).bytes(digest(0x51).view()).uint(3);
    expected.bytes(digest(0x52).view()).uint(4).uint(1).uint(5).uint(1).uint(6).null();
    CHECK(house.query("registry", "account", args::one_id(ada.view())).data == expected.view());
    CHECK(house.query("registry", "account", args::one_id(newcomer.view())).data == nothing());
}

TEST_CASE("keys are rotated to the next epoch and no other") {
    House house;
    CHECK(house.code(ada, "rotate", args::rotate(1)) == 105);
    CHECK(house.code(ada, "rotate", args::rotate(3)) == 105);
    CHECK(house.code(ada, "rotate", args::rotate(2)) == 0);
    CHECK(house.code(ada, "rotate", args::rotate(2)) == 105);
    CHECK(house.code(ada, "rotate", args::rotate(3)) == 0);
    CHECK(house.code(ada, "rotate", malformed) == 100);
}

TEST_CASE("a credential names an enrolled account, a known role and a time to come") {
    House house;
    const auto issue = [&](const args::Credential& c) {
        return house.code(node_a, "credential_issue", args::issue(c));
    };
    const ObjectId id = object(0x0C);
    CHECK(issue({.id = id, .account = newcomer}) == 102);
    CHECK(issue({.id = id, .account = left_officer}) == 102);
    CHECK(issue({.id = credential_of(clinician, organisation_a), .account = staff}) == 103);
    CHECK(issue({.id = credential_of(officer_b, organisation_b), .account = staff}) == 103);
    CHECK(issue({.id = id, .account = staff, .role = "king"}) == 104);
    CHECK(issue({.id = id,
                 .account = staff,
                 .role = std::string_view("a role of thirty-three letters____")}) == 104);
    CHECK(issue({.id = id, .account = staff, .expires = -1}) == 104);
    CHECK(issue({.id = id, .account = staff, .expires = start_time - 1}) == 104);
    CHECK(issue({.id = id, .account = staff, .expires = start_time}) == 104);
    CHECK(issue({.id = id, .account = staff, .organisation = object(0x0E)}) == 101);
    CHECK(house.code(node_a, "credential_issue", malformed) == 100);
    std::uint8_t number = 1;
    for (const std::string_view role :
         {"officer", "clinician", "steward", "laboratory", "researcher", "node"}) {
        CHECK(issue({.id = object(0x0C, number++),
                     .account = staff,
                     .role = role,
                     .expires = start_time + 1}) == 0);
        CHECK(house.holds(staff, role, start_time));
        CHECK_FALSE(house.holds(staff, role, start_time + 1));
    }
}

TEST_CASE("a role is held while its credential lives and its account is active") {
    House house;
    CHECK(house.holds(clinician, "clinician", start_time));
    CHECK(house.holds(clinician, "clinician", start_time, organisation_a));
    CHECK_FALSE(house.holds(clinician, "clinician", start_time, organisation_b));
    CHECK_FALSE(house.holds(clinician, "officer", start_time));
    CHECK_FALSE(house.holds(revoked_officer, "officer", start_time));
    CHECK_FALSE(house.holds(expired_officer, "officer", start_time));
    CHECK(house.holds(expired_officer, "officer", yesterday - 1));
    CHECK_FALSE(house.holds(left_officer, "officer", start_time));
    CHECK(house.holds(of_both, "clinician", start_time, organisation_a));
    CHECK(house.holds(of_both, "clinician", start_time, organisation_b));
    CHECK(house.query("registry", "holds", malformed).code == 100);
    CHECK(house.ask("is_node", args::one_id(node_b.view())));
    CHECK_FALSE(house.ask("is_node", args::one_id(officer_a.view())));
    CHECK(house.code(node_b, "deactivate", args::one_id(node_b.view())) == 0);
    CHECK_FALSE(house.ask("is_node", args::one_id(node_b.view())));
}

TEST_CASE("a credential is revoked once, and one that is not there never") {
    House house;
    const Bytes its = args::one_id(credential_of(clinician, organisation_a).view());
    CHECK(house.code(node_a, "credential_revoke", args::one_id(object(0x0C).view())) == 102);
    CHECK(house.code(node_a, "credential_revoke", its) == 0);
    CHECK(house.code(node_a, "credential_revoke", its) == 105);
    CHECK_FALSE(house.holds(clinician, "clinician", start_time));
    CHECK(house.code(node_a, "credential_revoke", malformed) == 100);
}

TEST_CASE("an account's history names every role it was ever given, and when it ended") {
    House house;
    const auto stored = [&](const AccountId& who) {
        const auto value = house.stored("registry", "h", who.view());
        return value ? to_hex(*value) : std::string();
    };
    CHECK(stored(staff).empty());
    const ObjectId id = object(0x0C);
    const ObjectId second = object(0x0D);
    REQUIRE(house.code(node_a, "credential_issue", args::issue({.id = id, .account = staff})) == 0);
    REQUIRE(house.code(node_a, "credential_issue",
                       args::issue({.id = second, .account = staff, .role = "steward"})) == 0);
    const auto entry = [](cbor::Writer& out, const ObjectId& of, std::string_view role) {
        out.array(6).bytes(of.view()).text(role).bytes(organisation_a.view());
        out.integer(start_time).integer(start_time + 1'000'000);
    };
    cbor::Writer both;
    both.array(2);
    entry(both, id, "clinician");
    both.null();
    entry(both, second, "steward");
    both.null();
    CHECK(stored(staff) == to_hex(both.view()));
    house.at(start_time + 7);
    REQUIRE(house.code(node_a, "credential_revoke", args::one_id(id.view())) == 0);
    cbor::Writer ended;
    ended.array(2);
    entry(ended, id, "clinician");
    ended.integer(start_time + 7);
    entry(ended, second, "steward");
    ended.null();
    CHECK(stored(staff) == to_hex(ended.view()));
}

TEST_CASE("an account is issued 512 credentials at most") {
    House house;
    std::uint64_t number = 0;
    const auto issue = [&] {
        return house.code(node_a, "credential_issue",
                          args::issue({.id = object(0x0C, ++number), .account = staff}));
    };
    for (int i = 0; i < 511; ++i) REQUIRE(issue() == 0);
    CHECK(issue() == 0);
    CHECK(issue() == 104);
}

TEST_CASE("an officer may end another, or themselves, while an officer remains who can act") {
    House house;
    const Bytes own = args::one_id(credential_of(officer_a, organisation_a).view());
    CHECK(house.code(officer_a, "credential_revoke", own) == 101);
    SUBCASE("an officer of another organisation does not count") {
        vouch(house, staff, "officer", organisation_b);
        CHECK(house.code(officer_a, "credential_revoke", own) == 101);
    }
    SUBCASE("a clinician does not count") {
        vouch(house, staff, "clinician", organisation_a);
        CHECK(house.code(officer_a, "credential_revoke", own) == 101);
    }
    SUBCASE("an officer who left does not count") {
        vouch(house, staff, "officer", organisation_a);
        REQUIRE(house.code(staff, "deactivate", args::one_id(staff.view())) == 0);
        CHECK(house.code(officer_a, "credential_revoke", own) == 101);
    }
    SUBCASE("an officer whose credential ran out does not count") {
        vouch(house, staff, "officer", organisation_a, start_time + 5);
        house.at(start_time + 5);
        CHECK(house.code(officer_a, "credential_revoke", own) == 101);
    }
    SUBCASE("a second one does") {
        vouch(house, staff, "officer", organisation_a);
        CHECK(house.code(officer_a, "credential_revoke", own) == 0);
        const Bytes last = args::one_id(credential_of(staff, organisation_a).view());
        CHECK(house.code(staff, "credential_revoke", last) == 101);
    }
    SUBCASE("they are found among hundreds of credentials") {
        for (std::uint64_t i = 0; i < 500; ++i) {
            const Bytes one = args::issue({.id = object(0x0C, i), .account = clinician});
            REQUIRE(house.code(node_a, "credential_issue", one) == 0);
        }
        vouch(house, staff, "officer", organisation_a);
        CHECK(house.code(officer_a, "credential_revoke", own) == 0);
        // A role behind hundreds of others is still a role.
        const Bytes last =
            args::issue({.id = object(0x0C, 2'000), .account = clinician, .role = "researcher"});
        REQUIRE(house.code(node_a, "credential_issue", last) == 0);
        CHECK(house.holds(clinician, "researcher", start_time));
    }
}

TEST_CASE("an account ends once, and one that is not there never") {
    House house;
    CHECK(house.code(node_a, "deactivate", args::one_id(newcomer.view())) == 102);
    CHECK(house.code(node_a, "deactivate", args::one_id(clinician.view())) == 0);
    CHECK(house.code(node_a, "deactivate", args::one_id(clinician.view())) == 105);
    CHECK(house.code(node_a, "deactivate", malformed) == 100);
    CHECK_FALSE(house.ask("is_active", args::one_id(clinician.view())));
}

TEST_CASE("an officer ends the account of staff with many credentials of the organisation") {
    House house;
    for (std::uint64_t i = 0; i < 40; ++i) {
        const Bytes one = args::issue({.id = object(0x0C, i), .account = staff});
        REQUIRE(house.code(node_a, "credential_issue", one) == 0);
    }
    CHECK(house.code(officer_b, "deactivate", args::one_id(staff.view())) == 101);
    CHECK(house.code(officer_a, "deactivate", args::one_id(staff.view())) == 0);
}

TEST_CASE("credentials are listed with their ids") {
    House house;
    const Answer answer = house.query("registry", "credentials", args::one_id(of_both.view()));
    cbor::Reader in(answer.data);
    REQUIRE(in.array().value() == 2);
    REQUIRE(in.map_of(7).ok());
    REQUIRE(in.key(0).ok());
    CHECK(in.fixed<ObjectId>().value() == credential_of(of_both, organisation_a));
    REQUIRE(in.key(1).ok());
    CHECK(in.text().value() == "clinician");
}

TEST_CASE("a node anchors its receipts one behind the other, each on the root before") {
    House house;
    const auto anchor = [&](const args::Anchor& a, const AccountId& node = node_a) {
        return house.as(node).call("access", "anchor", args::anchor(a)).code;
    };
    CHECK(house.query("access", "node", args::one_id(node_a.view())).data == nothing());
    CHECK(anchor({.from = 2, .to = 10}) == 120);
    CHECK(anchor({.from = 0, .to = 10}) == 120);
    CHECK(anchor({.from = 1, .to = 10, .previous = digest(1)}) == 121);
    CHECK(anchor({.from = 1, .to = 10}) == 0);
    CHECK(anchor({.from = 1, .to = 10, .previous = digest(0xA1)}) == 120);   // again
    CHECK(anchor({.from = 10, .to = 12, .previous = digest(0xA1)}) == 120);  // an overlap
    CHECK(anchor({.from = 12, .to = 12, .previous = digest(0xA1)}) == 120);  // a gap
    CHECK(anchor({.from = 11, .to = 9, .previous = digest(0xA1)}) == 120);   // backwards
    CHECK(anchor({.from = 11, .to = 11}) == 121);
    CHECK(anchor({.from = 11, .to = ~std::uint64_t{0}, .previous = digest(0xA1)}) == 120);
    CHECK(anchor({.from = 11, .to = 11, .previous = digest(0xA1)}) == 0);
    // Another node has its own count.
    CHECK(anchor({.from = 1, .to = 1}, node_b) == 0);
    CHECK(house.as(node_a).call("access", "anchor", malformed).code == 100);
    cbor::Writer expected;
    expected.map(5).uint(1).uint(12).uint(2).bytes(digest(0xA1).view()).uint(3);
    expected.bytes(digest(0xA2).view()).uint(4).uint(42).uint(5).integer(start_time);
    CHECK(house.query("access", "node", args::one_id(node_a.view())).data == expected.view());
}

TEST_CASE("an empty anchor has the empty root") {
    House house;
    const Digest empty = crypto::sha256(Bytes{});
    const auto anchor = [&](const args::Anchor& a) {
        return house.as(node_a).call("access", "anchor", args::anchor(a)).code;
    };
    CHECK(anchor({.from = 1, .to = 0}) == 122);
    CHECK(anchor({.from = 1, .to = 0, .root = empty}) == 0);
    CHECK(anchor({.from = 1, .to = 3}) == 121);
    CHECK(anchor({.from = 1, .to = 3, .previous = empty}) == 0);
    CHECK(anchor({.from = 4, .to = 3, .root = empty, .previous = digest(0xA1)}) == 0);
}
