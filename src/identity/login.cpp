#include "identity/login.hpp"

#include "crypto/aead.hpp"
#include "crypto/hash.hpp"
#include "crypto/totp.hpp"
#include "identity/login_rules.hpp"

#include <algorithm>

namespace salus::identity {

namespace {

constexpr std::size_t totp_secret_bytes_min = 20;  // RFC 6238 with ≥ 160 bits
constexpr std::size_t totp_secret_bytes_max = 64;

Digest keyed(const ServerSecret& secret, std::string_view label, std::string_view name) {
    Bytes message = to_bytes(label);
    message.push_back(0);
    append(message, as_bytes(name));
    return crypto::hmac_sha256(secret.reveal(), message);
}

}  // namespace

Result<ServerSecret> load_server_secret(Env& env, const std::string& path) {
    if (env.exists(path)) {
        Bytes bytes = SALUS_TRY(read_file(env, path, 32));
        auto secret = SALUS_TRY(crypto::key_from<ServerSecret>(bytes));
        crypto::wipe(bytes);
        if (std::all_of(secret.reveal().begin(), secret.reveal().end(),
                        [](auto b) { return b == 0; })) {
            return Error{Errc::denied,
                         "the server secret is a default one; remove " + path + " to draw another"};
        }
        return secret;
    }
    auto secret = crypto::random_key<ServerSecret>(env);
    SALUS_TRY(write_file_atomically(env, path, secret.reveal()));
    return secret;
}

KdfParameters Login::prelogin(std::string_view name) const {
    const auto folded = fold_name(name);
    if (folded.ok()) {
        if (const auto account = accounts_.by_name(*folded); account.ok()) return account->kdf;
    }
    return stranger(name).kdf;
}

UserAccount Login::stranger(std::string_view name) const {
    const auto folded = fold_name(name);
    const std::string_view shown = folded.ok() ? std::string_view(*folded) : name;
    UserAccount account;
    const Digest salt = keyed(secret_, "salus/v1/unknown-salt", shown);
    std::copy_n(salt.bytes.begin(), 16, account.kdf.salt.bytes.begin());
    account.auth_tag = Bytes(32, 0);
    account.recovery_tag = Bytes(32, 0);
    return account;
}

Result<bool> Login::password_fits(const UserAccount& account, const AuthKey& auth_key) const {
    const Bytes tag = SALUS_TRY(auth_tag(auth_key, account.auth_salt.view()));
    return crypto::equal_constant_time(tag, account.auth_tag);
}

Result<LoginOutcome> Login::log_in(const LoginAttempt& attempt) {
    const auto folded = fold_name(attempt.name);
    const std::string name =
        folded.ok() ? *folded : std::string(attempt.name.substr(0, name_bytes_max));
    const UnixMillis now = env_.now();
    const UnixMillis allowed = throttle_.allowed_at(name, attempt.network);
    if (allowed > now) return LoginOutcome{LoginAnswer::wait, {}, allowed};

    auto found = accounts_.by_name(name);
    if (!found.ok() && found.error().code != Errc::not_found) return found.error();
    // An unknown name does the same work on a made-up account and fails the same way.
    const UserAccount account = found.ok() ? *found : stranger(name);
    const bool fits = SALUS_TRY(password_fits(account, attempt.auth_key)) && found.ok();
    if (!fits) {
        throttle_.failed(name, attempt.network, now);
        return LoginOutcome{LoginAnswer::refused, {}, {}};
    }
    if (account.has_second_factor()) {
        if (attempt.code.empty()) return LoginOutcome{LoginAnswer::second_factor, account.id, {}};
        const Status used = use_code(account.id, attempt.code);
        if (!used.ok()) {
            if (used.error().code != Errc::authentication) return used.error();
            throttle_.failed(name, attempt.network, now);
            return LoginOutcome{LoginAnswer::second_factor, account.id, {}};
        }
    }
    throttle_.succeeded(name, attempt.network);
    return LoginOutcome{LoginAnswer::welcome, account.id, {}};
}

Result<LoginOutcome> Login::log_in_demo(std::string_view name, const AuthKey& auth_key) {
    const auto found = accounts_.by_name(SALUS_TRY(fold_name(name)));
    const UserAccount account = found.ok() ? *found : stranger(name);
    const Bytes tag = SALUS_TRY(auth_tag(auth_key, account.auth_salt.view()));
    if (!crypto::equal_constant_time(tag, account.demo_tag)) return LoginOutcome{};
    return LoginOutcome{LoginAnswer::welcome, account.id, {}};
}

Result<UserAccount> Login::prepare(SignUp sign_up) const {
    UserAccount account = std::move(sign_up.account);
    account.name = SALUS_TRY(fold_name(account.name));
    if (account.display_name.empty() || account.display_name.size() > display_name_bytes_max) {
        return Error{Errc::out_of_range, "a name has 1 to 128 characters"};
    }
    if (account.label_key.size() != 32) return Error{Errc::malformed, "the label key has 32 bytes"};
    SALUS_TRY(check_kdf(account.kdf));
    SALUS_TRY(check_slots(account.slots));
    if (!has_slot(account.slots, "recovery"))
        return Error{Errc::malformed, "an account begins with a recovery slot"};
    if (!sign_up.totp_secret.empty()) {
        SALUS_TRY(enrol_totp(account, sign_up.totp_secret, sign_up.totp_code));
    } else if (account.is_staff()) {
        return Error{Errc::denied, "staff sign in with a second factor"};
    }
    account.created = env_.now();
    for (Slot& slot : account.slots) slot.created = account.created;
    env_.random(account.auth_salt.bytes);
    account.auth_tag = SALUS_TRY(auth_tag(sign_up.auth_key, account.auth_salt.view()));
    env_.random(account.recovery_salt.bytes);
    account.recovery_tag = SALUS_TRY(auth_tag(sign_up.recovery_key, account.recovery_salt.view()));
    if (sign_up.demo_auth_key) {
        account.demo_tag = SALUS_TRY(auth_tag(*sign_up.demo_auth_key, account.auth_salt.view()));
    }
    return account;
}

Status Login::enrol_totp(UserAccount& account, ByteView secret, std::string_view code) const {
    if (secret.size() < totp_secret_bytes_min || secret.size() > totp_secret_bytes_max) {
        return Error{Errc::out_of_range, "a second-factor secret has 20 to 64 bytes"};
    }
    account.totp_last_step =
        SALUS_TRY(crypto::accept_totp(secret, code, env_.now().value / 1'000, std::nullopt));
    account.totp_sealed = seal_totp(account.id, secret);
    return done;
}

Bytes Login::seal_totp(const AccountId& account, ByteView secret) const {
    const auto nonce = random_bytes<crypto::XNonce>(env_);
    Bytes sealed = to_bytes(nonce.view());
    append(sealed, crypto::xchacha20poly1305_seal(secret_, nonce, account.view(), secret));
    return sealed;
}

Result<Bytes> Login::open_totp(const UserAccount& account) const {
    const ByteView sealed = account.totp_sealed;
    if (sealed.size() < crypto::XNonce::size_bytes) {
        return Error{Errc::authentication, "this account has no second factor"};
    }
    const auto nonce = SALUS_TRY(crypto::XNonce::from(sealed.first(crypto::XNonce::size_bytes)));
    return crypto::xchacha20poly1305_open(secret_, nonce, account.id.view(),
                                          sealed.subspan(crypto::XNonce::size_bytes));
}

Status Login::use_code(const AccountId& id, std::string_view code) {
    // The step is compared and stored under one lock: of two parallel requests with one code, one
    // wins.
    return accounts_.update(id, [&](UserAccount& account) -> Status {
        const Bytes secret = SALUS_TRY(open_totp(account));
        account.totp_last_step = SALUS_TRY(
            crypto::accept_totp(secret, code, env_.now().value / 1'000, account.totp_last_step));
        return done;
    });
}

Status Login::prove(const AccountId& account, const std::function<Status()>& proof) {
    // Whoever holds a stolen session must not be able to try all codes.
    constexpr std::string_view place = "step-up";
    const std::string subject = to_hex(account.view());
    const UnixMillis now = env_.now();
    if (throttle_.allowed_at(subject, place) > now) {
        return Error{Errc::exhausted, "too many failed tries; please wait a moment"};
    }
    const Status proven = proof();
    if (proven.ok()) {
        throttle_.succeeded(subject, place);
    } else if (proven.error().code == Errc::authentication) {
        throttle_.failed(subject, place, now);
    }
    return proven;
}

Status Login::prove_code(const AccountId& account, std::string_view code) {
    return prove(account, [&] { return use_code(account, code); });
}

Status Login::prove_password(const AccountId& id, const AuthKey& auth_key) {
    return prove(id, [&]() -> Status {
        const UserAccount account = SALUS_TRY(accounts_.by_id(id));
        if (account.has_second_factor()) {
            return Error{Errc::authentication, "this account steps up with its code"};
        }
        if (!SALUS_TRY(password_fits(account, auth_key))) {
            return Error{Errc::authentication, "the password does not fit"};
        }
        return done;
    });
}

std::string Login::subject(std::string_view name) const {
    const auto folded = fold_name(name);
    const Digest digest =
        keyed(secret_, "salus/v1/login-subject", folded.ok() ? *folded : std::string(name));
    return to_hex(digest.view().first(8));
}

}  // namespace salus::identity
