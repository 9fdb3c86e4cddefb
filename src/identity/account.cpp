#include "identity/account.hpp"

#include "base/cbor.hpp"

namespace salus::identity {

namespace {

constexpr std::uint64_t version = 2;

Result<std::vector<Slot>> read_slots(cbor::Reader& in) {
    std::vector<Slot> out;
    for (std::size_t left = SALUS_TRY(in.array()); left > 0; --left) {
        Slot slot;
        SALUS_TRY(in.array_of(4));
        slot.id = SALUS_TRY(in.fixed<ObjectId>());
        slot.type = SALUS_TRY(in.text_max(16));
        slot.blob = to_bytes(SALUS_TRY(in.bytes_max(slot_bytes_max)));
        slot.created = UnixMillis{SALUS_TRY(in.integer())};
        out.push_back(std::move(slot));
    }
    return out;
}

Result<std::vector<Notice>> read_notices(cbor::Reader& in) {
    std::vector<Notice> out;
    for (std::size_t left = SALUS_TRY(in.array()); left > 0; --left) {
        Notice notice;
        SALUS_TRY(in.array_of(2));
        notice.time = UnixMillis{SALUS_TRY(in.integer())};
        notice.kind = SALUS_TRY(in.text_max(32));
        out.push_back(std::move(notice));
    }
    return out;
}

}  // namespace

Result<std::string> fold_name(std::string_view name) {
    if (name.size() < 3 || name.size() > name_bytes_max) {
        return Error{Errc::out_of_range, "a sign-in name has 3 to 64 characters"};
    }
    std::string out(name);
    for (char& c : out) {
        if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
        const bool allowed = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '.' ||
                             c == '_' || c == '@' || c == '-';
        if (!allowed)
            return Error{Errc::malformed, "a sign-in name holds letters, digits and . _ @ -"};
    }
    return out;
}

void add_notice(UserAccount& account, UnixMillis time, std::string_view kind) {
    if (account.notices.size() >= notices_max) account.notices.erase(account.notices.begin());
    account.notices.push_back({time, std::string(kind)});
}

Bytes encode(const UserAccount& a) {
    cbor::Writer out;
    out.array(22).uint(version).bytes(a.id.view()).text(a.name).text(a.display_name).text(a.kind);
    out.bytes(a.kem.view()).bytes(a.label_key).integer(a.created.value);
    out.array(4)
        .uint(a.kdf.memory_kib)
        .uint(a.kdf.passes)
        .uint(a.kdf.lanes)
        .bytes(a.kdf.salt.view());
    out.bytes(a.auth_salt.view()).bytes(a.auth_tag).bytes(a.totp_sealed).uint(a.totp_last_step);
    out.bytes(a.demo_tag).array(a.slots.size());
    for (const Slot& slot : a.slots)
        out.array(4)
            .bytes(slot.id.view())
            .text(slot.type)
            .bytes(slot.blob)
            .integer(slot.created.value);
    out.uint(a.keyring_version).bytes(a.keyring).boolean(a.held);
    out.bytes(a.recovery_salt.view()).bytes(a.recovery_tag).integer(a.readmitted_until.value);
    out.array(a.notices.size());
    for (const Notice& notice : a.notices)
        out.array(2).integer(notice.time.value).text(notice.kind);
    return out.take();
}

Result<UserAccount> decode_user_account(ByteView bytes) {
    cbor::Reader in(bytes);
    UserAccount a;
    SALUS_TRY(in.array_of(22));
    if (SALUS_TRY(in.uint()) != version)
        return Error{Errc::malformed, "unknown version of an account"};
    a.id = SALUS_TRY(in.fixed<AccountId>());
    a.name = SALUS_TRY(in.text_max(name_bytes_max));
    a.display_name = SALUS_TRY(in.text_max(display_name_bytes_max));
    a.kind = SALUS_TRY(in.text_max(16));
    a.kem = SALUS_TRY(in.fixed<decltype(a.kem)>());
    a.label_key = to_bytes(SALUS_TRY(in.bytes_max(32)));
    a.created = UnixMillis{SALUS_TRY(in.integer())};
    SALUS_TRY(in.array_of(4));
    a.kdf.memory_kib = static_cast<std::uint32_t>(SALUS_TRY(in.uint_max(UINT32_MAX)));
    a.kdf.passes = static_cast<std::uint32_t>(SALUS_TRY(in.uint_max(UINT32_MAX)));
    a.kdf.lanes = static_cast<std::uint32_t>(SALUS_TRY(in.uint_max(UINT32_MAX)));
    a.kdf.salt = SALUS_TRY(in.fixed<decltype(a.kdf.salt)>());
    a.auth_salt = SALUS_TRY(in.fixed<decltype(a.auth_salt)>());
    a.auth_tag = to_bytes(SALUS_TRY(in.bytes_max(32)));
    a.totp_sealed = to_bytes(SALUS_TRY(in.bytes_max(256)));
    a.totp_last_step = SALUS_TRY(in.uint());
    a.demo_tag = to_bytes(SALUS_TRY(in.bytes_max(32)));
    a.slots = SALUS_TRY(read_slots(in));
    a.keyring_version = SALUS_TRY(in.uint());
    a.keyring = to_bytes(SALUS_TRY(in.bytes_max(keyring_bytes_max)));
    a.held = SALUS_TRY(in.boolean());
    a.recovery_salt = SALUS_TRY(in.fixed<decltype(a.recovery_salt)>());
    a.recovery_tag = to_bytes(SALUS_TRY(in.bytes_max(32)));
    a.readmitted_until = UnixMillis{SALUS_TRY(in.integer())};
    a.notices = SALUS_TRY(read_notices(in));
    SALUS_TRY(in.end());
    return a;
}

}  // namespace salus::identity
