#pragma once

#include "crypto/secret.hpp"
#include "identity/account.hpp"

/// What sign-up, a change of slots and a recovery hold new ways of signing in to.
namespace salus::identity {

/// The tag a server keeps of a 32-byte key: Argon2id(19 MiB, t 2). Cost: about 20 ms.
Result<Bytes> auth_tag(const crypto::Secret<32>& key, ByteView salt);

/// One stretch for every account, the client's floor: were there several, the parameters that
/// prelogin answers would tell which names exist. Errors: out_of_range.
Status check_kdf(const KdfParameters& kdf);

/// Known types, sizes, 2 to slots_max of them, one password slot, at most one recovery slot.
/// Errors: malformed, out_of_range.
Status check_slots(const std::vector<Slot>& slots);

bool has_slot(const std::vector<Slot>& slots, std::string_view type);
void drop_slots(std::vector<Slot>& slots, std::string_view type);

}  // namespace salus::identity
