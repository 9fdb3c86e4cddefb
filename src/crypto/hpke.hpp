#pragma once

#include "base/bytes.hpp"
#include "base/env.hpp"
#include "crypto/aead.hpp"
#include "crypto/x25519.hpp"

/// HPKE (RFC 9180) in base mode with DHKEM(X25519, HKDF-SHA256), HKDF-SHA256 and AES-256-GCM: suite
/// 1 of Salus. Anybody may seal to a public key; only the holder of its private half opens. The
/// sender is not authenticated: what must be, is signed outside (docs/formats/hpke-wrap.md).
namespace salus::crypto::hpke {

inline constexpr std::size_t enc_bytes = 32;
using EncapsulatedKey = X25519PublicKey;

/// Both sides after the key schedule. Messages are numbered: the n-th open takes the n-th seal.
/// Move-only. Threads: one at a time.
class Context {
  public:
    /// Errors: exhausted — 2^64 - 1 messages.
    Result<Bytes> seal(ByteView aad, ByteView plaintext);
    /// Errors: malformed — shorter than a tag; integrity (the message counter then stays);
    /// exhausted.
    Result<Bytes> open(ByteView aad, ByteView sealed);
    /// A secret of `length` bytes bound to this context. Errors: out_of_range — above 255 · 32
    /// bytes.
    [[nodiscard]] Result<Bytes> export_secret(ByteView exporter_context, std::size_t length) const;

  private:
    friend Result<Context> key_schedule(const SharedSecret& shared, ByteView info);
    struct ExporterSecret : Secret<32> {};
    Context(Aes256Gcm aead, const GcmNonce& base, ExporterSecret exporter)
        : aead_(std::move(aead)), base_nonce_(base), exporter_(std::move(exporter)) {}
    [[nodiscard]] GcmNonce nonce() const;

    Aes256Gcm aead_;
    GcmNonce base_nonce_;
    ExporterSecret exporter_;
    std::uint64_t sequence_ = 0;
};

struct Sender {
    EncapsulatedKey enc;
    Context context;
};

/// Errors: integrity — `to` is a point of small order.
Result<Sender> setup_sender(Env& env, const X25519PublicKey& to, ByteView info);
/// With an ephemeral pair from outside, for known-answer tests: a pair used twice breaks both
/// messages.
Result<Sender> setup_sender_insecure_for_tests(const X25519Pair& ephemeral,
                                               const X25519PublicKey& to, ByteView info);
Result<Context> setup_receiver(const X25519PrivateKey& key, const EncapsulatedKey& enc,
                               ByteView info);

struct Sealed {
    EncapsulatedKey enc;
    Bytes ciphertext;
};
/// One message. Sizes: ciphertext = plaintext + 16.
Result<Sealed> seal(Env& env, const X25519PublicKey& to, ByteView info, ByteView aad,
                    ByteView plaintext);
Result<Bytes> open(const X25519PrivateKey& key, const EncapsulatedKey& enc, ByteView info,
                   ByteView aad, ByteView ciphertext);

/// RFC 9180 §7.1.3 DeriveKeyPair: ikm of at least 32 bytes of entropy.
X25519Pair derive_key_pair(ByteView ikm);

}  // namespace salus::crypto::hpke
