#pragma once

#include "base/bytes.hpp"
#include "base/env.hpp"
#include "crypto/wrap.hpp"

#include <span>

/// A record as it is stored: a body under a key of its own, and that key wrapped to whoever may
/// open it. Anybody may seal to a collection; only holders of its private half open. Source:
/// docs/formats/sealed-record.md.
namespace salus::crypto {

/// Bytes inside a body that holds `plaintext_bytes`: an eight-byte length and the text, filled with
/// zeros to the next Padmé size (at most 12 % more), at least 256. The stored size then tells
/// little about the record.
std::size_t padded_bytes(std::size_t plaintext_bytes);

/// "salus/v1/record" ‖ 0x00 ‖ chain id, patient, record, version, each with its length: what a body
/// is bound to.
Bytes record_body_context(const WrapContext& context);

/// Sizes:   plaintext ≤ 16 MiB; blob = 8 + chunked::sealed_bytes(padded_bytes(plaintext)).
/// Errors:  out_of_range — plaintext too long.
/// Secrets: constant time in the bytes of `plaintext`, not in its length.
Result<Bytes> seal_body(Env& env, const Secret<32>& key, ByteView context, ByteView plaintext);
/// Errors: malformed; denied — version or suite; out_of_range; integrity — key, context, bytes or
/// padding.
Result<Bytes> open_body(const Secret<32>& key, ByteView context, ByteView blob);

struct SealedRecord {
    Bytes wrap;  ///< of the data key, to the collection
    Bytes body;
};
/// Draws a data key, seals the body under it and the key to `to`. Errors: as seal_body and wrap.
Result<SealedRecord> seal_record(Env& env, ByteView plaintext, const X25519PublicKey& to,
                                 const WrapContext& context);

struct SharedSealedRecord {
    std::vector<Bytes> wraps;  ///< in the order of the recipients
    Bytes body;
};
/// The same for several at once: a laboratory seals to the patient's collection and to itself.
Result<SharedSealedRecord> seal_record_to_all(Env& env, ByteView plaintext,
                                              std::span<const X25519PublicKey> to,
                                              const WrapContext& context);

/// The plaintext. Errors: as unwrap and open_body.
Result<Bytes> open_record(ByteView wrap, ByteView body, const X25519PrivateKey& key,
                          const WrapContext& context);

}  // namespace salus::crypto
