#include "client/claiming.hpp"

#include "crypto/hash.hpp"

#include <doctest/doctest.h>

#include "client_world.hpp"

namespace salus::client {
namespace {

/// An owner with one sealed row, and the code that hands it over.
struct Offer {
    SimEnv env{1};
    AccountKeys owner = test_account(env);
    CollectionFacts collection = test_collection(env, owner);
    SealedItem item = seal_item(env, author_of(owner), collection, as_bytes("row 17")).value();
    crypto::ClaimCode code = crypto::random_key<crypto::ClaimCode>(env);
    OfferPlace place{std::string(test_chain), owner.account, owner.signing_id, item.record};

    Result<Bytes> wrap() {
        return wrap_for_claim(env, place, collection, released(item, collection),
                              owner.collection(collection.id, collection.epoch).private_half,
                              owner.signing_id, code);
    }
};

}  // namespace

TEST_CASE("whoever holds the code opens the offered record, and seals it anew as their own") {
    Offer offer;
    const Bytes wrap = offer.wrap().value();
    const Bytes plaintext = open_for_claim(offer.place, wrap, offer.item.body, offer.code).value();
    CHECK(as_text(plaintext) == "row 17");

    const AccountKeys claimer = test_account(offer.env);
    const CollectionFacts own = test_collection(offer.env, claimer);
    const SealedItem mine = seal_item(offer.env, author_of(claimer), own, plaintext).value();
    CHECK(mine.record != offer.item.record);
    CHECK(mine.body != offer.item.body);
}

TEST_CASE("another code, record, owner or chain opens nothing") {
    Offer offer;
    const Bytes wrap = offer.wrap().value();
    const auto refused = [&](const OfferPlace& place, const crypto::ClaimCode& code) {
        const auto opened = open_for_claim(place, wrap, offer.item.body, code);
        return !opened.ok() && opened.error().code == Errc::integrity;
    };
    CHECK(refused(offer.place, crypto::random_key<crypto::ClaimCode>(offer.env)));
    OfferPlace other = offer.place;
    other.record.bytes[0] ^= 1;
    CHECK(refused(other, offer.code));
    other = offer.place;
    other.owner.bytes[0] ^= 1;
    CHECK(refused(other, offer.code));
    other = offer.place;
    other.owner_key.bytes[0] ^= 1;
    CHECK(refused(other, offer.code));
    other = offer.place;
    other.chain_id = "another-chain";
    CHECK(refused(other, offer.code));
}

TEST_CASE("only the owner's key of the collection makes an offer") {
    Offer offer;
    const crypto::X25519Pair stranger = test_account(offer.env).kem;
    const auto wrap = wrap_for_claim(offer.env, offer.place, offer.collection,
                                     released(offer.item, offer.collection), stranger.private_half,
                                     offer.owner.signing_id, offer.code);
    REQUIRE_FALSE(wrap.ok());
    CHECK(wrap.error().code == Errc::integrity);
}

TEST_CASE("the chain holds the hash of what a claim shows, which is not the code") {
    Offer offer;
    const crypto::ClaimSecret secret = crypto::claim_secret(offer.code);
    CHECK(claim_hash(offer.code) == crypto::sha256(secret.reveal()));
    CHECK(claim_hash(offer.code) != crypto::sha256(offer.code.reveal()));
}

}  // namespace salus::client
