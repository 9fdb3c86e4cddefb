#include "gateway/api.hpp"
#include "gateway/doors.hpp"
#include "ledger/receipt_sign.hpp"

namespace salus::gateway {

namespace {

constexpr std::size_t feed_page_max = 200;

Result<json::Value> opening_json(House& house, const vault::AccessReceipt& r, bool for_officer) {
    const sentinel::AccessEvent event = access_event(house, r);
    const auto explanation = r.permitted ? house.explain(event) : std::nullopt;
    const auto anchor = SALUS_TRY(house.access_log->anchor_of(r.sequence));
    json::Array records;
    for (const ObjectId& id : r.records) records.push_back(hex(id));
    json::Array directives;
    for (const ObjectId& id : r.directives) directives.push_back(hex(id));
    json::Value why;
    if (explanation) why = json::Object{{"kind", explanation->kind}, {"text", explanation->text}};
    json::Value anchored;
    if (anchor)
        anchored = json::Object{{"tx", hex(anchor->transaction)}, {"height", anchor->height.value}};
    json::Object out{{"sequence", r.sequence},
                     {"time", r.node_time.value},
                     {"actor", person_json(house, r.actor)},
                     {"own", r.actor == r.patient},
                     {"records", std::move(records)},
                     {"purpose", r.purpose},
                     {"decision", r.permitted ? "permit" : "deny"},
                     {"reason", vault::to_string(r.reason)},
                     {"directives", std::move(directives)},
                     {"explanation", std::move(why)},
                     {"anchored", std::move(anchored)}};
    if (for_officer) out.emplace_back("patient", "Patient " + to_hex(r.patient.view().first(4)));
    return json::Value(std::move(out));
}

Result<Response> feed(House& house, const Request& request) {
    const Caller caller = SALUS_TRY(caller_of(house, request));
    const std::uint64_t count = SALUS_TRY(request.query_uint("count", 50, feed_page_max));
    const std::uint64_t before = SALUS_TRY(request.query_uint("after", 0, UINT64_MAX));
    json::Array out;
    for (const vault::AccessReceipt& r :
         SALUS_TRY(house.access_log->of_patient(caller.account.id, before, count))) {
        out.push_back(SALUS_TRY(opening_json(house, r, false)));
    }
    return Response::json(json::Object{{"openings", std::move(out)}});
}

Result<Response> accesses(House& house, const Request& request) {
    static_cast<void>(SALUS_TRY(caller_with_role(house, request, "officer")));
    const std::uint64_t count = SALUS_TRY(request.query_uint("count", 50, feed_page_max));
    const std::uint64_t before = SALUS_TRY(request.query_uint("after", 0, UINT64_MAX));
    json::Array out;
    for (const vault::AccessReceipt& r : SALUS_TRY(house.access_log->newest(before, count))) {
        out.push_back(SALUS_TRY(opening_json(house, r, true)));
    }
    return Response::json(json::Object{{"openings", std::move(out)}});
}

/// The receipt, its path to the anchor's root, and the anchor's own place in the log: one bundle.
Result<Response> feed_proof(House& house, const Request& request) {
    const Caller caller = SALUS_TRY(caller_of(house, request));
    std::uint64_t sequence = 0;
    for (const char c : request.parameters.at(0)) {
        if (c < '0' || c > '9' || sequence > UINT64_MAX / 100)
            return Error{Errc::malformed, "an opening has a number"};
        sequence = sequence * 10 + static_cast<std::uint64_t>(c - '0');
    }
    const auto receipt = SALUS_TRY(house.access_log->read(sequence));
    if (receipt.patient != caller.account.id && receipt.actor != caller.account.id &&
        !caller.has_role("officer")) {
        return Error{Errc::not_found, "no such opening of yours"};
    }
    const auto proof = SALUS_TRY(house.access_log->proof(sequence));
    const Bytes of_anchor = SALUS_TRY(house.node.receipt(proof.anchor.transaction, 0));
    ledger::Bundle bundle = SALUS_TRY(ledger::decode_bundle(of_anchor));
    bundle.kind = ledger::BundleKind::access;
    bundle.access_receipt = proof.receipt;
    bundle.access_path = proof.path;
    return Response::bytes(SALUS_TRY(ledger::encode_bundle(bundle)), "application/octet-stream");
}

Result<Response> alerts(House& house, const Request& request) {
    static_cast<void>(SALUS_TRY(caller_with_role(house, request, "officer")));
    const bool open_only = request.query_value("state").value_or("") == "open";
    json::Array out;
    for (const sentinel::Alert& alert : SALUS_TRY(house.alerts(open_only)))
        out.push_back(to_json(alert));
    return Response::json(json::Object{{"alerts", std::move(out)}});
}

Result<sentinel::AlertState> state_of(std::string_view action) {
    if (action == "explain") return sentinel::AlertState::explained;
    if (action == "case") return sentinel::AlertState::in_case;
    if (action == "dismiss") return sentinel::AlertState::dismissed;
    if (action == "hold") return sentinel::AlertState::held;
    return Error{Errc::malformed, "action is explain, case, dismiss or hold"};
}

Result<Response> resolve(House& house, const Request& request) {
    static_cast<void>(SALUS_TRY(caller_with_role(house, request, "officer")));
    const json::Value body = SALUS_TRY(json_body(request));
    const auto state = SALUS_TRY(state_of(SALUS_TRY(json::need_text(body, "action", 16))));
    const json::Value* note = body.find("note");
    const std::string text =
        note != nullptr && note->text() != nullptr ? note->text()->substr(0, 1'000) : "";
    std::uint64_t id = 0;
    for (const char c : request.parameters.at(0)) {
        if (c < '0' || c > '9' || id > UINT64_MAX / 100)
            return Error{Errc::malformed, "an alert has a number"};
        id = id * 10 + static_cast<std::uint64_t>(c - '0');
    }
    SALUS_TRY(house.resolve_alert(id, state, text));
    return Response::json(json::Object{{"state", sentinel::to_string(state)}});
}

Result<Response> add_context(House& house, const Request& request) {
    static_cast<void>(SALUS_TRY(caller_with_role(house, request, "officer")));
    const json::Value body = SALUS_TRY(json_body(request));
    sentinel::Context context;
    context.kind = SALUS_TRY(sentinel::context_kind(SALUS_TRY(json::need_text(body, "kind", 16))));
    context.id = SALUS_TRY(json::need_text(body, "id", 64));
    context.from = {SALUS_TRY(json::need_int(body, "t"))};
    context.until = {SALUS_TRY(json::need_int(body, "until"))};
    context.patient =
        SALUS_TRY(id_from_hex<AccountId>(SALUS_TRY(json::need_text(body, "patient", 32))));
    context.user = SALUS_TRY(id_from_hex<AccountId>(SALUS_TRY(json::need_text(body, "user", 32))));
    if (context.until <= context.from) return Error{Errc::out_of_range, "it ends before it begins"};
    SALUS_TRY(house.add_context(context));
    return Response::json(json::Object{});
}

void listen(House& house, const Request& request, Reply reply) {
    std::optional<EventHub::Who> who;
    if (request.query_value("home").ok()) {
        const auto caller = caller_of(house, request);
        if (!caller.ok()) return reply(caller.error());
        const Digest session = caller->session.token_hash;
        who = {caller->account.id, caller->has_role("officer"), session,
               [&house, session] { return !house.sessions->is_live(session); }};
    }
    auto events = house.events.subscribe(std::move(who));
    if (!events.ok()) return reply(events.error());
    reply.stream(std::move(*events));
}

}  // namespace

void add_watch_api(Router& router, House& house) {
    const Doors doors(router, house, true);
    doors.slow("GET", "/api/feed", "Who opened the caller's records", feed);
    doors.slow("GET", "/api/feed/{sequence}/proof", "Proof of one opening", feed_proof);
    doors.slow("GET", "/api/accesses", "Every opening at this node", accesses);
    doors.slow("GET", "/api/alerts", "Alerts, ranked", alerts);
    doors.slow("POST", "/api/alerts/{id}", "Resolves an alert", resolve);
    doors.slow("POST", "/api/context", "An encounter, referral, order or care team", add_context);
    router.add({"GET", "/api/events", "Live events (SSE)", [&house](Request& request, Reply reply) {
                    listen(house, request, std::move(reply));
                }});
}

}  // namespace salus::gateway
