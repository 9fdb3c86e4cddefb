#include "base/cbor.hpp"
#include "crypto/hash.hpp"
#include "gateway/account_parts.hpp"
#include "gateway/doors.hpp"
#include "ledger/transaction.hpp"

#include <array>

namespace salus::gateway {

namespace {

using identity::LoginAnswer;

constexpr std::int64_t officer_credential_ms = 365LL * 24 * 60 * 60'000;
constexpr std::int64_t invitation_ms = 7LL * 24 * 60 * 60'000;

Digest invitation_hash(std::string_view code) {
    std::string plain;
    for (const char c : code) {
        if (c == '-' || c == ' ') continue;
        plain.push_back(static_cast<char>(c >= 'a' && c <= 'z' ? c - 32 : c));
    }
    return crypto::sha256({as_bytes("salus/v1/invitation"), as_bytes(plain)});
}

/// What `registry.enrol` says of the newcomer; the signature and chain are the state machine's to
/// check.
struct Enrolment {
    AccountId account;
    std::string kind;
    Bytes kem;
};

Result<Enrolment> enrolment_of(ByteView tx) {
    const auto t = SALUS_TRY(ledger::decode_transaction(tx));
    if (t.body.operations.size() != 1 || t.body.operations[0].contract != "registry" ||
        t.body.operations[0].method != "enrol") {
        return Error{Errc::malformed, "a sign-up brings one transaction that enrols its account"};
    }
    cbor::Reader in(t.body.operations[0].args);
    Enrolment out;
    out.account = t.body.account;
    SALUS_TRY(in.map_of(4));
    SALUS_TRY(in.key(1));
    out.kind = SALUS_TRY(in.text_max(16));
    SALUS_TRY(in.key(2));
    SALUS_TRY(in.skip());
    SALUS_TRY(in.key(3));
    out.kem = to_bytes(SALUS_TRY(in.bytes_max(32)));
    return out;
}

// Set-up and invitations ------------------------------------------------------------------------

Result<std::string> invite(House& house, identity::Invitation invitation) {
    const std::string code = to_base32(random_bytes<ObjectId>(house.env).view());
    invitation.code_hash = invitation_hash(code);
    invitation.hint = code.substr(0, 4);
    invitation.offered = house.env.now();
    invitation.offer_ends = {invitation.offered.value + invitation_ms};
    SALUS_TRY(house.invitations->put(invitation));
    std::string grouped;
    for (std::size_t i = 0; i < code.size(); ++i) {
        if (i > 0 && i % 4 == 0) grouped.push_back('-');
        grouped.push_back(code[i]);
    }
    return grouped;
}

Result<Response> set_up(House& house, const Request& request) {
    SALUS_TRY(same_origin(request));
    const json::Value body = SALUS_TRY(json_body(request));
    const std::string token = SALUS_TRY(json::need_text(body, "token", 64));
    const std::string name = SALUS_TRY(json::need_text(body, "organisation_name", 128));
    SALUS_TRY(House::check_organisation_name(name));  // before the token is spent
    SALUS_TRY(house.use_setup_token(token));
    SALUS_TRY(house.set_organisation_name(name));
    identity::Invitation officer;
    officer.role = "officer";
    officer.display_name = "First officer";
    officer.credential_expires = {house.env.now().value + officer_credential_ms};
    const std::string code = SALUS_TRY(invite(house, officer));
    return Response::json(json::Object{{"organisation", hex(house.node.organisation())},
                                       {"officer_invitation", code}});
}

Result<Response> new_invitation(House& house, const Request& request) {
    const Caller caller = SALUS_TRY(caller_with_role(house, request, "officer"));
    SALUS_TRY(stepped_up(house, caller));
    const json::Value body = SALUS_TRY(json_body(request));
    identity::Invitation invitation;
    invitation.role = SALUS_TRY(json::need_text(body, "role", 32));
    static constexpr std::array<std::string_view, 5> roles{"officer", "clinician", "steward",
                                                           "laboratory", "researcher"};
    if (std::find(roles.begin(), roles.end(), invitation.role) == roles.end()) {
        return Error{Errc::malformed,
                     "role is officer, clinician, steward, laboratory or researcher"};
    }
    invitation.display_name = SALUS_TRY(json::need_text(body, "display_name", 128));
    invitation.licence = SALUS_TRY(json::need_text(body, "licence", 128));
    invitation.credential_expires = {SALUS_TRY(json::need_int(body, "expires"))};
    if (invitation.credential_expires <= house.env.now()) {
        return Error{Errc::out_of_range, "the licence has expired already"};
    }
    invitation.officer = caller.account.id;
    return Response::json(json::Object{{"code", SALUS_TRY(invite(house, std::move(invitation)))}});
}

Result<Response> list_invitations(House& house, const Request& request) {
    static_cast<void>(SALUS_TRY(caller_with_role(house, request, "officer")));
    json::Array out;
    for (const identity::Invitation& i : SALUS_TRY(house.invitations->list())) {
        out.push_back(json::Object{{"code_hint", i.hint},
                                   {"role", i.role},
                                   {"display_name", i.display_name},
                                   {"expires", i.credential_expires.value},
                                   {"used", i.used}});
    }
    return Response::json(json::Object{{"invitations", std::move(out)}});
}

Result<Response> show_invitation(House& house, const Request& request) {
    const auto i = SALUS_TRY(
        house.invitations->find(invitation_hash(request.parameters.at(0)), house.env.now()));
    return Response::json(json::Object{{"role", i.role},
                                       {"display_name", i.display_name},
                                       {"organisation", house.organisation_name()},
                                       {"expires", i.credential_expires.value},
                                       {"account_kind", "staff"}});
}

// Sign-up ---------------------------------------------------------------------------------------

Result<identity::SignUp> read_sign_up(House& house, const json::Value& body, const Bytes& tx) {
    const Enrolment enrolment = SALUS_TRY(enrolment_of(tx));
    identity::SignUp out;
    out.account.id = enrolment.account;
    out.account.kind = SALUS_TRY(json::need_text(body, "kind", 16));
    if (out.account.kind != enrolment.kind ||
        (enrolment.kind != "patient" && enrolment.kind != "staff")) {
        return Error{Errc::malformed, "kind is patient or staff, as the transaction says"};
    }
    out.account.name = SALUS_TRY(json::need_text(body, "name", identity::name_bytes_max));
    out.account.display_name =
        SALUS_TRY(json::need_text(body, "display_name", identity::display_name_bytes_max));
    out.account.kem = SALUS_TRY(decltype(out.account.kem)::from(enrolment.kem));
    out.account.label_key = SALUS_TRY(json::need_base64url(body, "label_key", 32));
    out.account.kdf = SALUS_TRY(kdf_of(body));
    out.account.slots = SALUS_TRY(slots_of(house, *SALUS_TRY(json::need_array(body, "slots"))));
    out.auth_key = SALUS_TRY(auth_key_of(body));
    out.recovery_key = SALUS_TRY(auth_key_of(body, "recovery_auth_key"));
    if (const json::Value* secret = body.find("totp_secret");
        secret != nullptr && !secret->is_null()) {
        out.totp_secret = SALUS_TRY(json::need_base64url(body, "totp_secret", 64));
        out.totp_code = SALUS_TRY(json::need_text(body, "totp_code", 8));
    }
    if (const json::Value* demo = body.find("demo_auth_key"); demo != nullptr && !demo->is_null()) {
        if (!house.config.demo) return Error{Errc::denied, "demo links are for a demo node"};
        out.demo_auth_key = SALUS_TRY(auth_key_of(body, "demo_auth_key"));
    }
    return out;
}

Status issue_credential(House& house, const AccountId& account,
                        const identity::Invitation& invitation) {
    const Digest licence = crypto::sha256(
        {as_bytes("salus/v1/licence"), invitation.code_hash.view(), as_bytes(invitation.licence)});
    cbor::Writer args;
    args.map(6)
        .uint(1)
        .bytes(random_bytes<ObjectId>(house.env).view())
        .uint(2)
        .bytes(account.view());
    args.uint(3).text(invitation.role).uint(4).bytes(house.node.organisation().view());
    args.uint(5).bytes(licence.view()).uint(6).integer(invitation.credential_expires.value);
    ledger::Operation operation;
    operation.contract = "registry";
    operation.method = "credential_issue";
    operation.args = args.take();
    const auto outcome = SALUS_TRY(house.node.submit_own({std::move(operation)}));
    if (outcome.code != 0) return refusal_of(outcome.code);
    return done;
}

Result<Response> sign_up(House& house, const Request& request) {
    SALUS_TRY(same_origin(request));
    // Sign-up is the one door that says a name exists; whoever tries many names waits for it
    // (docs/decisions/0017).
    const std::string network = identity::network_prefix(request.peer);
    const UnixMillis allowed_at = house.login->sign_up_allowed_at(network);
    if (allowed_at > house.env.now()) return wait_until(house, allowed_at);
    const json::Value body = SALUS_TRY(json_body(request));
    Bytes tx = SALUS_TRY(json::need_base64url(body, "tx", ledger::transaction_bytes_max));
    identity::SignUp fields = SALUS_TRY(read_sign_up(house, body, tx));
    const identity::UserAccount account = SALUS_TRY(house.login->prepare(std::move(fields)));
    if (house.accounts->by_name(account.name).ok()) {
        house.login->sign_up_met_taken_name(network);
        return Error{Errc::already_exists, "this sign-in name is taken; please choose another"};
    }
    std::optional<identity::Invitation> invitation;
    if (account.is_staff()) {
        const std::string code = SALUS_TRY(json::need_text(body, "invitation", 64));
        invitation = SALUS_TRY(house.invitations->take(invitation_hash(code), house.env.now()));
    }
    const auto outcome = house.node.submit_and_wait(std::move(tx));
    if (invitation && (!outcome.ok() || outcome->code != 0))
        SALUS_TRY(house.invitations->give_back(*invitation));
    if (!outcome.ok()) return outcome.error();
    if (outcome->code != 0) return refusal_of(outcome->code);
    SALUS_TRY(house.accounts->create(account));
    if (invitation) SALUS_TRY(issue_credential(house, account.id, *invitation));
    return welcome(house, account.id, request, {{"receipt", outcome_json(*outcome)}}, false);
}

// Signing in ------------------------------------------------------------------------------------

Result<Response> log_in(House& house, const Request& request, bool demo) {
    SALUS_TRY(same_origin(request));
    const json::Value body = SALUS_TRY(json_body(request));
    const std::string name = SALUS_TRY(json::need_text(body, "name", 256));
    identity::LoginAttempt attempt{
        name, SALUS_TRY(auth_key_of(body)), {}, identity::network_prefix(request.peer)};
    if (const json::Value* code = body.find("code"); code != nullptr && code->text() != nullptr)
        attempt.code = *code->text();
    if (demo && (!house.config.demo || !house.config.loopback)) {
        return Error{Errc::denied, "demo links are for a demo node on this machine"};
    }
    const identity::LoginOutcome outcome =
        demo ? SALUS_TRY(house.login->log_in_demo(name, attempt.auth_key))
             : SALUS_TRY(house.login->log_in(attempt));
    const bool welcome_in = outcome.answer == LoginAnswer::welcome;
    // A right password with no code yet is a step on the way in, not a failure.
    if (welcome_in || outcome.answer != LoginAnswer::second_factor || !attempt.code.empty()) {
        watch_login(house, name, request, welcome_in);
    }
    if (!welcome_in) return refused_login(house, outcome, "the name or the password is not right");
    return welcome(house, outcome.account, request, {}, true);
}

Result<Response> prelogin(House& house, const Request& request) {
    const json::Value body = SALUS_TRY(json_body(request));
    const std::string name = SALUS_TRY(json::need_text(body, "name", 256));
    return Response::json(json::Object{{"kdf", kdf_json(house.login->prelogin(name))}});
}

Result<Response> step_up(House& house, const Request& request) {
    const Caller caller = SALUS_TRY(caller_of(house, request));
    const json::Value body = SALUS_TRY(json_body(request));
    if (body.find("code") != nullptr) {
        SALUS_TRY(house.login->prove_code(caller.account.id,
                                          SALUS_TRY(json::need_text(body, "code", 8))));
    } else {
        SALUS_TRY(house.login->prove_password(caller.account.id, SALUS_TRY(auth_key_of(body))));
    }
    SALUS_TRY(house.sessions->step_up(caller.session.token_hash));
    return Response::json(
        json::Object{{"stepped_up_until", house.env.now().value + identity::step_up_ms}});
}

// Sessions, keyring -----------------------------------------------------------------------------

Result<Response> log_out(House& house, const Request& request) {
    const Caller caller = SALUS_TRY(caller_of(house, request));
    SALUS_TRY(house.sessions->end(caller.session.token_hash));
    Response response = Response::json(json::Object{});
    response.headers.emplace_back("Set-Cookie", expired_cookie(caller.account.id));
    return response;
}

Result<Response> list_sessions(House& house, const Request& request) {
    const Caller caller = SALUS_TRY(caller_of(house, request));
    json::Array out;
    for (const identity::Session& s : house.sessions->of(caller.account.id)) {
        out.push_back(json::Object{{"id", hex(s.token_hash)},
                                   {"created", s.created.value},
                                   {"last", s.last_used.value},
                                   {"user_agent", s.user_agent},
                                   {"current", s.token_hash == caller.session.token_hash}});
    }
    return Response::json(json::Object{{"sessions", std::move(out)}});
}

Result<Response> end_session(House& house, const Request& request) {
    const Caller caller = SALUS_TRY(caller_of(house, request));
    const auto id = SALUS_TRY(id_from_hex<Digest>(request.parameters.at(0)));
    for (const identity::Session& s : house.sessions->of(caller.account.id)) {
        if (s.token_hash == id) {
            SALUS_TRY(house.sessions->end(id));
            return Response::json(json::Object{});
        }
    }
    return Error{Errc::not_found, "no such session of yours"};
}

Result<Response> get_keyring(House& house, const Request& request) {
    const Caller caller = SALUS_TRY(caller_of(house, request));
    return Response::json(json::Object{{"version", caller.account.keyring_version},
                                       {"blob", to_base64url(caller.account.keyring)}});
}

Result<Response> put_keyring(House& house, const Request& request) {
    const Caller caller = SALUS_TRY(caller_of(house, request));
    const json::Value body = SALUS_TRY(json_body(request));
    const std::uint64_t version = SALUS_TRY(json::need_uint(body, "version"));
    const Bytes blob = SALUS_TRY(json::need_base64url(body, "blob", identity::keyring_bytes_max));
    SALUS_TRY(
        house.accounts->update(caller.account.id, [&](identity::UserAccount& account) -> Status {
            if (version != account.keyring_version + 1) {
                return Error{Errc::already_exists,
                             "another device saved its keyring first; load it and try again"};
            }
            account.keyring_version = version;
            account.keyring = blob;
            return done;
        }));
    return Response::json(json::Object{{"version", version}});
}

}  // namespace

void add_account_api(Router& router, House& house) {
    // Argon2id takes 20 ms and a sign-up waits for a block: those are slow.
    const Doors open(router, house, false);
    const Doors own(router, house, true);
    open.slow("POST", "/api/setup", "Names the organisation and invites its first officer", set_up);
    open.quick("POST", "/api/prelogin", "How to stretch a password", prelogin);
    open.quick("GET", "/api/invitation/{code}", "What an invitation offers", show_invitation);
    open.slow("POST", "/api/signup", "Makes an account and enrols it", sign_up);
    open.slow("POST", "/api/login", "Signs in",
              [](House& h, const Request& r) { return log_in(h, r, false); });
    open.slow("POST", "/api/demo/login", "Signs in by a demo link",
              [](House& h, const Request& r) { return log_in(h, r, true); });
    own.quick("GET", "/api/session", "Who is signed in",
              [](House& h, const Request& r) -> Result<Response> {
                  return Response::json(session_json(h, SALUS_TRY(caller_of(h, r))));
              });
    own.slow("POST", "/api/stepup", "Shows a factor once more", step_up);
    own.quick("POST", "/api/logout", "Ends the session", log_out);
    own.quick("GET", "/api/sessions", "Own sessions", list_sessions);
    own.quick("DELETE", "/api/sessions/{id}", "Ends one of them", end_session);
    own.quick("GET", "/api/keyring", "Own sealed keyring", get_keyring);
    own.slow("PUT", "/api/keyring", "Saves it", put_keyring);
    own.quick("POST", "/api/invitations", "Invites a member of staff", new_invitation);
    own.quick("GET", "/api/invitations", "Invitations", list_invitations);
    add_recovery_api(router, house);
}

}  // namespace salus::gateway
