#pragma once

#include "base/bytes.hpp"
#include "base/strong.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace salus::identity {

/// How a client stretches its password; chosen by the client, kept for it.
struct KdfParameters {
    std::uint32_t memory_kib = 65'536;
    std::uint32_t passes = 3;
    std::uint32_t lanes = 1;
    FixedBytes<struct KdfSaltTag, 16> salt;
    bool operator==(const KdfParameters&) const = default;
};

/// A sealed copy of the account master key. The server cannot open it.
struct Slot {
    ObjectId id;
    std::string type;  ///< "password" "recovery" "passkey" "demo"
    Bytes blob;
    UnixMillis created = {};
    bool operator==(const Slot&) const = default;
};

/// Something the account's owner should know of, shown at sign-in until they have seen it.
struct Notice {
    UnixMillis time;
    std::string kind;  ///< "recovery-begun" "recovered" "recovery-code" "password" "readmitted"
    bool operator==(const Notice&) const = default;
};

/// The home organisation's own record of a person who signs in: nothing of this is on chain.
struct UserAccount {
    AccountId id;
    std::string name;          ///< sign-in name, unique, folded to lower case
    std::string display_name;  ///< staff's is shown to others; a patient's only to themself
    std::string kind;          ///< "patient" "staff"
    FixedBytes<struct KemTag, 32> kem;
    Bytes label_key;  ///< K_p, 32 bytes; deleted at erasure
    UnixMillis created;
    KdfParameters kdf;
    FixedBytes<struct AuthSaltTag, 16> auth_salt;
    Bytes auth_tag;     ///< Argon2id(19 MiB, t 2) of the client's authKey
    Bytes totp_sealed;  ///< empty: declined
    std::uint64_t totp_last_step = 0;
    Bytes demo_tag;  ///< as auth_tag, for a demo link; empty outside demo nodes
    std::vector<Slot> slots;
    std::uint64_t keyring_version = 0;
    Bytes keyring;
    bool held = false;  ///< an officer stopped this account's openings
    FixedBytes<struct RecoverySaltTag, 16> recovery_salt;
    Bytes recovery_tag;           ///< as auth_tag, of the recovery code's authKey; empty: no code
    UnixMillis readmitted_until;  ///< staff: the code stands for the second factor until then
    std::vector<Notice> notices;  ///< oldest first

    [[nodiscard]] bool has_second_factor() const noexcept { return !totp_sealed.empty(); }
    [[nodiscard]] bool is_staff() const noexcept { return kind == "staff"; }
};

inline constexpr std::size_t name_bytes_max = 64;
inline constexpr std::size_t display_name_bytes_max = 128;
inline constexpr std::size_t slots_max = 8;
inline constexpr std::size_t slot_bytes_max = 1'024;
inline constexpr std::size_t keyring_bytes_max = 512U << 10U;
inline constexpr std::size_t notices_max = 16;

/// Folds case and checks the alphabet [a-z0-9._@-], 3 to name_bytes_max characters. Errors:
/// malformed, out_of_range.
Result<std::string> fold_name(std::string_view name);

/// The oldest goes when there are notices_max already.
void add_notice(UserAccount& account, UnixMillis time, std::string_view kind);

/// Canonical CBOR of docs/formats/identity.md.
Bytes encode(const UserAccount& account);
Result<UserAccount> decode_user_account(ByteView bytes);

}  // namespace salus::identity
