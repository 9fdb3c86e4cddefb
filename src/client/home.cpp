#include "client/home.hpp"

#include "client/limits.hpp"

#include <algorithm>

namespace salus::client {
namespace {

constexpr int update_tries = 5;
/// A sign-up shows the code of the step before, so that the present one is still unused for the
/// first sign-in.
constexpr std::int64_t one_step_ms = 30'000;

crypto::Argon2Parameters parameters_of(std::uint64_t m_kib, std::uint64_t t, std::uint64_t p) {
    const auto clamp = [](std::uint64_t value) {
        return static_cast<std::uint32_t>(std::min<std::uint64_t>(value, UINT32_MAX));
    };
    return {clamp(m_kib), clamp(t), clamp(p)};
}

Result<crypto::LoginKeys> stretch(Api& api, std::string_view name, std::string_view password) {
    const json::Value answer =
        SALUS_TRY(api.post("/api/prelogin", json::Object{{"name", std::string(name)}}));
    const json::Value* kdf = answer.find("kdf");
    if (kdf == nullptr)
        return Error{Errc::malformed, "the node names no way to stretch a password"};
    const auto parameters =
        parameters_of(SALUS_TRY(json::need_uint(*kdf, "m_kib")),
                      SALUS_TRY(json::need_uint(*kdf, "t")), SALUS_TRY(json::need_uint(*kdf, "p")));
    const Bytes salt = SALUS_TRY(json::need_base64url(*kdf, "salt", 16));
    const PlainPassword plain = SALUS_TRY(PlainPassword::parse(password));
    return crypto::password_keys(plain.reveal(), SALUS_TRY(crypto::KdfSalt::from(salt)),
                                 parameters);
}

Result<Bytes> password_slot(const std::vector<NamedSlot>& slots) {
    for (const NamedSlot& slot : slots) {
        if (slot.type == "password") return slot.blob;
    }
    return Error{Errc::not_found, "the node holds no password slot of this account"};
}

}  // namespace

Result<std::vector<NamedSlot>> read_slots(const json::Value& answer) {
    std::vector<NamedSlot> out;
    for (const json::Value& slot : *SALUS_TRY(json::need_array(answer, "slots"))) {
        out.push_back({SALUS_TRY(json::need_text(slot, "type", 16)),
                       SALUS_TRY(json::need_base64url(slot, "blob", 1'024))});
    }
    return out;
}

UnixMillis Home::now() const {
    return UnixMillis{env_->now().value + clock_offset_ms_};
}

Status Home::adopt(const json::Value& session, const NodeStatus& status) {
    home_ = SALUS_TRY(json::need_text(session, "home", 8));
    display_name_ = SALUS_TRY(json::need_text(session, "display_name"));
    if (home_ != to_hex(keys_.account.view().first(4))) {
        return Error{Errc::malformed, "the node signed in another account"};
    }
    session_ = session;
    chain_id_ = status.chain_id;
    organisation_name_ = status.organisation.name;
    clock_offset_ms_ = status.time.value - env_->now().value;
    return done;
}

Result<Home> Home::sign_up(Env& env, Api& api, NewAccount account) {
    const NodeStatus status = SALUS_TRY(api.status());
    const UnixMillis now = status.time;
    Result<json::Value> answer = Error{Errc::unavailable, "nothing was sent"};
    for (const std::int64_t back : {one_step_ms, std::int64_t{0}}) {
        const json::Value body = SALUS_TRY(
            sign_up_body(env, account, status.chain_id, now, UnixMillis{now.value - back}));
        answer = api.post("/api/signup", body);
        if (answer.ok() || answer.error().code != Errc::authentication) break;
    }
    const json::Value welcome = SALUS_TRY(std::move(answer));
    Home home(env, api);
    home.keys_ = std::move(account.keys);
    const json::Value* session = welcome.find("session");
    const json::Value* receipt = welcome.find("receipt");
    if (session == nullptr || receipt == nullptr)
        return Error{Errc::malformed, "the node's welcome is incomplete"};
    SALUS_TRY(home.adopt(*session, status));
    home.enrolment_ = SALUS_TRY(read_receipt(*receipt));
    return home;
}

Result<Home> Home::log_in(Env& env, Api& api, std::string_view name, std::string_view password,
                          std::string_view code, std::vector<NamedSlot>* slots) {
    const NodeStatus status = SALUS_TRY(api.status());
    const crypto::LoginKeys login = SALUS_TRY(stretch(api, name, password));
    const json::Value answer = SALUS_TRY(
        api.post("/api/login",
                 json::Object{{"name", std::string(name)},
                              {"auth_key", to_base64url(login.auth.reveal())},
                              {"code", code.empty() ? json::Value(nullptr) : json::Value(code)}}));
    const AccountId account = SALUS_TRY(need_id<AccountId>(answer, "account"));
    std::vector<NamedSlot> sealed = SALUS_TRY(read_slots(answer));
    const Bytes slot = SALUS_TRY(password_slot(sealed));
    if (slots != nullptr) *slots = std::move(sealed);
    crypto::AccountMasterKey amk = SALUS_TRY(crypto::open_slot_key(login.kek, account, slot));
    Home home(env, api);
    home.keys_ = AccountKeys::derive(std::move(amk), status.organisation.id, account);
    const json::Value* session = answer.find("session");
    if (session == nullptr) return Error{Errc::malformed, "the node's answer has no session"};
    SALUS_TRY(home.adopt(*session, status));
    return home;
}

Result<Home> Home::log_in_demo(Env& env, Api& api, std::string_view name,
                               const crypto::DemoKey& key) {
    const NodeStatus status = SALUS_TRY(api.status());
    const crypto::LoginKeys login = crypto::demo_keys(key);
    const json::Value answer = SALUS_TRY(
        api.post("/api/demo/login", json::Object{{"name", std::string(name)},
                                                 {"auth_key", to_base64url(login.auth.reveal())}}));
    const AccountId account = SALUS_TRY(need_id<AccountId>(answer, "account"));
    const std::vector<NamedSlot> slots = SALUS_TRY(read_slots(answer));
    const auto slot = std::find_if(slots.begin(), slots.end(),
                                   [](const NamedSlot& one) { return one.type == "demo"; });
    if (slot == slots.end())
        return Error{Errc::not_found, "the node holds no demo slot of this account"};
    OpenedDemoSlot opened = SALUS_TRY(open_demo_slot(slot->blob, account, key));
    Home home(env, api);
    home.keys_ = AccountKeys::derive(std::move(opened.amk), status.organisation.id, account);
    const json::Value* session = answer.find("session");
    if (session == nullptr) return Error{Errc::malformed, "the node's answer has no session"};
    SALUS_TRY(home.adopt(*session, status));
    return home;
}

Result<Home> Home::resume(Env& env, Api& api, AccountKeys keys) {
    const NodeStatus status = SALUS_TRY(api.status());
    Home home(env, api);
    home.keys_ = std::move(keys);
    const json::Value session =
        SALUS_TRY(api.get("/api/session", to_hex(home.keys_.account.view().first(4))));
    SALUS_TRY(home.adopt(session, status));
    return home;
}

Status Home::step_up(std::string_view code) {
    SALUS_TRY(api_->post("/api/stepup", json::Object{{"code", std::string(code)}}, home_));
    return done;
}

Status Home::log_out() {
    SALUS_TRY(api_->post("/api/logout", json::Object{}, home_));
    return done;
}

Result<KeyList> Home::key_list() {
    const json::Value answer = SALUS_TRY(api_->get("/api/keyring", home_));
    const std::uint64_t version = SALUS_TRY(json::need_uint(answer, "version"));
    if (version == 0) return KeyList{};
    const Bytes blob = SALUS_TRY(json::need_base64url(answer, "blob"));
    return open_key_list(keys_, version, blob);
}

Status Home::update_key_list(const std::function<void(KeyList&)>& change) {
    for (int attempt = 0;; ++attempt) {
        const json::Value answer = SALUS_TRY(api_->get("/api/keyring", home_));
        const std::uint64_t version = SALUS_TRY(json::need_uint(answer, "version"));
        KeyList list;
        if (version != 0) {
            const Bytes blob = SALUS_TRY(json::need_base64url(answer, "blob"));
            list = SALUS_TRY(open_key_list(keys_, version, blob));
        }
        change(list);
        const Bytes sealed = seal_key_list(*env_, keys_, version + 1, list);
        const auto put = api_->put(
            "/api/keyring", json::Object{{"version", version + 1}, {"blob", to_base64url(sealed)}},
            home_);
        if (put.ok()) return done;
        if (put.error().code != Errc::already_exists || attempt + 1 == update_tries)
            return put.error();
    }
}

}  // namespace salus::client
