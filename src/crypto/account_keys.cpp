#include "crypto/account_keys.hpp"

#include "crypto/hash.hpp"

namespace salus::crypto {
namespace {

constexpr std::string_view alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
constexpr std::size_t code_characters = 27;
constexpr std::size_t group_characters = 3;

/// HKDF-SHA256 with an empty salt straight into a Secret.
template <class Key>
Key expand(ByteView ikm, ByteView info) {
    Result<Bytes> okm = hkdf(HashAlgorithm::sha256, ikm, {}, info, Key::size_bytes);
    SALUS_ASSERT(okm.ok());
    Key key;
    std::copy(okm->begin(), okm->end(), key.reveal_mutable().begin());
    wipe(*okm);
    return key;
}

/// label ‖ 0x00 ‖ context.
Bytes info_of(std::string_view label, ByteView context) {
    Bytes info = to_bytes(label);
    info.push_back(0x00);
    append(info, context);
    return info;
}

template <class Key>
Key derive(const AccountMasterKey& amk, std::string_view label, ByteView context) {
    return expand<Key>(amk.reveal(), info_of(label, context));
}

Bytes with_epoch(ByteView id, std::uint32_t epoch) {
    Bytes context = to_bytes(id);
    append_be32(context, epoch);
    return context;
}

/// Multiplies by x in GF(32) modulo x^5 + x^2 + 1.
std::uint8_t times_x(std::uint8_t value) {
    const auto shifted = static_cast<std::uint8_t>(value << 1U);
    return static_cast<std::uint8_t>((shifted & 0x20U) != 0 ? shifted ^ 0x25U : shifted);
}

/// Value of the characters as a polynomial at x; a whole code has value 0.
std::uint8_t evaluate(std::string_view characters) {
    std::uint8_t value = 0;
    for (const char c : characters) {
        value = static_cast<std::uint8_t>(times_x(value) ^ alphabet.find(c));
    }
    return value;
}

/// Upper case, without blanks and hyphens, with look-alikes read as the letters they look like.
Result<std::string> normalise(std::string_view text) {
    std::string out;
    for (char c : text) {
        if (c == ' ' || c == '-') continue;
        if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
        if (c == '0') c = 'O';
        if (c == '1') c = 'I';
        if (c == '8') c = 'B';
        if (alphabet.find(c) == std::string_view::npos || out.size() == code_characters) {
            return Error{Errc::malformed, "a code has 27 letters and digits 2 to 7"};
        }
        out.push_back(c);
    }
    if (out.size() != code_characters) {
        return Error{Errc::malformed, "a code has 27 letters and digits 2 to 7"};
    }
    return out;
}

template <class Code>
Result<Code> read_code(std::string_view text) {
    const std::string characters = SALUS_TRY(normalise(text));
    if (evaluate(characters) != 0) {
        return Error{Errc::malformed, "the code's check character does not fit: a mistyped code"};
    }
    Bytes bytes = SALUS_TRY(from_base32(characters.substr(0, code_characters - 1)));
    Result<Code> code = key_from<Code>(bytes);
    wipe(bytes);
    return code;
}

}  // namespace

AccountId patient_account_id(const AccountMasterKey& amk, ByteView organisation_id) {
    const auto id = derive<Secret<16>>(amk, "salus/v1/account", organisation_id);
    AccountId out;
    std::copy(id.reveal().begin(), id.reveal().end(), out.bytes.begin());
    return out;
}
SigningKey signing_key(const AccountMasterKey& amk, ByteView organisation_id) {
    return derive<SigningKey>(amk, "salus/v1/sig", organisation_id);
}
X25519PrivateKey kem_key(const AccountMasterKey& amk, ByteView organisation_id,
                         std::uint32_t epoch) {
    return derive<X25519PrivateKey>(amk, "salus/v1/kem", with_epoch(organisation_id, epoch));
}
LabelKey label_key(const AccountMasterKey& amk, ByteView organisation_id) {
    return derive<LabelKey>(amk, "salus/v1/label-key", organisation_id);
}
CollectionPrivateKey collection_key(const AccountMasterKey& amk, const ObjectId& collection,
                                    std::uint32_t epoch) {
    return derive<CollectionPrivateKey>(amk, "salus/v1/collection",
                                        with_epoch(collection.view(), epoch));
}
KeyringKey keyring_key(const AccountMasterKey& amk, const AccountId& account) {
    return derive<KeyringKey>(amk, "salus/v1/keyring", account.view());
}

Result<LoginKeys> password_keys(ByteView nfkc_password, const KdfSalt& salt,
                                const Argon2Parameters& parameters, const Argon2Parameters& floor) {
    SALUS_TRY(meets_floor(parameters, floor));
    Bytes stretched = SALUS_TRY(argon2id(nfkc_password, salt, parameters, 32));
    LoginKeys keys{expand<AuthKey>(stretched, as_bytes("salus/v1/auth")),
                   expand<KeyEncryptionKey>(stretched, as_bytes("salus/v1/kek"))};
    wipe(stretched);
    return keys;
}

LoginKeys demo_keys(const DemoKey& key) {
    return LoginKeys{expand<AuthKey>(key.reveal(), as_bytes("salus/v1/demo-auth")),
                     expand<KeyEncryptionKey>(key.reveal(), as_bytes("salus/v1/demo-kek"))};
}
KeyEncryptionKey recovery_kek(const RecoveryCode& code) {
    return expand<KeyEncryptionKey>(code.reveal(), as_bytes("salus/v1/recovery-kek"));
}
AuthKey recovery_auth_key(const RecoveryCode& code) {
    return expand<AuthKey>(code.reveal(), as_bytes("salus/v1/recovery-auth"));
}
KeyEncryptionKey passkey_kek(const PasskeySecret& secret) {
    return expand<KeyEncryptionKey>(secret.reveal(), as_bytes("salus/v1/passkey-kek"));
}
ClaimSecret claim_secret(const ClaimCode& code) {
    return expand<ClaimSecret>(code.reveal(), as_bytes("salus/v1/claim"));
}
X25519PrivateKey claim_kem_key(const ClaimCode& code) {
    return expand<X25519PrivateKey>(code.reveal(), as_bytes("salus/v1/claim-kem"));
}

std::string write_code(const Secret<16>& code) {
    std::string characters = to_base32(code.reveal());
    characters.push_back(alphabet[times_x(evaluate(characters))]);
    std::string out;
    for (std::size_t i = 0; i < characters.size(); ++i) {
        if (i > 0 && i % group_characters == 0) out.push_back('-');
        out.push_back(characters[i]);
    }
    return out;
}

Result<RecoveryCode> read_recovery_code(std::string_view text) {
    return read_code<RecoveryCode>(text);
}
Result<ClaimCode> read_claim_code(std::string_view text) {
    return read_code<ClaimCode>(text);
}

}  // namespace salus::crypto
