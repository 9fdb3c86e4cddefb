#include "identity/login_rules.hpp"

#include "crypto/kdf.hpp"

#include <algorithm>
#include <array>

namespace salus::identity {

namespace {

constexpr std::array<std::string_view, 4> slot_types{"password", "recovery", "passkey", "demo"};

std::ptrdiff_t count(const std::vector<Slot>& slots, std::string_view type) {
    return std::count_if(slots.begin(), slots.end(),
                         [type](const Slot& slot) { return slot.type == type; });
}

}  // namespace

Result<Bytes> auth_tag(const crypto::Secret<32>& key, ByteView salt) {
    const auto kdf_salt = SALUS_TRY(crypto::KdfSalt::from(salt));
    return crypto::argon2id(key.reveal(), kdf_salt, crypto::argon2_server_floor, 32);
}

Status check_kdf(const KdfParameters& kdf) {
    SALUS_TRY(
        crypto::meets_floor({kdf.memory_kib, kdf.passes, kdf.lanes}, crypto::argon2_client_floor));
    if (crypto::Argon2Parameters{kdf.memory_kib, kdf.passes, kdf.lanes} !=
        crypto::argon2_client_floor) {
        return Error{Errc::out_of_range, "every account here stretches its password alike"};
    }
    return done;
}

Status check_slots(const std::vector<Slot>& slots) {
    if (slots.size() < 2 || slots.size() > slots_max) {
        return Error{Errc::out_of_range, "an account has 2 to 8 ways to unlock it"};
    }
    for (const Slot& slot : slots) {
        if (slot.blob.size() > slot_bytes_max)
            return Error{Errc::out_of_range, "a slot is too large"};
        if (std::find(slot_types.begin(), slot_types.end(), slot.type) == slot_types.end())
            return Error{Errc::malformed, "a slot is of type password, recovery, passkey or demo"};
    }
    if (count(slots, "password") != 1 || count(slots, "recovery") > 1) {
        return Error{Errc::out_of_range,
                     "an account has one password slot and at most one recovery slot"};
    }
    return done;
}

bool has_slot(const std::vector<Slot>& slots, std::string_view type) {
    return count(slots, type) > 0;
}

void drop_slots(std::vector<Slot>& slots, std::string_view type) {
    std::erase_if(slots, [type](const Slot& slot) { return slot.type == type; });
}

}  // namespace salus::identity
