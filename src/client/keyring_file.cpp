#include "client/keyring_file.hpp"

#include "base/cbor.hpp"
#include "client/limits.hpp"

#include <algorithm>

namespace salus::client {
namespace {

constexpr std::uint64_t version = 1;
constexpr std::size_t name_bytes_max = 64;
constexpr std::size_t url_bytes_max = 256;
constexpr std::size_t slots_max = 8;
constexpr std::size_t slot_bytes_max = 1'024;

Result<ByteView> slot_of(const KeyringFile& keyring, std::string_view type) {
    const auto found = std::find_if(keyring.slots.begin(), keyring.slots.end(),
                                    [&](const NamedSlot& slot) { return slot.type == type; });
    if (found == keyring.slots.end()) {
        return Error{Errc::not_found, "the keyring has no " + std::string(type) + " slot"};
    }
    return ByteView(found->blob);
}

}  // namespace

Bytes encode(const KeyringFile& keyring) {
    cbor::Writer out;
    out.map(6).uint(1).uint(version).uint(2).text(keyring.name);
    out.uint(3).bytes(keyring.account.view()).uint(4).bytes(keyring.organisation.view());
    out.uint(5).text(keyring.url).uint(6).array(keyring.slots.size());
    for (const NamedSlot& slot : keyring.slots) out.array(2).text(slot.type).bytes(slot.blob);
    return out.take();
}

Result<KeyringFile> decode_keyring(ByteView bytes) {
    cbor::Reader in(bytes);
    KeyringFile out;
    SALUS_TRY(in.map_of(6));
    SALUS_TRY(in.key(1));
    if (SALUS_TRY(in.uint()) != version)
        return Error{Errc::malformed, "a keyring of an unknown version"};
    SALUS_TRY(in.key(2));
    out.name = SALUS_TRY(in.text_max(name_bytes_max));
    SALUS_TRY(in.key(3));
    out.account = SALUS_TRY(in.fixed<AccountId>());
    SALUS_TRY(in.key(4));
    out.organisation = SALUS_TRY(in.fixed<ObjectId>());
    SALUS_TRY(in.key(5));
    out.url = SALUS_TRY(in.text_max(url_bytes_max));
    SALUS_TRY(in.key(6));
    const std::size_t slots = SALUS_TRY(in.array());
    if (slots > slots_max) return Error{Errc::out_of_range, "a keyring holds at most 8 slots"};
    for (std::size_t i = 0; i < slots; ++i) {
        SALUS_TRY(in.array_of(2));
        NamedSlot slot;
        slot.type = SALUS_TRY(in.text_max(16));
        slot.blob = to_bytes(SALUS_TRY(in.bytes_max(slot_bytes_max)));
        out.slots.push_back(std::move(slot));
    }
    SALUS_TRY(in.end());
    return out;
}

Status write_keyring(Env& env, const std::string& path, const KeyringFile& keyring) {
    return write_file_atomically(env, path, encode(keyring));
}

Result<KeyringFile> read_keyring(Env& env, const std::string& path) {
    const Bytes bytes = SALUS_TRY(read_file(env, path, keyring_file_bytes_max));
    return decode_keyring(bytes);
}

Result<AccountKeys> unlock(const KeyringFile& keyring, std::string_view password) {
    const ByteView slot = SALUS_TRY(slot_of(keyring, "password"));
    Result<OpenedSlot> opened = open_password_slot(slot, keyring.account, password);
    if (!opened.ok()) {
        if (opened.error().code != Errc::integrity) return opened.error();
        return Error{Errc::authentication, "the password does not open this keyring"};
    }
    return AccountKeys::derive(std::move(opened->amk), keyring.organisation, keyring.account);
}

Result<AccountKeys> unlock(const KeyringFile& keyring, const crypto::RecoveryCode& code) {
    const ByteView slot = SALUS_TRY(slot_of(keyring, "recovery"));
    crypto::AccountMasterKey amk =
        SALUS_TRY(crypto::open_slot_key(crypto::recovery_kek(code), keyring.account, slot));
    return AccountKeys::derive(std::move(amk), keyring.organisation, keyring.account);
}

}  // namespace salus::client
