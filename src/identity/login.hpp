#pragma once

#include "base/env.hpp"
#include "crypto/secret.hpp"
#include "identity/account_store.hpp"
#include "identity/throttle.hpp"

#include <map>
#include <mutex>
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
    UserAccount account;  ///< auth, recovery, TOTP and created are set here
    AuthKey auth_key;
    AuthKey recovery_key;  ///< of the code that opens the recovery slot
    Bytes totp_secret;     ///< empty: declined (patients only)
    std::string totp_code;
    std::optional<AuthKey> demo_auth_key;
};

/// Whoever holds it may finish one recovery; it is no session and opens no other door.
using RecoveryToken = FixedBytes<struct RecoveryTokenTag, 32>;

struct RecoveryAttempt {
    std::string name;
    AuthKey recovery_key;
    std::string code;     ///< TOTP, of staff whom no officer readmitted; empty: none given
    std::string network;  ///< network_prefix of the peer
};

struct RecoveryBegun {
    LoginOutcome outcome;  ///< the rest only with `welcome`
    RecoveryToken token;
    UnixMillis ends;
    Slot slot;
    bool needs_second_factor = false;  ///< a new one must be enrolled
};

/// What takes the place of everything that was lost.
struct NewFactors {
    KdfParameters kdf;
    AuthKey auth_key;
    AuthKey recovery_key;
    std::vector<Slot> slots;  ///< one password slot and one recovery slot
    Bytes totp_secret;        ///< empty: none, for a patient who had none
    std::string totp_code;
};

inline constexpr std::int64_t recovery_ms = 15 * 60'000;
inline constexpr std::int64_t readmission_ms = 24LL * 60 * 60'000;

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

    /// Old slots out, new ones in, all in one write. A new password or recovery slot takes the
    /// place of the one before and brings its key. Errors: malformed; out_of_range — slots.
    struct Change {
        std::vector<Slot> add;
        std::vector<ObjectId> remove;
        std::optional<KdfParameters> kdf;
        std::optional<AuthKey> auth_key;
        std::optional<AuthKey> recovery_key;
    };
    Status change(const AccountId& account, const Change& change);

    // Password and device are lost (login_recovery.cpp; docs/formats/identity.md, "Recovery").
    /// Answers an unknown name, an account without a code and a wrong code alike.
    Result<RecoveryBegun> recover(const RecoveryAttempt& attempt);
    /// All new factors in one write; the code is spent. Errors: authentication — the token is
    /// unknown, over or was used, or the new second factor's code does not fit; as prepare.
    Result<AccountId> finish_recovery(const RecoveryToken& token, const NewFactors& factors);
    /// For one day the member's recovery code also stands for their second factor. Errors: denied —
    /// no staff; not_found.
    Status readmit(const AccountId& account);

    /// Taken names that a network met at sign-up count like failed logins.
    [[nodiscard]] UnixMillis sign_up_allowed_at(std::string_view network) const;
    void sign_up_met_taken_name(std::string_view network);

    /// Opaque name of a sign-in name, for the sentinel and logs.
    [[nodiscard]] std::string subject(std::string_view name) const;

  private:
    struct OpenRecovery {
        AccountId account;
        Bytes recovery_tag;  ///< of the code that was shown: another one ends this recovery
        UnixMillis ends;
    };
    static constexpr std::size_t recoveries_max = 1'000;

    Result<LoginAnswer> check_recovery(const RecoveryAttempt& attempt, const UserAccount& account,
                                       bool known);
    RecoveryToken open_recovery(const UserAccount& account);
    Result<OpenRecovery> find_recovery(const RecoveryToken& token) const;
    Status enrol_totp(UserAccount& account, ByteView secret, std::string_view code) const;
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
    mutable std::mutex recoveries_mutex_;
    std::map<Digest, OpenRecovery>
        recoveries_;  ///< by SHA-256 of the token; not kept over restarts
};

}  // namespace salus::identity
