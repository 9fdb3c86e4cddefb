#include "gateway/world.hpp"
#include "ledger/consistency.hpp"
#include "ledger/receipt_sign.hpp"
#include "ledger/witness.hpp"

/// Proofs about state over the doors that give them: docs/formats/receipt.md, kinds 4 and 5.

using namespace salus;
using namespace salus::gateway;
using namespace salus::gateway::test;

namespace {

constexpr std::int64_t minute_ms = 60'000;

std::vector<ledger::VerifierKey> trust_of(const World& world) {
    std::vector<ledger::VerifierKey> keys;
    for (const std::string& key : world.node->verifier_keys()) {
        keys.push_back(ledger::parse_verifier_key(key).value());
    }
    keys.insert(keys.end(), world.witnesses.begin(), world.witnesses.end());
    return keys;
}

/// A patient with one record, and times that lie behind an anchor.
struct Story {
    explicit Story(World& w) : world(w), ada(w.patient("ada")), kept(w.keep(ada, "a note")) {}

    [[nodiscard]] std::int64_t now() const { return world.env.now().value; }
    /// An anchor of a time more than a minute from now: what is over now can be proven.
    void pass() {
        world.advance(2 * minute_ms);
        REQUIRE(world.ask(ada, ada.id(), {kept.item.record}, "PATRQT").status == 200);
        REQUIRE(world.settled());
    }
    Answer ask(const AccountId& grantee, std::int64_t from, std::int64_t until) const {
        return world.get("/api/absence?grantee=" + hex(grantee) + "&from=" + std::to_string(from) +
                             "&until=" + std::to_string(until),
                         &ada);
    }
    ledger::AbsenceAnswer proven(const AccountId& grantee, std::int64_t from,
                                 std::int64_t until) const {
        const Answer answer = ask(grantee, from, until);
        INFO(as_text(answer.raw.body));
        REQUIRE(answer.status == 200);
        const auto claims = ledger::verify_bundle(answer.raw.body, trust_of(world));
        INFO((claims.ok() ? std::string() : claims.error().detail));
        REQUIRE(claims.ok());
        REQUIRE(claims->absence);
        return *claims->absence;
    }

    World& world;
    Person ada;
    Kept kept;
};

}  // namespace

TEST_CASE("a patient proves that somebody who was never permitted had no access") {
    World world;
    Story story(world);
    const Person bob = world.patient("bob");
    const std::int64_t before = story.now();
    story.pass();
    const auto answer = story.proven(bob.id(), before - minute_ms, before);
    CHECK(answer.not_permitted);
    CHECK(answer.not_opened);
    CHECK(answer.labels.size() == 1);
    CHECK(answer.nodes == 1);
    // An account that nobody ever heard of is a person too.
    CHECK(story.proven(AccountId{}, before - minute_ms, before).not_permitted);
}

TEST_CASE("a permission that was revoked is told within its time and not outside") {
    World world;
    Story story(world);
    const Person bob = world.patient("bob");
    const std::int64_t before = story.now();
    world.advance(minute_ms);
    const auto parts =
        world.grant(story.ada, story.kept.collection, world.to_person(story.ada, bob));
    world.advance(minute_ms);
    const std::int64_t within_it = story.now();
    world.advance(minute_ms);
    REQUIRE(world.revoke(story.ada, parts.directive).status == 200);
    const std::int64_t after = story.now() + minute_ms;
    world.advance(minute_ms + 1);
    story.pass();
    CHECK(story.proven(bob.id(), before - minute_ms, before).not_permitted);
    CHECK(story.proven(bob.id(), after - 1, after).not_permitted);
    const auto told = story.proven(bob.id(), within_it, within_it + 1);
    CHECK_FALSE(told.not_permitted);
    CHECK(told.not_opened);  // he was permitted and opened nothing: two answers
    CHECK_FALSE(story.proven(bob.id(), before, after).not_permitted);
}

TEST_CASE("a role's and an organisation's permission count for the person who held the role") {
    World world;
    Story story(world);
    const Person officer = world.first_officer();
    const Person dora = world.staff(officer, "dora", "clinician");
    constexpr std::int64_t pause_ms = 20'000;  // within one showing of the second factor
    const auto grant_to = [&](const client::Label& label) {
        world.advance(pause_ms);
        const auto parts = world.grant(
            story.ada, story.kept.collection,
            {.actor = label, .grantee = dora.id(), .to = dora.account.keys.kem.public_half});
        world.advance(pause_ms);
        const std::int64_t middle = story.now();
        world.advance(pause_ms);
        REQUIRE(world.revoke(story.ada, parts.directive).status == 200);
        return middle;
    };
    const auto& labels = story.ada.account.keys.labels;
    const ObjectId house = world.node->organisation();
    world.advance(pause_ms);
    const std::int64_t nothing = story.now();
    const std::int64_t role = grant_to(client::role_label(labels, "clinician", house));
    const std::int64_t organisation = grant_to(client::organisation_label(labels, house));
    story.pass();

    const auto told = story.proven(dora.id(), role, role + 1);
    CHECK_FALSE(told.not_permitted);
    REQUIRE(told.labels.size() == 3);
    CHECK_FALSE(told.labels[0].permitted);
    CHECK_FALSE(told.labels[1].permitted);
    CHECK(told.labels[2].permitted);
    CHECK(told.labels[2].name.role == "clinician");
    const auto whole = story.proven(dora.id(), organisation, organisation + 1);
    CHECK(whole.labels[1].permitted);
    CHECK_FALSE(whole.labels[2].permitted);
    CHECK(story.proven(dora.id(), nothing, nothing + 1).not_permitted);
    // The officer is of the same house, and of another role.
    CHECK(story.proven(officer.id(), role, role + 1).not_permitted);
    CHECK_FALSE(story.proven(officer.id(), organisation, organisation + 1).not_permitted);
}

TEST_CASE("an opening is told for its time, and apart from the permission") {
    World world;
    Story story(world);
    const Person bob = world.patient("bob");
    world.grant(story.ada, story.kept.collection, world.to_person(story.ada, bob));
    const std::int64_t permitted = story.now();
    world.advance(minute_ms);
    const std::int64_t opens = story.now();
    REQUIRE(world.ask(bob, story.ada.id(), {story.kept.item.record}).status == 200);
    world.advance(minute_ms);
    const std::int64_t later = story.now();
    story.pass();
    CHECK(story.proven(bob.id(), permitted, opens - 1).not_opened);
    const auto told = story.proven(bob.id(), opens - 1, later);
    CHECK_FALSE(told.not_opened);
    CHECK(told.labels[0].opened == ledger::Opened::yes);
    const auto after = story.proven(bob.id(), later, later + 1);
    CHECK(after.not_opened);
    CHECK_FALSE(after.not_permitted);
}

TEST_CASE("any changed, missing or added byte of a proof from a node is refused") {
    World world;
    Story story(world);
    const std::int64_t before = story.now();
    story.pass();
    const auto trust = trust_of(world);
    Bytes bundle = story.ask(AccountId{}, before - minute_ms, before).raw.body;
    REQUIRE(ledger::verify_bundle(bundle, trust).ok());
    MESSAGE("a proof of absence has " << bundle.size() << " bytes");
    for (std::uint8_t& byte : bundle) {
        byte ^= 0x10U;
        CHECK_FALSE(ledger::verify_bundle(bundle, trust).ok());
        byte ^= 0x10U;
    }
    bundle.push_back(0);
    CHECK_FALSE(ledger::verify_bundle(bundle, trust).ok());
    bundle.resize(bundle.size() - 2);
    CHECK_FALSE(ledger::verify_bundle(bundle, trust).ok());
}

TEST_CASE("what no anchor has passed, what is not over and what is one's own is not proven") {
    World world;
    Story story(world);
    const Person bob = world.patient("bob");
    const std::int64_t now = story.now();
    CHECK(story.ask(bob.id(), now - minute_ms, now).status == 400);  // no anchor behind it
    CHECK(story.ask(bob.id(), now, now + minute_ms).status == 400);
    story.pass();
    CHECK(story.ask(bob.id(), now, now).status == 400);
    CHECK(story.ask(story.ada.id(), now - minute_ms, now).status == 400);
    CHECK(world.get("/api/absence?grantee=zz&from=1&until=2", &story.ada).status == 400);
    CHECK(world.get("/api/absence?grantee=" + hex(bob.id()) + "&from=1&until=2").status == 401);
    CHECK(story.ask(bob.id(), now - minute_ms, now).status == 200);
}

TEST_CASE("a state proof says what keys are or that they are absent, and to whom it may be told") {
    World world;
    Story story(world);
    const Person bob = world.patient("bob");
    const auto parts =
        world.grant(story.ada, story.kept.collection, world.to_person(story.ada, bob));
    using ledger::contract_key;
    const std::string account = to_hex(contract_key("registry", "a", {bob.id().view()}));
    const std::string nobody = to_hex(contract_key("registry", "a", {ObjectId{}.view()}));
    const std::string consent =
        to_hex(contract_key("consent", "d", {story.ada.id().view(), parts.directive.view()}));
    const auto ask = [&](const std::string& keys, const Person* as) {
        return world.get("/api/state/proof?key=" + keys, as);
    };
    const Answer open = ask(account + "," + nobody, nullptr);
    REQUIRE(open.status == 200);
    const auto said = ledger::verify_bundle(open.raw.body, trust_of(world));
    REQUIRE(said.ok());
    REQUIRE(said->state.size() == 2);
    std::size_t absent = 0;
    for (const ledger::StateClaim& claim : said->state) absent += claim.value ? 0U : 1U;
    CHECK(absent == 1);

    CHECK(ask(consent, nullptr).status == 403);
    CHECK(ask(consent, &bob).status == 403);
    const Answer own = ask(consent, &story.ada);
    REQUIRE(own.status == 200);
    CHECK(ledger::verify_bundle(own.raw.body, trust_of(world))->state.at(0).value.has_value());
    CHECK(ask("", nullptr).status != 200);
    CHECK(ask("zz", nullptr).status == 400);
    std::string many = account;
    for (int i = 1; i < 64; ++i) many += "," + account;
    CHECK(ask(many, nullptr).status == 200);  // the same one, told once
    CHECK(ask(many + "," + account, nullptr).status == 400);
}

namespace {

/// A witness that looks at the node over its doors.
struct Visitor {
    explicit Visitor(World& w)
        : world(w),
          witness(
              ledger::Witness::open(
                  w.env,
                  ledger::make_witness_key(w.env, files.path + "/key", "witness.example").value(),
                  files.path + "/state")
                  .value()) {}
    [[nodiscard]] ledger::Note fetch() const {
        return ledger::parse_note(as_text(world.get("/api/checkpoint").raw.body)).value();
    }
    void cosign(const ledger::Note& note) {
        if (!witness.memory()) {
            REQUIRE(
                witness
                    .trust(
                        {ledger::parse_verifier_key(world.node->verifier_keys().front()).value()})
                    .ok());
        }
        ledger::Submission submission{.old_size = 0, .path = {}, .note = note};
        if (witness.memory()->note) {
            submission.old_size = witness.memory()->note->checkpoint.log_size;
            const auto proof =
                world.get("/api/consistency?from=" + std::to_string(submission.old_size) +
                          "&to=" + std::to_string(note.checkpoint.log_size));
            REQUIRE(proof.status == 200);
            submission.path = ledger::decode_consistency(proof.raw.body).value().path;
        }
        REQUIRE(witness.add(submission).ok());
        Request request = World::request("POST", "/api/checkpoint/cosignature");
        request.body = to_bytes(witness.cosigned().value());
        REQUIRE(world.dispatch(std::move(request)).status == 200);
    }
    World& world;
    TempDirectory files;
    ledger::Witness witness;
};

}  // namespace

TEST_CASE("where witnesses are named, a proof of absence rests on what they cosigned") {
    World world;
    Visitor visitor(world);
    world.witnesses = {visitor.witness.verifier()};
    world.reopen();
    Story story(world);
    const Person bob = world.patient("bob");
    const std::int64_t before = story.now();
    story.pass();
    const Answer early = story.ask(bob.id(), before - minute_ms, before);
    CHECK(early.status == 503);
    CHECK(as_text(early.raw.body).find("witnesses") != std::string_view::npos);

    // The witness thinks; meanwhile the log goes on, and the state that it looked at is gone.
    const ledger::Note looked_at = visitor.fetch();
    world.keep(story.ada, "another note");
    visitor.cosign(looked_at);
    CHECK(story.proven(bob.id(), before - minute_ms, before).not_permitted);
    const Answer answer = story.ask(bob.id(), before - minute_ms, before);
    const auto parts = ledger::decode_bundle(answer.raw.body).value();
    CHECK(ledger::parse_note(as_text(parts.checkpoint)).value().text == looked_at.text);

    // A time that the cosigned checkpoint does not reach waits for the next one.
    const std::int64_t later = story.now();
    story.pass();
    CHECK(story.ask(bob.id(), later - 1, later).status == 400);
    visitor.cosign(visitor.fetch());
    CHECK(story.proven(bob.id(), later - 1, later).not_permitted);
}
