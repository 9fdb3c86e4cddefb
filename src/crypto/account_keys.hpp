#pragma once

#include "base/bytes.hpp"
#include "crypto/kdf.hpp"
#include "crypto/sign.hpp"
#include "crypto/x25519.hpp"

/// What an account derives from its master key, and how a password or a code becomes the key of a
/// slot. Source: docs/formats/key-derivation.md. Secrets: constant time. Threads: any; pure.
namespace salus::crypto {

/// Opens everything the account holds; lies in slots (crypto/slot.hpp).
struct AccountMasterKey : Secret<32> {};
/// Blinds the labels of one patient on the chain.
struct LabelKey : Secret<32> {};
struct KeyringKey : Secret<32> {};
/// Proves the password to the server, and opens nothing.
struct AuthKey : Secret<32> {};
/// Opens one slot, and never leaves the client.
struct KeyEncryptionKey : Secret<32> {};
/// Travels in a demo link's fragment.
struct DemoKey : Secret<32> {};
/// What a passkey's PRF extension yields.
struct PasskeySecret : Secret<32> {};
/// 128 bits that a person keeps on paper.
struct RecoveryCode : Secret<16> {};
/// 128 bits that hand an offered record over.
struct ClaimCode : Secret<16> {};
struct ClaimSecret : Secret<32> {};

AccountId patient_account_id(const AccountMasterKey& amk, ByteView organisation_id);
SigningKey signing_key(const AccountMasterKey& amk, ByteView organisation_id);
X25519PrivateKey kem_key(const AccountMasterKey& amk, ByteView organisation_id,
                         std::uint32_t epoch);
LabelKey label_key(const AccountMasterKey& amk, ByteView organisation_id);
CollectionPrivateKey collection_key(const AccountMasterKey& amk, const ObjectId& collection,
                                    std::uint32_t epoch);
KeyringKey keyring_key(const AccountMasterKey& amk, const AccountId& account);

struct LoginKeys {
    AuthKey auth;
    KeyEncryptionKey kek;
};
/// `nfkc_password`: UTF-8 after Unicode normalisation form NFKC, which is the caller's.
/// Errors: denied — parameters below `floor`; out_of_range; unavailable. Cost: argon2id.
Result<LoginKeys> password_keys(ByteView nfkc_password, const KdfSalt& salt,
                                const Argon2Parameters& parameters,
                                const Argon2Parameters& floor = argon2_client_floor);
LoginKeys demo_keys(const DemoKey& key);
KeyEncryptionKey recovery_kek(const RecoveryCode& code);
/// Proves the code to the server, and opens nothing.
AuthKey recovery_auth_key(const RecoveryCode& code);
KeyEncryptionKey passkey_kek(const PasskeySecret& secret);

ClaimSecret claim_secret(const ClaimCode& code);
X25519PrivateKey claim_kem_key(const ClaimCode& code);

/// Nine groups of three letters and digits, hyphens between: RFC 4648 base32 and a check character
/// that finds any one wrong character and any two neighbours swapped. docs/formats/key-slot.md.
std::string write_code(const Secret<16>& code);
/// Case, blanks and hyphens are free; 0, 1 and 8 are read as O, I and B. Errors: malformed — also a
/// wrong check.
Result<RecoveryCode> read_recovery_code(std::string_view text);
Result<ClaimCode> read_claim_code(std::string_view text);

}  // namespace salus::crypto
