#pragma once

#include "base/bytes.hpp"

#include <memory>
#include <span>

namespace salus::json {
class Value;
}

/// Signed tokens that a standard forces on us (RFC 7515 compact form, RFC 7518). The caller fixes
/// the algorithms; the token's header only has to agree. jku, jwk, x5u and x5c in a header are
/// never looked at; `none` does not exist here.
namespace salus::crypto {

enum class JwsAlgorithm : std::uint8_t { es256, es384, eddsa, rs256, rs384, hs256 };
/// "ES256", "EdDSA", …  Errors: denied — `none` and every other name.
Result<JwsAlgorithm> jws_algorithm(std::string_view name);

/// A key that fits exactly one family of algorithms, so that an RSA key can never be taken for an
/// HMAC secret.
class JwsKey {
  public:
    /// RFC 7517: kty EC (P-256, P-384), OKP (Ed25519), RSA (2048 to 8192 bits), oct (≥ 32 bytes). A
    /// member `alg`, `use` or `key_ops` narrows the key. Errors: malformed; denied — a key that is
    /// not for verifying signatures.
    static Result<JwsKey> from_jwk(const json::Value& jwk);
    /// Errors: out_of_range — shorter than 32 bytes.
    static Result<JwsKey> from_secret(ByteView secret);
    static Result<JwsKey> from_ed25519(ByteView public_key);
    /// Uncompressed point, P-256 or P-384 by its size.
    static Result<JwsKey> from_point(ByteView point);

    ~JwsKey();
    JwsKey(JwsKey&&) noexcept;
    JwsKey& operator=(JwsKey&&) noexcept;
    [[nodiscard]] bool fits(JwsAlgorithm algorithm) const;
    [[nodiscard]] bool verifies(JwsAlgorithm algorithm, ByteView message, ByteView signature) const;

  private:
    struct State;
    explicit JwsKey(std::unique_ptr<State> state);
    std::unique_ptr<State> state_;
};

struct VerifiedJws {
    Bytes header;  ///< JSON as it was signed
    Bytes payload;
};

/// Limits:  token ≤ 64 KiB.
/// Errors:  malformed — not three canonical base64url parts, or a header that is no JSON object
/// with a text `alg`;
///          denied — algorithm not allowed, of another family than the key, or a critical
///          extension; integrity — the signature does not fit.
Result<VerifiedJws> verify_jws(std::string_view compact, const JwsKey& key,
                               std::span<const JwsAlgorithm> allowed);

}  // namespace salus::crypto
