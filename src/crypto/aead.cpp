#include "crypto/aead.hpp"

#include <openssl/evp.h>
#include <sodium.h>

namespace salus::crypto {
namespace {

struct FreeContext {
    void operator()(EVP_CIPHER_CTX* context) const noexcept { EVP_CIPHER_CTX_free(context); }
};

/// OpenSSL counts bytes in int.
constexpr std::size_t piece_bytes_max = std::size_t{1} << 30U;

const EVP_CIPHER* cipher() {
    static const EVP_CIPHER* const fetched = EVP_CIPHER_fetch(nullptr, "AES-256-GCM", nullptr);
    SALUS_ASSERT(fetched != nullptr);
    return fetched;
}

Error does_not_open() {
    return Error{Errc::integrity, "sealed bytes do not open: key, nonce, context or bytes differ"};
}
Error too_short() {
    return Error{Errc::malformed, "sealed bytes are shorter than their tag"};
}

}  // namespace

struct Aes256Gcm::State {
    std::unique_ptr<EVP_CIPHER_CTX, FreeContext> context{EVP_CIPHER_CTX_new()};

    void start(const GcmNonce& nonce, ByteView aad, int sealing) {
        SALUS_ASSERT(EVP_CipherInit_ex2(context.get(), nullptr, nullptr, nonce.bytes.data(),
                                        sealing, nullptr) == 1);
        feed(nullptr, aad);
    }
    /// `to` nullptr: additional data.
    void feed(std::uint8_t* to, ByteView from) {
        while (!from.empty()) {
            const ByteView piece = from.first(std::min(from.size(), piece_bytes_max));
            int written = 0;
            SALUS_ASSERT(EVP_CipherUpdate(context.get(), to, &written, piece.data(),
                                          static_cast<int>(piece.size())) == 1);
            if (to != nullptr) to += piece.size();
            from = from.subspan(piece.size());
        }
    }
    bool finish() {
        std::uint8_t none[tag_bytes];
        int written = 0;
        return EVP_CipherFinal_ex(context.get(), none, &written) == 1;
    }
};

Aes256Gcm::Aes256Gcm(const Secret<32>& key) : state_(std::make_unique<State>()) {
    SALUS_ASSERT(state_->context != nullptr);
    SALUS_ASSERT(EVP_CipherInit_ex2(state_->context.get(), cipher(), key.reveal().data(), nullptr,
                                    1, nullptr) == 1);
}
Aes256Gcm::~Aes256Gcm() = default;
Aes256Gcm::Aes256Gcm(Aes256Gcm&&) noexcept = default;
Aes256Gcm& Aes256Gcm::operator=(Aes256Gcm&&) noexcept = default;

void Aes256Gcm::seal_into(const GcmNonce& nonce, ByteView aad, ByteView plaintext,
                          std::span<std::uint8_t> out) {
    SALUS_ASSERT(out.size() == plaintext.size() + tag_bytes);
    state_->start(nonce, aad, 1);
    state_->feed(out.data(), plaintext);
    SALUS_ASSERT(state_->finish());
    SALUS_ASSERT(EVP_CIPHER_CTX_ctrl(state_->context.get(), EVP_CTRL_AEAD_GET_TAG, tag_bytes,
                                     out.data() + plaintext.size()) == 1);
}

Status Aes256Gcm::open_into(const GcmNonce& nonce, ByteView aad, ByteView sealed,
                            std::span<std::uint8_t> out) {
    SALUS_ASSERT(sealed.size() >= tag_bytes && out.size() == sealed.size() - tag_bytes);
    std::array<std::uint8_t, tag_bytes> tag;
    std::copy_n(sealed.end() - tag_bytes, tag_bytes, tag.begin());
    state_->start(nonce, aad, 0);
    state_->feed(out.data(), sealed.first(out.size()));
    SALUS_ASSERT(EVP_CIPHER_CTX_ctrl(state_->context.get(), EVP_CTRL_AEAD_SET_TAG, tag_bytes,
                                     tag.data()) == 1);
    if (!state_->finish()) {
        wipe(out);
        return does_not_open();
    }
    return done;
}

Bytes Aes256Gcm::seal(const GcmNonce& nonce, ByteView aad, ByteView plaintext) {
    Bytes out(plaintext.size() + tag_bytes);
    seal_into(nonce, aad, plaintext, out);
    return out;
}

Result<Bytes> Aes256Gcm::open(const GcmNonce& nonce, ByteView aad, ByteView sealed) {
    if (sealed.size() < tag_bytes) return too_short();
    Bytes out(sealed.size() - tag_bytes);
    SALUS_TRY(open_into(nonce, aad, sealed, out));
    return out;
}

Bytes xchacha20poly1305_seal(const Secret<32>& key, const XNonce& nonce, ByteView aad,
                             ByteView plaintext) {
    Bytes out(plaintext.size() + tag_bytes);
    SALUS_ASSERT(crypto_aead_xchacha20poly1305_ietf_encrypt(
                     out.data(), nullptr, plaintext.data(), plaintext.size(), aad.data(),
                     aad.size(), nullptr, nonce.bytes.data(), key.reveal().data()) == 0);
    return out;
}

Result<Bytes> xchacha20poly1305_open(const Secret<32>& key, const XNonce& nonce, ByteView aad,
                                     ByteView sealed) {
    if (sealed.size() < tag_bytes) return too_short();
    Bytes out(sealed.size() - tag_bytes);
    if (crypto_aead_xchacha20poly1305_ietf_decrypt(out.data(), nullptr, nullptr, sealed.data(),
                                                   sealed.size(), aad.data(), aad.size(),
                                                   nonce.bytes.data(), key.reveal().data()) != 0) {
        return does_not_open();
    }
    return out;
}

}  // namespace salus::crypto
