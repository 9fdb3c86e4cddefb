#include "gateway/api.hpp"

#include "base/cbor.hpp"

#include <algorithm>

namespace salus::gateway {

namespace {

using store::Column;

const Bytes organisation_account_key = to_bytes("organisation-account");
constexpr std::size_t json_body_bytes_max = 1U << 20U;

bool changes_state(const Request& request) {
    return request.method != "GET" && request.method != "HEAD";
}

std::string cookie_name(std::string_view home) {
    return "__Host-salus-" + std::string(home);
}

}  // namespace

bool Caller::has_role(std::string_view role) const {
    return std::any_of(credentials.begin(), credentials.end(),
                       [&](const auto& c) { return c.role == role; });
}

bool Caller::member_of(const ObjectId& organisation) const {
    return std::any_of(credentials.begin(), credentials.end(),
                       [&](const auto& c) { return c.organisation == organisation; });
}

std::string home_of(const AccountId& account) {
    return to_hex(account.view().first(4));
}

std::string session_cookie(const AccountId& account, const identity::SessionToken& token) {
    return cookie_name(home_of(account)) + "=" + to_hex(token.view()) +
           "; Path=/; Secure; HttpOnly; SameSite=Strict";
}

std::string expired_cookie(const AccountId& account) {
    return cookie_name(home_of(account)) +
           "=; Path=/; Max-Age=0; Secure; HttpOnly; SameSite=Strict";
}

Status same_origin(const Request& request) {
    if (!changes_state(request)) return done;
    const std::string_view site = request.header("sec-fetch-site");
    if (!site.empty() && site != "same-origin" && site != "none") {
        return Error{Errc::denied, "requests from other sites are refused"};
    }
    const std::string_view origin = request.header("origin");
    if (origin.empty()) return done;
    const std::size_t scheme = origin.find("://");
    if (scheme == std::string_view::npos || origin.substr(scheme + 3) != request.header("host")) {
        return Error{Errc::denied, "requests from other sites are refused"};
    }
    return done;
}

Result<Caller> caller_of(House& house, const Request& request) {
    SALUS_TRY(same_origin(request));
    std::string home(request.header("salus-home"));
    if (home.empty() && !changes_state(request)) home = request.query_value("home").value_or("");
    const Error please{Errc::authentication, "please sign in"};
    const std::string_view cookie = request.cookie(cookie_name(home));
    const auto token = id_from_hex<identity::SessionToken>(cookie);
    if (home.empty() || cookie.empty() || !token.ok()) return please;
    Caller caller;
    caller.session = SALUS_TRY(house.sessions->use(*token));
    if (home_of(caller.session.account) != home) return please;
    caller.account = SALUS_TRY(house.accounts->by_id(caller.session.account));
    const UnixMillis now = house.env.now();
    for (vault::Credential& credential :
         SALUS_TRY(vault::credentials(house.ask(), caller.account.id))) {
        if (credential.active && now < credential.expires)
            caller.credentials.push_back(std::move(credential));
    }
    return caller;
}

Result<Caller> caller_with_role(House& house, const Request& request, std::string_view role) {
    Caller caller = SALUS_TRY(caller_of(house, request));
    if (!caller.has_role(role)) return Error{Errc::denied, "this is for a " + std::string(role)};
    return caller;
}

Status stepped_up(const House& house, const Caller& caller) {
    if (caller.session.stepped_up_until() > house.env.now()) return done;
    return Error{Errc::authentication, "step up: show your second factor once more"};
}

json::Value session_json(House& house, const Caller& caller) {
    json::Array roles;
    for (const vault::Credential& c : caller.credentials) {
        roles.push_back(json::Object{
            {"role", c.role}, {"organisation", hex(c.organisation)}, {"expires", c.expires.value}});
    }
    json::Array notices;
    for (const identity::Notice& n : caller.account.notices)
        notices.push_back(json::Object{{"time", n.time.value}, {"kind", n.kind}});
    const identity::Session& s = caller.session;
    static_cast<void>(house);
    return json::Object{{"account", hex(caller.account.id)},
                        {"name", caller.account.name},
                        {"display_name", caller.account.display_name},
                        {"kind", caller.account.kind},
                        {"roles", std::move(roles)},
                        {"home", home_of(caller.account.id)},
                        {"reload_half", to_base64url(s.reload_half.view())},
                        {"expires", std::min(s.ends, s.idle_until()).value},
                        {"stepped_up_until", s.stepped_up_until().value},
                        {"second_factor", caller.account.has_second_factor()},
                        {"notices", std::move(notices)}};
}

json::Value outcome_json(const chain::TransactionOutcome& outcome) {
    json::Array codes;
    for (const std::uint32_t code : outcome.codes) codes.push_back(std::uint64_t{code});
    return json::Object{{"id", hex(outcome.id)},
                        {"position", outcome.position.value},
                        {"height", outcome.height.value},
                        {"time", outcome.time.value},
                        {"code", std::uint64_t{outcome.code}},
                        {"codes", std::move(codes)},
                        {"header_hash", hex(outcome.header_hash)},
                        {"previous", hex(outcome.previous)}};
}

Error refusal_of(std::uint32_t code) {
    const std::string suffix = " (code " + std::to_string(code) + ")";
    switch (code) {
        case 1:
            return {Errc::malformed, "the transaction is not well formed" + suffix};
        case 2:
            return {Errc::malformed, "the transaction is for another chain" + suffix};
        case 3:
            return {Errc::authentication, "the signature does not fit" + suffix};
        case 4:
            return {Errc::denied,
                    "the account or its key is unknown, or the account is closed" + suffix};
        case 5:
            return {Errc::already_exists, "this transaction was used already" + suffix};
        case 6:
            return {Errc::out_of_range,
                    "the transaction is past its time, or too far ahead of it" + suffix};
        case 7:
            return {Errc::not_found, "no such contract or method" + suffix};
        case 8:
            return {Errc::exhausted, "the operation took more steps than it may" + suffix};
        case 101:
            return {Errc::denied, "the contract refuses this caller" + suffix};
        case 102:
            return {Errc::not_found, "the contract does not know what was named" + suffix};
        case 103:
            return {Errc::already_exists, "the contract holds this already" + suffix};
        default:
            return {Errc::denied, "the contract refused" + suffix};
    }
}

std::string display_name(House& house, const AccountId& account) {
    const auto known = house.accounts->by_id(account);
    if (known.ok() && known->is_staff()) return known->display_name;
    return "Account " + to_hex(account.view().first(4));
}

json::Value person_json(House& house, const AccountId& account) {
    const auto known = house.accounts->by_id(account);
    json::Array roles;
    const auto credentials = vault::credentials(house.ask(), account);
    if (credentials.ok()) {
        for (const vault::Credential& c : *credentials) {
            if (c.active) roles.push_back(c.role);
        }
    }
    const auto organisation = organisation_account(house);
    const bool is_organisation =
        organisation.ok() && *organisation && (*organisation)->account == account;
    const std::string name =
        is_organisation ? house.organisation_name() : display_name(house, account);
    return json::Object{{"account", hex(account)},
                        {"display_name", name},
                        {"kind", is_organisation ? "organisation"
                                 : known.ok()    ? known->kind
                                                 : "unknown"},
                        {"roles", std::move(roles)},
                        {"organisation_name", house.organisation_name()}};
}

Result<std::optional<OrganisationAccount>> organisation_account(const House& house) {
    const auto bytes = SALUS_TRY(house.db->get(Column::identity, organisation_account_key));
    if (!bytes) return std::optional<OrganisationAccount>{};
    cbor::Reader in(*bytes);
    OrganisationAccount out;
    SALUS_TRY(in.array_of(2));
    out.account = SALUS_TRY(in.fixed<AccountId>());
    out.kem = to_bytes(SALUS_TRY(in.bytes_max(32)));
    return std::optional{std::move(out)};
}

Status set_organisation_account(House& house, const OrganisationAccount& account) {
    store::WriteBatch batch;
    batch.put(Column::identity, organisation_account_key,
              cbor::Writer{}.array(2).bytes(account.account.view()).bytes(account.kem).take());
    return house.db->write(batch);
}

void on_workers(House& house, Reply reply, std::function<void(Reply)> job) {
    const auto shared =
        std::make_shared<Reply>(std::move(reply));  // std::function wants to be copied; it is not
    const Status taken =
        house.workers.run([shared, job = std::move(job)] { job(std::move(*shared)); });
    if (!taken.ok()) (*shared)(taken.error());
}

Result<json::Value> json_body(const Request& request) {
    if (!request.header("content-type").starts_with("application/json")) {
        return Error{Errc::malformed, "this address takes application/json"};
    }
    json::Value value = SALUS_TRY(json::parse(as_text(request.body), json_body_bytes_max));
    if (value.object() == nullptr) return Error{Errc::malformed, "a JSON object is expected"};
    return value;
}

sentinel::AccessEvent access_event(House& house, const vault::AccessReceipt& receipt) {
    sentinel::AccessEvent event;
    event.sequence = receipt.sequence;
    event.time = receipt.node_time;
    event.actor = receipt.actor;
    event.actor_name = display_name(house, receipt.actor);
    event.patient = receipt.patient;
    event.records = receipt.records.size();
    event.purpose = receipt.purpose;
    if (!receipt.permitted) return event;
    event.via = receipt.reason == vault::Reason::own_record    ? sentinel::Via::own
                : receipt.reason == vault::Reason::own_writing ? sentinel::Via::author
                                                               : sentinel::Via::organisation;
    const auto patient = house.accounts->by_id(receipt.patient);
    if (!patient.ok()) return event;
    const vault::Label person = vault::person_label(patient->label_key, receipt.actor);
    for (const ObjectId& id : receipt.directives) {
        const auto directive = vault::directive_state(house.ask(), receipt.patient, id);
        if (directive.ok() &&
            std::count(directive->actors.begin(), directive->actors.end(), person) > 0) {
            event.via = sentinel::Via::person;
        }
    }
    return event;
}

}  // namespace salus::gateway
