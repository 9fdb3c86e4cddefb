#pragma once

#include "base/bytes.hpp"

#include <span>
#include <vector>

// The key types of crypto/sign.hpp without its header, so that codecs and proofs compile to wasm32,
// where the host checks signatures.
namespace salus::crypto {
struct Ed25519PublicKeyTag;
struct Ed25519SignatureTag;
}  // namespace salus::crypto

namespace salus::ledger {

using PublicKey = FixedBytes<crypto::Ed25519PublicKeyTag, 32>;  ///< = crypto::Ed25519PublicKey
using Signature = FixedBytes<crypto::Ed25519SignatureTag, 64>;  ///< = crypto::Ed25519Signature

/// One Ed25519 check that somebody must make: natively `check_signature` (signature_native.hpp), in
/// a browser WebCrypto.
struct SignatureCheck {
    PublicKey key;
    Bytes message;
    Signature signature;
    bool operator==(const SignatureCheck&) const = default;
};

/// A check that counts for one of the trusted keys.
struct Vote {
    std::size_t key_index;  ///< in the list of verifier keys
    SignatureCheck check;
};

}  // namespace salus::ledger
