#pragma once

#include "base/bytes.hpp"
#include "base/env.hpp"
#include "crypto/account_keys.hpp"

#include <optional>

/// A slot: the account master key, sealed under a key that a password, a recovery code, a passkey
/// or a demo link gives. The server stores slots and opens none. Source: docs/formats/key-slot.md.
namespace salus::crypto {

enum class SlotType : std::uint8_t { password = 1, recovery = 2, passkey = 3, demo = 4 };
/// "password", "recovery", "passkey", "demo": as the HTTP interface writes them.
std::string_view to_string(SlotType type) noexcept;

struct SlotKdf {
    Argon2Parameters parameters;
    KdfSalt salt;
    bool operator==(const SlotKdf&) const = default;
};

/// What a slot says before it is opened; all of it is bound by the seal, together with the account.
struct SlotHead {
    SlotType type = SlotType::password;
    ObjectId slot;               ///< drawn by the client
    std::uint32_t epoch = 1;     ///< of the account's keys
    std::optional<SlotKdf> kdf;  ///< of a password slot, and of no other
    bool operator==(const SlotHead&) const = default;
};

/// Errors: malformed — a password slot without KDF or another with one; out_of_range — payload
/// above 256 bytes.
Result<Bytes> seal_slot(Env& env, const KeyEncryptionKey& kek, const AccountId& account,
                        const SlotHead& head, ByteView payload);
Result<Bytes> seal_slot_key(Env& env, const KeyEncryptionKey& kek, const AccountId& account,
                            const SlotHead& head, const AccountMasterKey& amk);

/// Errors: malformed; denied — version or suite.
Result<SlotHead> read_slot_head(ByteView blob);
/// The payload; the caller wipes it. Errors: as above; integrity — another key or account, or
/// changed bytes.
Result<Bytes> open_slot(const KeyEncryptionKey& kek, const AccountId& account, ByteView blob);
/// For slots that hold the bare key: every type but demo.
Result<AccountMasterKey> open_slot_key(const KeyEncryptionKey& kek, const AccountId& account,
                                       ByteView blob);

}  // namespace salus::crypto
