#include "crypto/sign.hpp"

#include "crypto/hash.hpp"
#include "crypto/openssl.hpp"

#include <sodium.h>

namespace salus::crypto {
namespace {

/// libsodium's expanded form (seed, then public key), wiped when it goes.
struct ExpandedKey : Secret<crypto_sign_SECRETKEYBYTES> {};

ExpandedKey expand(const SigningKey& key, Ed25519PublicKey& public_half) {
    ExpandedKey expanded;
    SALUS_ASSERT(crypto_sign_seed_keypair(public_half.bytes.data(),
                                          expanded.reveal_mutable().data(),
                                          key.reveal().data()) == 0);
    return expanded;
}

}  // namespace

Ed25519Signature sign(const SigningKey& key, ByteView message) {
    Ed25519PublicKey public_half;
    const ExpandedKey expanded = expand(key, public_half);
    Ed25519Signature signature;
    SALUS_ASSERT(crypto_sign_detached(signature.bytes.data(), nullptr, message.data(),
                                      message.size(), expanded.reveal().data()) == 0);
    return signature;
}

Ed25519PublicKey public_key(const SigningKey& key) {
    Ed25519PublicKey public_half;
    static_cast<void>(expand(key, public_half));
    return public_half;
}

bool verify(const Ed25519PublicKey& key, ByteView message,
            const Ed25519Signature& signature) noexcept {
    return crypto_sign_verify_detached(signature.bytes.data(), message.data(), message.size(),
                                       key.bytes.data()) == 0;
}

bool verify_p256(ByteView public_key, ByteView message, ByteView der_signature) noexcept {
    const openssl::Key key = openssl::ec_key("P-256", public_key, 65);
    return key != nullptr && openssl::verify(key.get(), "SHA256", message, der_signature);
}

}  // namespace salus::crypto
