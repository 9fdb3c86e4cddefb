#pragma once

#include "base/bytes.hpp"
#include "crypto/secret.hpp"

namespace salus::crypto {

using Ed25519PublicKey = FixedBytes<struct Ed25519PublicKeyTag, 32>;
using Ed25519Signature = FixedBytes<struct Ed25519SignatureTag, 64>;
/// RFC 8032 seed; the expanded key is derived when used.
struct SigningKey : Secret<32> {};

/// Deterministic (RFC 8032). Secrets: constant time. ~40 µs.
Ed25519Signature sign(const SigningKey& key, ByteView message);
Ed25519PublicKey public_key(const SigningKey& key);

/// libsodium's acceptance rule, the consensus rule of the ledger. ~55 µs. Threads: any.
bool verify(const Ed25519PublicKey& key, ByteView message,
            const Ed25519Signature& signature) noexcept;

/// Answers over published edge cases (small order, non-canonical R and A, S ≥ L, mixed order) must
/// be libsodium's; a node does not start otherwise. Errors: integrity — names the case.
Status ed25519_self_test();

/// ECDSA P-256 with SHA-256. public_key: uncompressed point (65 bytes); signature: DER.
bool verify_p256(ByteView public_key, ByteView message, ByteView der_signature) noexcept;

}  // namespace salus::crypto
