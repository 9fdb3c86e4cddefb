#include "base/cbor.hpp"
#include "crypto/hash.hpp"
#include "gateway/api.hpp"
#include "gateway/doors.hpp"
#include "gateway/release.hpp"
#include "ledger/transaction.hpp"

namespace salus::gateway {

namespace {

struct OfferBody {
    Bytes transaction;
    ObjectId record;
    Bytes claim_wrap;
};

Result<OfferBody> read_offer(ByteView bytes) {
    cbor::Reader in(bytes);
    OfferBody out;
    SALUS_TRY(in.array_of(3));
    out.transaction = to_bytes(SALUS_TRY(in.bytes_max(ledger::transaction_bytes_max)));
    out.record = SALUS_TRY(in.fixed<ObjectId>());
    out.claim_wrap = to_bytes(SALUS_TRY(in.bytes_max(4'096)));
    SALUS_TRY(in.end());
    return out;
}

/// Field 2 of `record.offer`.
Result<Digest> claim_hash_of(const ledger::Transaction& transaction, const ObjectId& record) {
    const ledger::Operation& operation = transaction.body.operations.front();
    if (operation.contract != "record" || operation.method != "offer") {
        return Error{Errc::malformed, "the operation is record.offer"};
    }
    cbor::Reader in(operation.args);
    SALUS_TRY(in.map_of(2));
    SALUS_TRY(in.key(1));
    if (SALUS_TRY(in.fixed<ObjectId>()) != record)
        return Error{Errc::malformed, "the transaction offers another record"};
    SALUS_TRY(in.key(2));
    return in.fixed<Digest>();
}

Result<Response> offer(House& house, const Request& request) {
    const Caller caller = SALUS_TRY(caller_of(house, request));
    SALUS_TRY(stepped_up(house, caller));
    OfferBody body = SALUS_TRY(read_offer(request.body));
    const auto transaction = SALUS_TRY(ledger::decode_transaction(body.transaction));
    if (transaction.body.account != caller.account.id)
        return Error{Errc::denied, "the transaction is another account's"};
    const Digest claim_hash = SALUS_TRY(claim_hash_of(transaction, body.record));
    // One code, one record: otherwise whoever saw the hash could put another in its place.
    if (const auto known = house.records->offer(claim_hash);
        known.ok() && known->record != body.record) {
        return Error{Errc::already_exists, "another record is offered under this code"};
    }
    const auto outcome = SALUS_TRY(house.node.submit_and_wait(std::move(body.transaction)));
    if (outcome.code != 0) return refusal_of(outcome.code);
    SALUS_TRY(house.records->put_offer(body.record, claim_hash, body.claim_wrap));
    return Response::json(json::Object{{"receipt", outcome_json(outcome)}});
}

Result<Response> find_offer(House& house, const Request& request) {
    static_cast<void>(SALUS_TRY(caller_of(house, request)));
    const json::Value body = SALUS_TRY(json_body(request));
    const auto claim_hash =
        SALUS_TRY(id_from_hex<Digest>(SALUS_TRY(json::need_text(body, "claim_hash", 64))));
    const auto found = SALUS_TRY(house.records->offer(claim_hash));
    const auto state = SALUS_TRY(vault::record_state(house.ask(), found.record));
    const auto collection = SALUS_TRY(vault::collection_state(house.ask(), state.collection));
    const auto owner = SALUS_TRY(vault::account_state(house.ask(), collection.owner));
    return Response::json(json::Object{{"record", hex(found.record)},
                                       {"collection", hex(state.collection)},
                                       {"epoch", state.epoch},
                                       {"owner", hex(collection.owner)},
                                       {"owner_key", to_hex(owner.sig)},
                                       {"owner_name", display_name(house, collection.owner)},
                                       {"category_label", hex(collection.category)}});
}

/// The sealed record for whoever shows the secret. Leaves a receipt: the owner sees that it was
/// fetched.
void fetch_offer(House& house, const Request& request, Reply reply) {
    struct Found {
        Caller caller;
        vault::RecordVault::Offer offer;
        vault::RecordState state;
        AccountId owner;
        Digest secret_hash;
    };
    const auto look_up = [&]() -> Result<Found> {
        Found out;
        out.caller = SALUS_TRY(caller_of(house, request));
        const Bytes secret = SALUS_TRY(from_base64url(SALUS_TRY(request.query_value("secret"))));
        out.secret_hash = crypto::sha256(secret);
        out.offer = SALUS_TRY(house.records->offer(out.secret_hash));
        if (hex(out.offer.record) != request.parameters.at(0))
            return Error{Errc::not_found, "no record is offered under this code"};
        out.state = SALUS_TRY(vault::record_state(house.ask(), out.offer.record));
        out.owner = SALUS_TRY(vault::collection_state(house.ask(), out.state.collection)).owner;
        return out;
    };
    auto looked_up = look_up();
    if (!looked_up.ok()) return reply(looked_up.error());
    const auto found = std::make_shared<Found>(std::move(*looked_up));
    const chain::ViewHead head = house.node.status().head;
    vault::AccessReceipt r;
    r.request_hash = found->secret_hash;
    r.actor = found->caller.account.id;
    r.patient = found->owner;
    r.records = {found->offer.record};
    r.purpose = "PATRQT";
    r.permitted = true;
    r.reason = vault::Reason::permitted;
    r.height = head.height;
    r.app_hash = head.app_hash;
    r.block_time = head.time;
    r.node_time = house.env.now();
    const auto shared = std::make_shared<Reply>(std::move(reply));
    std::vector<ledger::Label> labels;
    const auto owner = house.accounts->by_id(found->owner);
    if (owner.ok() && !owner->label_key.empty())
        labels = all_labels_of(owner->label_key, found->caller);
    house.custodian->record({std::move(r), {}, std::move(labels)},
                            [&house, found, shared](const Result<vault::AccessReceipt>& receipt) {
                                if (!receipt.ok()) return (*shared)(receipt.error());
                                on_workers(house, std::move(*shared), [&house, found](Reply last) {
                                    answer(std::move(last), [&]() -> Result<Response> {
                                        cbor::Writer out;
                                        out.array(2).bytes(found->offer.claim_wrap);
                                        out.bytes(SALUS_TRY(house.blobs->get(found->state.digest)));
                                        return Response::cbor(out.take());
                                    });
                                });
                            });
}

}  // namespace

void add_offer_api(Router& router, House& house) {
    const Doors doors(router, house, true);
    doors.slow("POST", "/api/offers", "Offers a record to whoever shows a code", offer);
    doors.slow("POST", "/api/offers/find", "Which record a code is for", find_offer);
    doors.later("GET", "/api/offers/{record}", "The sealed record, against the code", fetch_offer);
}

}  // namespace salus::gateway
