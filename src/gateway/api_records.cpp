#include "base/cbor.hpp"
#include "base/log.hpp"
#include "crypto/hash.hpp"
#include "gateway/doors.hpp"
#include "gateway/release.hpp"
#include "ledger/transaction.hpp"

#include <set>

namespace salus::gateway {

namespace {

constexpr std::size_t records_page_max = 1'000;

// Storing ---------------------------------------------------------------------------------------

struct StoreBody {
    Bytes transaction;
    std::vector<vault::RecordKeys> keys;
    std::vector<ByteView> bodies;  ///< into the request
};

Result<StoreBody> read_store_body(ByteView bytes) {
    cbor::Reader in(bytes);
    StoreBody out;
    SALUS_TRY(in.array_of(2));
    out.transaction = to_bytes(SALUS_TRY(in.bytes_max(ledger::transaction_bytes_max)));
    std::size_t left = SALUS_TRY(in.array());
    if (left > ledger::operations_max)
        return Error{Errc::out_of_range, "more records than operations"};
    for (; left > 0; --left) {
        vault::RecordKeys keys;
        const std::size_t fields = SALUS_TRY(in.array());
        if (fields != 4 && fields != 5)
            return Error{Errc::malformed, "a record has four or five fields"};
        keys.record = SALUS_TRY(in.fixed<ObjectId>());
        keys.dek_wrap = to_bytes(SALUS_TRY(in.bytes_max(4'096)));
        out.bodies.push_back(SALUS_TRY(in.bytes()));
        keys.salt = to_bytes(SALUS_TRY(in.bytes_max(32)));
        if (fields == 5) keys.author_wrap = to_bytes(SALUS_TRY(in.bytes_max(4'096)));
        out.keys.push_back(std::move(keys));
    }
    SALUS_TRY(in.end());
    return out;
}

/// Each body is the one its operation names, byte for byte, and its keys are that record's.
Result<std::vector<Digest>> check_bodies(const StoreBody& body,
                                         const ledger::Transaction& transaction) {
    std::vector<Digest> digests;
    for (const ledger::Operation& operation : transaction.body.operations) {
        if (!operation.payload) continue;
        const std::size_t i = digests.size();
        if (i >= body.bodies.size())
            return Error{Errc::malformed, "an operation's body is missing"};
        digests.push_back(crypto::sha256(body.bodies[i]));
        if (digests.back() != operation.payload->digest ||
            body.bodies[i].size() != operation.payload->size_bytes) {
            return Error{Errc::integrity,
                         "body " + std::to_string(i) + " is not the one its operation names"};
        }
        const auto made = SALUS_TRY(vault::record_made_by(operation));
        if (!made || *made != body.keys[i].record) {
            return Error{Errc::malformed,
                         "key " + std::to_string(i) + " is not of the record its operation makes"};
        }
    }
    if (digests.size() != body.bodies.size())
        return Error{Errc::malformed, "a body belongs to no operation"};
    return digests;
}

/// What one request added to the house: only that may be taken away again when it is refused, for
/// whatever was there before belongs to somebody's record.
struct Added {
    std::vector<ObjectId> records;
    std::vector<Digest> bodies;
};

Result<Added> add_to_house(House& house, const StoreBody& body,
                           const std::vector<Digest>& digests) {
    Added added;
    std::vector<vault::RecordKeys> fresh;
    std::vector<store::NewBlob> blobs;
    for (std::size_t i = 0; i < digests.size(); ++i) {
        const vault::RecordKeys& keys = body.keys[i];
        // Keys of a record that the chain does not know are left over from a request that failed.
        if (!house.records->record(keys.record).ok() ||
            !vault::record_state(house.ask(), keys.record).ok()) {
            fresh.push_back(keys);
            added.records.push_back(keys.record);
        }
        if (!SALUS_TRY(house.blobs->has(digests[i]))) added.bodies.push_back(digests[i]);
        blobs.push_back({digests[i], body.bodies[i]});
    }
    SALUS_TRY(house.blobs->put_batch(blobs));
    SALUS_TRY(house.records->put_records(fresh));
    return added;
}

/// Takes away what was added for operations that the contract refused. Another request may have
/// brought the same record meanwhile: what the chain knows stays.
Status drop_refused(House& house, const ledger::Transaction& transaction, const Added& added) {
    std::set<ObjectId> gone(added.records.begin(), added.records.end());
    std::set<Digest> bodies(added.bodies.begin(), added.bodies.end());
    for (const ledger::Operation& operation : transaction.body.operations) {
        const auto made = SALUS_TRY(vault::record_made_by(operation));
        if (!operation.payload || !made) continue;
        const auto state = vault::record_state(house.ask(), *made);
        if (!state.ok()) continue;
        gone.erase(*made);
        bodies.erase(state->digest);
    }
    std::vector<Digest> doomed;
    for (const Digest& body : bodies) {
        if (!SALUS_TRY(house.chain_index->is_named_outside(body, gone))) doomed.push_back(body);
    }
    SALUS_TRY(house.records->drop_records({gone.begin(), gone.end()}));
    return house.blobs->remove_batch(doomed);
}

Result<Response> store(House& house, const Request& request) {
    const Caller caller = SALUS_TRY(caller_of(house, request));
    StoreBody body = SALUS_TRY(read_store_body(request.body));
    const auto transaction = SALUS_TRY(ledger::decode_transaction(body.transaction));
    if (transaction.body.account != caller.account.id) {
        return Error{Errc::denied, "the transaction is another account's"};
    }
    const std::vector<Digest> digests = SALUS_TRY(check_bodies(body, transaction));
    const Added added = SALUS_TRY(add_to_house(house, body, digests));
    const auto outcome = SALUS_TRY(house.node.submit_and_wait(std::move(body.transaction)));
    if (outcome.code != 0) {
        if (const Status dropped = drop_refused(house, transaction, added); !dropped.ok())
            log::warn("store.drop", {{"detail", dropped.error().detail}});
    }
    if (!outcome.in_log()) return refusal_of(outcome.code);
    json::Value answer = outcome_json(outcome);
    std::uint64_t stored = 0;
    for (std::size_t i = 0; i < outcome.codes.size(); ++i) {
        if (outcome.codes[i] == 0 && transaction.body.operations[i].payload) ++stored;
    }
    answer.object()->emplace_back("stored", stored);
    return Response::json(answer);
}

// Listing ---------------------------------------------------------------------------------------

Result<json::Value> record_json(House& house, const ObjectId& id) {
    const auto state = SALUS_TRY(vault::record_state(house.ask(), id));
    const auto place = SALUS_TRY(house.chain_index->place(id));
    return json::Value(json::Object{
        {"record", hex(id)},
        {"collection", hex(state.collection)},
        {"epoch", state.epoch},
        {"digest", hex(state.digest)},
        {"size", state.size},
        {"author", hex(state.author)},
        {"author_name", display_name(house, state.author)},
        {"height", state.height.value},
        {"time", place ? json::Value(place->time.value) : json::Value()},
        {"status", state.status},
        {"tx", place ? json::Value(hex(place->transaction)) : json::Value()},
        {"operation", place ? json::Value(std::uint64_t{place->operation}) : json::Value()},
        {"position", place ? json::Value(place->position.value) : json::Value()}});
}

Result<Response> collections(House& house, const Request& request) {
    const Caller caller = SALUS_TRY(caller_of(house, request));
    json::Array out;
    for (const ObjectId& id : SALUS_TRY(house.chain_index->collections_of(caller.account.id))) {
        const auto state = SALUS_TRY(vault::collection_state(house.ask(), id));
        if (state.owner != caller.account.id) continue;
        std::uint64_t records = 0;
        std::optional<ObjectId> after;
        while (true) {
            const auto page =
                SALUS_TRY(vault::list_records(house.ask(), id, after, records_page_max));
            records += page.size();
            if (page.size() < records_page_max) break;
            after = page.back();
        }
        out.push_back(json::Object{{"collection", hex(id)},
                                   {"epoch", state.epoch},
                                   {"flags", state.flags},
                                   {"category_label", hex(state.category)},
                                   {"public_key", to_base64url(state.public_key)},
                                   {"records", records},
                                   {"height", state.height.value}});
    }
    return Response::json(json::Object{{"collections", std::move(out)}});
}

Result<Response> list_own(House& house, const Request& request) {
    const Caller caller = SALUS_TRY(caller_of(house, request));
    const std::uint64_t count = SALUS_TRY(request.query_uint("count", 100, records_page_max));
    json::Array out;
    if (!request.query_value("collection").ok()) {
        // What the caller wrote into others' collections.
        for (const ObjectId& id :
             SALUS_TRY(house.chain_index->written_by(caller.account.id, count))) {
            out.push_back(SALUS_TRY(record_json(house, id)));
        }
        return Response::json(json::Object{{"records", std::move(out)}});
    }
    const auto collection =
        SALUS_TRY(id_from_hex<ObjectId>(SALUS_TRY(request.query_value("collection"))));
    const auto state = SALUS_TRY(vault::collection_state(house.ask(), collection));
    if (state.owner != caller.account.id)
        return Error{Errc::not_found, "no such collection of yours"};
    std::optional<ObjectId> after;
    if (const auto text = request.query_value("after"); text.ok())
        after = SALUS_TRY(id_from_hex<ObjectId>(*text));
    for (const ObjectId& id : SALUS_TRY(vault::list_records(house.ask(), collection, after,
                                                            std::max<std::uint64_t>(1, count)))) {
        out.push_back(SALUS_TRY(record_json(house, id)));
    }
    return Response::json(json::Object{{"records", std::move(out)}});
}

Result<Response> sealed(House& house, const Request& request) {
    const Caller caller = SALUS_TRY(caller_of(house, request));
    const auto id = SALUS_TRY(id_from_hex<ObjectId>(request.parameters.at(0)));
    const auto state = SALUS_TRY(vault::record_state(house.ask(), id));
    const auto collection = SALUS_TRY(vault::collection_state(house.ask(), state.collection));
    const bool officer_of_demo = house.config.demo && caller.has_role("officer");
    if (collection.owner != caller.account.id && state.author != caller.account.id &&
        !officer_of_demo) {
        return Error{Errc::not_found, "no such record of yours"};
    }
    Response response =
        Response::bytes(SALUS_TRY(house.blobs->get(state.digest)), "application/octet-stream");
    response.headers.emplace_back("Content-Security-Policy", "sandbox");
    return response;
}

// Opening ---------------------------------------------------------------------------------------

struct Opening {
    Caller caller;
    OpenRequest request;
    Verdict verdict;
};

Result<Opening> prepare_opening(House& house, SeenRequests& seen, const Request& request) {
    Opening out;
    out.caller = SALUS_TRY(caller_of(house, request));
    out.request = SALUS_TRY(read_open_request(request.body));
    if (out.request.account != out.caller.account.id)
        return Error{Errc::denied, "the request is another account's"};
    if (out.request.chain_id != house.node.status().chain_id)
        return Error{Errc::malformed, "the request is for another chain"};
    const auto account = SALUS_TRY(vault::account_state(house.ask(), out.request.account));
    if (!account.active ||
        !std::equal(account.sig.begin(), account.sig.end(), out.request.kid.bytes.begin())) {
        return Error{Errc::authentication,
                     "the request is signed by a key that is not the account's"};
    }
    SALUS_TRY(seen.admit(out.request, house.env.now()));
    out.verdict = SALUS_TRY(judge(house, out.caller, out.request));
    return out;
}

vault::AccessLog::Draft draft_of(House& house, const Opening& opening) {
    const chain::ViewHead head = house.node.status().head;
    vault::AccessReceipt r;
    r.request_hash = opening.request.hash;
    r.actor = opening.request.account;
    r.patient = opening.request.patient;
    r.records = opening.request.records;
    r.purpose = opening.request.purpose;
    r.permitted = opening.verdict.permitted;
    r.directives = opening.verdict.directives;
    r.reason = opening.verdict.reason;
    r.code_hash = opening.verdict.code_hash;
    r.height = head.height;
    r.app_hash = head.app_hash;
    r.block_time = head.time;
    r.node_time = house.env.now();
    // A patient whose label key is gone has no names any more under which to count.
    std::vector<ledger::Label> labels;
    const auto patient = house.accounts->by_id(opening.request.patient);
    if (patient.ok() && !patient->label_key.empty())
        labels = all_labels_of(patient->label_key, opening.caller);
    return {std::move(r), opening.request.envelope, std::move(labels)};
}

std::string refusal_sentence(vault::Reason reason) {
    switch (reason) {
        case vault::Reason::revoked:
            return "The patient has stopped sharing this with you.";
        case vault::Reason::expired:
            return "The patient's consent has ended.";
        case vault::Reason::denied:
            return "The patient has ruled this out.";
        case vault::Reason::held:
            return "A privacy officer has stopped this account's openings.";
        default:
            return "The patient has not shared this with you.";
    }
}

/// The receipt is durable: tell the watch and the patient, then release or say why not.
void conclude(House& house, const Opening& opening, const vault::AccessReceipt& receipt,
              Reply reply) {
    const sentinel::AccessEvent event = access_event(house, receipt);
    house.watch_access(event);
    house.events.feed(receipt.patient, json::Object{{"sequence", receipt.sequence},
                                                    {"time", receipt.node_time.value}});
    if (!receipt.permitted) {
        reply(Error{Errc::denied, refusal_sentence(receipt.reason)},
              vault::to_string(receipt.reason));
        return;
    }
    answer(std::move(reply), [&]() -> Result<Response> {
        return Response::cbor(
            SALUS_TRY(released_bytes(house, opening.request, opening.verdict, receipt)));
    });
}

void open(House& house, SeenRequests& seen, const Request& request, Reply reply) {
    auto prepared = prepare_opening(house, seen, request);
    if (!prepared.ok()) return reply(prepared.error());
    const auto opening = std::make_shared<Opening>(std::move(*prepared));
    const auto shared = std::make_shared<Reply>(std::move(reply));
    house.custodian->record(draft_of(house, *opening),
                            [&house, opening, shared](const Result<vault::AccessReceipt>& receipt) {
                                if (!receipt.ok()) return (*shared)(receipt.error());
                                on_workers(house, std::move(*shared),
                                           [&house, opening, r = *receipt](Reply last) {
                                               conclude(house, *opening, r, std::move(last));
                                           });
                            });
}

/// A restart does not make a used request good again: its receipt names it.
void remember_newest(House& house, SeenRequests& seen) {
    const std::int64_t earliest = house.env.now().value - 2 * open_window_ms;
    std::uint64_t before = 0;
    while (true) {
        const auto page = house.access_log->newest(before, 1'000);
        if (!page.ok() || page->empty()) return;
        for (const vault::AccessReceipt& r : *page) seen.remember(r.request_hash, r.node_time);
        if (page->back().node_time.value < earliest) return;
        before = page->back().sequence;
    }
}

}  // namespace

void add_record_api(Router& router, House& house) {
    const Doors doors(router, house, true);
    doors.slow("POST", "/api/store", "Stores sealed records and their transaction", store);
    doors.slow("GET", "/api/collections", "Own collections", collections);
    doors.slow("GET", "/api/records",
               "Records of an own collection, or what the caller wrote elsewhere", list_own);
    doors.slow("GET", "/api/sealed/{record}", "The stored ciphertext", sealed);
    const auto seen = std::make_shared<SeenRequests>();  // shared by every call of the one handler
    remember_newest(house, *seen);
    doors.later("POST", "/api/open", "Opens records by a signed request",
                [seen](House& h, const Request& request, Reply reply) {
                    open(h, *seen, request, std::move(reply));
                });
}

}  // namespace salus::gateway
