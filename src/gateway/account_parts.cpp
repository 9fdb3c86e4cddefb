#include "gateway/account_parts.hpp"

#include <algorithm>

namespace salus::gateway {

using identity::LoginAnswer;

Result<identity::AuthKey> auth_key_of(const json::Value& body, std::string_view field) {
    Bytes bytes = SALUS_TRY(json::need_base64url(body, field, 64));
    auto key = SALUS_TRY(crypto::key_from<identity::AuthKey>(bytes));
    crypto::wipe(bytes);
    return key;
}

json::Value kdf_json(const identity::KdfParameters& kdf) {
    return json::Object{{"m_kib", std::uint64_t{kdf.memory_kib}},
                        {"t", std::uint64_t{kdf.passes}},
                        {"p", std::uint64_t{kdf.lanes}},
                        {"salt", to_base64url(kdf.salt.view())}};
}

Result<identity::KdfParameters> kdf_of(const json::Value& body) {
    const json::Value* kdf = body.find("kdf");
    if (kdf == nullptr) return Error{Errc::malformed, "kdf is missing"};
    const auto number = [&](std::string_view key) -> Result<std::uint32_t> {
        const std::uint64_t value = SALUS_TRY(json::need_uint(*kdf, key));
        if (value > UINT32_MAX) return Error{Errc::out_of_range, "a KDF parameter is too large"};
        return static_cast<std::uint32_t>(value);
    };
    identity::KdfParameters out;
    out.memory_kib = SALUS_TRY(number("m_kib"));
    out.passes = SALUS_TRY(number("t"));
    out.lanes = SALUS_TRY(number("p"));
    const Bytes salt = SALUS_TRY(json::need_base64url(*kdf, "salt", 16));
    out.salt = SALUS_TRY(decltype(out.salt)::from(salt));
    return out;
}

Result<std::vector<identity::Slot>> slots_of(House& house, const json::Array& list) {
    std::vector<identity::Slot> out;
    for (const json::Value& item : list) {
        identity::Slot slot;
        slot.id = random_bytes<ObjectId>(house.env);
        slot.type = SALUS_TRY(json::need_text(item, "type", 16));
        slot.blob = SALUS_TRY(json::need_base64url(item, "blob", identity::slot_bytes_max));
        out.push_back(std::move(slot));
    }
    return out;
}

json::Value slots_json(const identity::UserAccount& account) {
    json::Array out;
    for (const identity::Slot& slot : account.slots) {
        out.push_back(json::Object{
            {"id", hex(slot.id)}, {"type", slot.type}, {"blob", to_base64url(slot.blob)}});
    }
    return out;
}

Result<Response> welcome(House& house, const AccountId& id, const Request& request,
                         json::Object extra, bool with_slots) {
    Caller caller;
    caller.account = SALUS_TRY(house.accounts->by_id(id));
    const auto token =
        SALUS_TRY(house.sessions->start(caller.account, request.header("user-agent")));
    caller.session = SALUS_TRY(house.sessions->use(token));
    caller.credentials = SALUS_TRY(vault::credentials(house.ask(), id));
    extra.emplace_back("account", hex(id));
    extra.emplace_back("session", session_json(house, caller));
    if (with_slots) extra.emplace_back("slots", slots_json(caller.account));
    Response response = Response::json(std::move(extra));
    response.headers.emplace_back("Set-Cookie", session_cookie(id, token));
    return response;
}

Response wait_until(const House& house, UnixMillis allowed_at) {
    Response response = Response::error(
        {Errc::exhausted, "too many failed tries; please wait a moment"}, "login-wait");
    const std::int64_t wait_s = (allowed_at.value - house.env.now().value + 999) / 1'000;
    response.headers.emplace_back("Retry-After", std::to_string(std::max<std::int64_t>(1, wait_s)));
    return response;
}

void watch_login(House& house, std::string_view name, const Request& request, bool succeeded) {
    sentinel::LoginEvent event{house.env.now(), house.login->subject(name),
                               identity::network_prefix(request.peer), succeeded};
    if (const auto folded = identity::fold_name(name); folded.ok()) {
        const auto account = house.accounts->by_name(*folded);
        if (account.ok()) {
            event.shown = account->is_staff() ? account->display_name
                                              : "Patient " + to_hex(account->id.view().first(4));
        }
    }
    house.watch_login(event);
}

Response refused_login(House& house, const identity::LoginOutcome& outcome,
                       std::string_view sentence) {
    if (outcome.answer == LoginAnswer::wait) return wait_until(house, outcome.allowed_at);
    if (outcome.answer == LoginAnswer::second_factor) {
        return Response::error(
            {Errc::authentication, "please enter the current code of your second factor"},
            "second-factor");
    }
    return Response::error({Errc::authentication, std::string(sentence)}, "login");
}

}  // namespace salus::gateway
