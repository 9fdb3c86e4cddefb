#pragma once

#include "base/bytes.hpp"
#include "base/env.hpp"
#include "base/strong.hpp"
#include "crypto/blob.hpp"
#include "crypto/x25519.hpp"

#include <optional>

/// Keys handed to somebody: HPKE to their public key, bound to everything that gives the hand-over
/// its meaning. Source: docs/formats/hpke-wrap.md.
namespace salus::crypto {

/// Opens one version of one record; single use.
struct DataKey : Secret<32> {};

/// What a wrap is bound to. What does not apply stays empty. Both sides must know all of it before
/// the wrap is opened; a client takes it from proven chain state. The grantee's key id is computed
/// from the key and not listed.
struct WrapContext {
    std::string chain_id;                  ///< ≤ 256 bytes
    std::optional<AccountId> patient;      ///< whose data; a pairwise pseudonym
    std::optional<ObjectId> object;        ///< collection, record or organisation key
    std::optional<std::uint64_t> version;  ///< of the record
    Bytes category;                        ///< the collection's category label on chain, ≤ 64 bytes
    std::optional<std::uint32_t> epoch;    ///< of the collection key
    std::optional<KeyId> granter;          ///< signing key of whoever seals
    std::optional<ObjectId> grant;         ///< consent directive
    std::optional<UnixMillis> not_after;
    std::string purpose;  ///< ≤ 256 bytes
};

/// The additional data of a wrap of `kind` to `grantee`. Errors: out_of_range — a field above its
/// limit.
Result<Bytes> wrap_aad(BlobKind kind, const WrapContext& context, const KeyId& grantee);

/// Kinds: wrapped_*. Payload: 32 bytes for keys, 1 to 64 KiB for a share or a card.
/// Sizes:  blob = 8 + 32 + payload + 16.
/// Errors: malformed — no kind of wrap, or a key of another size; out_of_range; integrity — `to` is
/// of small order.
Result<Bytes> wrap(Env& env, BlobKind kind, ByteView payload, const X25519PublicKey& to,
                   const WrapContext& context);
/// The caller wipes the payload. Errors: malformed; denied — version or suite; integrity — another
/// key or context.
Result<Bytes> unwrap(BlobKind kind, ByteView blob, const X25519PrivateKey& key,
                     const WrapContext& context);

template <class Key>
Result<Key> unwrap_key(BlobKind kind, ByteView blob, const X25519PrivateKey& key,
                       const WrapContext& context) {
    Bytes payload = SALUS_TRY(unwrap(kind, blob, key, context));
    Result<Key> out = key_from<Key>(payload);
    wipe(payload);
    return out;
}

/// SHA-256(enc ‖ ct), which a signed grant names. Errors: malformed — not a blob of this kind.
Result<Digest> wrap_digest(BlobKind kind, ByteView blob);

}  // namespace salus::crypto
