#pragma once

#include "base/env.hpp"
#include "base/json.hpp"
#include "base/strong.hpp"
#include "client/password.hpp"
#include "crypto/account_keys.hpp"
#include "crypto/slot.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

/// An account as its own client holds it. Nothing of this leaves the client but public halves and
/// sealed slots.
namespace salus::client {

/// 16 bytes that stand for a person, organisation, role or category on the chain:
/// docs/contracts/consent.md.
using Label = FixedBytes<struct ClientLabelTag, 16>;

/// Everything that follows from the master key at one organisation: docs/formats/key-derivation.md.
/// Move-only.
struct AccountKeys {
    crypto::AccountMasterKey amk;
    AccountId account;
    ObjectId organisation;
    crypto::SigningKey signing;
    crypto::Ed25519PublicKey signing_public;
    crypto::KeyId signing_id;  ///< how wraps name the granter
    crypto::X25519Pair kem;
    crypto::LabelKey labels;

    /// A patient's account id follows from the key; staff name theirs. Threads: any; pure.
    static AccountKeys derive(crypto::AccountMasterKey amk, const ObjectId& organisation,
                              const std::optional<AccountId>& account = std::nullopt,
                              std::uint32_t epoch = 1);
    /// The pair of one of its own collections.
    [[nodiscard]] crypto::X25519Pair collection(const ObjectId& id, std::uint32_t epoch) const;
};

Label person_label(const crypto::LabelKey& key, const AccountId& person);
Label organisation_label(const crypto::LabelKey& key, const ObjectId& organisation);
Label role_label(const crypto::LabelKey& key, std::string_view role, const ObjectId& organisation);
Label category_label(const crypto::LabelKey& key, std::string_view category);
/// What the registry holds of the label key.
Digest label_commitment(const crypto::LabelKey& key);

/// A slot as the node keeps it.
struct NamedSlot {
    std::string type;
    Bytes blob;
};
json::Value to_json(const crypto::SlotKdf& kdf);
json::Value to_json(const std::vector<NamedSlot>& slots);

/// The master key in a fresh slot. `kdf`: of a password slot, and of no other.
Result<Bytes> seal_master_key(Env& env, const crypto::KeyEncryptionKey& kek,
                              const AccountKeys& keys, crypto::SlotType type,
                              std::optional<crypto::SlotKdf> kdf = std::nullopt);

struct SignUpOptions {
    std::string name;  ///< sign-in name
    std::string display_name;
    bool staff = false;
    std::string invitation;  ///< code; empty: none
    bool second_factor = true;
    bool demo = false;  ///< adds a demo slot, which only a demo node takes
    crypto::Argon2Parameters kdf = crypto::argon2_client_floor;
};

/// A new account before it is sent: its secrets, slots and first transaction.
struct NewAccount {
    AccountKeys keys;
    SignUpOptions options;
    crypto::SlotKdf kdf;
    crypto::AuthKey auth;
    crypto::RecoveryCode recovery;  ///< shown once, written down
    Bytes totp_secret;              ///< 20 bytes; empty: declined
    std::optional<crypto::DemoKey> demo;
    std::vector<NamedSlot> slots;  ///< password, recovery, and demo where wanted
};

/// Draws and seals. Cost: one Argon2id (~0.15 s). Errors: as check_password; crypto's.
Result<NewAccount> make_account(Env& env, const ObjectId& organisation, std::string_view password,
                                SignUpOptions options);
/// The body of `POST /api/signup`; `code_time` chooses the step of the one-time code. Errors: those
/// of signing.
Result<json::Value> sign_up_body(Env& env, const NewAccount& account, std::string_view chain_id,
                                 UnixMillis node_time, UnixMillis code_time);

/// Opens a password slot. Errors: malformed; denied — KDF below the client's floor; integrity —
/// another password.
struct OpenedSlot {
    crypto::AccountMasterKey amk;
    crypto::AuthKey auth;
};
Result<OpenedSlot> open_password_slot(ByteView slot, const AccountId& account,
                                      std::string_view password);
/// {1: AMK, 2: TOTP secret} of a demo slot, and back.
Bytes demo_slot_payload(const crypto::AccountMasterKey& amk, ByteView totp_secret);
struct OpenedDemoSlot {
    crypto::AccountMasterKey amk;
    Bytes totp_secret;
};
Result<OpenedDemoSlot> open_demo_slot(ByteView slot, const AccountId& account,
                                      const crypto::DemoKey& key);

}  // namespace salus::client
