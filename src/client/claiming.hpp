#pragma once

#include "client/sealing.hpp"
#include "crypto/account_keys.hpp"

#include <string>

/// Hands one record over to whoever holds a one-time code: docs/formats/wrap-contexts.md, claim.
namespace salus::client {

/// What both sides know of an offered record, from the chain.
struct OfferPlace {
    std::string chain_id;
    AccountId owner;
    crypto::KeyId owner_key;  ///< of the owner's signing key
    ObjectId record;
};

/// SHA-256 of the secret that a claim shows: what the chain holds while the offer stands.
Digest claim_hash(const crypto::ClaimCode& code);

/// The record's data key, unwrapped by its owner and sealed to the code. `author` is the signing
/// key of whoever wrote it. Errors: integrity — another key or collection.
Result<Bytes> wrap_for_claim(Env& env, const OfferPlace& place, const CollectionFacts& collection,
                             const ReleasedRecord& record,
                             const crypto::X25519PrivateKey& owner_key, const crypto::KeyId& author,
                             const crypto::ClaimCode& code);
/// The plaintext, by the code alone. Errors: integrity — another code, record or owner; malformed.
Result<Bytes> open_for_claim(const OfferPlace& place, ByteView claim_wrap, ByteView body,
                             const crypto::ClaimCode& code);

}  // namespace salus::client
