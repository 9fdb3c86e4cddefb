#include "client/granting.hpp"

#include <doctest/doctest.h>

#include "client_world.hpp"

using namespace salus;
using namespace salus::client;

namespace {

struct World {
    explicit World(std::uint64_t seed)
        : env(seed),
          owner(test_account(env)),
          grantee(test_account(env, true)),
          collection(test_collection(env, owner)) {
        place = {std::string(test_chain),     owner.account,         owner.signing_id,
                 random_bytes<ObjectId>(env), UnixMillis{2'000'000}, "TREAT"};
    }
    SimEnv env;
    AccountKeys owner, grantee;
    CollectionFacts collection;
    GrantPlace place;
};

}  // namespace

TEST_CASE("a grantee opens a collection's records with the key handed over") {
    World w(1);
    const auto wrap =
        wrap_collection(w.env, w.owner, w.place, w.collection, w.grantee.kem.public_half);
    REQUIRE(wrap.ok());
    const auto key =
        unwrap_collection(w.place, w.collection, 1, wrap->wrap, w.grantee.kem.private_half);
    REQUIRE(key.ok());
    const auto item = seal_item(w.env, author_of(w.owner), w.collection, as_bytes("hello"));
    const ReleasedRecord record = released(*item, w.collection);
    const auto opened = open_item(
        record, *key,
        record_context(std::string(test_chain), w.collection, record, w.owner.signing_id));
    REQUIRE(opened.ok());
    CHECK(as_text(*opened) == "hello");
}

TEST_CASE("a key handed over opens under its own directive, purpose, end, patient and epoch only") {
    World w(2);
    const auto wrap =
        wrap_collection(w.env, w.owner, w.place, w.collection, w.grantee.kem.public_half);
    REQUIRE(wrap.ok());
    const auto& own = w.grantee.kem.private_half;
    const auto refused = [&](const GrantPlace& place, std::uint32_t epoch) {
        const auto key = unwrap_collection(place, w.collection, epoch, wrap->wrap, own);
        return !key.ok() && key.error().code == Errc::integrity;
    };
    CHECK(refused(w.place, 2));
    for (int field = 0; field < 5; ++field) {
        GrantPlace place = w.place;
        if (field == 0) place.directive.bytes[0] ^= 1;
        if (field == 1) place.purpose = "HRESCH";
        if (field == 2) place.until.value += 1;
        if (field == 3) place.patient.bytes[0] ^= 1;
        if (field == 4) place.granter.bytes[0] ^= 1;
        CHECK(refused(place, 1));
    }
    CHECK_FALSE(
        unwrap_collection(w.place, w.collection, 1, wrap->wrap, w.owner.kem.private_half).ok());
}

TEST_CASE("a key of the next epoch does not open what was sealed before, nor the other way round") {
    World w(3);
    const auto before = seal_item(w.env, author_of(w.owner), w.collection, as_bytes("before"));
    CollectionFacts next = w.collection;
    next.epoch = 2;
    next.key = w.owner.collection(next.id, 2).public_half;
    const auto after = seal_item(w.env, author_of(w.owner), next, as_bytes("after"));
    const auto old_pair = w.owner.collection(w.collection.id, 1);
    const auto new_pair = w.owner.collection(w.collection.id, 2);
    const ReleasedRecord old_record = released(*before, w.collection);
    const ReleasedRecord new_record = released(*after, next);
    const auto context = [&](const ReleasedRecord& r) {
        return record_context(std::string(test_chain), w.collection, r, w.owner.signing_id);
    };
    CHECK(open_item(old_record, old_pair.private_half, context(old_record)).ok());
    CHECK_FALSE(open_item(old_record, new_pair.private_half, context(old_record)).ok());
    CHECK(open_item(new_record, new_pair.private_half, context(new_record)).ok());
    CHECK_FALSE(open_item(new_record, old_pair.private_half, context(new_record)).ok());
}

TEST_CASE("one record can be handed over without its collection") {
    World w(4);
    const auto item = seal_item(w.env, author_of(w.owner), w.collection, as_bytes("one"));
    ReleasedRecord record = released(*item, w.collection);
    const auto owner_pair = w.owner.collection(w.collection.id, 1);
    const auto wrap = wrap_record(w.env, w.place, w.collection, record, owner_pair.private_half,
                                  w.owner.signing_id, w.grantee.kem.public_half);
    REQUIRE(wrap.ok());
    CHECK(wrap->kind == 1);
    CHECK_FALSE(open_granted_record(w.place, w.collection, record, w.owner.signing_id,
                                    w.grantee.kem.private_half)
                    .ok());
    record.grant_wrap = wrap->wrap;
    const auto opened = open_granted_record(w.place, w.collection, record, w.owner.signing_id,
                                            w.grantee.kem.private_half);
    REQUIRE(opened.ok());
    CHECK(as_text(*opened) == "one");
    const crypto::X25519Pair organisation = crypto::random_x25519_pair(w.env);
    GrantPlace other = w.place;
    other.directive.bytes[0] ^= 1;
    CHECK(open_granted_record_by_any({other, w.place}, w.collection, record, w.owner.signing_id,
                                     {&organisation.private_half, &w.grantee.kem.private_half})
              .ok());
    CHECK_FALSE(open_granted_record_by_any({other}, w.collection, record, w.owner.signing_id,
                                           {&w.grantee.kem.private_half})
                    .ok());
}

TEST_CASE("of the wraps for a person and for their organisation either opens, and no third does") {
    World w(6);
    const crypto::X25519Pair organisation = crypto::random_x25519_pair(w.env);
    const crypto::X25519Pair stranger = crypto::random_x25519_pair(w.env);
    GrantPlace second = w.place;
    second.directive = random_bytes<ObjectId>(w.env);
    const auto own =
        wrap_collection(w.env, w.owner, w.place, w.collection, w.grantee.kem.public_half);
    const auto shared =
        wrap_collection(w.env, w.owner, second, w.collection, organisation.public_half);
    const std::vector<GrantPlace> places{w.place, second};
    const std::vector<const crypto::X25519PrivateKey*> both{&w.grantee.kem.private_half,
                                                            &organisation.private_half};
    for (const GrantWrap& wrap : {*own, *shared})
        CHECK(unwrap_collection_by_any(places, w.collection, 1, wrap.wrap, both).ok());
    CHECK(unwrap_collection_by_any({second}, w.collection, 1, shared->wrap, both).ok());
    CHECK_FALSE(unwrap_collection_by_any({second}, w.collection, 1, own->wrap, both).ok());
    CHECK_FALSE(unwrap_collection_by_any(places, w.collection, 1, shared->wrap,
                                         {&w.grantee.kem.private_half, &stranger.private_half})
                    .ok());
    CHECK_FALSE(unwrap_collection_by_any({}, w.collection, 1, own->wrap, both).ok());
}

TEST_CASE("a card names the patient to its grantee and to nobody else") {
    World w(5);
    const Card card{
        "Maria Keller", "1980-02-03", {{w.collection.id, "Blood results", "laboratory"}}};
    const auto sealed = seal_card(w.env, w.place, card, w.grantee.kem.public_half);
    REQUIRE(sealed.ok());
    const auto opened = open_card(w.place, *sealed, w.grantee.kem.private_half);
    REQUIRE(opened.ok());
    CHECK(opened->patient_name == "Maria Keller");
    CHECK(opened->born == "1980-02-03");
    CHECK(opened->collections.front().name == "Blood results");
    CHECK_FALSE(open_card(w.place, *sealed, w.owner.kem.private_half).ok());
}

TEST_CASE("the organisation's key reaches its member, bound to the officer who gave it") {
    World w(6);
    const auto pair = crypto::random_x25519_pair(w.env);
    const auto blob =
        wrap_organisation_key(w.env, test_chain, w.owner.organisation, w.owner.signing_id,
                              pair.private_half, w.grantee.kem.public_half);
    REQUIRE(blob.ok());
    const auto key = unwrap_organisation_key(test_chain, w.owner.organisation, w.owner.signing_id,
                                             *blob, w.grantee.kem.private_half);
    REQUIRE(key.ok());
    CHECK(crypto::public_key(*key) == pair.public_half);
    CHECK_FALSE(unwrap_organisation_key(test_chain, w.owner.organisation, w.grantee.signing_id,
                                        *blob, w.grantee.kem.private_half)
                    .ok());
}
