#include "base/cbor.hpp"
#include "crypto/hash.hpp"
#include "crypto/wrap.hpp"
#include "gateway/api.hpp"
#include "gateway/doors.hpp"
#include "ledger/transaction.hpp"

namespace salus::gateway {

namespace {

constexpr std::size_t wraps_max = 1'000;
constexpr std::size_t records_page_max = 1'000;
constexpr std::size_t card_bytes_max = 64U << 10U;

/// What a consent operation names: field 1 of both methods, and for `put` the IR and wraps digest.
struct ConsentOperation {
    ObjectId directive;
    Digest wraps;
};

Result<ConsentOperation> consent_operation(const ledger::Transaction& transaction,
                                           std::string_view method) {
    const ledger::Operation& operation = transaction.body.operations.front();
    if (operation.contract != "consent" || operation.method != method) {
        return Error{Errc::malformed, "the first operation is consent." + std::string(method)};
    }
    cbor::Reader in(operation.args);
    ConsentOperation out;
    SALUS_TRY(in.map());
    SALUS_TRY(in.key(1));
    out.directive = SALUS_TRY(in.fixed<ObjectId>());
    for (std::uint64_t field = 2; field <= 3; ++field) {
        SALUS_TRY(in.key(field));
        SALUS_TRY(in.skip());
    }
    SALUS_TRY(in.key(4));
    out.wraps = SALUS_TRY(in.fixed<Digest>());
    return out;
}

Result<Digest> digest_of(const std::vector<vault::GrantWrap>& wraps) {
    cbor::Writer list;
    list.array(wraps.size());
    for (const vault::GrantWrap& w : wraps) {
        const auto kind = w.kind == 0 ? crypto::BlobKind::wrapped_collection_key
                                      : crypto::BlobKind::wrapped_data_key;
        list.bytes(SALUS_TRY(crypto::wrap_digest(kind, w.wrap)).view());
    }
    return crypto::sha256(list.view());
}

struct GrantBody {
    Bytes transaction;
    vault::Grant grant;
};

Result<GrantBody> read_grant_body(ByteView bytes) {
    cbor::Reader in(bytes);
    GrantBody out;
    SALUS_TRY(in.array_of(4));
    out.transaction = to_bytes(SALUS_TRY(in.bytes_max(ledger::transaction_bytes_max)));
    out.grant.grantee = SALUS_TRY(in.fixed<AccountId>());
    out.grant.card = to_bytes(SALUS_TRY(in.bytes_max(card_bytes_max)));
    std::size_t left = SALUS_TRY(in.array());
    if (left > wraps_max) return Error{Errc::out_of_range, "a grant hands over at most 1,000 keys"};
    for (; left > 0; --left) {
        vault::GrantWrap w;
        SALUS_TRY(in.array_of(4));
        w.kind = static_cast<std::uint8_t>(SALUS_TRY(in.uint_max(1)));
        w.object = SALUS_TRY(in.fixed<ObjectId>());
        w.epoch = SALUS_TRY(in.uint());
        w.wrap = to_bytes(SALUS_TRY(in.bytes_max(4'096)));
        out.grant.wraps.push_back(std::move(w));
    }
    SALUS_TRY(in.end());
    return out;
}

Result<Caller> owner_calling(House& house, const Request& request,
                             const ledger::Transaction& transaction) {
    Caller caller = SALUS_TRY(caller_of(house, request));
    SALUS_TRY(stepped_up(house, caller));
    if (transaction.body.account != caller.account.id)
        return Error{Errc::denied, "the transaction is another account's"};
    return caller;
}

Result<Response> grant(House& house, const Request& request) {
    GrantBody body = SALUS_TRY(read_grant_body(request.body));
    const auto transaction = SALUS_TRY(ledger::decode_transaction(body.transaction));
    const Caller caller = SALUS_TRY(owner_calling(house, request, transaction));
    const auto operation = SALUS_TRY(consent_operation(transaction, "put"));
    if (SALUS_TRY(digest_of(body.grant.wraps)) != operation.wraps) {
        return Error{Errc::integrity, "the keys handed over are not those the consent names"};
    }
    body.grant.directive = operation.directive;
    body.grant.grantor = caller.account.id;
    body.grant.stored = house.env.now();
    if (vault::directive_state(house.ask(), caller.account.id, operation.directive).ok()) {
        return Error{Errc::already_exists, "this consent was given already"};
    }
    // Keys without a consent open nothing, a consent without keys is a broken promise: the keys
    // come first.
    SALUS_TRY(house.records->put_grant(body.grant));
    const auto outcome = SALUS_TRY(house.node.submit_and_wait(std::move(body.transaction)));
    if (outcome.codes.empty() || outcome.codes.front() != 0) {
        SALUS_TRY(house.records->forget_grant(caller.account.id, operation.directive));
        return refusal_of(outcome.codes.empty() ? outcome.code : outcome.codes.front());
    }
    return Response::json(
        json::Object{{"directive", hex(operation.directive)}, {"receipt", outcome_json(outcome)}});
}

struct StayWrap {
    AccountId grantee;
    vault::GrantWrap wrap;
};
struct RevokeBody {
    Bytes transaction;
    std::vector<StayWrap> staying;
};

Result<RevokeBody> read_revoke_body(ByteView bytes) {
    cbor::Reader in(bytes);
    RevokeBody out;
    SALUS_TRY(in.array_of(2));
    out.transaction = to_bytes(SALUS_TRY(in.bytes_max(ledger::transaction_bytes_max)));
    std::size_t left = SALUS_TRY(in.array());
    if (left > wraps_max) return Error{Errc::out_of_range, "at most 1,000 new keys"};
    for (; left > 0; --left) {
        StayWrap s;
        SALUS_TRY(in.array_of(4));
        s.wrap.object = SALUS_TRY(in.fixed<ObjectId>());
        s.wrap.epoch = SALUS_TRY(in.uint());
        s.grantee = SALUS_TRY(in.fixed<AccountId>());
        s.wrap.wrap = to_bytes(SALUS_TRY(in.bytes_max(4'096)));
        out.staying.push_back(std::move(s));
    }
    SALUS_TRY(in.end());
    return out;
}

Status hand_next_epoch(House& house, const AccountId& grantor, const ObjectId& revoked,
                       const std::vector<StayWrap>& staying) {
    for (const vault::Grant& other : SALUS_TRY(house.records->grants_of(grantor))) {
        if (other.directive == revoked || other.wraps.empty()) continue;
        std::vector<vault::GrantWrap> more;
        for (const StayWrap& s : staying) {
            const bool holds_it = std::any_of(
                other.wraps.begin(), other.wraps.end(),
                [&](const auto& w) { return w.kind == 0 && w.object == s.wrap.object; });
            if (s.grantee == other.grantee && holds_it) more.push_back(s.wrap);
        }
        if (more.empty()) continue;
        const Status added = house.records->add_wraps(grantor, other.directive, more);
        // Revoked meanwhile: there is nobody left to hand a key to.
        if (!added.ok() && added.error().code != Errc::not_found) return added;
    }
    return done;
}

Result<Response> revoke(House& house, const Request& request) {
    RevokeBody body = SALUS_TRY(read_revoke_body(request.body));
    const auto transaction = SALUS_TRY(ledger::decode_transaction(body.transaction));
    const Caller caller = SALUS_TRY(owner_calling(house, request, transaction));
    const auto operation = SALUS_TRY(consent_operation(transaction, "revoke"));
    std::vector<vault::GrantWrap> wraps;
    for (const StayWrap& staying : body.staying) wraps.push_back(staying.wrap);
    if (SALUS_TRY(digest_of(wraps)) != operation.wraps) {
        return Error{Errc::integrity, "the keys of those who stay are not those the consent names"};
    }
    const auto outcome = SALUS_TRY(house.node.submit_and_wait(std::move(body.transaction)));
    if (outcome.code != 0) return refusal_of(outcome.code);
    // The house deletes the wraps of every consent that ends, soon; here they are gone before the
    // answer.
    if (house.records->grant(caller.account.id, operation.directive).ok()) {
        SALUS_TRY(house.records->drop_wraps(caller.account.id, operation.directive));
    }
    SALUS_TRY(hand_next_epoch(house, caller.account.id, operation.directive, body.staying));
    return Response::json(
        json::Object{{"directive", hex(operation.directive)}, {"receipt", outcome_json(outcome)}});
}

json::Value directive_json(const vault::DirectiveState& d, UnixMillis now) {
    return json::Object{{"directive", hex(d.id)},
                        {"ir", to_base64url(d.ir)},
                        {"put_height", d.put_height.value},
                        {"put_time", d.put_time.value},
                        {"revoked", d.revoked ? json::Value(d.revoked->value) : json::Value()},
                        {"from", d.from.value},
                        {"until", d.until.value},
                        {"live", d.live_at(now)}};
}

Result<Response> own_grants(House& house, const Request& request) {
    const Caller caller = SALUS_TRY(caller_of(house, request));
    json::Array out;
    for (const vault::Grant& g : SALUS_TRY(house.records->grants_of(caller.account.id))) {
        const auto state = vault::directive_state(house.ask(), caller.account.id, g.directive);
        if (!state.ok()) continue;  // the consent never reached the log
        json::Value row = directive_json(*state, house.env.now());
        row.object()->emplace_back("grantee", person_json(house, g.grantee));
        out.push_back(std::move(row));
    }
    return Response::json(json::Object{{"grants", std::move(out)}});
}

struct Shared {
    vault::Grant grant;
    bool by_organisation = false;
};

Result<std::vector<Shared>> shared_with(House& house, const Caller& caller) {
    std::vector<Shared> out;
    for (vault::Grant& g : SALUS_TRY(house.records->grants_to(caller.account.id)))
        out.push_back({std::move(g), false});
    const auto own = SALUS_TRY(organisation_account(house));
    if (own && caller.member_of(house.node.organisation())) {
        for (vault::Grant& g : SALUS_TRY(house.records->grants_to(own->account)))
            out.push_back({std::move(g), true});
    }
    return out;
}

Result<Response> shared_list(House& house, const Request& request) {
    const Caller caller = SALUS_TRY(caller_of(house, request));
    const UnixMillis now = house.env.now();
    json::Array out;
    for (const Shared& s : SALUS_TRY(shared_with(house, caller))) {
        const auto d = vault::directive_state(house.ask(), s.grant.grantor, s.grant.directive);
        if (!d.ok()) continue;
        const auto account = vault::account_state(house.ask(), s.grant.grantor);
        const json::Value ended = d->revoked        ? json::Value("revoked")
                                  : d->until <= now ? json::Value("expired")
                                                    : json::Value();
        out.push_back(json::Object{
            {"directive", hex(s.grant.directive)},
            {"patient", hex(s.grant.grantor)},
            {"patient_key", account.ok() ? json::Value(to_hex(account->sig)) : json::Value()},
            {"via", s.by_organisation ? "organisation" : "person"},
            {"card", to_base64url(s.grant.card)},
            {"actions", json::Array(d->actions.begin(), d->actions.end())},
            {"until", d->until.value},
            {"since", d->put_time.value},
            {"live", d->live_at(now)},
            {"ended", ended}});
    }
    return Response::json(json::Object{{"shared", std::move(out)}});
}

Result<json::Value> shared_record_json(House& house, const ObjectId& id,
                                       const vault::RecordState& r, const vault::Label& category) {
    const auto place = SALUS_TRY(house.chain_index->place(id));
    return json::Value(
        json::Object{{"record", hex(id)},
                     {"collection", hex(r.collection)},
                     {"category_label", hex(category)},
                     {"epoch", r.epoch},
                     {"digest", hex(r.digest)},
                     {"size", r.size},
                     {"author", hex(r.author)},
                     {"author_name", display_name(house, r.author)},
                     {"height", r.height.value},
                     {"time", place ? json::Value(place->time.value) : json::Value()},
                     {"status", r.status},
                     {"tx", place ? json::Value(hex(place->transaction)) : json::Value()},
                     {"position", place ? json::Value(place->position.value) : json::Value()}});
}

struct Page {
    std::optional<ObjectId> after;
    std::size_t count = records_page_max;
};

/// Adds what a directive covers of one collection, until the page is full.
Status add_covered(House& house, const vault::DirectiveState& directive, const AccountId& reader,
                   const ObjectId& collection, const Page& page, json::Array& out) {
    std::optional<ObjectId> after = page.after;
    const auto category = SALUS_TRY(vault::collection_state(house.ask(), collection)).category;
    while (true) {
        const auto ids =
            SALUS_TRY(vault::list_records(house.ask(), collection, after, records_page_max));
        for (const ObjectId& id : ids) {
            if (out.size() >= page.count) return done;
            after = id;
            const auto r = SALUS_TRY(vault::record_state(house.ask(), id));
            if (!directive.covers(id, r, category)) continue;
            // Whoever may only add is told of nothing but its own writing.
            if (!directive.allows_access() && r.author != reader) continue;
            out.push_back(SALUS_TRY(shared_record_json(house, id, r, category)));
        }
        if (ids.size() < records_page_max) return done;
    }
}

/// By collection, then record: `after` names the last record of the page before.
Result<json::Array> covered_records(House& house, const AccountId& patient,
                                    const vault::DirectiveState& directive, const AccountId& reader,
                                    const Page& page) {
    json::Array out;
    std::optional<ObjectId> resumed;
    if (page.after) resumed = SALUS_TRY(vault::record_state(house.ask(), *page.after)).collection;
    for (const ObjectId& collection : SALUS_TRY(house.chain_index->collections_of(patient))) {
        if (resumed && collection < *resumed) continue;
        const auto after = resumed == collection ? page.after : std::nullopt;
        SALUS_TRY(add_covered(house, directive, reader, collection, {after, page.count}, out));
    }
    return out;
}

Result<Response> shared_records(House& house, const Request& request) {
    const Caller caller = SALUS_TRY(caller_of(house, request));
    const auto directive_id = SALUS_TRY(id_from_hex<ObjectId>(request.parameters.at(0)));
    Page page;
    page.count = SALUS_TRY(request.query_uint("count", records_page_max, records_page_max));
    if (const auto text = request.query_value("after"); text.ok())
        page.after = SALUS_TRY(id_from_hex<ObjectId>(*text));
    for (const Shared& s : SALUS_TRY(shared_with(house, caller))) {
        if (s.grant.directive != directive_id) continue;
        const auto d =
            SALUS_TRY(vault::directive_state(house.ask(), s.grant.grantor, directive_id));
        if (!d.permit || !d.live_at(house.env.now()))
            return Error{Errc::denied, "The patient has stopped sharing this with you."};
        json::Array out =
            SALUS_TRY(covered_records(house, s.grant.grantor, d, caller.account.id, page));
        return Response::json(
            json::Object{{"patient", hex(s.grant.grantor)}, {"records", std::move(out)}});
    }
    return Error{Errc::not_found, "nothing is shared with you under this consent"};
}

}  // namespace

void add_grant_api(Router& router, House& house) {
    const Doors doors(router, house, true);
    doors.slow("POST", "/api/grants", "Gives a consent and the keys with it", grant);
    doors.slow("POST", "/api/revoke", "Takes a consent back", revoke);
    doors.slow("GET", "/api/grants", "Own consents", own_grants);
    doors.slow("GET", "/api/shared", "What others share with the caller", shared_list);
    doors.slow("GET", "/api/shared/{directive}/records", "The records a consent covers",
               shared_records);
}

}  // namespace salus::gateway
