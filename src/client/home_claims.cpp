#include "base/cbor.hpp"
#include "client/claiming.hpp"
#include "client/home.hpp"

#include <algorithm>

/// The part of Home that hands one record over for good, and takes one over.
namespace salus::client {
namespace {

struct FoundOffer {
    OfferPlace place;
    ObjectId collection;
};

/// Codes of `record.claim` (docs/contracts/record.md), as a person can use them.
Error claim_refused(std::uint32_t code) {
    switch (code) {
        case 120:
        case 121:
        case 123:
            return Error{Errc::not_found, "this record was claimed or withdrawn a moment ago"};
        case 101:
        case 105:
            return Error{Errc::denied, "your own collection has changed meanwhile; try once more"};
        default:
            return Error{Errc::denied,
                         "the log refused this claim with code " + std::to_string(code)};
    }
}

Result<FoundOffer> find_offer(Api& api, const std::string& chain_id, const std::string& home,
                              const crypto::ClaimCode& code) {
    const json::Object question{{"claim_hash", to_hex(claim_hash(code).view())}};
    const Result<json::Value> answer = api.post("/api/offers/find", question, home);
    if (!answer.ok() && answer.error().code == Errc::not_found) {
        return Error{Errc::not_found,
                     "no record waits under this code; it was used already, or it is another code"};
    }
    if (!answer.ok()) return answer.error();
    FoundOffer out;
    out.place.chain_id = chain_id;
    out.place.record = SALUS_TRY(need_id<ObjectId>(*answer, "record"));
    // Whose record it is follows from the chain; the node's own word for it is not needed.
    out.collection = SALUS_TRY(api.record(out.place.record)).collection;
    out.place.owner = SALUS_TRY(api.collection(out.collection)).owner;
    out.place.owner_key = SALUS_TRY(api.account(out.place.owner)).signing_id;
    return out;
}

/// [claim_wrap, body] of `GET /api/offers/RECORD`.
Result<Bytes> open_offer(Api& api, const FoundOffer& found, const std::string& home,
                         const crypto::ClaimCode& code) {
    const crypto::ClaimSecret secret = crypto::claim_secret(code);
    const Bytes answer =
        SALUS_TRY(api.get_bytes("/api/offers/" + to_hex(found.place.record.view()) +
                                    "?secret=" + to_base64url(secret.reveal()),
                                home));
    cbor::Reader in(answer);
    SALUS_TRY(in.array_of(2));
    const ByteView wrap = SALUS_TRY(in.bytes());
    const ByteView body = SALUS_TRY(in.bytes());
    SALUS_TRY(in.end());
    return open_for_claim(found.place, wrap, body, code);
}

}  // namespace

Result<Offered> Home::offer(const ListedRecord& record) {
    const CollectionFacts collection = SALUS_TRY(facts(record.collection));
    if (collection.owner != keys_.account)
        return Error{Errc::denied, "only its owner offers a record"};
    const Released released = SALUS_TRY(ask(keys_.account, {record}, "PATRQT"));
    const crypto::X25519Pair pair = keys_.collection(record.collection, record.epoch);
    const AccountFacts author = SALUS_TRY(account_facts(record.author));
    Offered out;
    out.record = record.record;
    out.code = crypto::random_key<crypto::ClaimCode>(*env_);
    const OfferPlace place{chain_id_, keys_.account, keys_.signing_id, record.record};
    const Bytes wrap = SALUS_TRY(wrap_for_claim(*env_, place, collection, released.records.front(),
                                                pair.private_half, author.signing_id, out.code));
    const Bytes transaction = SALUS_TRY(sign(
        *env_, keys_, occasion(), {operation::record_offer(record.record, claim_hash(out.code))}));
    cbor::Writer body;
    body.array(3).bytes(transaction).bytes(record.record.view()).bytes(wrap);
    const json::Value answer = SALUS_TRY(api_->post_cbor("/api/offers", body.take(), home_));
    const json::Value* receipt = answer.find("receipt");
    if (receipt == nullptr) return Error{Errc::malformed, "the node's answer has no receipt"};
    out.receipt = SALUS_TRY(read_receipt(*receipt));
    SALUS_TRY(check_done(out.receipt));
    return out;
}

/// The collection that records of a category go to; one that is made now adds its operation.
Result<KnownCollection> Home::collection_for(const std::string& category, const std::string& name,
                                             std::vector<ledger::Operation>& before) {
    const KeyList list = SALUS_TRY(key_list());
    if (const KnownCollection* known = list.find_category(category)) {
        const auto on_chain = api_->collection(known->id);
        if (on_chain.ok()) return *known;
        if (on_chain.error().code != Errc::not_found) return on_chain.error();
        // Named before, and its transaction was refused or never sent: it is made now.
        before.push_back(first_put(*known));
        return *known;
    }
    KnownCollection fresh;
    fresh.id = random_bytes<ObjectId>(*env_);
    fresh.name = name;
    fresh.category = category;
    fresh.created = now();
    before.push_back(SALUS_TRY(begin_collection(fresh)));
    return fresh;
}

Result<Claimed> Home::claim(const crypto::ClaimCode& code, const std::string& category,
                            const std::string& collection_name) {
    const FoundOffer found = SALUS_TRY(find_offer(*api_, chain_id_, home_, code));
    if (found.place.owner == keys_.account) {
        return Error{Errc::already_exists,
                     "this record is your own already; the code is for somebody else"};
    }
    Claimed out;
    out.plaintext = SALUS_TRY(open_offer(*api_, found, home_, code));
    std::vector<ledger::Operation> operations;
    const KnownCollection own = SALUS_TRY(collection_for(category, collection_name, operations));
    SealedItem item = SALUS_TRY(
        seal_item(*env_, author(), own_collection(own.id, own.category, own.epoch), out.plaintext));
    const Digest commitment = commitment_of(item.salt, item.record, item.manifest);
    operations.push_back(
        operation::record_claim({found.place.record, item.record, own.id, own.epoch, commitment},
                                crypto::claim_secret(code), *item.put.payload));
    out.record = item.record;
    out.collection = own.id;
    std::vector<SealedItem> items;
    items.push_back(std::move(item));
    out.receipt = SALUS_TRY(post_store(std::move(operations), items));
    if (out.receipt.code != 0) return claim_refused(out.receipt.code);
    return out;
}

}  // namespace salus::client
