#include "crypto/aead.hpp"
#include "crypto/vectors.hpp"

namespace salus::crypto {
namespace {

Secret<32> key_of(const vectors::Case& c) {
    return std::move(*key_from<Secret<32>>(c.hex("key")));
}

void check_gcm(const std::string& path) {
    for (const auto& c : vectors::cases(path)) {
        Aes256Gcm aead(key_of(c));
        const auto nonce = c.fixed<GcmNonce>("nonce");
        const Result<Bytes> opened = aead.open(nonce, c.hex("aad"), c.hex("ct"));
        REQUIRE(opened.ok() == c.flag("ok"));
        if (!opened.ok()) {
            CHECK(opened.error().code == Errc::integrity);
            continue;
        }
        CHECK(to_hex(*opened) == c.text("pt"));
        CHECK(to_hex(aead.seal(nonce, c.hex("aad"), *opened)) == c.text("ct"));
    }
}

}  // namespace

TEST_CASE("AES-256-GCM answers NIST and Wycheproof") {
    check_gcm("nist-gcm/decrypt_256.json");
    check_gcm("wycheproof/aes_256_gcm.json");
}

TEST_CASE("XChaCha20-Poly1305 answers its draft and Wycheproof") {
    for (const std::string path : {"xchacha/draft.json", "wycheproof/xchacha20_poly1305.json"}) {
        for (const auto& c : vectors::cases(path)) {
            const Secret<32> key = key_of(c);
            const auto nonce = c.fixed<XNonce>("nonce");
            const Result<Bytes> opened =
                xchacha20poly1305_open(key, nonce, c.hex("aad"), c.hex("ct"));
            REQUIRE(opened.ok() == c.flag("ok"));
            if (!opened.ok()) continue;
            CHECK(to_hex(*opened) == c.text("pt"));
            CHECK(to_hex(xchacha20poly1305_seal(key, nonce, c.hex("aad"), *opened)) ==
                  c.text("ct"));
        }
    }
}

TEST_CASE("sealed bytes with any bit changed do not open, and the next message still does") {
    const auto key = key_from<Secret<32>>(Bytes(32, 9));
    Aes256Gcm aead(*key);
    const GcmNonce nonce{};
    const Bytes sealed = aead.seal(nonce, as_bytes("where"), as_bytes("what"));
    const XNonce xnonce{};
    const Bytes xsealed = xchacha20poly1305_seal(*key, xnonce, as_bytes("where"), as_bytes("what"));
    REQUIRE(sealed.size() == xsealed.size());
    for (std::size_t bit = 0; bit < sealed.size() * 8; ++bit) {
        Bytes bent = sealed;
        bent[bit / 8] ^= static_cast<std::uint8_t>(1U << (bit % 8));
        CHECK(aead.open(nonce, as_bytes("where"), bent).error().code == Errc::integrity);
        Bytes xbent = xsealed;
        xbent[bit / 8] ^= static_cast<std::uint8_t>(1U << (bit % 8));
        CHECK(xchacha20poly1305_open(*key, xnonce, as_bytes("where"), xbent).error().code ==
              Errc::integrity);
    }
    CHECK(aead.open(nonce, as_bytes("there"), sealed).error().code == Errc::integrity);
    CHECK(as_text(*aead.open(nonce, as_bytes("where"), sealed)) == "what");
}

TEST_CASE("bytes shorter than a tag are malformed, a bare tag is an empty message") {
    const auto key = key_from<Secret<32>>(Bytes(32, 9));
    Aes256Gcm aead(*key);
    for (std::size_t size = 0; size < tag_bytes; ++size) {
        CHECK(aead.open({}, {}, Bytes(size)).error().code == Errc::malformed);
        CHECK(xchacha20poly1305_open(*key, {}, {}, Bytes(size)).error().code == Errc::malformed);
    }
    CHECK(aead.open({}, {}, Bytes(tag_bytes)).error().code == Errc::integrity);
    const Bytes empty = aead.seal({}, {}, {});
    CHECK(empty.size() == tag_bytes);
    CHECK(aead.open({}, {}, empty)->empty());
}

}  // namespace salus::crypto
