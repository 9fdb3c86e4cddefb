#include "crypto/hash.hpp"
#include "identity/login.hpp"
#include "identity/login_rules.hpp"

#include <algorithm>

/// The way back in when password and device are lost. docs/formats/identity.md, "Recovery".
namespace salus::identity {

namespace {

/// A blank is in no sign-in name: these count apart from logins on the same network.
std::string recovery_subject(std::string_view name) {
    return "recover " + std::string(name);
}
constexpr std::string_view sign_up_subject = "sign up";

Status check_factors(const NewFactors& factors) {
    SALUS_TRY(check_kdf(factors.kdf));
    SALUS_TRY(check_slots(factors.slots));
    if (factors.slots.size() != 2 || !has_slot(factors.slots, "recovery")) {
        return Error{Errc::malformed, "a recovery brings one password slot and one recovery slot"};
    }
    return done;
}

}  // namespace

Result<LoginAnswer> Login::check_recovery(const RecoveryAttempt& attempt,
                                          const UserAccount& account, bool known) {
    const Bytes tag = SALUS_TRY(auth_tag(attempt.recovery_key, account.recovery_salt.view()));
    if (!crypto::equal_constant_time(tag, account.recovery_tag) || !known)
        return LoginAnswer::refused;
    // A patient's code stands for both lost factors. Staff open other people's records: there the
    // second factor is shown, or an officer has seen the person.
    if (!account.is_staff() || env_.now() < account.readmitted_until) return LoginAnswer::welcome;
    if (attempt.code.empty()) return LoginAnswer::second_factor;
    const Status used = use_code(account.id, attempt.code);
    if (used.ok()) return LoginAnswer::welcome;
    if (used.error().code != Errc::authentication) return used.error();
    return LoginAnswer::second_factor;
}

RecoveryToken Login::open_recovery(const UserAccount& account) {
    const auto token = random_bytes<RecoveryToken>(env_);
    const std::lock_guard lock(recoveries_mutex_);
    // One of an account is open at a time; the oldest goes first when there are too many.
    std::erase_if(recoveries_, [&](const auto& open) {
        return open.second.account == account.id || open.second.ends <= env_.now();
    });
    if (recoveries_.size() >= recoveries_max) {
        recoveries_.erase(std::min_element(
            recoveries_.begin(), recoveries_.end(),
            [](const auto& a, const auto& b) { return a.second.ends < b.second.ends; }));
    }
    recoveries_[crypto::sha256(token.view())] = {
        account.id, account.recovery_tag, {env_.now().value + recovery_ms}};
    return token;
}

Result<RecoveryBegun> Login::recover(const RecoveryAttempt& attempt) {
    const auto folded = fold_name(attempt.name);
    const std::string name =
        folded.ok() ? *folded : std::string(attempt.name.substr(0, name_bytes_max));
    const UnixMillis now = env_.now();
    const std::string subject = recovery_subject(name);
    RecoveryBegun begun;
    begun.outcome.allowed_at = throttle_.allowed_at(subject, attempt.network);
    if (begun.outcome.allowed_at > now) {
        begun.outcome.answer = LoginAnswer::wait;
        return begun;
    }
    auto found = accounts_.by_name(name);
    if (!found.ok() && found.error().code != Errc::not_found) return found.error();
    const UserAccount account = found.ok() ? *found : stranger(name);
    begun.outcome.answer = SALUS_TRY(check_recovery(attempt, account, found.ok()));
    if (begun.outcome.answer != LoginAnswer::welcome) {
        // The right code without a second factor is a step on the way, not a failure.
        if (begun.outcome.answer == LoginAnswer::refused || !attempt.code.empty())
            throttle_.failed(subject, attempt.network, now);
        if (begun.outcome.answer == LoginAnswer::second_factor) begun.outcome.account = account.id;
        return begun;
    }
    throttle_.succeeded(subject, attempt.network);
    const auto slot = std::find_if(account.slots.begin(), account.slots.end(),
                                   [](const Slot& one) { return one.type == "recovery"; });
    if (slot == account.slots.end())
        return Error{Errc::integrity, "an account with a recovery code has no recovery slot"};
    // From here on the holder of the code has the sealed key: the owner is told, even if nothing
    // comes of it.
    SALUS_TRY(accounts_.update(account.id, [now](UserAccount& changed) -> Status {
        add_notice(changed, now, "recovery-begun");
        return done;
    }));
    begun.outcome.account = account.id;
    begun.token = open_recovery(account);
    begun.ends = {now.value + recovery_ms};
    begun.slot = *slot;
    begun.needs_second_factor = account.has_second_factor();
    return begun;
}

Result<Login::OpenRecovery> Login::find_recovery(const RecoveryToken& token) const {
    const std::lock_guard lock(recoveries_mutex_);
    const auto found = recoveries_.find(crypto::sha256(token.view()));
    if (found == recoveries_.end() || found->second.ends <= env_.now()) {
        return Error{Errc::authentication, "this recovery is over; please begin again"};
    }
    return found->second;
}

Result<AccountId> Login::finish_recovery(const RecoveryToken& token, const NewFactors& factors) {
    const OpenRecovery open = SALUS_TRY(find_recovery(token));
    SALUS_TRY(check_factors(factors));
    UserAccount fresh;
    env_.random(fresh.auth_salt.bytes);
    env_.random(fresh.recovery_salt.bytes);
    fresh.auth_tag = SALUS_TRY(auth_tag(factors.auth_key, fresh.auth_salt.view()));
    fresh.recovery_tag = SALUS_TRY(auth_tag(factors.recovery_key, fresh.recovery_salt.view()));
    const UnixMillis now = env_.now();
    SALUS_TRY(accounts_.update(open.account, [&](UserAccount& account) -> Status {
        // Compared under the lock of the write: of two parallel requests one wins.
        if (!crypto::equal_constant_time(account.recovery_tag, open.recovery_tag))
            return Error{Errc::authentication, "this recovery code was used; please begin again"};
        if (!factors.totp_secret.empty()) {
            SALUS_TRY(enrol_totp(account, factors.totp_secret, factors.totp_code));
        } else if (account.has_second_factor()) {
            return Error{Errc::denied, "this account signs in with a second factor"};
        }
        account.kdf = factors.kdf;
        account.auth_salt = fresh.auth_salt;
        account.auth_tag = fresh.auth_tag;
        account.recovery_salt = fresh.recovery_salt;
        account.recovery_tag = fresh.recovery_tag;
        account.demo_tag.clear();
        account.readmitted_until = {};
        account.slots = factors.slots;
        for (Slot& slot : account.slots) slot.created = now;
        add_notice(account, now, "recovered");
        return done;
    }));
    const std::lock_guard lock(recoveries_mutex_);
    recoveries_.erase(crypto::sha256(token.view()));
    return open.account;
}

Status Login::readmit(const AccountId& id) {
    const UnixMillis now = env_.now();
    return accounts_.update(id, [now](UserAccount& account) -> Status {
        if (!account.is_staff())
            return Error{Errc::denied, "a patient's recovery code needs nobody's leave"};
        account.readmitted_until = {now.value + readmission_ms};
        add_notice(account, now, "readmitted");
        return done;
    });
}

UnixMillis Login::sign_up_allowed_at(std::string_view network) const {
    return throttle_.allowed_at(sign_up_subject, network);
}

void Login::sign_up_met_taken_name(std::string_view network) {
    throttle_.failed(sign_up_subject, network, env_.now());
}

}  // namespace salus::identity
