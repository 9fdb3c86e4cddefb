#include "identity/account_store.hpp"

#include "base/cbor.hpp"

namespace salus::identity {

namespace {

using store::Column;

Bytes key_of(char kind, ByteView rest) {
    Bytes key{static_cast<std::uint8_t>(kind), '/'};
    append(key, rest);
    return key;
}

Bytes encode(const Invitation& i) {
    cbor::Writer out;
    out.array(10)
        .bytes(i.code_hash.view())
        .text(i.hint)
        .text(i.role)
        .text(i.display_name)
        .text(i.licence);
    out.integer(i.credential_expires.value).integer(i.offered.value).integer(i.offer_ends.value);
    out.bytes(i.officer.view()).boolean(i.used);
    return out.take();
}

Result<Invitation> decode_invitation(ByteView bytes) {
    cbor::Reader in(bytes);
    Invitation i;
    SALUS_TRY(in.array_of(10));
    i.code_hash = SALUS_TRY(in.fixed<Digest>());
    i.hint = SALUS_TRY(in.text_max(8));
    i.role = SALUS_TRY(in.text_max(32));
    i.display_name = SALUS_TRY(in.text_max(display_name_bytes_max));
    i.licence = SALUS_TRY(in.text_max(128));
    i.credential_expires = UnixMillis{SALUS_TRY(in.integer())};
    i.offered = UnixMillis{SALUS_TRY(in.integer())};
    i.offer_ends = UnixMillis{SALUS_TRY(in.integer())};
    i.officer = SALUS_TRY(in.fixed<AccountId>());
    i.used = SALUS_TRY(in.boolean());
    SALUS_TRY(in.end());
    return i;
}

}  // namespace

Status AccountStore::create(const UserAccount& account) {
    const std::lock_guard lock(change_);
    const Bytes by_id = key_of('a', account.id.view());
    const Bytes by_name = key_of('n', as_bytes(account.name));
    if (SALUS_TRY(kv_.get(Column::identity, by_name)) ||
        SALUS_TRY(kv_.get(Column::identity, by_id))) {
        return Error{Errc::already_exists, "this sign-in name is taken"};
    }
    store::WriteBatch batch;
    batch.put(Column::identity, by_id, encode(account));
    batch.put(Column::identity, by_name, account.id.view());
    return kv_.write(batch);
}

Result<UserAccount> AccountStore::by_id(const AccountId& id) const {
    const auto bytes = SALUS_TRY(kv_.get(Column::identity, key_of('a', id.view())));
    if (!bytes) return Error{Errc::not_found, "no such account here"};
    return decode_user_account(*bytes);
}

Result<UserAccount> AccountStore::by_name(std::string_view folded) const {
    const auto id = SALUS_TRY(kv_.get(Column::identity, key_of('n', as_bytes(folded))));
    if (!id) return Error{Errc::not_found, "no such name here"};
    return by_id(SALUS_TRY(AccountId::from(*id)));
}

Status AccountStore::update(const AccountId& id,
                            const std::function<Status(UserAccount&)>& change) {
    const std::lock_guard lock(change_);
    UserAccount account = SALUS_TRY(by_id(id));
    SALUS_TRY(change(account));
    store::WriteBatch batch;
    batch.put(Column::identity, key_of('a', id.view()), encode(account));
    return kv_.write(batch);
}

Status AccountStore::for_each(const std::function<void(const UserAccount&)>& visit) const {
    const auto it = kv_.scan(Column::identity, {.prefix = to_bytes("a/"), .from = {}});
    for (; it->valid(); it->next()) visit(SALUS_TRY(decode_user_account(it->value())));
    return it->status();
}

Status InvitationStore::put(const Invitation& invitation) {
    store::WriteBatch batch;
    batch.put(Column::identity, key_of('i', invitation.code_hash.view()), encode(invitation));
    return kv_.write(batch);
}

Result<Invitation> InvitationStore::find(const Digest& code_hash, UnixMillis now) const {
    const auto bytes = SALUS_TRY(kv_.get(Column::identity, key_of('i', code_hash.view())));
    const Error unknown{Errc::not_found, "this invitation is unknown, used or past its date"};
    if (!bytes) return unknown;
    Invitation invitation = SALUS_TRY(decode_invitation(*bytes));
    if (invitation.used || invitation.offer_ends <= now) return unknown;
    return invitation;
}

Result<Invitation> InvitationStore::take(const Digest& code_hash, UnixMillis now) {
    const std::lock_guard lock(change_);
    Invitation invitation = SALUS_TRY(find(code_hash, now));
    invitation.used = true;
    SALUS_TRY(put(invitation));
    return invitation;
}

Status InvitationStore::give_back(Invitation invitation) {
    const std::lock_guard lock(change_);
    invitation.used = false;
    return put(invitation);
}

Result<std::vector<Invitation>> InvitationStore::list() const {
    std::vector<Invitation> out;
    const auto it = kv_.scan(Column::identity, {.prefix = to_bytes("i/"), .from = {}});
    for (; it->valid(); it->next()) out.push_back(SALUS_TRY(decode_invitation(it->value())));
    SALUS_TRY(it->status());
    return out;
}

}  // namespace salus::identity
