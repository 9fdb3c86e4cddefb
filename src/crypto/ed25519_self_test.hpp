#pragma once

#include "crypto/sign.hpp"

namespace salus::crypto {

/// What the self-test of sign.hpp asks of `verify`, asked of any verifier.
/// Errors: integrity — names the published case that it answers differently than libsodium.
using Ed25519Verifier = bool (*)(const Ed25519PublicKey&, ByteView, const Ed25519Signature&);
Status ed25519_self_test(Ed25519Verifier verifier);

}  // namespace salus::crypto
