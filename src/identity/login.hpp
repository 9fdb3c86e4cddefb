#pragma once

#include "base/env.hpp"
#include "crypto/secret.hpp"
#include "identity/account_store.hpp"
#include "identity/throttle.hpp"

#include <optional>

namespace salus::identity {

/// Draws and keeps the node's own secret: made-up salts, TOTP sealing. File 0600 in data_dir/keys.
struct ServerSecret : crypto::Secret<32> {};
Result<ServerSecret> load_server_secret(Env& env, const std::string& path);

/// What the client derived from its password: 32 bytes that open nothing but this door.
using AuthKey = crypto::Secret<32>;

struct LoginAttempt {
    std::string name;
    AuthKey auth_key;
    std::string code;     ///< TOTP; empty: none given
    std::string network;  ///< network_prefix of the peer
};

enum class LoginAnswer : std::uint8_t {
    welcome,
    refused,        ///< unknown name or wrong password: alike
    second_factor,  ///< the password was right, the code is missing, wrong or used
    wait,           ///< too many failures: see allowed_at
};

struct LoginOutcome {
    LoginAnswer answer = LoginAnswer::refused;
    AccountId account;
    UnixMillis allowed_at;
};

struct SignUp {
    UserAccount account;  ///< auth, TOTP and created are set here
    AuthKey auth_key;
    Bytes totp_secret;  ///< empty: declined (patients only)
    std::string totp_code;
    std::optional<AuthKey> demo_auth_key;
};

/// The door: both factors, unknown-user equality, throttle. Blocking: about 20 ms for each password
/// (Argon2id); callers bound how many run at once. Threads: any.
class Login {
  public:
    Login(Env& env, AccountStore& accounts, ServerSecret secret)
        : env_(env), accounts_(accounts), secret_(std::move(secret)) {}

    /// The salt and parameters to stretch a password with; for an unknown name a salt that stays
    /// the same.
    KdfParameters prelogin(std::string_view name) const;

    Result<LoginOutcome> log_in(const LoginAttempt& attempt);
    /// A demo link's key in place of password and code.
    Result<LoginOutcome> log_in_demo(std::string_view name, const AuthKey& auth_key);

    /// Checks what can be checked of a newcomer before the chain is asked. Errors: out_of_range —
    /// limits, KDF below the floor; authentication — the first code does not fit; denied — staff
    /// without a second factor.
    Result<UserAccount> prepare(SignUp sign_up) const;

    /// One proof of a factor, for a step-up. Errors: authentication; exhausted — too many failures.
    Status prove_code(const AccountId& account, std::string_view code);
    Status prove_password(const AccountId& account, const AuthKey& auth_key);

    /// Old slots out, new ones in, and, when given, a new password: all in one write.
    struct Change {
        std::vector<Slot> add;
        std::vector<ObjectId> remove;
        std::optional<KdfParameters> kdf;
        std::optional<AuthKey> auth_key;
    };
    Status change(const AccountId& account, const Change& change);

    /// Opaque name of a sign-in name, for the sentinel and logs.
    [[nodiscard]] std::string subject(std::string_view name) const;

  private:
    Result<bool> password_fits(const UserAccount& account, const AuthKey& auth_key) const;
    Bytes seal_totp(const AccountId& account, ByteView secret) const;
    Result<Bytes> open_totp(const UserAccount& account) const;
    Status prove(const AccountId& account, const std::function<Status()>& proof);
    Status use_code(const AccountId& account, std::string_view code);
    [[nodiscard]] UserAccount stranger(std::string_view name) const;

    Env& env_;
    AccountStore& accounts_;
    ServerSecret secret_;
    Throttle throttle_;
};

}  // namespace salus::identity
