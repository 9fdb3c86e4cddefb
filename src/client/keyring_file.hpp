#pragma once

#include "base/env.hpp"
#include "client/account.hpp"

#include <string>
#include <vector>

/// The local keyring: what `salus` needs to open an account on this machine.
/// docs/formats/keyring.md.
namespace salus::client {

/// Nothing in it opens by itself: the master key lies in slots, sealed as they are at the node.
struct KeyringFile {
    std::string name;  ///< sign-in name
    AccountId account;
    ObjectId organisation;
    std::string url;  ///< of the home's node
    std::vector<NamedSlot> slots;
};

Bytes encode(const KeyringFile& keyring);
/// Errors: malformed — also another version; out_of_range.
Result<KeyringFile> decode_keyring(ByteView bytes);

/// Readable and writable by its owner alone; replaced whole. Errors: those of Env.
Status write_keyring(Env& env, const std::string& path, const KeyringFile& keyring);
/// Errors: not_found; malformed; out_of_range; unavailable.
Result<KeyringFile> read_keyring(Env& env, const std::string& path);

/// The account's keys by its password. Cost: one Argon2id. Errors: as open_password_slot; not_found
/// — no such slot.
Result<AccountKeys> unlock(const KeyringFile& keyring, std::string_view password);
/// The same by the recovery code.
Result<AccountKeys> unlock(const KeyringFile& keyring, const crypto::RecoveryCode& code);

}  // namespace salus::client
