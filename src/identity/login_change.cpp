#include "identity/login.hpp"
#include "identity/login_rules.hpp"

#include <algorithm>

/// Changes of an account that is signed in: its slots, its password, its recovery code.
namespace salus::identity {

namespace {

struct NewTags {
    FixedBytes<AuthSaltTag, 16> auth_salt;
    Bytes auth;  ///< empty: the password stays
    FixedBytes<RecoverySaltTag, 16> recovery_salt;
    Bytes recovery;  ///< empty: the recovery code stays
};

Result<NewTags> tags_of(Env& env, const Login::Change& change) {
    if (change.auth_key.has_value() != change.kdf.has_value() ||
        change.auth_key.has_value() != has_slot(change.add, "password")) {
        return Error{Errc::malformed, "a new password brings its parameters, its key and its slot"};
    }
    if (change.recovery_key.has_value() != has_slot(change.add, "recovery")) {
        return Error{Errc::malformed, "a new recovery code brings its key and its slot"};
    }
    if (has_slot(change.add, "demo"))
        return Error{Errc::malformed, "a demo slot is made at sign-up"};
    NewTags out;
    if (change.auth_key) {
        SALUS_TRY(check_kdf(*change.kdf));
        env.random(out.auth_salt.bytes);
        out.auth = SALUS_TRY(auth_tag(*change.auth_key, out.auth_salt.view()));
    }
    if (change.recovery_key) {
        env.random(out.recovery_salt.bytes);
        out.recovery = SALUS_TRY(auth_tag(*change.recovery_key, out.recovery_salt.view()));
    }
    return out;
}

void set_password(UserAccount& account, const KdfParameters& kdf, const NewTags& tags,
                  UnixMillis now) {
    account.kdf = kdf;
    account.auth_salt = tags.auth_salt;
    account.auth_tag = tags.auth;
    // A demo link opens by a key that was tagged with the old salt.
    account.demo_tag.clear();
    add_notice(account, now, "password");
}

void set_recovery(UserAccount& account, const NewTags& tags, UnixMillis now) {
    account.recovery_salt = tags.recovery_salt;
    account.recovery_tag = tags.recovery;
    add_notice(account, now, "recovery-code");
}

}  // namespace

Status Login::change(const AccountId& id, const Change& change) {
    const NewTags tags = SALUS_TRY(tags_of(env_, change));
    const UnixMillis now = env_.now();
    return accounts_.update(id, [&](UserAccount& account) -> Status {
        for (const ObjectId& gone : change.remove) {
            std::erase_if(account.slots, [&](const Slot& slot) { return slot.id == gone; });
        }
        if (change.auth_key) drop_slots(account.slots, "password");
        if (change.recovery_key) drop_slots(account.slots, "recovery");
        for (Slot slot : change.add) {
            slot.created = now;
            account.slots.push_back(std::move(slot));
        }
        SALUS_TRY(check_slots(account.slots));
        if (change.auth_key) set_password(account, *change.kdf, tags, now);
        if (change.recovery_key) {
            set_recovery(account, tags, now);
        } else if (!has_slot(account.slots, "recovery")) {
            account.recovery_tag.clear();
        }
        return done;
    });
}

}  // namespace salus::identity
