#include "client/claiming.hpp"

#include "crypto/hash.hpp"

namespace salus::client {
namespace {

constexpr std::string_view purpose_claim = "claim";

crypto::WrapContext claim_context(const OfferPlace& place) {
    crypto::WrapContext context;
    context.chain_id = place.chain_id;
    context.patient = place.owner;
    context.object = place.record;
    context.version = 1;
    context.granter = place.owner_key;
    context.purpose = std::string(purpose_claim);
    return context;
}

}  // namespace

Digest claim_hash(const crypto::ClaimCode& code) {
    return crypto::sha256(crypto::claim_secret(code).reveal());
}

Result<Bytes> wrap_for_claim(Env& env, const OfferPlace& place, const CollectionFacts& collection,
                             const ReleasedRecord& record,
                             const crypto::X25519PrivateKey& owner_key, const crypto::KeyId& author,
                             const crypto::ClaimCode& code) {
    const crypto::DataKey data_key = SALUS_TRY(crypto::unwrap_key<crypto::DataKey>(
        crypto::BlobKind::wrapped_data_key, record.dek_wrap, owner_key,
        record_context(place.chain_id, collection, record, author)));
    return crypto::wrap(env, crypto::BlobKind::wrapped_data_key, data_key.reveal(),
                        crypto::public_key(crypto::claim_kem_key(code)), claim_context(place));
}

Result<Bytes> open_for_claim(const OfferPlace& place, ByteView claim_wrap, ByteView body,
                             const crypto::ClaimCode& code) {
    const crypto::WrapContext context = claim_context(place);
    const crypto::DataKey data_key = SALUS_TRY(crypto::unwrap_key<crypto::DataKey>(
        crypto::BlobKind::wrapped_data_key, claim_wrap, crypto::claim_kem_key(code), context));
    // A body is bound to chain, owner, record and version only, which the claim names as well.
    return crypto::open_body(data_key, crypto::record_body_context(context), body);
}

}  // namespace salus::client
