#include "crypto/x25519.hpp"

#include "crypto/hash.hpp"

#include <sodium.h>

namespace salus::crypto {

X25519PublicKey public_key(const X25519PrivateKey& key) {
    X25519PublicKey out;
    SALUS_ASSERT(crypto_scalarmult_curve25519_base(out.bytes.data(), key.reveal().data()) == 0);
    return out;
}

X25519Pair random_x25519_pair(Env& env) {
    X25519Pair pair;
    env.random(pair.private_half.reveal_mutable());
    pair.public_half = public_key(pair.private_half);
    return pair;
}

Result<SharedSecret> x25519(const X25519PrivateKey& scalar, const X25519PublicKey& point) {
    SharedSecret out;
    // libsodium answers -1 for a point of small order, whose product is all zero whatever the
    // scalar.
    if (crypto_scalarmult_curve25519(out.reveal_mutable().data(), scalar.reveal().data(),
                                     point.bytes.data()) != 0) {
        return Error{Errc::integrity, "X25519 point of small order"};
    }
    return out;
}

KeyId key_id(ByteView public_key) {
    const Digest digest = sha256(public_key);
    KeyId out;
    std::copy_n(digest.bytes.begin(), out.bytes.size(), out.bytes.begin());
    return out;
}

}  // namespace salus::crypto
