#include "crypto/ed25519_self_test.hpp"
#include "crypto/openssl.hpp"
#include "crypto/vectors.hpp"

#include <openssl/evp.h>

namespace salus::crypto {

TEST_CASE("Ed25519 signs and verifies as its authors' vectors say") {
    for (const auto& c : vectors::cases("rfc8032/ed25519.json")) {
        const auto seed = key_from<SigningKey>(c.hex("seed"));
        REQUIRE(seed.ok());
        CHECK(to_hex(public_key(*seed).view()) == c.text("pk"));
        const Ed25519Signature signature = sign(*seed, c.hex("msg"));
        CHECK(to_hex(signature.view()) == c.text("sig"));
        CHECK(verify(public_key(*seed), c.hex("msg"), signature));
    }
}

TEST_CASE("Ed25519 accepts and refuses what Wycheproof says") {
    for (const auto& c : vectors::cases("wycheproof/ed25519.json")) {
        const auto signature = Ed25519Signature::from(c.hex("sig"));
        const bool ok =
            signature.ok() && verify(c.fixed<Ed25519PublicKey>("pk"), c.hex("msg"), *signature);
        CHECK_MESSAGE(ok == c.flag("ok"), c.number("id"));
    }
}

TEST_CASE("on the twelve cases that libraries disagree about, the answer is libsodium's") {
    for (const auto& c : vectors::cases("ed25519-speccheck/cases.json")) {
        CHECK_MESSAGE(verify(c.fixed<Ed25519PublicKey>("public_key"), c.hex("message"),
                             c.fixed<Ed25519Signature>("signature")) == c.flag("libsodium"),
                      c.text("comment"));
    }
    CHECK(ed25519_self_test().ok());
}

namespace {

/// The message on which the verifier under test answers the opposite.
Bytes turned_message;

bool turned(const Ed25519PublicKey& key, ByteView message, const Ed25519Signature& signature) {
    return verify(key, message, signature) != (as_text(message) == as_text(turned_message));
}

bool openssl_verify(const Ed25519PublicKey& key, ByteView message,
                    const Ed25519Signature& signature) {
    const openssl::Key raw(
        EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, nullptr, key.bytes.data(), key.bytes.size()));
    EVP_MD_CTX* const context = EVP_MD_CTX_new();
    const bool ok = raw != nullptr &&
                    EVP_DigestVerifyInit(context, nullptr, nullptr, nullptr, raw.get()) == 1 &&
                    EVP_DigestVerify(context, signature.bytes.data(), signature.bytes.size(),
                                     message.data(), message.size()) == 1;
    EVP_MD_CTX_free(context);
    return ok;
}

}  // namespace

TEST_CASE("the self-test refuses a verifier that answers one published case differently") {
    for (const auto& c : vectors::cases("ed25519-speccheck/cases.json")) {
        turned_message = c.hex("message");
        const Status answer = ed25519_self_test(turned);
        REQUIRE_FALSE(answer.ok());
        CHECK(answer.error().code == Errc::integrity);
        CHECK(answer.error().detail.starts_with("Ed25519 answers differently than agreed: "));
    }
    turned_message = {0x72};  // RFC 8032 test 2
    CHECK_FALSE(ed25519_self_test(turned).ok());
}

TEST_CASE("the self-test refuses another library's verifier, and one that takes all or nothing") {
    CHECK_FALSE(ed25519_self_test(openssl_verify).ok());
    CHECK_FALSE(ed25519_self_test([](const auto&, ByteView, const auto&) { return true; }).ok());
    CHECK_FALSE(ed25519_self_test([](const auto&, ByteView, const auto&) { return false; }).ok());
}

TEST_CASE("a signature fits one message and one key") {
    const auto key = key_from<SigningKey>(Bytes(32, 7));
    const auto other = key_from<SigningKey>(Bytes(32, 8));
    const Bytes message = to_bytes("dose: 5 mg");
    const Ed25519Signature signature = sign(*key, message);
    CHECK(verify(public_key(*key), message, signature));
    CHECK_FALSE(verify(public_key(*other), message, signature));
    for (std::size_t bit = 0; bit < 512; ++bit) {
        Ed25519Signature bent = signature;
        bent.bytes[bit / 8] ^= static_cast<std::uint8_t>(1U << (bit % 8));
        CHECK_FALSE(verify(public_key(*key), message, bent));
    }
    CHECK_FALSE(verify(public_key(*key), as_bytes("dose: 50 mg"), signature));
}

TEST_CASE("P-256 accepts and refuses what Wycheproof says") {
    for (const auto& c : vectors::cases("wycheproof/ecdsa_secp256r1_sha256.json")) {
        CHECK_MESSAGE(verify_p256(c.hex("pk"), c.hex("msg"), c.hex("sig")) == c.flag("ok"),
                      c.number("id"));
    }
}

TEST_CASE("a P-256 key that is compressed, cut or off the curve verifies nothing") {
    const auto cases = vectors::cases("wycheproof/ecdsa_secp256r1_sha256.json");
    const auto& c = cases.front();
    const Bytes point = c.hex("pk");
    REQUIRE(verify_p256(point, c.hex("msg"), c.hex("sig")));
    Bytes bent = point;
    bent.back() ^= 1;
    CHECK_FALSE(verify_p256(bent, c.hex("msg"), c.hex("sig")));
    CHECK_FALSE(verify_p256(ByteView(point).first(64), c.hex("msg"), c.hex("sig")));
    Bytes compressed(point.begin(), point.begin() + 33);
    compressed[0] = static_cast<std::uint8_t>(2 + (point.back() & 1U));
    CHECK_FALSE(verify_p256(compressed, c.hex("msg"), c.hex("sig")));
    CHECK_FALSE(verify_p256({}, c.hex("msg"), c.hex("sig")));
}

TEST_CASE("RSA PKCS#1 v1.5 accepts and refuses what Wycheproof says") {
    for (const std::string hash : {"sha256", "sha384"}) {
        const std::string name = hash == "sha256" ? "SHA256" : "SHA384";
        for (const auto& c : vectors::cases("wycheproof/rsa_signature_2048_" + hash + ".json")) {
            const openssl::Key key = openssl::rsa_key(c.hex("n"), c.hex("e"));
            REQUIRE(key != nullptr);
            CHECK_MESSAGE(openssl::verify(key.get(), name.c_str(), c.hex("msg"), c.hex("sig")) ==
                              c.flag("ok"),
                          c.number("id"));
        }
    }
}

}  // namespace salus::crypto
