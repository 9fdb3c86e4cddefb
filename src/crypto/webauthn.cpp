#include "crypto/webauthn.hpp"

#include "base/cbor.hpp"
#include "base/json.hpp"
#include "crypto/hash.hpp"
#include "crypto/limits.hpp"
#include "crypto/openssl.hpp"
#include "crypto/sign.hpp"

namespace salus::crypto::webauthn {
namespace {

// IANA COSE: key types, algorithms, curves; labels of RFC 9053 §7.
constexpr std::int64_t label_kty = 1, label_alg = 3;
constexpr std::int64_t kty_okp = 1, kty_ec2 = 2, kty_rsa = 3;
constexpr std::int64_t alg_es256 = -7, alg_eddsa = -8, alg_rs256 = -257;
constexpr std::int64_t curve_p256 = 1, curve_ed25519 = 6;

enum Flag : std::uint8_t {
    user_present = 0x01,
    user_verified = 0x04,
    backup_eligible = 0x08,
    backup_state = 0x10,
    attested_data = 0x40,
    extension_data = 0x80,
};
constexpr std::size_t rp_hash_bytes = 32;
constexpr std::size_t authenticator_bytes_min = rp_hash_bytes + 1 + 4;

struct PublicKey {
    std::int64_t algorithm = 0;
    Bytes first;   ///< x, or the modulus
    Bytes second;  ///< y, or the exponent
};

Error bad_key() {
    return Error{Errc::malformed, "not a COSE key of a known form"};
}
Error refused(const char* why) {
    return Error{Errc::denied, why};
}

Status expect(cbor::Reader& reader, std::int64_t label, std::int64_t value) {
    const std::int64_t found = SALUS_TRY(reader.integer());
    const std::int64_t content = SALUS_TRY(reader.integer());
    return found == label && content == value ? Status(done) : Status(bad_key());
}

Result<Bytes> member(cbor::Reader& reader, std::int64_t label, std::size_t bytes_max) {
    const std::int64_t found = SALUS_TRY(reader.integer());
    if (found != label) return bad_key();
    return to_bytes(SALUS_TRY(reader.bytes_max(bytes_max)));
}

/// The members stand in canonical order: 1, 3, −1, −2, −3.
Result<PublicKey> parse_key(ByteView cose_key) {
    SALUS_TRY(cbor::check(cose_key));
    cbor::Reader reader(cose_key);
    const std::size_t pairs = SALUS_TRY(reader.map());
    const std::int64_t type_label = SALUS_TRY(reader.integer());
    const std::int64_t type = SALUS_TRY(reader.integer());
    if (type_label != label_kty) return bad_key();
    PublicKey key;
    if (type == kty_ec2 && pairs == 5) {
        key.algorithm = alg_es256;
        SALUS_TRY(expect(reader, label_alg, alg_es256));
        SALUS_TRY(expect(reader, -1, curve_p256));
        key.first = SALUS_TRY(member(reader, -2, 32));
        key.second = SALUS_TRY(member(reader, -3, 32));
    } else if (type == kty_okp && pairs == 4) {
        key.algorithm = alg_eddsa;
        SALUS_TRY(expect(reader, label_alg, alg_eddsa));
        SALUS_TRY(expect(reader, -1, curve_ed25519));
        key.first = SALUS_TRY(member(reader, -2, 32));
    } else if (type == kty_rsa && pairs == 4) {
        key.algorithm = alg_rs256;
        SALUS_TRY(expect(reader, label_alg, alg_rs256));
        key.first = SALUS_TRY(member(reader, -1, 1024));
        key.second = SALUS_TRY(member(reader, -2, 8));
    } else {
        return bad_key();
    }
    SALUS_TRY(reader.end());
    return key;
}

openssl::Key openssl_key(const PublicKey& key) {
    if (key.algorithm == alg_rs256) return openssl::rsa_key(key.first, key.second);
    Bytes point{0x04};
    append(point, key.first);
    append(point, key.second);
    return openssl::ec_key("P-256", point, 65);
}

bool verifies(const PublicKey& key, ByteView message, ByteView signature) {
    if (key.algorithm == alg_eddsa) {
        const auto public_half = Ed25519PublicKey::from(key.first);
        const auto value = Ed25519Signature::from(signature);
        return public_half.ok() && value.ok() && verify(*public_half, message, *value);
    }
    const openssl::Key native = openssl_key(key);
    return native != nullptr && openssl::verify(native.get(), "SHA256", message, signature);
}

// WebAuthn §7.2 steps 11 to 14: type, challenge, origin; an embedded frame is refused.
Status check_client_data(ByteView bytes, const Expected& expected) {
    if (bytes.size() > limits::client_data_bytes_max) {
        return Error{Errc::out_of_range, "client data has at most 8 KiB"};
    }
    const json::Value data = SALUS_TRY(json::parse(as_text(bytes)));
    const std::string type = SALUS_TRY(json::need_text(data, "type"));
    const Bytes challenge = SALUS_TRY(json::need_base64url(data, "challenge"));
    const std::string origin = SALUS_TRY(json::need_text(data, "origin"));
    if (type != "webauthn.get") return refused("client data is not of an assertion");
    if (!equal_constant_time(challenge, expected.challenge)) {
        return refused("client data answers another challenge");
    }
    if (origin != expected.origin) return refused("client data comes from another origin");
    if (const json::Value* cross = data.find("crossOrigin"); cross != nullptr) {
        if (cross->boolean() == nullptr) {
            return Error{Errc::malformed, "crossOrigin is true or false"};
        }
        if (*cross->boolean()) return refused("assertion from an embedded frame");
    }
    if (data.find("topOrigin") != nullptr) return refused("assertion from an embedded frame");
    return done;
}

/// rpIdHash ‖ flags ‖ counter be32, then extensions when their flag says so, and nothing else.
Result<Verified> check_authenticator_data(ByteView data, const Expected& expected) {
    if (data.size() < authenticator_bytes_min ||
        data.size() > limits::authenticator_data_bytes_max) {
        return Error{Errc::malformed, "authenticator data has 37 bytes to 4 KiB"};
    }
    const std::uint8_t flags = data[rp_hash_bytes];
    cbor::Reader rest(data.subspan(authenticator_bytes_min));
    if ((flags & attested_data) != 0) {
        return Error{Errc::malformed, "an assertion carries no attested key"};
    }
    if ((flags & extension_data) != 0) {
        SALUS_TRY(cbor::check(data.subspan(authenticator_bytes_min)));
        SALUS_TRY(rest.map());
    } else {
        SALUS_TRY(rest.end());
    }
    if ((flags & backup_state) != 0 && (flags & backup_eligible) == 0) {
        return Error{Errc::malformed, "backed up without being eligible for it"};
    }
    if (!equal_constant_time(sha256(as_bytes(expected.rp_id)).view(), data.first(rp_hash_bytes))) {
        return refused("assertion for another relying party");
    }
    if ((flags & user_present) == 0) return refused("nobody was present");
    if (expected.require_uv && (flags & user_verified) == 0) return refused("user not verified");
    return Verified{read_be32(data.data() + rp_hash_bytes + 1), (flags & user_verified) != 0,
                    (flags & backup_eligible) != 0, (flags & backup_state) != 0};
}

}  // namespace

Status check_public_key(ByteView cose_key) {
    const PublicKey key = SALUS_TRY(parse_key(cose_key));
    const bool usable = key.algorithm == alg_eddsa
                            ? key.first.size() == Ed25519PublicKey::size_bytes
                            : openssl_key(key) != nullptr;
    return usable ? Status(done) : Status(bad_key());
}

Result<Verified> verify_assertion(const Assertion& assertion, const Expected& expected) {
    const PublicKey key = SALUS_TRY(parse_key(expected.public_key));
    SALUS_TRY(check_client_data(assertion.client_data_json, expected));
    const Verified verified =
        SALUS_TRY(check_authenticator_data(assertion.authenticator_data, expected));
    Bytes message = assertion.authenticator_data;
    append(message, sha256(assertion.client_data_json).view());
    if (!verifies(key, message, assertion.signature)) {
        return Error{Errc::integrity, "the assertion's signature does not fit"};
    }
    return verified;
}

}  // namespace salus::crypto::webauthn
