#include "client/transactions.hpp"

#include "crypto/hash.hpp"
#include "ledger/transaction_sign.hpp"

#include <doctest/doctest.h>

#include "client_world.hpp"

using namespace salus;
using namespace salus::client;

namespace {

const Occasion occasion{std::string(test_chain), UnixMillis{1'795'532'606'832}};

/// An operation whose CBOR has exactly this many bytes.
ledger::Operation sized(std::size_t bytes) {
    ledger::Operation out{"record", "put", {}, std::nullopt};
    // A byte string of n bytes as the argument: find the n that fits.
    for (std::size_t n = bytes > 40 ? bytes - 40 : 0; n < bytes; ++n) {
        Bytes args;
        if (n < 24) {
            args.push_back(static_cast<std::uint8_t>(0x40 + n));
        } else if (n < 256) {
            args = {0x58, static_cast<std::uint8_t>(n)};
        } else {
            args = {0x59, static_cast<std::uint8_t>(n >> 8U), static_cast<std::uint8_t>(n)};
        }
        args.resize(args.size() + n);
        out.args = args;
        if (operation_bytes(out).value() == bytes) return out;
    }
    FAIL("no operation of this size");
    return out;
}

}  // namespace

TEST_CASE("the size of an envelope is known before it is made") {
    SimEnv env(1);
    const AccountKeys keys = test_account(env);
    for (const std::size_t count : {1U, 2U, 23U, 24U, 255U, 256U, 900U}) {
        for (const bool all : {false, true}) {
            std::vector<ledger::Operation> operations(count, sized(60));
            const auto made = sign(env, keys, occasion, operations, all);
            REQUIRE(made.ok());
            CHECK(made->size() == envelope_bytes(test_chain.size(), count, count * 60, all));
        }
    }
}

TEST_CASE("an envelope takes the last byte the ledger allows and not one more") {
    SimEnv env(2);
    const AccountKeys keys = test_account(env);
    EnvelopePacker packer(test_chain.size());
    std::vector<ledger::Operation> operations;
    std::size_t used = 0;
    while (packer.fits(30'000)) {
        operations.push_back(sized(30'000));
        packer.add(30'000);
        used += 30'000;
    }
    const std::size_t left = ledger::transaction_bytes_max -
                             envelope_bytes(test_chain.size(), operations.size() + 1, used);
    CHECK(packer.fits(left - 1));
    CHECK(packer.fits(left));
    CHECK_FALSE(packer.fits(left + 1));
    operations.push_back(sized(left));
    const auto full = sign(env, keys, occasion, operations);
    REQUIRE(full.ok());
    CHECK(full->size() == ledger::transaction_bytes_max);
    operations.back() = sized(left + 1);
    CHECK(sign(env, keys, occasion, operations).error().code == Errc::out_of_range);
}

TEST_CASE("an envelope takes a thousand operations and not one more") {
    SimEnv env(3);
    const AccountKeys keys = test_account(env);
    EnvelopePacker packer(test_chain.size());
    std::vector<ledger::Operation> operations;
    while (packer.fits(60)) {
        packer.add(60);
        operations.push_back(sized(60));
    }
    CHECK(operations.size() == ledger::operations_max);
    CHECK(sign(env, keys, occasion, operations).ok());
    operations.push_back(sized(60));
    CHECK(sign(env, keys, occasion, operations).error().code == Errc::out_of_range);
    packer.clear();
    CHECK(packer.fits(60));
}

TEST_CASE("what is signed reads back, is the account's, and never has the same nonce twice") {
    SimEnv env(4);
    const AccountKeys keys = test_account(env);
    const auto one = ledger::decode_transaction(sign(env, keys, occasion, {sized(60)}).value());
    const auto two = ledger::decode_transaction(sign(env, keys, occasion, {sized(60)}).value());
    REQUIRE(one.ok());
    REQUIRE(two.ok());
    CHECK(one->body.account == keys.account);
    CHECK(one->kid == keys.signing_public);
    CHECK(ledger::check_signature(*one).ok());
    CHECK(one->body.nonce != two->body.nonce);
    CHECK(one->body.valid_until.value - occasion.node_time.value <= ledger::validity_window_ms);
}

TEST_CASE("the arguments of every method are canonical") {
    SimEnv env(5);
    const AccountKeys keys = test_account(env);
    const auto id = random_bytes<ObjectId>(env);
    const ledger::DetachedPayload payload{random_bytes<Digest>(env), 300};
    const auto code = crypto::random_key<crypto::ClaimCode>(env);
    const std::vector<operation::Rotation> rotations{{id, 2, keys.kem.public_half}};
    const std::vector<ObjectId> records{id};
    const std::vector<ledger::Operation> all{
        operation::enrol("patient", keys.signing_public, keys.kem.public_half,
                         label_commitment(keys.labels)),
        operation::enrol("organisation", keys.signing_public, keys.kem.public_half, std::nullopt),
        operation::rotate(keys.signing_public, keys.kem.public_half, 2),
        operation::credential_issue({id, keys.account, "clinician", id, Digest{}, UnixMillis{5}}),
        operation::credential_revoke(id),
        operation::deactivate(keys.account),
        operation::collection_put(id, category_label(keys.labels, "notes"), 1,
                                  keys.kem.public_half),
        operation::collection_rotate(id, 2, keys.kem.public_half),
        operation::record_put(id, id, 1, Digest{}, payload),
        operation::writer_put(id, keys.account, UnixMillis{0}),
        operation::record_amend({id, id, 1, Digest{}, "corrected"}, payload),
        operation::record_offer(id, Digest{}),
        operation::record_claim({id, id, id, 1, Digest{}}, crypto::claim_secret(code), payload),
        operation::record_erase(records, Digest{}),
        operation::consent_put({id, Bytes{1}, Digest{}, Digest{}, std::nullopt}),
        operation::consent_put({id, Bytes{1}, Digest{}, Digest{}, id}),
        operation::consent_revoke(id, "patient", rotations, Digest{}),
    };
    for (const ledger::Operation& one : all) {
        const auto encoded = ledger::encode_operation(one);
        REQUIRE_MESSAGE(encoded.ok(), one.method);
        CHECK(ledger::decode_operation(*encoded).value() == one);
    }
}
