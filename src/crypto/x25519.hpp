#pragma once

#include "base/bytes.hpp"
#include "base/env.hpp"
#include "crypto/secret.hpp"

/// Diffie-Hellman on Curve25519 (RFC 7748), the KEM half of every wrap.
namespace salus::crypto {

using X25519PublicKey = FixedBytes<struct X25519PublicKeyTag, 32>;
struct X25519PrivateKey : Secret<32> {};
/// Private half of a collection's pair: opens the records sealed to it.
struct CollectionPrivateKey : X25519PrivateKey {};
struct SharedSecret : Secret<32> {};

struct X25519Pair {
    X25519PrivateKey private_half;
    X25519PublicKey public_half;
};

X25519PublicKey public_key(const X25519PrivateKey& key);
X25519Pair random_x25519_pair(Env& env);

/// Errors:  integrity — the result is all zero, so the point has small order (RFC 7748 §6.1).
/// Secrets: constant time. Threads: any; pure. ~40 µs.
Result<SharedSecret> x25519(const X25519PrivateKey& scalar, const X25519PublicKey& point);

/// SHA-256(public key)[0..16): how wraps and transactions name a key.
/// docs/formats/key-derivation.md.
using KeyId = FixedBytes<struct KeyIdTag, 16>;
KeyId key_id(ByteView public_key);

}  // namespace salus::crypto
