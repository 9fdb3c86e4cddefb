#include "crypto/jws.hpp"

#include "base/json.hpp"
#include "crypto/hash.hpp"
#include "crypto/limits.hpp"
#include "crypto/openssl.hpp"
#include "crypto/sign.hpp"

#include <optional>
#include <utility>

namespace salus::crypto {
namespace {

enum class Family : std::uint8_t { p256, p384, ed25519, rsa, secret };

constexpr std::pair<std::string_view, JwsAlgorithm> names[] = {
    {"ES256", JwsAlgorithm::es256}, {"ES384", JwsAlgorithm::es384}, {"EdDSA", JwsAlgorithm::eddsa},
    {"RS256", JwsAlgorithm::rs256}, {"RS384", JwsAlgorithm::rs384}, {"HS256", JwsAlgorithm::hs256}};

constexpr std::size_t p256_point_bytes = 65;
constexpr std::size_t p384_point_bytes = 97;
constexpr std::size_t secret_bytes_min = 32;

Family family_of(JwsAlgorithm algorithm) {
    switch (algorithm) {
        case JwsAlgorithm::es256:
            return Family::p256;
        case JwsAlgorithm::es384:
            return Family::p384;
        case JwsAlgorithm::eddsa:
            return Family::ed25519;
        case JwsAlgorithm::rs256:
        case JwsAlgorithm::rs384:
            return Family::rsa;
        case JwsAlgorithm::hs256:
            return Family::secret;
    }
    return Family::secret;
}

Error bad_key() {
    return Error{Errc::malformed, "JWK is not a key of a known form"};
}
Error not_for_signatures() {
    return Error{Errc::denied, "JWK is not for verifying signatures"};
}

/// The optional members that say what a key is for.
Result<std::optional<JwsAlgorithm>> purpose_of(const json::Value& jwk) {
    if (const json::Value* use = jwk.find("use"); use != nullptr) {
        if (use->text() == nullptr || *use->text() != "sig") return not_for_signatures();
    }
    if (const json::Value* operations = jwk.find("key_ops"); operations != nullptr) {
        if (operations->array() == nullptr) return bad_key();
        const json::Array& list = *operations->array();
        if (std::find(list.begin(), list.end(), json::Value("verify")) == list.end()) {
            return not_for_signatures();
        }
    }
    const json::Value* algorithm = jwk.find("alg");
    if (algorithm == nullptr) return std::optional<JwsAlgorithm>{};
    if (algorithm->text() == nullptr) return bad_key();
    return std::optional(SALUS_TRY(jws_algorithm(*algorithm->text())));
}

/// ECDSA signatures are r‖s in a JWS (RFC 7518 §3.4), DER in OpenSSL.
bool verify_halves(EVP_PKEY* key, const char* digest, ByteView message, ByteView signature,
                   std::size_t signature_bytes) {
    return signature.size() == signature_bytes &&
           openssl::verify(key, digest, message, openssl::der_from_halves(signature));
}

struct Parts {
    std::string_view signed_text;
    Bytes header;
    Bytes payload;
    Bytes signature;
};

Result<Parts> split(std::string_view compact) {
    if (compact.size() > limits::jws_bytes_max) {
        return Error{Errc::out_of_range, "a token has at most 64 KiB"};
    }
    const std::size_t first = compact.find('.');
    const std::size_t second = compact.find('.', first + 1);
    if (first == std::string_view::npos || second == std::string_view::npos ||
        compact.find('.', second + 1) != std::string_view::npos) {
        return Error{Errc::malformed, "a token has three parts"};
    }
    Parts parts;
    parts.signed_text = compact.substr(0, second);
    parts.header = SALUS_TRY(from_base64url(compact.substr(0, first)));
    parts.payload = SALUS_TRY(from_base64url(compact.substr(first + 1, second - first - 1)));
    parts.signature = SALUS_TRY(from_base64url(compact.substr(second + 1)));
    return parts;
}

/// The header's algorithm, when it may be used at all.
Result<JwsAlgorithm> algorithm_of(ByteView header, std::span<const JwsAlgorithm> allowed) {
    const json::Value parsed = SALUS_TRY(json::parse(as_text(header), limits::jws_bytes_max));
    if (parsed.object() == nullptr) {
        return Error{Errc::malformed, "a token's header is a JSON object"};
    }
    const std::string name = SALUS_TRY(json::need_text(parsed, "alg", 16));
    // RFC 7515 §4.1.11: extensions that must be understood; we understand none.
    if (parsed.find("crit") != nullptr) {
        return Error{Errc::denied, "a token with critical extensions is refused"};
    }
    const JwsAlgorithm algorithm = SALUS_TRY(jws_algorithm(name));
    if (std::find(allowed.begin(), allowed.end(), algorithm) == allowed.end()) {
        return Error{Errc::denied, "the token's algorithm is not allowed here"};
    }
    return algorithm;
}

}  // namespace

struct JwsKey::State {
    Family family = Family::secret;
    openssl::Key key;
    Bytes bytes;  ///< an Ed25519 public key, or a secret
    std::optional<JwsAlgorithm> only;

    State() = default;
    State(Family f, openssl::Key k) : family(f), key(std::move(k)) {}
    State(Family f, ByteView b) : family(f), bytes(to_bytes(b)) {}
    State(const State&) = delete;
    State& operator=(const State&) = delete;
    ~State() { wipe(bytes); }
};

JwsKey::JwsKey(std::unique_ptr<State> state) : state_(std::move(state)) {}
JwsKey::~JwsKey() = default;
JwsKey::JwsKey(JwsKey&&) noexcept = default;
JwsKey& JwsKey::operator=(JwsKey&&) noexcept = default;

Result<JwsAlgorithm> jws_algorithm(std::string_view name) {
    for (const auto& [text, algorithm] : names) {
        if (name == text) return algorithm;
    }
    return Error{Errc::denied, "the algorithm is not known here"};
}

Result<JwsKey> JwsKey::from_secret(ByteView secret) {
    // RFC 7518 §3.2: a key at least as long as the hash.
    if (secret.size() < secret_bytes_min) {
        return Error{Errc::out_of_range, "an HS256 secret has at least 32 bytes"};
    }
    return JwsKey(std::make_unique<State>(Family::secret, secret));
}

Result<JwsKey> JwsKey::from_ed25519(ByteView public_key) {
    if (public_key.size() != Ed25519PublicKey::size_bytes) return bad_key();
    return JwsKey(std::make_unique<State>(Family::ed25519, public_key));
}

Result<JwsKey> JwsKey::from_point(ByteView point) {
    const bool small = point.size() == p256_point_bytes;
    openssl::Key key = small ? openssl::ec_key("P-256", point, p256_point_bytes)
                             : openssl::ec_key("P-384", point, p384_point_bytes);
    if (key == nullptr) return bad_key();
    return JwsKey(std::make_unique<State>(small ? Family::p256 : Family::p384, std::move(key)));
}

namespace {

Result<JwsKey> ec_from_jwk(const json::Value& jwk) {
    const std::string curve = SALUS_TRY(json::need_text(jwk, "crv", 16));
    const Bytes x = SALUS_TRY(json::need_base64url(jwk, "x", 128));
    const Bytes y = SALUS_TRY(json::need_base64url(jwk, "y", 128));
    const std::size_t half = curve == "P-256" ? 32 : 48;
    if ((curve != "P-256" && curve != "P-384") || x.size() != half || y.size() != half) {
        return bad_key();
    }
    Bytes point{0x04};
    append(point, x);
    append(point, y);
    return JwsKey::from_point(point);
}

}  // namespace

Result<JwsKey> JwsKey::from_jwk(const json::Value& jwk) {
    const std::string type = SALUS_TRY(json::need_text(jwk, "kty", 16));
    const std::optional<JwsAlgorithm> only = SALUS_TRY(purpose_of(jwk));
    const auto narrowed = [&](Result<JwsKey> key) -> Result<JwsKey> {
        if (!key.ok()) return key;
        if (only.has_value() && !key->fits(*only)) return bad_key();
        key->state_->only = only;
        return key;
    };
    if (type == "EC") return narrowed(ec_from_jwk(jwk));
    if (type == "OKP") {
        const std::string curve = SALUS_TRY(json::need_text(jwk, "crv", 16));
        const Bytes x = SALUS_TRY(json::need_base64url(jwk, "x", 128));
        return curve == "Ed25519" ? narrowed(from_ed25519(x)) : Result<JwsKey>(bad_key());
    }
    if (type == "RSA") {
        const Bytes modulus = SALUS_TRY(json::need_base64url(jwk, "n", 4096));
        const Bytes exponent = SALUS_TRY(json::need_base64url(jwk, "e", 64));
        openssl::Key key = openssl::rsa_key(modulus, exponent);
        if (key == nullptr) return bad_key();
        return narrowed(JwsKey(std::make_unique<State>(Family::rsa, std::move(key))));
    }
    if (type == "oct") {
        const Bytes secret = SALUS_TRY(json::need_base64url(jwk, "k", 4096));
        return narrowed(from_secret(secret));
    }
    return bad_key();
}

bool JwsKey::fits(JwsAlgorithm algorithm) const {
    return family_of(algorithm) == state_->family &&
           (!state_->only.has_value() || *state_->only == algorithm);
}

bool JwsKey::verifies(JwsAlgorithm algorithm, ByteView message, ByteView signature) const {
    if (!fits(algorithm)) return false;
    EVP_PKEY* const key = state_->key.get();
    switch (algorithm) {
        case JwsAlgorithm::es256:
            return verify_halves(key, "SHA256", message, signature, 64);
        case JwsAlgorithm::es384:
            return verify_halves(key, "SHA384", message, signature, 96);
        case JwsAlgorithm::rs256:
            return openssl::verify(key, "SHA256", message, signature);
        case JwsAlgorithm::rs384:
            return openssl::verify(key, "SHA384", message, signature);
        case JwsAlgorithm::hs256:
            return equal_constant_time(hmac_sha256(state_->bytes, message).view(), signature);
        case JwsAlgorithm::eddsa: {
            const auto public_half = Ed25519PublicKey::from(state_->bytes);
            const auto value = Ed25519Signature::from(signature);
            return public_half.ok() && value.ok() && verify(*public_half, message, *value);
        }
    }
    return false;
}

Result<VerifiedJws> verify_jws(std::string_view compact, const JwsKey& key,
                               std::span<const JwsAlgorithm> allowed) {
    Parts parts = SALUS_TRY(split(compact));
    const JwsAlgorithm algorithm = SALUS_TRY(algorithm_of(parts.header, allowed));
    if (!key.fits(algorithm)) {
        return Error{Errc::denied, "the token's algorithm is not that of the key"};
    }
    if (!key.verifies(algorithm, as_bytes(parts.signed_text), parts.signature)) {
        return Error{Errc::integrity, "the token's signature does not fit"};
    }
    return VerifiedJws{std::move(parts.header), std::move(parts.payload)};
}

}  // namespace salus::crypto
