#pragma once

#include "client/account.hpp"
#include "client/transactions.hpp"
#include "crypto/sealed_record.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

/// Seals records to a collection and opens what a node released: docs/formats/sealed-record.md,
/// wrap-contexts.md, manifest.md. Pure but for the randomness of Env. Threads: any.
namespace salus::client {

inline constexpr std::string_view media_json = "application/json";

/// What the chain says of a collection, as far as sealing and opening need it.
struct CollectionFacts {
    ObjectId id;
    AccountId owner;
    Label category;
    std::uint32_t epoch = 1;
    crypto::X25519PublicKey key;
};

/// Who seals, where.
struct Author {
    std::string chain_id;
    AccountId account;
    crypto::KeyId key;  ///< of the signing key
    /// A writer who is not the owner (a laboratory) seals the key to itself as well, so that it can
    /// read its own.
    std::optional<crypto::X25519PublicKey> own_kem{};
};

/// A sealed record: what the node stores, and the operation that puts it on the chain.
struct SealedItem {
    ObjectId record;
    Bytes dek_wrap;
    Bytes body;
    Bytes salt;      ///< 32 bytes; opens the commitment
    Bytes manifest;  ///< canonical CBOR, so that its author can prove it later
    Bytes
        author_wrap;  ///< the data key to the author's own KEM; empty: none (the owner needs none)
    ledger::Operation put;
};

/// docs/formats/manifest.md.
struct Manifest {
    ObjectId record;
    ObjectId collection;
    std::uint32_t epoch = 1;
    AccountId author;
    std::string media_type;
    Digest dek_wrap_digest;
    Digest body_digest;
    bool operator==(const Manifest&) const = default;
};
Bytes encode(const Manifest& manifest);
/// Errors: malformed; out_of_range — a media type above 64 bytes.
Result<Manifest> decode_manifest(ByteView bytes);
/// HMAC-SHA256(salt, record id ‖ SHA-256(manifest)).
Digest commitment_of(ByteView salt, const ObjectId& record, ByteView manifest);
/// Whether what a node released is what its author committed to. Errors: integrity.
Status check_commitment(const Digest& commitment, ByteView salt, const Manifest& manifest);

/// Sizes:  plaintext ≤ 16 MiB. Cost: ~100 µs and the body's AES. Errors: out_of_range, integrity
/// (bad key).
Result<SealedItem> seal_item(Env& env, const Author& author, const CollectionFacts& to,
                             ByteView plaintext, std::string_view media_type = media_json);

/// Canonical CBOR of `POST /api/store`. The order of `items` is that of the operations with a
/// payload.
Bytes store_body(ByteView transaction, const std::vector<SealedItem>& items);

/// The signed question of `POST /api/open`. Errors: out_of_range — no record, or more than
/// open_records_max.
struct OpenQuestion {
    AccountId patient;
    std::vector<ObjectId> records;
    std::string purpose;
    std::string action = "access";
};
Result<Bytes> access_request(Env& env, const AccountKeys& keys, const Occasion& occasion,
                             const OpenQuestion& question);

struct ReleasedWrap {
    ObjectId collection;
    std::uint32_t epoch = 1;
    Bytes wrap;
};
struct ReleasedRecord {
    ObjectId record;
    ObjectId collection;
    std::uint32_t epoch = 1;
    Bytes dek_wrap;
    std::optional<Bytes> grant_wrap;
    Bytes body;
};
/// The answer of `POST /api/open`.
struct Released {
    std::uint64_t sequence = 0;  ///< of the access receipt
    Digest receipt_hash;
    std::vector<ObjectId> directives;
    UnixMillis until;
    std::vector<ReleasedWrap> wraps;
    std::vector<ReleasedRecord> records;
};
/// Errors: malformed, out_of_range.
Result<Released> decode_released(ByteView bytes);

/// What a record's key and body are bound to.
crypto::WrapContext record_context(const std::string& chain_id, const CollectionFacts& collection,
                                   const ReleasedRecord& record, const crypto::KeyId& author);
/// The plaintext, by the collection's private half. Errors: integrity — another key, context or
/// changed bytes.
Result<Bytes> open_item(const ReleasedRecord& record, const crypto::X25519PrivateKey& key,
                        const crypto::WrapContext& context);

}  // namespace salus::client
