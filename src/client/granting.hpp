#pragma once

#include "client/account.hpp"
#include "client/consent_ir.hpp"
#include "client/sealing.hpp"

#include <string>
#include <string_view>
#include <vector>

/// Hands keys to a grantee, bound to the directive that allows it: docs/formats/wrap-contexts.md.
namespace salus::client {

/// One key for one grantee under one directive.
struct GrantWrap {
    std::uint8_t kind = 0;  ///< 0 a collection's private half · 1 one record's data key
    ObjectId object;
    std::uint32_t epoch = 1;
    Bytes wrap;
};

/// What every wrap of a grant is bound to, on both sides.
struct GrantPlace {
    std::string chain_id;
    AccountId patient;
    crypto::KeyId granter;
    ObjectId directive;
    UnixMillis until;
    std::string purpose;  ///< the directive's first
};

/// The private half of one of the account's own collections, to a grantee's KEM. Errors: crypto's.
Result<GrantWrap> wrap_collection(Env& env, const AccountKeys& keys, const GrantPlace& place,
                                  const CollectionFacts& collection,
                                  const crypto::X25519PublicKey& to);
/// The other side. Errors: integrity — another directive, key or collection.
Result<crypto::CollectionPrivateKey> unwrap_collection(const GrantPlace& place,
                                                       const CollectionFacts& collection,
                                                       std::uint32_t epoch, ByteView wrap,
                                                       const crypto::X25519PrivateKey& key);

/// The same where it is not known which directive put the wrap there, nor to which of one's keys it
/// is sealed: an organisation's members have two. Errors: those of the last that was tried.
Result<crypto::CollectionPrivateKey> unwrap_collection_by_any(
    const std::vector<GrantPlace>& places, const CollectionFacts& collection, std::uint32_t epoch,
    ByteView wrap, const std::vector<const crypto::X25519PrivateKey*>& keys);

/// One record's data key, unwrapped by its owner and wrapped again for the grantee; and back to the
/// plaintext.
Result<GrantWrap> wrap_record(Env& env, const GrantPlace& place, const CollectionFacts& collection,
                              const ReleasedRecord& record,
                              const crypto::X25519PrivateKey& owner_key,
                              const crypto::KeyId& author, const crypto::X25519PublicKey& to);
Result<Bytes> open_granted_record(const GrantPlace& place, const CollectionFacts& collection,
                                  const ReleasedRecord& record, const crypto::KeyId& author,
                                  const crypto::X25519PrivateKey& key);
Result<Bytes> open_granted_record_by_any(const std::vector<GrantPlace>& places,
                                         const CollectionFacts& collection,
                                         const ReleasedRecord& record, const crypto::KeyId& author,
                                         const std::vector<const crypto::X25519PrivateKey*>& keys);

/// SHA-256 of the CBOR list of the wraps' digests, in this order. Errors: malformed — not a wrap.
Result<Digest> wraps_digest(const std::vector<GrantWrap>& wraps);

/// What a grantee may know of whom: sealed, so that the node learns no name.
/// docs/formats/http-api.md, card.
struct CardCollection {
    ObjectId id;
    std::string name;
    std::string category;
};
struct CardRecord {
    ObjectId id;
    std::string title;
};
struct Card {
    std::string patient_name;
    std::string born;
    std::vector<CardCollection> collections;
    std::vector<CardRecord> records =
        {};  ///< of a grant of single records; they lie in `collections`
};
Result<Bytes> seal_card(Env& env, const GrantPlace& place, const Card& card,
                        const crypto::X25519PublicKey& to);
Result<Card> open_card(const GrantPlace& place, ByteView sealed,
                       const crypto::X25519PrivateKey& key);

/// Canonical CBOR of `POST /api/grants`.
Bytes grants_body(ByteView transaction, const AccountId& grantee, ByteView card,
                  const std::vector<GrantWrap>& wraps);

/// A wrap that stays with somebody when another's grant ends.
struct StayingWrap {
    GrantWrap wrap;
    AccountId grantee;
};
/// Canonical CBOR of `POST /api/revoke`.
Bytes revoke_body(ByteView transaction, const std::vector<StayingWrap>& wraps);

/// The organisation's private half, to a member; and back. docs/formats/wrap-contexts.md,
/// organisation key.
Result<Bytes> wrap_organisation_key(Env& env, std::string_view chain_id,
                                    const ObjectId& organisation, const crypto::KeyId& officer,
                                    const crypto::X25519PrivateKey& key,
                                    const crypto::X25519PublicKey& to);
Result<crypto::X25519PrivateKey> unwrap_organisation_key(std::string_view chain_id,
                                                         const ObjectId& organisation,
                                                         const crypto::KeyId& officer,
                                                         ByteView wrap,
                                                         const crypto::X25519PrivateKey& key);

}  // namespace salus::client
