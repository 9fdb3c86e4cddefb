#include "crypto/jws.hpp"
#include "crypto/vectors.hpp"

namespace salus::crypto {
namespace {

constexpr JwsAlgorithm all[] = {JwsAlgorithm::es256, JwsAlgorithm::es384, JwsAlgorithm::eddsa,
                                JwsAlgorithm::rs256, JwsAlgorithm::rs384, JwsAlgorithm::hs256};

JwsAlgorithm algorithm_of(const vectors::Case& c) {
    return *jws_algorithm(*c.value().find("algorithms")->array()->front().text());
}
JwsKey key_of(const vectors::Case& c) {
    return std::move(*JwsKey::from_jwk(c.at("jwk").value()));
}

Result<JwsKey> jwk(std::string_view text) {
    return JwsKey::from_jwk(*json::parse(text));
}

/// The token with another header before the same payload and signature.
std::string with_header(const std::string& token, std::string_view header) {
    return to_base64url(as_bytes(header)) + token.substr(token.find('.'));
}

}  // namespace

TEST_CASE("tokens of the RFCs verify under their own algorithm and under no other") {
    for (const auto& c : vectors::cases("jws/tokens.json")) {
        const JwsKey key = key_of(c);
        const auto verified = verify_jws(c.text("jws"), key, all);
        REQUIRE_MESSAGE(verified.ok(), c.text("comment"));
        CHECK(to_hex(verified->payload) == c.text("payload"));
        for (const JwsAlgorithm algorithm : all) {
            const auto only = verify_jws(c.text("jws"), key, std::span(&algorithm, 1));
            CHECK(only.ok() == (algorithm == algorithm_of(c)));
            if (!only.ok()) CHECK(only.error().code == Errc::denied);
        }
        CHECK(verify_jws(c.text("jws"), key, {}).error().code == Errc::denied);
    }
}

TEST_CASE("a token with any character changed is refused") {
    for (const auto& c : vectors::cases("jws/tokens.json")) {
        const JwsKey key = key_of(c);
        const std::string token = c.text("jws");
        for (std::size_t i = 0; i < token.size(); i += 3) {
            std::string bent = token;
            bent[i] = bent[i] == 'A' ? 'B' : 'A';
            CHECK_FALSE(verify_jws(bent, key, all).ok());
        }
        for (const std::size_t cut : {0UL, 1UL, token.size() / 2, token.size() - 1}) {
            CHECK_FALSE(verify_jws(token.substr(0, cut), key, all).ok());
        }
        CHECK_FALSE(verify_jws(token + ".", key, all).ok());
        CHECK_FALSE(verify_jws(token + "=", key, all).ok());
    }
}

TEST_CASE("the header cannot choose how it is verified") {
    const auto c = vectors::cases("jws/tokens.json").at(1);  // RS256
    const JwsKey key = key_of(c);
    const std::string token = c.text("jws");
    const std::string unsigned_token = with_header(token, R"({"alg":"none"})");
    CHECK(verify_jws(unsigned_token, key, all).error().code == Errc::denied);
    CHECK(verify_jws(unsigned_token.substr(0, unsigned_token.rfind('.') + 1), key, all)
              .error()
              .code == Errc::denied);
    CHECK(jws_algorithm("none").error().code == Errc::denied);
    CHECK(jws_algorithm("None").error().code == Errc::denied);
    CHECK(jws_algorithm("HS512").error().code == Errc::denied);
    CHECK(verify_jws(with_header(token, R"({"alg":"HS256"})"), key, all).error().code ==
          Errc::denied);
    CHECK(verify_jws(with_header(token, R"({"alg":"RS256","crit":["exp"],"exp":1})"), key, all)
              .error()
              .code == Errc::denied);
    for (const char* header :
         {"{}", "[]", "x", R"({"alg":1})", R"({"alg":"RS256","alg":"RS256"})"}) {
        CHECK(verify_jws(with_header(token, header), key, all).error().code == Errc::malformed);
    }
}

TEST_CASE("an HMAC made with the bytes of a public key does not pass for a signature") {
    const auto c = vectors::cases("jws/tokens.json").at(2);  // ES256
    const JwsKey key = key_of(c);
    CHECK_FALSE(key.fits(JwsAlgorithm::hs256));
    CHECK_FALSE(key.fits(JwsAlgorithm::es384));
    CHECK(key.fits(JwsAlgorithm::es256));
    CHECK_FALSE(key.verifies(JwsAlgorithm::hs256, as_bytes("m"), Bytes(32)));
}

TEST_CASE("ECDSA in the form of JOSE accepts and refuses what Wycheproof says") {
    for (const auto& [path, algorithm] :
         {std::pair{"wycheproof/ecdsa_secp256r1_sha256_p1363.json", JwsAlgorithm::es256},
          std::pair{"wycheproof/ecdsa_secp384r1_sha384_p1363.json", JwsAlgorithm::es384}}) {
        for (const auto& c : vectors::cases(path)) {
            const auto key = JwsKey::from_point(c.hex("pk"));
            REQUIRE(key.ok());
            CHECK_MESSAGE(key->verifies(algorithm, c.hex("msg"), c.hex("sig")) == c.flag("ok"),
                          c.number("id"));
        }
    }
}

TEST_CASE("a JWK that is not for verifying, or not what it says, is no key") {
    const std::string x =
        R"("kty":"OKP","crv":"Ed25519","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo")";
    CHECK(jwk("{" + x + "}").ok());
    CHECK(jwk("{" + x + R"(,"use":"sig","alg":"EdDSA","key_ops":["verify"]})").ok());
    CHECK(jwk("{" + x + R"(,"use":"enc"})").error().code == Errc::denied);
    CHECK(jwk("{" + x + R"(,"key_ops":["sign"]})").error().code == Errc::denied);
    CHECK(jwk("{" + x + R"(,"alg":"RS256"})").error().code == Errc::malformed);
    CHECK(jwk("{" + x + R"(,"alg":"none"})").error().code == Errc::denied);
    CHECK_FALSE(jwk(R"({"kty":"OKP","crv":"Ed448","x":"AAAA"})").ok());
    CHECK_FALSE(jwk(R"({"kty":"EC","crv":"P-256","x":"AAAA","y":"AAAA"})").ok());
    CHECK_FALSE(jwk(R"({"kty":"RSA","n":"AQAB","e":"AQAB"})").ok());
    CHECK_FALSE(jwk(R"({"kty":"dir"})").ok());
    CHECK_FALSE(jwk("{}").ok());
    CHECK(JwsKey::from_secret(Bytes(31)).error().code == Errc::out_of_range);
    CHECK(JwsKey::from_secret(Bytes(32)).ok());
    CHECK(JwsKey::from_secret(Bytes(33)).ok());
}

TEST_CASE("a token has at most 64 KiB") {
    const auto c = vectors::cases("jws/tokens.json").front();
    const std::string token = c.text("jws");
    CHECK(verify_jws(token + std::string(65536 - token.size(), 'A'), key_of(c), all).error().code !=
          Errc::out_of_range);
    CHECK(verify_jws(token + std::string(65537 - token.size(), 'A'), key_of(c), all).error().code ==
          Errc::out_of_range);
}

}  // namespace salus::crypto
