#include "gateway/api.hpp"
#include "gateway/doors.hpp"

namespace salus::gateway {

namespace {

json::Value ask_json(House& house, const vault::AccessAsk& ask, bool as_patient) {
    const AccountId& other = as_patient ? ask.asker : ask.patient;
    json::Object out{{"id", hex(ask.id)},
                     {"side", as_patient ? "patient" : "asker"},
                     {"asker", hex(ask.asker)},
                     {"patient", hex(ask.patient)},
                     {"person", person_json(house, other)},
                     {"blob", to_base64url(as_patient ? ask.to_patient : ask.to_asker)},
                     {"made", ask.made.value},
                     {"expires", ask.expires().value},
                     {"state", std::string(vault::to_string(ask.state_at(house.env.now())))}};
    out.emplace_back("answered",
                     ask.answered.value == 0 ? json::Value() : json::Value(ask.answered.value));
    out.emplace_back("directive", ask.directive ? json::Value(hex(*ask.directive)) : json::Value());
    return json::Value(std::move(out));
}

/// Both hear that something changed; what it is they ask for themselves.
void tell(House& house, const vault::AccessAsk& ask) {
    const json::Value data =
        json::Object{{"id", hex(ask.id)},
                     {"state", std::string(vault::to_string(ask.state_at(house.env.now())))}};
    house.events.ask(ask.patient, data);
    house.events.ask(ask.asker, data);
}

Result<Response> make_ask(House& house, const Request& request) {
    const Caller caller = SALUS_TRY(caller_of(house, request));
    if (!caller.account.is_staff() || caller.credentials.empty())
        return Error{Errc::denied, "asking for access needs a role at this organisation"};
    const json::Value body = SALUS_TRY(json_body(request));
    vault::AccessAsk ask;
    ask.id = SALUS_TRY(id_from_hex<ObjectId>(SALUS_TRY(json::need_text(body, "id", 32))));
    ask.patient =
        SALUS_TRY(id_from_hex<AccountId>(SALUS_TRY(json::need_text(body, "patient", 32))));
    const auto patient = house.accounts->by_id(ask.patient);
    if (!patient.ok() || patient->is_staff())
        return Error{Errc::not_found, "no patient of this organisation has this code"};
    ask.asker = caller.account.id;
    ask.to_patient = SALUS_TRY(json::need_base64url(body, "to_patient", vault::ask_blob_bytes_max));
    ask.to_asker = SALUS_TRY(json::need_base64url(body, "to_asker", vault::ask_blob_bytes_max));
    ask.made = house.env.now();
    SALUS_TRY(house.asks->add(ask));
    tell(house, ask);
    return Response::json(ask_json(house, ask, false));
}

Result<Response> list_asks(House& house, const Request& request) {
    const Caller caller = SALUS_TRY(caller_of(house, request));
    json::Array out;
    for (const vault::AccessAsk& ask : SALUS_TRY(house.asks->to_patient(caller.account.id)))
        out.push_back(ask_json(house, ask, true));
    for (const vault::AccessAsk& ask : SALUS_TRY(house.asks->of_asker(caller.account.id)))
        out.push_back(ask_json(house, ask, false));
    return Response::json(json::Object{{"asks", std::move(out)}});
}

Result<vault::AskState> answer_of(const json::Value& body) {
    const std::string text = SALUS_TRY(json::need_text(body, "answer", 16));
    if (text == "allow") return vault::AskState::allowed;
    if (text == "narrow") return vault::AskState::narrowed;
    if (text == "refuse") return vault::AskState::refused;
    return Error{Errc::malformed, "the answer is allow, narrow or refuse"};
}

/// What allows must be there already: a live consent of the patient's for this very asker.
Status check_consent(House& house, const vault::AccessAsk& ask, const ObjectId& directive) {
    const auto grant = house.records->grant(ask.patient, directive);
    if (!grant.ok() || grant->grantee != ask.asker)
        return Error{Errc::denied, "this sharing is not one with whoever asks"};
    const auto state = SALUS_TRY(vault::directive_state(house.ask(), ask.patient, directive));
    if (!state.live_at(house.env.now())) return Error{Errc::denied, "this sharing is not in force"};
    return done;
}

Result<Response> answer_ask(House& house, const Request& request) {
    const Caller caller = SALUS_TRY(caller_of(house, request));
    const auto id = SALUS_TRY(id_from_hex<ObjectId>(request.parameters.at(0)));
    const vault::AccessAsk ask = SALUS_TRY(house.asks->get(id));
    // Whoever is not asked is told no more than of an ask that does not exist.
    if (ask.patient != caller.account.id) return Error{Errc::not_found, "no such ask"};
    const json::Value body = SALUS_TRY(json_body(request));
    const vault::AskState state = SALUS_TRY(answer_of(body));
    std::optional<ObjectId> directive;
    if (state != vault::AskState::refused) {
        directive =
            SALUS_TRY(id_from_hex<ObjectId>(SALUS_TRY(json::need_text(body, "directive", 32))));
        SALUS_TRY(check_consent(house, ask, *directive));
    }
    const vault::AccessAsk ended =
        SALUS_TRY(house.asks->end(id, state, directive, house.env.now()));
    tell(house, ended);
    return Response::json(ask_json(house, ended, true));
}

Result<Response> withdraw_ask(House& house, const Request& request) {
    const Caller caller = SALUS_TRY(caller_of(house, request));
    const auto id = SALUS_TRY(id_from_hex<ObjectId>(request.parameters.at(0)));
    if (SALUS_TRY(house.asks->get(id)).asker != caller.account.id)
        return Error{Errc::not_found, "no such ask"};
    const vault::AccessAsk ended =
        SALUS_TRY(house.asks->end(id, vault::AskState::withdrawn, std::nullopt, house.env.now()));
    tell(house, ended);
    return Response::json(ask_json(house, ended, false));
}

}  // namespace

void add_ask_api(Router& router, House& house) {
    const Doors doors(router, house, true);
    doors.quick("POST", "/api/asks", "Asks a patient for access", make_ask);
    doors.quick("GET", "/api/asks", "Asks to the caller and by the caller", list_asks);
    doors.quick("POST", "/api/asks/{ask}/answer", "Allows, narrows or refuses one", answer_ask);
    doors.quick("DELETE", "/api/asks/{ask}", "Withdraws one's own", withdraw_ask);
}

}  // namespace salus::gateway
