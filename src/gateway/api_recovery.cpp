#include "base/log.hpp"
#include "gateway/account_parts.hpp"
#include "gateway/doors.hpp"

namespace salus::gateway {

namespace {

using identity::LoginAnswer;

// The way back in ---------------------------------------------------------------------------------

/// Staff open other people's records: an officer looks at every recovery of theirs.
void tell_officer(House& house, const identity::UserAccount& account, std::string_view what) {
    log::warn("recovery", {{"account", hex(account.id)}, {"kind", account.kind}, {"what", what}});
    if (!account.is_staff()) return;
    sentinel::Alert alert;
    alert.time = house.env.now();
    alert.kind = sentinel::AlertKind::recovery;
    alert.actor = account.id;
    alert.score = 65;
    alert.sentence = account.display_name + std::string(what);
    alert.evidence = {{"who", account.display_name}};
    house.raise(std::move(alert));
}

Result<Response> recover(House& house, const Request& request) {
    SALUS_TRY(same_origin(request));
    const json::Value body = SALUS_TRY(json_body(request));
    identity::RecoveryAttempt attempt;
    attempt.name = SALUS_TRY(json::need_text(body, "name", 256));
    attempt.recovery_key = SALUS_TRY(auth_key_of(body, "recovery_auth_key"));
    attempt.network = identity::network_prefix(request.peer);
    if (const json::Value* code = body.find("code"); code != nullptr && code->text() != nullptr)
        attempt.code = *code->text();
    const identity::RecoveryBegun begun = SALUS_TRY(house.login->recover(attempt));
    const LoginAnswer answer = begun.outcome.answer;
    if (answer != LoginAnswer::welcome) {
        if (answer != LoginAnswer::second_factor || !attempt.code.empty())
            watch_login(house, attempt.name, request, false);
        return refused_login(house, begun.outcome, "the name or the recovery code is not right");
    }
    const auto account = SALUS_TRY(house.accounts->by_id(begun.outcome.account));
    tell_officer(house, account, " showed a recovery code and may now choose new factors.");
    return Response::json(json::Object{{"account", hex(account.id)},
                                       {"kind", account.kind},
                                       {"recovery", to_base64url(begun.token.view())},
                                       {"ends", begun.ends.value},
                                       {"second_factor", begun.needs_second_factor},
                                       {"slot", to_base64url(begun.slot.blob)}});
}

Result<Response> finish(House& house, const Request& request) {
    SALUS_TRY(same_origin(request));
    const json::Value body = SALUS_TRY(json_body(request));
    const Bytes token_bytes = SALUS_TRY(json::need_base64url(body, "recovery", 64));
    const auto token = SALUS_TRY(identity::RecoveryToken::from(token_bytes));
    identity::NewFactors factors;
    factors.kdf = SALUS_TRY(kdf_of(body));
    factors.auth_key = SALUS_TRY(auth_key_of(body));
    factors.recovery_key = SALUS_TRY(auth_key_of(body, "recovery_auth_key"));
    factors.slots = SALUS_TRY(slots_of(house, *SALUS_TRY(json::need_array(body, "slots"))));
    if (const json::Value* secret = body.find("totp_secret");
        secret != nullptr && !secret->is_null()) {
        factors.totp_secret = SALUS_TRY(json::need_base64url(body, "totp_secret", 64));
        factors.totp_code = SALUS_TRY(json::need_text(body, "totp_code", 8));
    }
    const AccountId id = SALUS_TRY(house.login->finish_recovery(token, factors));
    SALUS_TRY(house.sessions->end_all(id));
    tell_officer(house, SALUS_TRY(house.accounts->by_id(id)),
                 " came back by a recovery code, with a new password and second factor.");
    return welcome(house, id, request, {}, true);
}

Result<Response> readmit(House& house, const Request& request) {
    const Caller caller = SALUS_TRY(caller_with_role(house, request, "officer"));
    SALUS_TRY(stepped_up(house, caller));
    const json::Value body = SALUS_TRY(json_body(request));
    const auto member =
        SALUS_TRY(id_from_hex<AccountId>(SALUS_TRY(json::need_text(body, "account", 32))));
    if (member == caller.account.id)
        return Error{Errc::denied, "another officer readmits an officer"};
    SALUS_TRY(house.login->readmit(member));
    log::warn("readmission", {{"account", hex(member)}, {"officer", hex(caller.account.id)}});
    return Response::json(
        json::Object{{"until", house.env.now().value + identity::readmission_ms}});
}

// Slots and notices of who is signed in -----------------------------------------------------------

Result<Response> list_slots(House& house, const Request& request) {
    const Caller caller = SALUS_TRY(caller_of(house, request));
    json::Array out;
    for (const identity::Slot& slot : caller.account.slots) {
        out.push_back(json::Object{
            {"id", hex(slot.id)}, {"type", slot.type}, {"created", slot.created.value}});
    }
    return Response::json(json::Object{{"slots", std::move(out)}});
}

Result<Response> change_slots(House& house, const Request& request) {
    const Caller caller = SALUS_TRY(caller_of(house, request));
    SALUS_TRY(stepped_up(house, caller));
    const json::Value body = SALUS_TRY(json_body(request));
    identity::Login::Change change;
    change.add = SALUS_TRY(slots_of(house, *SALUS_TRY(json::need_array(body, "add"))));
    for (const json::Value& id : *SALUS_TRY(json::need_array(body, "remove"))) {
        if (id.text() == nullptr) return Error{Errc::malformed, "remove lists slot ids"};
        change.remove.push_back(SALUS_TRY(id_from_hex<ObjectId>(*id.text())));
    }
    if (const json::Value* kdf = body.find("kdf"); kdf != nullptr && !kdf->is_null()) {
        change.kdf = SALUS_TRY(kdf_of(body));
        change.auth_key = SALUS_TRY(auth_key_of(body));
    }
    if (const json::Value* key = body.find("recovery_auth_key"); key != nullptr && !key->is_null())
        change.recovery_key = SALUS_TRY(auth_key_of(body, "recovery_auth_key"));
    SALUS_TRY(house.login->change(caller.account.id, change));
    if (change.auth_key)
        SALUS_TRY(house.sessions->end_all(caller.account.id, &caller.session.token_hash));
    return Response::json(
        json::Object{{"slots", slots_json(SALUS_TRY(house.accounts->by_id(caller.account.id)))}});
}

Result<Response> forget_notices(House& house, const Request& request) {
    const Caller caller = SALUS_TRY(caller_of(house, request));
    const std::int64_t seen =
        static_cast<std::int64_t>(SALUS_TRY(request.query_uint("until", INT64_MAX, INT64_MAX)));
    SALUS_TRY(house.accounts->update(caller.account.id, [&](identity::UserAccount& account) {
        std::erase_if(account.notices,
                      [seen](const identity::Notice& notice) { return notice.time.value <= seen; });
        return Status(done);
    }));
    return Response::json(json::Object{});
}

}  // namespace

void add_recovery_api(Router& router, House& house) {
    const Doors open(router, house, false);
    const Doors own(router, house, true);
    open.slow("POST", "/api/recover", "Shows a recovery code", recover);
    open.slow("POST", "/api/recover/finish", "Chooses new factors after it", finish);
    own.quick("POST", "/api/readmissions", "Lets a member's recovery code stand for both factors",
              readmit);
    own.quick("GET", "/api/slots", "Own ways to unlock", list_slots);
    own.slow("PUT", "/api/slots", "Changes them, the password and the recovery code", change_slots);
    own.quick("DELETE", "/api/notices", "Forgets the notices that were read", forget_notices);
}

}  // namespace salus::gateway
