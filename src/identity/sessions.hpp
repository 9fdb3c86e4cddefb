#pragma once

#include "base/env.hpp"
#include "identity/account.hpp"
#include "store/kv.hpp"

#include <functional>
#include <map>
#include <mutex>

namespace salus::identity {

/// 256 random bits in the cookie; the server keeps only their SHA-256.
using SessionToken = FixedBytes<struct SessionTokenTag, 32>;

struct Session {
    Digest token_hash;
    AccountId account;
    std::string kind;  ///< of the account: sets the idle limit
    UnixMillis created;
    UnixMillis last_used;
    UnixMillis ends;        ///< absolute
    UnixMillis stepped_up;  ///< last proof of a factor
    std::string user_agent;
    FixedBytes<struct ReloadHalfTag, 32> reload_half;

    [[nodiscard]] UnixMillis idle_until() const noexcept;
    [[nodiscard]] UnixMillis stepped_up_until() const noexcept;
};

inline constexpr std::int64_t minute_ms = 60'000;
inline constexpr std::int64_t staff_idle_ms = 15 * minute_ms;
inline constexpr std::int64_t patient_idle_ms = 60 * minute_ms;
inline constexpr std::int64_t staff_session_ms = 12 * 60 * minute_ms;
inline constexpr std::int64_t patient_session_ms = 24 * 60 * minute_ms;
inline constexpr std::int64_t step_up_ms = 5 * minute_ms;

/// Opaque sessions. They survive a restart; the time of last use is written back at most once a
/// minute.
///
///     start ──▶ live ──(idle or absolute limit, logout, kill)──▶ gone
///
/// Threads: any.
class Sessions {
  public:
    static Result<std::unique_ptr<Sessions>> open(Env& env, store::Kv& kv);

    Result<SessionToken> start(const UserAccount& account, std::string_view user_agent);
    /// The live session of a token, marked as used now. Errors: authentication.
    Result<Session> use(const SessionToken& token);
    /// Whether it would still be taken; not a use of it.
    [[nodiscard]] bool is_live(const Digest& token_hash) const;
    /// Told of every session that ends, by whatever way, after it ended. Set once, before threads.
    void on_end(std::function<void(const Digest&)> told) { on_end_ = std::move(told); }
    Status step_up(const Digest& token_hash);
    Status end(const Digest& token_hash);
    Status end_all(const AccountId& account, const Digest* except = nullptr);
    [[nodiscard]] std::vector<Session> of(const AccountId& account) const;

  private:
    Sessions(Env& env, store::Kv& kv) : env_(env), kv_(kv) {}
    Status write(const Session& session);
    Status erase(const Digest& token_hash);
    void tell(const std::vector<Digest>& ended) const;

    Env& env_;
    store::Kv& kv_;
    mutable std::mutex mutex_;
    std::map<Digest, Session> live_;
    std::map<Digest, UnixMillis> written_;
    std::function<void(const Digest&)> on_end_;
};

}  // namespace salus::identity
