#pragma once

#include "base/bytes.hpp"
#include "crypto/secret.hpp"

#include <memory>

/// Authenticated encryption. AES-256-GCM only under keys that seal one message (its nonce is too
/// short to be drawn at random); XChaCha20-Poly1305 where a key seals many, with 192 random bits.
/// docs/formats/sealed-record.md.
namespace salus::crypto {

inline constexpr std::size_t tag_bytes = 16;
using GcmNonce = FixedBytes<struct GcmNonceTag, 12>;
using XNonce = FixedBytes<struct XNonceTag, 24>;

/// AES-256-GCM with a 96-bit nonce and a 128-bit tag after the ciphertext. The expanded key stays
/// in the object, so that chunk after chunk costs no key schedule. Move-only. Threads: one at a
/// time. Source:  NIST SP 800-38D.
class Aes256Gcm {
  public:
    explicit Aes256Gcm(const Secret<32>& key);
    ~Aes256Gcm();
    Aes256Gcm(Aes256Gcm&&) noexcept;
    Aes256Gcm& operator=(Aes256Gcm&&) noexcept;

    /// Sizes: out.size() == plaintext.size() + tag_bytes (SALUS_ASSERT).
    void seal_into(const GcmNonce& nonce, ByteView aad, ByteView plaintext,
                   std::span<std::uint8_t> out);
    /// Sizes:  out.size() + tag_bytes == sealed.size() (SALUS_ASSERT).
    /// Errors: integrity — the tag does not fit; `out` is wiped.
    Status open_into(const GcmNonce& nonce, ByteView aad, ByteView sealed,
                     std::span<std::uint8_t> out);

    Bytes seal(const GcmNonce& nonce, ByteView aad, ByteView plaintext);
    /// Errors: malformed — shorter than a tag; integrity.
    Result<Bytes> open(const GcmNonce& nonce, ByteView aad, ByteView sealed);

  private:
    struct State;
    std::unique_ptr<State> state_;
};

/// XChaCha20-Poly1305 (draft-irtf-cfrg-xchacha-03), tag after the ciphertext. Threads: any; pure.
Bytes xchacha20poly1305_seal(const Secret<32>& key, const XNonce& nonce, ByteView aad,
                             ByteView plaintext);
/// Errors: malformed — shorter than a tag; integrity.
Result<Bytes> xchacha20poly1305_open(const Secret<32>& key, const XNonce& nonce, ByteView aad,
                                     ByteView sealed);

}  // namespace salus::crypto
