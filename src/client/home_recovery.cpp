#include "client/home.hpp"
#include "client/limits.hpp"
#include "crypto/totp.hpp"

/// Recovery codes: coming back by one, and drawing another.
namespace salus::client {
namespace {

constexpr std::size_t totp_secret_bytes = 20;
/// The code of the step before proves the new second factor, so that the present one is still
/// unused for the first sign-in.
constexpr std::int64_t one_step_ms = 30'000;

struct Begun {
    AccountId account;
    std::string token;
    bool second_factor = false;
    Bytes slot;
};

Result<Begun> begin(Api& api, const RecoverOptions& options) {
    const json::Value answer = SALUS_TRY(api.post(
        "/api/recover",
        json::Object{
            {"name", options.name},
            {"recovery_auth_key", to_base64url(crypto::recovery_auth_key(options.code).reveal())},
            {"code",
             options.totp_code.empty() ? json::Value(nullptr) : json::Value(options.totp_code)}}));
    Begun begun;
    begun.account = SALUS_TRY(need_id<AccountId>(answer, "account"));
    begun.token = SALUS_TRY(json::need_text(answer, "recovery", 64));
    begun.slot = SALUS_TRY(json::need_base64url(answer, "slot", 1'024));
    const json::Value* second = answer.find("second_factor");
    if (second == nullptr || second->boolean() == nullptr)
        return Error{Errc::malformed, "the node does not say whether a second factor is needed"};
    begun.second_factor = *second->boolean();
    return begun;
}

struct NewLocks {
    crypto::SlotKdf kdf;
    crypto::AuthKey auth;
    crypto::RecoveryCode code;
    Bytes totp_secret;
    std::vector<NamedSlot> slots;
};

Result<NewLocks> draw(Env& env, const AccountKeys& keys, std::string_view password, bool second) {
    NewLocks out;
    out.kdf = {crypto::argon2_client_floor, random_bytes<crypto::KdfSalt>(env)};
    const PlainPassword plain = SALUS_TRY(PlainPassword::parse(password));
    crypto::LoginKeys login =
        SALUS_TRY(crypto::password_keys(plain.reveal(), out.kdf.salt, out.kdf.parameters));
    out.auth = std::move(login.auth);
    out.code = crypto::random_key<crypto::RecoveryCode>(env);
    if (second) {
        out.totp_secret.resize(totp_secret_bytes);
        env.random(out.totp_secret);
    }
    out.slots.push_back(
        {"password",
         SALUS_TRY(seal_master_key(env, login.kek, keys, crypto::SlotType::password, out.kdf))});
    out.slots.push_back({"recovery", SALUS_TRY(seal_master_key(env, crypto::recovery_kek(out.code),
                                                               keys, crypto::SlotType::recovery))});
    return out;
}

Result<json::Value> finish(Api& api, const std::string& token, const NewLocks& locks,
                           UnixMillis node_time) {
    Result<json::Value> answer = Error{Errc::unavailable, "nothing was sent"};
    for (const std::int64_t back : {one_step_ms, std::int64_t{0}}) {
        json::Object body{
            {"recovery", token},
            {"kdf", to_json(locks.kdf)},
            {"auth_key", to_base64url(locks.auth.reveal())},
            {"recovery_auth_key", to_base64url(crypto::recovery_auth_key(locks.code).reveal())},
            {"slots", to_json(locks.slots)}};
        if (!locks.totp_secret.empty()) {
            body.emplace_back("totp_secret", to_base64url(locks.totp_secret));
            body.emplace_back(
                "totp_code",
                SALUS_TRY(crypto::totp_code(locks.totp_secret, (node_time.value - back) / 1'000)));
        }
        answer = api.post("/api/recover/finish", json::Value(std::move(body)));
        if (answer.ok() || answer.error().code != Errc::authentication) break;
    }
    return answer;
}

}  // namespace

Result<Recovered> Home::recover(Env& env, Api& api, const RecoverOptions& options) {
    // Before the code is shown: a weak password must not leave a recovery half done. Whether there
    // is a second factor is known only after it, so the longer one is asked for where it matters.
    SALUS_TRY(check_password(options.new_password, true));
    const NodeStatus status = SALUS_TRY(api.status());
    const Begun begun = SALUS_TRY(begin(api, options));
    SALUS_TRY(check_password(options.new_password, begun.second_factor));
    crypto::AccountMasterKey amk = SALUS_TRY(
        crypto::open_slot_key(crypto::recovery_kek(options.code), begun.account, begun.slot));
    Home home(env, api);
    home.keys_ = AccountKeys::derive(std::move(amk), status.organisation.id, begun.account);
    NewLocks locks = SALUS_TRY(draw(env, home.keys_, options.new_password, begun.second_factor));
    const json::Value answer = SALUS_TRY(finish(api, begun.token, locks, status.time));
    const json::Value* session = answer.find("session");
    if (session == nullptr) return Error{Errc::malformed, "the node's answer has no session"};
    SALUS_TRY(home.adopt(*session, status));
    return Recovered{std::move(home), std::move(locks.code), std::move(locks.totp_secret),
                     std::move(locks.slots)};
}

Result<std::vector<ListedSlot>> Home::slots() {
    const json::Value answer = SALUS_TRY(api_->get("/api/slots", home_));
    std::vector<ListedSlot> out;
    for (const json::Value& slot : *SALUS_TRY(json::need_array(answer, "slots"))) {
        out.push_back({SALUS_TRY(json::need_text(slot, "id", 32)),
                       SALUS_TRY(json::need_text(slot, "type", 16)),
                       UnixMillis{SALUS_TRY(json::need_int(slot, "created"))}});
    }
    return out;
}

Result<crypto::RecoveryCode> Home::new_recovery_code(std::vector<NamedSlot>* sealed) {
    crypto::RecoveryCode code = crypto::random_key<crypto::RecoveryCode>(*env_);
    const std::vector<NamedSlot> slot{
        {"recovery", SALUS_TRY(seal_master_key(*env_, crypto::recovery_kek(code), keys_,
                                               crypto::SlotType::recovery))}};
    const json::Value answer = SALUS_TRY(api_->put(
        "/api/slots",
        json::Object{{"add", to_json(slot)},
                     {"remove", json::Array{}},
                     {"recovery_auth_key", to_base64url(crypto::recovery_auth_key(code).reveal())}},
        home_));
    if (sealed != nullptr) *sealed = SALUS_TRY(read_slots(answer));
    return code;
}

Status Home::readmit(const AccountId& member) {
    SALUS_TRY(
        api_->post("/api/readmissions", json::Object{{"account", to_hex(member.view())}}, home_));
    return done;
}

}  // namespace salus::client
