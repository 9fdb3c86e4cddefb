#include "crypto/kat.hpp"

#include "base/cbor.hpp"
#include "crypto/chunked.hpp"
#include "crypto/hash.hpp"
#include "crypto/hpke.hpp"
#include "crypto/jws.hpp"
#include "crypto/kdf.hpp"
#include "crypto/shamir.hpp"
#include "crypto/sign.hpp"
#include "crypto/totp.hpp"
#include "crypto/webauthn.hpp"

#include <algorithm>
#include <limits>

namespace salus::crypto {
namespace {

using json::Value;
using Answer = Result<Value>;

// Readers of fields ------------------------------------------------------------------------------

template <class Key>
Result<Key> need_key(const Value& in, std::string_view name) {
    Bytes bytes = SALUS_TRY(json::need_hex(in, name));
    Result<Key> key = key_from<Key>(bytes);
    wipe(bytes);
    return key;
}

template <class Fixed>
Result<Fixed> need_fixed(const Value& in, std::string_view name) {
    const Bytes bytes = SALUS_TRY(json::need_hex(in, name));
    return Fixed::from(bytes);
}

/// Absent or null means empty.
Result<Bytes> optional_hex(const Value& in, std::string_view name) {
    const Value* field = in.find(name);
    if (field == nullptr || field->is_null()) return Bytes{};
    return json::need_hex(in, name);
}

/// WebAuthn's own JSON says base64url, this interface says hex: either is read.
Result<Bytes> need_hex_or_base64url(const Value& in, std::string_view name) {
    Result<Bytes> hex = json::need_hex(in, name);
    return hex.ok() ? std::move(hex) : json::need_base64url(in, name);
}

Result<std::uint32_t> need_u32(const Value& in, std::string_view name) {
    const std::uint64_t value = SALUS_TRY(json::need_uint(in, name));
    if (value > std::numeric_limits<std::uint32_t>::max()) {
        return Error{Errc::out_of_range, "number too large"};
    }
    return static_cast<std::uint32_t>(value);
}

Result<HashAlgorithm> hash_named(std::string name, bool sha1_allowed) {
    std::transform(name.begin(), name.end(), name.begin(),
                   [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
    std::erase(name, '-');
    if (name == "sha256") return HashAlgorithm::sha256;
    if (name == "sha512") return HashAlgorithm::sha512;
    if (name == "sha1" && sha1_allowed) return HashAlgorithm::sha1;
    return Error{Errc::denied, "hash is not allowed here"};
}

Value one(const char* name, ByteView bytes) {
    return json::Object{{name, Value(to_hex(bytes))}};
}

Answer verdict(bool ok) {
    if (ok) return Value(json::Object{});
    return Error{Errc::integrity, "the signature does not verify"};
}

// Operations -------------------------------------------------------------------------------------

Answer kat_sha256(const Value& in) {
    const Bytes message = SALUS_TRY(json::need_hex(in, "msg"));
    return one("digest", sha256(message).view());
}

Answer kat_hkdf(const Value& in) {
    const std::string name = SALUS_TRY(json::need_text(in, "hash"));
    const HashAlgorithm hash = SALUS_TRY(hash_named(name, false));
    const Bytes ikm = SALUS_TRY(json::need_hex(in, "ikm"));
    const Bytes salt = SALUS_TRY(optional_hex(in, "salt"));
    const Bytes info = SALUS_TRY(optional_hex(in, "info"));
    const std::uint64_t length = SALUS_TRY(json::need_uint(in, "len"));
    const Bytes okm = SALUS_TRY(hkdf(hash, ikm, salt, info, static_cast<std::size_t>(length)));
    return one("okm", okm);
}

Answer kat_hmac(const Value& in) {
    const std::string name = SALUS_TRY(json::need_text(in, "hash"));
    const HashAlgorithm hash = SALUS_TRY(hash_named(name, true));
    const Bytes key = SALUS_TRY(json::need_hex(in, "key"));
    const Bytes message = SALUS_TRY(json::need_hex(in, "msg"));
    return one("mac", hmac(hash, key, message));
}

Answer kat_gcm(const Value& in) {
    const auto key = SALUS_TRY(need_key<Secret<32>>(in, "key"));
    const auto nonce = SALUS_TRY(need_fixed<GcmNonce>(in, "nonce"));
    const Bytes aad = SALUS_TRY(optional_hex(in, "aad"));
    const Bytes sealed = SALUS_TRY(json::need_hex(in, "ct"));
    const Bytes plaintext = SALUS_TRY(Aes256Gcm(key).open(nonce, aad, sealed));
    return one("pt", plaintext);
}

Answer kat_xchacha(const Value& in) {
    const auto key = SALUS_TRY(need_key<Secret<32>>(in, "key"));
    const auto nonce = SALUS_TRY(need_fixed<XNonce>(in, "nonce"));
    const Bytes aad = SALUS_TRY(optional_hex(in, "aad"));
    const Bytes sealed = SALUS_TRY(json::need_hex(in, "ct"));
    const Bytes plaintext = SALUS_TRY(xchacha20poly1305_open(key, nonce, aad, sealed));
    return one("pt", plaintext);
}

Answer kat_chunked(const Value& in) {
    const auto key = SALUS_TRY(need_key<Secret<32>>(in, "key"));
    const Bytes context = SALUS_TRY(optional_hex(in, "context"));
    const Bytes sealed = SALUS_TRY(json::need_hex(in, "ct"));
    const Bytes plaintext = SALUS_TRY(chunked::open(key, context, sealed));
    return one("pt", plaintext);
}

Answer kat_x25519(const Value& in) {
    const auto scalar = SALUS_TRY(need_key<X25519PrivateKey>(in, "scalar"));
    const auto point = SALUS_TRY(need_fixed<X25519PublicKey>(in, "point"));
    const SharedSecret shared = SALUS_TRY(x25519(scalar, point));
    return one("shared", shared.reveal());
}

Answer kat_ed25519(const Value& in) {
    const auto key = SALUS_TRY(need_fixed<Ed25519PublicKey>(in, "pk"));
    const Bytes message = SALUS_TRY(json::need_hex(in, "msg"));
    const auto signature = SALUS_TRY(need_fixed<Ed25519Signature>(in, "sig"));
    return verdict(verify(key, message, signature));
}

Answer kat_p256(const Value& in) {
    const Bytes point = SALUS_TRY(json::need_hex(in, "pk"));
    const Bytes message = SALUS_TRY(json::need_hex(in, "msg"));
    const Bytes signature = SALUS_TRY(json::need_hex(in, "sig"));
    return verdict(verify_p256(point, message, signature));
}

Result<hpke::Context> receiver_of(const Value& in) {
    const auto key = SALUS_TRY(need_key<X25519PrivateKey>(in, "skR"));
    const auto enc = SALUS_TRY(need_fixed<hpke::EncapsulatedKey>(in, "enc"));
    const Bytes info = SALUS_TRY(optional_hex(in, "info"));
    return hpke::setup_receiver(key, enc, info);
}

Answer kat_hpke_open(const Value& in) {
    hpke::Context context = SALUS_TRY(receiver_of(in));
    const json::Array* const messages = SALUS_TRY(json::need_array(in, "messages"));
    json::Array plaintexts;
    for (const Value& message : *messages) {
        const Bytes aad = SALUS_TRY(optional_hex(message, "aad"));
        const Bytes sealed = SALUS_TRY(json::need_hex(message, "ct"));
        const Bytes plaintext = SALUS_TRY(context.open(aad, sealed));
        plaintexts.emplace_back(to_hex(plaintext));
    }
    return Value(json::Object{{"pts", Value(std::move(plaintexts))}});
}

Answer kat_hpke_export(const Value& in) {
    const hpke::Context context = SALUS_TRY(receiver_of(in));
    const Bytes exporter = SALUS_TRY(optional_hex(in, "exporter_context"));
    const std::uint64_t length = SALUS_TRY(json::need_uint(in, "len"));
    const Bytes secret =
        SALUS_TRY(context.export_secret(exporter, static_cast<std::size_t>(length)));
    return one("secret", secret);
}

Answer kat_argon2id(const Value& in) {
    const Bytes password = SALUS_TRY(json::need_hex(in, "password"));
    const auto salt = SALUS_TRY(need_fixed<KdfSalt>(in, "salt"));
    Argon2Parameters parameters;
    parameters.m_kib = SALUS_TRY(need_u32(in, "m_kib"));
    parameters.t = SALUS_TRY(need_u32(in, "t"));
    if (in.find("p") != nullptr) parameters.p = SALUS_TRY(need_u32(in, "p"));
    const std::uint64_t length = SALUS_TRY(json::need_uint(in, "len"));
    const Bytes tag =
        SALUS_TRY(argon2id(password, salt, parameters, static_cast<std::size_t>(length)));
    return one("tag", tag);
}

Answer kat_totp(const Value& in) {
    const Bytes secret = SALUS_TRY(json::need_hex(in, "secret"));
    const std::int64_t unix_s = SALUS_TRY(json::need_int(in, "unix"));
    TotpParameters parameters;
    if (in.find("digits") != nullptr) parameters.digits = SALUS_TRY(need_u32(in, "digits"));
    if (in.find("period") != nullptr) parameters.period_s = SALUS_TRY(need_u32(in, "period"));
    if (in.find("algorithm") != nullptr) {
        const std::string name = SALUS_TRY(json::need_text(in, "algorithm"));
        parameters.hash = SALUS_TRY(hash_named(name, true));
    }
    std::string code = SALUS_TRY(totp_code(secret, unix_s, parameters));
    return Value(json::Object{{"code", Value(std::move(code))}});
}

Answer kat_webauthn(const Value& in) {
    webauthn::Expected expected;
    expected.rp_id = SALUS_TRY(json::need_text(in, "rp_id"));
    expected.origin = SALUS_TRY(json::need_text(in, "origin"));
    expected.challenge = SALUS_TRY(need_hex_or_base64url(in, "challenge"));
    expected.public_key = SALUS_TRY(need_hex_or_base64url(in, "public_key"));
    if (in.find("require_uv") != nullptr) {
        expected.require_uv = SALUS_TRY(json::need_bool(in, "require_uv"));
    }
    webauthn::Assertion assertion;
    assertion.authenticator_data = SALUS_TRY(need_hex_or_base64url(in, "authenticator_data"));
    assertion.signature = SALUS_TRY(need_hex_or_base64url(in, "signature"));
    const std::string client_data = SALUS_TRY(json::need_text(in, "client_data_json", 1U << 16U));
    assertion.client_data_json = client_data.starts_with('{')
                                     ? to_bytes(client_data)
                                     : SALUS_TRY(need_hex_or_base64url(in, "client_data_json"));
    SALUS_TRY(webauthn::verify_assertion(assertion, expected));
    return Value(json::Object{});
}

/// A bare key is taken for what its size says: a point, or with EdDSA allowed a public key, else a
/// secret.
Result<JwsKey> jws_key(const Value& in, std::span<const JwsAlgorithm> allowed) {
    if (const Value* jwk = in.find("jwk"); jwk != nullptr) return JwsKey::from_jwk(*jwk);
    const Bytes key = SALUS_TRY(json::need_hex(in, "key"));
    const auto allows = [&](JwsAlgorithm algorithm) {
        return std::find(allowed.begin(), allowed.end(), algorithm) != allowed.end();
    };
    if (allows(JwsAlgorithm::hs256)) return JwsKey::from_secret(key);
    return allows(JwsAlgorithm::eddsa) ? JwsKey::from_ed25519(key) : JwsKey::from_point(key);
}

Answer kat_jws(const Value& in) {
    const json::Array* const list = SALUS_TRY(json::need_array(in, "algorithms"));
    std::vector<JwsAlgorithm> allowed;
    for (const Value& name : *list) {
        // A name that is not known here allows nothing.
        if (name.text() == nullptr) return Error{Errc::malformed, "algorithms are names"};
        if (const auto algorithm = jws_algorithm(*name.text()); algorithm.ok()) {
            allowed.push_back(*algorithm);
        }
    }
    const std::string token = SALUS_TRY(json::need_text(in, "jws", std::size_t{1} << 20U));
    const JwsKey key = SALUS_TRY(jws_key(in, allowed));
    const VerifiedJws verified = SALUS_TRY(verify_jws(token, key, allowed));
    return one("payload", verified.payload);
}

/// {"x": index, "y": hex}, or hex of the index byte and the values.
Result<SharePoint> need_point(const Value& share) {
    SharePoint point;
    if (share.object() != nullptr) {
        const std::uint64_t x = SALUS_TRY(json::need_uint(share, "x"));
        if (x > 255) return Error{Errc::malformed, "share indexes are 1 to 255, each once"};
        point.x = static_cast<std::uint8_t>(x);
        point.y = SALUS_TRY(json::need_hex(share, "y"));
        return point;
    }
    if (share.text() == nullptr) return Error{Errc::malformed, "shares are hex"};
    const Bytes bytes = SALUS_TRY(from_hex(*share.text()));
    if (bytes.size() < 2) return Error{Errc::malformed, "share ends early"};
    point.x = bytes[0];
    point.y = to_bytes(ByteView(bytes).subspan(1));
    return point;
}

/// Shares of docs/formats/shamir-share.md, or bare points of the same field.
Answer kat_shamir(const Value& in) {
    const json::Array* const list = SALUS_TRY(json::need_array(in, "shares"));
    const auto is_framed = [](const Value& share) {
        return share.text() != nullptr && share.text()->starts_with("53414c5553");
    };
    if (std::any_of(list->begin(), list->end(), is_framed)) {
        std::vector<Bytes> blobs;
        for (const Value& share : *list) {
            if (share.text() == nullptr) return Error{Errc::malformed, "shares are hex"};
            blobs.push_back(SALUS_TRY(from_hex(*share.text())));
        }
        return one("secret", SALUS_TRY(combine_shares(blobs)));
    }
    std::vector<SharePoint> points;
    for (const Value& share : *list) points.push_back(SALUS_TRY(need_point(share)));
    return one("secret", SALUS_TRY(interpolate_at_zero(points)));
}

Answer kat_cbor(const Value& in) {
    const Bytes item = SALUS_TRY(json::need_hex(in, "cbor"));
    SALUS_TRY(cbor::check(item));
    return Value(json::Object{});
}

struct Operation {
    std::string_view name;
    Answer (*run)(const Value&);
};
constexpr Operation operations[] = {
    {"sha256", kat_sha256},
    {"hkdf", kat_hkdf},
    {"hmac", kat_hmac},
    {"aes256gcm.open", kat_gcm},
    {"xchacha20poly1305.open", kat_xchacha},
    {"chunked.open", kat_chunked},
    {"x25519", kat_x25519},
    {"ed25519.verify", kat_ed25519},
    {"p256.verify", kat_p256},
    {"hpke.open", kat_hpke_open},
    {"hpke.export", kat_hpke_export},
    {"argon2id", kat_argon2id},
    {"totp", kat_totp},
    {"webauthn.assertion", kat_webauthn},
    {"jws.verify", kat_jws},
    {"shamir.combine", kat_shamir},
    {"cbor.check", kat_cbor},
};

}  // namespace

Result<Value> kat(std::string_view op, const Value& in) {
    for (const Operation& operation : operations) {
        if (operation.name == op) return operation.run(in);
    }
    return Error{Errc::not_found, "unknown op"};
}

}  // namespace salus::crypto
