#pragma once

#include "base/bytes.hpp"

/// Passkey assertions (Web Authentication level 2, §7.2) and the public keys they are made with.
namespace salus::crypto::webauthn {

/// What the server asked for and stored.
struct Expected {
    std::string rp_id;
    std::string origin;
    Bytes challenge;
    Bytes public_key;  ///< COSE_Key
    bool require_uv = true;
};

/// What the authenticator sent.
struct Assertion {
    Bytes authenticator_data;
    Bytes client_data_json;
    Bytes signature;
};

struct Verified {
    std::uint32_t counter = 0;  ///< the caller compares it with the last one seen
    bool user_verified = false;
    bool backup_eligible = false;
    bool backed_up = false;
};

/// ES256, EdDSA (Ed25519) and RS256 in the canonical CBOR form of RFC 9053, with exactly the
/// members of their kind. Errors: malformed — anything else.
Status check_public_key(ByteView cose_key);

/// Errors:  malformed — not the bytes of an assertion; denied — type, challenge, origin, relying
/// party, presence or
///          verification is not what was asked for; integrity — the signature does not fit.
Result<Verified> verify_assertion(const Assertion& assertion, const Expected& expected);

}  // namespace salus::crypto::webauthn
