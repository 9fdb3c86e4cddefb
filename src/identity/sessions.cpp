#include "identity/sessions.hpp"

#include "base/cbor.hpp"
#include "crypto/hash.hpp"

namespace salus::identity {

namespace {

using store::Column;

Bytes key_of(const Digest& token_hash) {
    Bytes key = to_bytes("s/");
    append(key, token_hash.view());
    return key;
}

Bytes encode(const Session& s) {
    cbor::Writer out;
    out.array(9).bytes(s.token_hash.view()).bytes(s.account.view()).text(s.kind);
    out.integer(s.created.value).integer(s.last_used.value).integer(s.ends.value);
    out.integer(s.stepped_up.value).text(s.user_agent).bytes(s.reload_half.view());
    return out.take();
}

Result<Session> decode_session(ByteView bytes) {
    cbor::Reader in(bytes);
    Session s;
    SALUS_TRY(in.array_of(9));
    s.token_hash = SALUS_TRY(in.fixed<Digest>());
    s.account = SALUS_TRY(in.fixed<AccountId>());
    s.kind = SALUS_TRY(in.text_max(16));
    s.created = UnixMillis{SALUS_TRY(in.integer())};
    s.last_used = UnixMillis{SALUS_TRY(in.integer())};
    s.ends = UnixMillis{SALUS_TRY(in.integer())};
    s.stepped_up = UnixMillis{SALUS_TRY(in.integer())};
    s.user_agent = SALUS_TRY(in.text_max(256));
    s.reload_half = SALUS_TRY(in.fixed<decltype(s.reload_half)>());
    SALUS_TRY(in.end());
    return s;
}

bool is_current(const Session& session, UnixMillis now) {
    return now < session.ends && now < session.idle_until();
}

std::string printable(std::string_view user_agent) {
    std::string out;
    for (const char c : user_agent.substr(0, 200)) out.push_back(c >= ' ' && c <= '~' ? c : '?');
    return out;
}

}  // namespace

UnixMillis Session::idle_until() const noexcept {
    return {last_used.value + (kind == "staff" ? staff_idle_ms : patient_idle_ms)};
}

UnixMillis Session::stepped_up_until() const noexcept {
    return {stepped_up.value + step_up_ms};
}

Result<std::unique_ptr<Sessions>> Sessions::open(Env& env, store::Kv& kv) {
    std::unique_ptr<Sessions> sessions(new Sessions(env, kv));
    const auto it = kv.scan(Column::identity, {.prefix = to_bytes("s/"), .from = {}});
    for (; it->valid(); it->next()) {
        Session session = SALUS_TRY(decode_session(it->value()));
        sessions->written_[session.token_hash] = session.last_used;
        sessions->live_.emplace(session.token_hash, std::move(session));
    }
    SALUS_TRY(it->status());
    return sessions;
}

Status Sessions::write(const Session& session) {
    store::WriteBatch batch;
    batch.put(Column::identity, key_of(session.token_hash), encode(session));
    written_[session.token_hash] = session.last_used;
    return kv_.write(batch);
}

Status Sessions::erase(const Digest& token_hash) {
    live_.erase(token_hash);
    written_.erase(token_hash);
    store::WriteBatch batch;
    batch.del(Column::identity, key_of(token_hash));
    return kv_.write(batch);
}

Result<SessionToken> Sessions::start(const UserAccount& account, std::string_view user_agent) {
    const auto token = random_bytes<SessionToken>(env_);
    const UnixMillis now = env_.now();
    Session session;
    session.token_hash = crypto::sha256(token.view());
    session.account = account.id;
    session.kind = account.kind;
    session.created = session.last_used = session.stepped_up = now;
    session.ends = {now.value + (account.is_staff() ? staff_session_ms : patient_session_ms)};
    session.user_agent = printable(user_agent);
    env_.random(session.reload_half.bytes);
    const std::lock_guard lock(mutex_);
    SALUS_TRY(write(session));
    live_.emplace(session.token_hash, std::move(session));
    return token;
}

Result<Session> Sessions::use(const SessionToken& token) {
    const Digest hash = crypto::sha256(token.view());
    const UnixMillis now = env_.now();
    {
        const std::lock_guard lock(mutex_);
        const auto found = live_.find(hash);
        const bool known = found != live_.end();
        if (known && is_current(found->second, now)) {
            Session& session = found->second;
            session.last_used = std::max(session.last_used, now);
            if (now.value - written_[hash].value >= minute_ms) SALUS_TRY(write(session));
            return session;
        }
        if (known) SALUS_TRY(erase(hash));
    }
    tell({hash});
    return Error{Errc::authentication, "please sign in again"};
}

bool Sessions::is_live(const Digest& token_hash) const {
    const std::lock_guard lock(mutex_);
    const auto found = live_.find(token_hash);
    return found != live_.end() && is_current(found->second, env_.now());
}

void Sessions::tell(const std::vector<Digest>& ended) const {
    // Without the lock: whoever listens may ask back.
    if (!on_end_) return;
    for (const Digest& hash : ended) on_end_(hash);
}

Status Sessions::step_up(const Digest& token_hash) {
    const std::lock_guard lock(mutex_);
    const auto found = live_.find(token_hash);
    if (found == live_.end()) return Error{Errc::authentication, "please sign in again"};
    found->second.stepped_up = env_.now();
    return write(found->second);
}

Status Sessions::end(const Digest& token_hash) {
    {
        const std::lock_guard lock(mutex_);
        SALUS_TRY(erase(token_hash));
    }
    tell({token_hash});
    return done;
}

Status Sessions::end_all(const AccountId& account, const Digest* except) {
    std::vector<Digest> doomed;
    {
        const std::lock_guard lock(mutex_);
        for (const auto& [hash, session] : live_) {
            if (session.account == account && (except == nullptr || hash != *except))
                doomed.push_back(hash);
        }
        for (const Digest& hash : doomed) SALUS_TRY(erase(hash));
    }
    tell(doomed);
    return done;
}

std::vector<Session> Sessions::of(const AccountId& account) const {
    const std::lock_guard lock(mutex_);
    std::vector<Session> out;
    const UnixMillis now = env_.now();
    for (const auto& [hash, session] : live_) {
        if (session.account == account && is_current(session, now)) {
            out.push_back(session);
        }
    }
    return out;
}

}  // namespace salus::identity
