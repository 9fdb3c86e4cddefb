#include "contracts/support/standard_people.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <set>

/// Every entry point of the standard contracts × every kind of caller. The table names who may;
/// everybody else must be refused with code 101, although the arguments are as they should be.

using namespace salus;
using namespace salus::contracts;
using namespace salus::contracts::testing;

namespace {

/// What stops an account that was deactivated.
enum class Left : std::uint8_t {
    refused,        ///< the contract
    cannot_sign,    ///< only the state machine, code 4: tests/chain/vm_executor_test.cpp
    not_asked_for,  ///< the call is the first of an account
};

struct EntryPoint {
    std::string_view contract;
    std::string_view method;
    std::string_view when;
    Bytes (*args)(const AccountId& caller);
    std::vector<AccountId> accepted;
    Left left = Left::refused;
    bool through_consent = false;  ///< the consent contract may do it for who signed
};

const std::vector<AccountId> enrolled_accounts{
    ada,       ben,           staff,           clinician,
    officer_a, officer_b,     expired_officer, revoked_officer,
    writer,    former_writer, patient_of_a,    of_both,
    once_of_a, node_a,        node_b};

std::vector<AccountId> all_but(const AccountId& one) {
    std::vector<AccountId> out = enrolled_accounts;
    std::erase(out, one);
    return out;
}

Bytes issue(std::string_view role) {
    return args::issue({.id = object(0x0C, 1), .account = staff, .role = role});
}
Bytes revoke_credential(const AccountId& of) {
    return args::one_id(credential_of(of, organisation_a).view());
}

const std::vector<EntryPoint> registry_entry_points{
    {"registry",
     "enrol",
     "",
     [](const AccountId&) { return args::enrol("patient"); },
     {newcomer},
     Left::not_asked_for},
    {"registry", "rotate", "", [](const AccountId&) { return args::rotate(2); }, enrolled_accounts},
    {"registry",
     "credential_issue",
     "a clinician",
     [](const AccountId&) { return issue("clinician"); },
     {node_a, officer_a}},
    {"registry",
     "credential_issue",
     "an officer",
     [](const AccountId&) { return issue("officer"); },
     {node_a, officer_a}},
    {"registry",
     "credential_issue",
     "a node",
     [](const AccountId&) { return issue("node"); },
     {node_a}},
    {"registry",
     "credential_revoke",
     "a clinician's",
     [](const AccountId&) { return revoke_credential(clinician); },
     {node_a, officer_a}},
    {"registry",
     "credential_revoke",
     "the last officer's",
     [](const AccountId&) { return revoke_credential(officer_a); },
     {node_a}},
    {"registry",
     "credential_revoke",
     "an expired officer's",
     [](const AccountId&) { return revoke_credential(expired_officer); },
     {node_a, officer_a}},
    {"registry",
     "deactivate",
     "staff whom nobody vouches for",
     [](const AccountId&) { return args::one_id(staff.view()); },
     {staff}},
    {"registry",
     "deactivate",
     "staff of A",
     [](const AccountId&) { return args::one_id(clinician.view()); },
     {clinician, node_a, officer_a}},
    {"registry",
     "deactivate",
     "staff whose credential of A was revoked",
     [](const AccountId&) { return args::one_id(revoked_officer.view()); },
     {revoked_officer, node_a, officer_a}},
    {"registry",
     "deactivate",
     "staff of A and B",
     [](const AccountId&) { return args::one_id(of_both.view()); },
     {of_both}},
    {"registry",
     "deactivate",
     "staff of B, once of A",
     [](const AccountId&) { return args::one_id(once_of_a.view()); },
     {once_of_a, node_b, officer_b}},
    {"registry",
     "deactivate",
     "a patient with a credential of A",
     [](const AccountId&) { return args::one_id(patient_of_a.view()); },
     {patient_of_a}},
    {"registry",
     "deactivate",
     "a patient",
     [](const AccountId&) { return args::one_id(ada.view()); },
     {ada}},
    {"registry",
     "deactivate",
     "the node of A",
     [](const AccountId&) { return args::one_id(node_a.view()); },
     {node_a}},
};

const std::vector<EntryPoint> record_entry_points{
    {"record", "collection_put", "",
     [](const AccountId&) { return args::collection_put(object(0xC1)); }, enrolled_accounts},
    {"record",
     "collection_rotate",
     "",
     [](const AccountId&) { return args::collection_rotate(adas, 2); },
     {ada},
     Left::cannot_sign,
     true},
    {"record",
     "put",
     "",
     [](const AccountId&) { return args::record_put(object(0xD1), adas); },
     {ada, writer},
     Left::cannot_sign},
    {"record",
     "writer_put",
     "",
     [](const AccountId&) { return args::writer_put(adas, staff); },
     {ada},
     Left::cannot_sign},
    {"record",
     "writer_put",
     "ending it",
     [](const AccountId&) { return args::writer_put(adas, writer, 0); },
     {ada},
     Left::cannot_sign},
    {"record",
     "amend",
     "the owner's",
     [](const AccountId&) { return args::amend(record_ada, object(0xD1)); },
     {ada},
     Left::cannot_sign},
    {"record",
     "amend",
     "a writer's",
     [](const AccountId&) { return args::amend(record_writer, object(0xD1)); },
     {ada, writer},
     Left::cannot_sign},
    {"record",
     "amend",
     "a former writer's",
     [](const AccountId&) { return args::amend(record_former, object(0xD1)); },
     {ada},
     Left::cannot_sign},
    {"record",
     "offer",
     "",
     [](const AccountId&) { return args::offer(record_writer, digest(1)); },
     {ada},
     Left::cannot_sign},
    {"record", "claim", "into the caller's own collection",
     [](const AccountId& caller) {
         return args::claim(record_ada, claim_secret.view(), object(0xD1), collection_of(caller));
     },
     all_but(ada)},
    {"record",
     "claim",
     "into another's collection",
     [](const AccountId& caller) {
         return args::claim(record_ada, claim_secret.view(), object(0xD1),
                            collection_of(caller == ben ? staff : ben));
     },
     {}},
    {"record",
     "erase",
     "",
     [](const AccountId&) { return args::erase({record_writer, record_ada}); },
     {ada},
     Left::cannot_sign},
    {"record",
     "erase",
     "two owners' records",
     [](const AccountId&) { return args::erase({record_ada, record_ben}); },
     {}},
};

const std::vector<EntryPoint> other_entry_points{
    {"consent", "put", "", [](const AccountId&) { return args::consent_put(object(0xF1), {}); },
     enrolled_accounts},
    {"consent",
     "revoke",
     "",
     [](const AccountId&) { return args::revoke(directive_ada); },
     {ada},
     Left::cannot_sign},
    {"consent",
     "revoke",
     "with the caller's own collection",
     [](const AccountId& caller) {
         return args::revoke(directive_ada, {{collection_of(caller), 2}});
     },
     {ada},
     Left::cannot_sign},
    {"access", "anchor", "", [](const AccountId&) { return args::anchor({}); }, {node_a, node_b}},
};

std::vector<EntryPoint> entry_points() {
    std::vector<EntryPoint> all;
    for (const auto* part : {&registry_entry_points, &record_entry_points, &other_entry_points}) {
        all.insert(all.end(), part->begin(), part->end());
    }
    return all;
}

struct Query {
    std::string_view contract;
    std::string_view method;
    Bytes args;
};
std::vector<Query> queries() {
    return {{"registry", "account", args::one_id(ada.view())},
            {"registry", "is_active", args::one_id(ada.view())},
            {"registry", "is_node", args::one_id(ada.view())},
            {"registry", "credentials", args::one_id(clinician.view())},
            {"registry", "holds", args::holds(clinician, "clinician", start_time)},
            {"record", "get", args::one_id(record_ada.view())},
            {"record", "collection", args::one_id(adas.view())},
            {"record", "list", args::page(adas.view(), std::nullopt, 10)},
            {"record", "may_write", args::two_ids(adas.view(), writer.view())},
            {"consent", "decide", args::decide({.patient = ada})},
            {"consent", "directive", args::two_ids(ada.view(), directive_ada.view())},
            {"consent", "list", args::page(ada.view(), std::nullopt, 10)},
            {"access", "node", args::one_id(node_a.view())}};
}

using Methods = std::set<std::pair<std::string, std::string>>;

/// What a contract says it offers, of one kind.
Methods described(StandardWorld& world, std::string_view kind) {
    Methods out;
    for (const std::string_view contract : standard_contracts) {
        const Answer answer = world.query(contract, "describe", nothing());
        REQUIRE(answer.code == 0);
        cbor::Reader in(answer.data);
        for (std::size_t left = in.array().value(); left > 0; --left) {
            REQUIRE(in.array_of(3).ok());
            const std::string method(in.text().value());
            if (in.text().value() == kind) {
                out.emplace(contract, method);
            }
            CHECK_FALSE(in.text().value().empty());
        }
    }
    return out;
}

class Trial {
  public:
    explicit Trial(EngineChoice engine) : world_(engine) {
        populate(world_);
        house_ = world_.state.entries;
    }
    void run(const EntryPoint& point) {
        point_ = &point;
        for (const Person& person : everybody) {
            try_account(person);
            expect(world_.through("probe", person.account), person, "through a contract", false);
            if (point.contract == "consent") {
                continue;  // a contract never calls itself: the host stops it
            }
            expect(world_.through("consent", person.account), person, "through `consent`",
                   point.through_consent && may(person.account));
        }
    }
    std::size_t cases = 0;

  private:
    bool may(const AccountId& account) const {
        return std::find(point_->accepted.begin(), point_->accepted.end(), account) !=
               point_->accepted.end();
    }
    void try_account(const Person& person) {
        expect(world_.as(person.account), person, "", may(person.account));
        if (!may(person.account) || point_->left == Left::not_asked_for) {
            return;
        }
        const Bytes self = args::one_id(person.account.view());
        REQUIRE(world_.as(person.account).call("registry", "deactivate", self).code == 0);
        expect(world_.as(person.account), person, "after leaving",
               point_->left == Left::cannot_sign);
    }
    void expect(StandardWorld::Caller caller, const Person& person, std::string_view how,
                bool accepted) {
        const Answer answer =
            caller.call(point_->contract, point_->method, point_->args(person.account));
        INFO(point_->contract << "." << point_->method << " " << point_->when << " — by "
                              << person.name << " " << how << ": " << as_text(answer.data)
                              << answer.detail);
        CHECK(answer.code == (accepted ? 0 : 101));
        world_.state.entries = house_;
        ++cases;
    }

    StandardWorld world_;
    JournalState::Entries house_;
    const EntryPoint* point_ = nullptr;
};

}  // namespace

TEST_CASE("every entry point refuses whoever may not call it, and serves whoever may") {
    for (const EngineChoice engine :
         {EngineChoice::compiled_when_shipped, EngineChoice::interpreter_only}) {
        Trial trial(engine);
        for (const EntryPoint& point : entry_points()) {
            trial.run(point);
        }
        CHECK(trial.cases > 1500);
        MESSAGE("calls: " << trial.cases);
    }
}

TEST_CASE("no entry point is without a line in the table of callers") {
    StandardWorld world(EngineChoice::compiled_when_shipped);
    Methods tried;
    for (const EntryPoint& point : entry_points()) {
        tried.emplace(point.contract, point.method);
    }
    CHECK(tried == described(world, "exec"));
    Methods asked;
    for (const Query& query : queries()) {
        asked.emplace(query.contract, query.method);
    }
    CHECK(asked == described(world, "query"));
}

TEST_CASE("while the registry is paused nobody counts as enrolled, nor as a node") {
    StandardWorld world(EngineChoice::compiled_when_shipped);
    populate(world);
    world.pause("registry");
    const auto code = [&](const AccountId& who, const Query& call) {
        return world.as(who).call(call.contract, call.method, call.args).code;
    };
    CHECK(code(ada, {"consent", "put", args::consent_put(object(0xF1), {})}) == 101);
    CHECK(code(ada, {"record", "collection_put", args::collection_put(object(0xC1))}) == 101);
    CHECK(code(ada, {"record", "writer_put", args::writer_put(adas, staff)}) == 102);
    CHECK(code(node_a, {"access", "anchor", args::anchor({})}) == 101);
    // What the patient owns stays the patient's.
    CHECK(code(ada, {"consent", "revoke", args::revoke(directive_ada, {{adas, 2}})}) == 0);
}

TEST_CASE("a contract has none of the rights of an account that bears its number") {
    StandardWorld world(EngineChoice::compiled_when_shipped);
    populate(world);
    const ObjectId its = object(0xC7);
    const ObjectId record = object(0xD7);
    const ObjectId credential = object(0x0C, 7);
    const args::Credential doctor{
        .id = credential, .account = staff, .organisation = organisation_c};
    const std::vector<Query> calls{
        {"record", "collection_put", args::collection_put(its)},
        {"record", "put", args::record_put(record, its)},
        {"record", "writer_put", args::writer_put(its, staff)},
        {"record", "collection_rotate", args::collection_rotate(its, 2)},
        {"record", "amend", args::amend(record, object(0xD8), 2)},
        {"record", "offer", args::offer(object(0xD8), digest(1))},
        {"record", "claim", args::claim(record_ada, claim_secret.view(), object(0xD9), its, 2)},
        {"record", "erase", args::erase({object(0xD8)})},
        {"consent", "put", args::consent_put(object(0xF7), {})},
        {"consent", "revoke", args::revoke(object(0xF7))},
        {"registry", "rotate", args::rotate(2)},
        {"registry", "credential_issue", args::issue(doctor)},
        {"registry", "credential_revoke", args::one_id(credential.view())},
        {"registry", "deactivate", args::one_id(staff.view())},
        {"access", "anchor", args::anchor({})},
        {"registry", "deactivate", args::one_id(node_c.view())},
    };
    for (const Query& call : calls) {
        INFO(call.contract << "." << call.method);
        CHECK(world.through("probe", ada).call(call.contract, call.method, call.args).code == 101);
        const Answer answer = world.as(node_c).call(call.contract, call.method, call.args);
        INFO(as_text(answer.data) << answer.detail);
        CHECK(answer.code == 0);
    }
}

TEST_CASE(
    "what is on chain may be read by anyone, also by another contract, and never written so") {
    StandardWorld world(EngineChoice::compiled_when_shipped);
    populate(world);
    for (const Query& query : queries()) {
        INFO(query.contract << "." << query.method);
        const Answer answer = world.query(query.contract, query.method, query.args);
        CHECK(answer.code == 0);
        CHECK(world.as(newcomer).call(query.contract, query.method, query.args).data ==
              answer.data);
        CHECK(world.through("probe", ada).call(query.contract, query.method, query.args).data ==
              answer.data);
    }
    for (const EntryPoint& point : entry_points()) {
        CHECK(world.query(point.contract, point.method, point.args(ada)).code == 7);
    }
}
