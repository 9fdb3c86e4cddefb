#include "client/home.hpp"
#include "client/limits.hpp"

#include <algorithm>
#include <set>

/// The half of Home that seals, stores, lists and opens one's own records.
namespace salus::client {
namespace {

constexpr std::size_t page_max = 1'000;
constexpr std::string_view purpose_own = "PATRQT";
constexpr std::string_view purpose_care = "TREAT";
constexpr std::uint64_t flag_sensitive = 1;
constexpr std::uint32_t code_not_a_writer = 101;  ///< docs/contracts/record.md

bool is_sensitive(std::string_view category) {
    return category == "mental-health" || category == "sexual-health" ||
           category == "substance-use" || category == "genetics";
}

}  // namespace

Result<ListedRecord> read_listed(const json::Value& value) {
    ListedRecord out;
    out.record = SALUS_TRY(need_id<ObjectId>(value, "record"));
    out.collection = SALUS_TRY(need_id<ObjectId>(value, "collection"));
    const std::uint64_t epoch = SALUS_TRY(json::need_uint(value, "epoch"));
    if (epoch == 0 || epoch > UINT32_MAX)
        return Error{Errc::malformed, "an epoch is outside its range"};
    out.epoch = static_cast<std::uint32_t>(epoch);
    out.author = SALUS_TRY(need_id<AccountId>(value, "author"));
    out.size = SALUS_TRY(json::need_uint(value, "size"));
    out.height = SALUS_TRY(json::need_uint(value, "height"));
    // A list of what is shared names live records only, and says no more than a reader needs.
    if (const auto status = json::need_uint(value, "status"); status.ok()) out.status = *status;
    // The place is known a moment after the block; until then the node answers null.
    if (const auto time = json::need_int(value, "time"); time.ok()) out.time.value = *time;
    if (const auto tx = json::need_text(value, "tx"); tx.ok()) out.tx = *tx;
    if (const auto digest = json::need_text(value, "digest"); digest.ok()) out.digest = *digest;
    return out;
}

CollectionFacts Home::own_collection(const ObjectId& id, std::string_view category,
                                     std::uint32_t epoch) const {
    return {id, keys_.account, category_label(keys_.labels, category), epoch,
            keys_.collection(id, epoch).public_half};
}

Result<ledger::Operation> Home::begin_collection(const KnownCollection& collection) {
    // The name is kept first: a collection that nobody can name would be lost.
    SALUS_TRY(update_key_list([&](KeyList& list) { list.collections.push_back(collection); }));
    return first_put(collection);
}

ledger::Operation Home::first_put(const KnownCollection& collection) const {
    const CollectionFacts facts = own_collection(collection.id, collection.category, 1);
    return operation::collection_put(collection.id, facts.category,
                                     is_sensitive(collection.category) ? flag_sensitive : 0,
                                     facts.key);
}

Result<TxReceipt> Home::post_store(std::vector<ledger::Operation> operations,
                                   const std::vector<SealedItem>& items) {
    const Bytes transaction = SALUS_TRY(sign(*env_, keys_, occasion(), std::move(operations)));
    const json::Value answer =
        SALUS_TRY(api_->post_cbor("/api/store", store_body(transaction, items), home_));
    return read_receipt(answer);
}

Result<TxReceipt> Home::store(std::vector<ledger::Operation> before,
                              std::vector<SealedItem> items) {
    for (const SealedItem& item : items) before.push_back(item.put);
    TxReceipt receipt = SALUS_TRY(post_store(std::move(before), items));
    SALUS_TRY(check_done(receipt));
    return receipt;
}

Result<TxReceipt> Home::add_records(const std::vector<NewRecord>& records) {
    const KeyList list = SALUS_TRY(key_list());
    std::vector<KnownCollection> known = list.collections;
    std::vector<ledger::Operation> before;
    std::vector<SealedItem> items;
    std::set<ObjectId> looked_at;
    for (const NewRecord& record : records) {
        auto found = std::find_if(known.begin(), known.end(), [&](const KnownCollection& one) {
            return !one.is_data_set && one.category == record.category;
        });
        if (found == known.end()) {
            KnownCollection fresh;
            fresh.id = random_bytes<ObjectId>(*env_);
            fresh.name = record.collection_name.empty() ? record.category : record.collection_name;
            fresh.category = record.category;
            fresh.created = now();
            before.push_back(SALUS_TRY(begin_collection(fresh)));
            found = known.insert(known.end(), std::move(fresh));
        } else if (looked_at.insert(found->id).second) {
            // Named before, and the node died before its transaction was in the log: made now.
            const auto on_chain = api_->collection(found->id);
            if (!on_chain.ok() && on_chain.error().code != Errc::not_found) return on_chain.error();
            if (!on_chain.ok()) before.push_back(first_put(*found));
        }
        looked_at.insert(found->id);
        items.push_back(SALUS_TRY(
            seal_item(*env_, author(), own_collection(found->id, found->category, found->epoch),
                      as_bytes(record.body))));
    }
    return store(std::move(before), std::move(items));
}

Result<TxReceipt> Home::write_to(const ObjectId& collection,
                                 const std::vector<std::string>& bodies) {
    const CollectionFacts to = SALUS_TRY(api_->collection(collection));  // the epoch of this moment
    Author writer = author();
    writer.own_kem = keys_.kem.public_half;
    std::vector<SealedItem> items;
    for (const std::string& body : bodies) {
        items.push_back(SALUS_TRY(seal_item(*env_, writer, to, as_bytes(body))));
    }
    std::vector<ledger::Operation> operations;
    for (const SealedItem& item : items) operations.push_back(item.put);
    TxReceipt receipt = SALUS_TRY(post_store(std::move(operations), items));
    if (receipt.code == code_not_a_writer)
        return Error{Errc::denied, "its owner does not let you add to this collection"};
    SALUS_TRY(check_done(receipt));
    return receipt;
}

Result<TxReceipt> Home::allow_writing(const ObjectId& collection, const AccountId& account,
                                      UnixMillis until) {
    Bytes transaction = SALUS_TRY(
        sign(*env_, keys_, occasion(), {operation::writer_put(collection, account, until)}));
    TxReceipt receipt = SALUS_TRY(api_->submit(std::move(transaction)));
    SALUS_TRY(check_done(receipt));
    return receipt;
}

Result<std::vector<ListedRecord>> Home::list_pages(const std::string& path,
                                                   const std::string& query) {
    std::vector<ListedRecord> out;
    for (std::string after;;) {
        const std::string target = path + "?count=" + std::to_string(page_max) + query + after;
        const json::Value page = SALUS_TRY(api_->get(target, home_));
        const json::Array* rows = SALUS_TRY(json::need_array(page, "records"));
        for (const json::Value& row : *rows) out.push_back(SALUS_TRY(read_listed(row)));
        if (rows->size() < page_max) return out;
        after = "&after=" + to_hex(out.back().record.view());
    }
}

Result<std::vector<ListedRecord>> Home::list(const ObjectId& collection) {
    return list_pages("/api/records", "&collection=" + to_hex(collection.view()));
}

Result<std::vector<ListedRecord>> Home::list_written() {
    const json::Value answer = SALUS_TRY(api_->get("/api/records?count=1000", home_));
    std::vector<ListedRecord> out;
    for (const json::Value& row : *SALUS_TRY(json::need_array(answer, "records"))) {
        out.push_back(SALUS_TRY(read_listed(row)));
    }
    return out;
}

Result<Opened> Home::open_written(const ListedRecord& record) {
    const CollectionFacts collection = SALUS_TRY(facts(record.collection));
    const Released released = SALUS_TRY(ask(collection.owner, {record}, purpose_care));
    ReleasedRecord one = released.records.front();
    if (!one.grant_wrap) return Error{Errc::denied, "the node holds no key of this record for you"};
    one.dek_wrap = *one.grant_wrap;
    Opened out;
    out.sequence = released.sequence;
    out.receipt_hash = released.receipt_hash;
    out.records.push_back(SALUS_TRY(open_one(one, keys_.account, keys_.kem.private_half)));
    return out;
}

Result<Bytes> Home::sealed_bytes(const ObjectId& record) {
    return api_->get_bytes("/api/sealed/" + to_hex(record.view()), home_);
}

Result<Released> Home::ask(const AccountId& patient, const std::vector<ListedRecord>& records,
                           std::string_view purpose) {
    OpenQuestion question{patient, {}, std::string(purpose)};
    for (const ListedRecord& one : records) question.records.push_back(one.record);
    Bytes request = SALUS_TRY(access_request(*env_, keys_, occasion(), question));
    const Bytes answer =
        SALUS_TRY(api_->post_bytes("/api/open", "application/cose", std::move(request), home_));
    Released released = SALUS_TRY(decode_released(answer));
    if (released.records.size() != records.size()) {
        return Error{Errc::malformed, "the node released other records than were asked for"};
    }
    return released;
}

Result<CollectionFacts> Home::facts(const ObjectId& collection) {
    const auto known = collections_.find(collection);
    if (known != collections_.end()) return known->second;
    const CollectionFacts found = SALUS_TRY(api_->collection(collection));
    collections_.emplace(collection, found);
    return found;
}

Result<AccountFacts> Home::account_facts(const AccountId& account) {
    const auto known = accounts_.find(account);
    if (known != accounts_.end()) return known->second;
    const AccountFacts found = SALUS_TRY(api_->account(account));
    accounts_.emplace(account, found);
    return found;
}

Result<OpenedRecord> Home::open_one(const ReleasedRecord& record, const AccountId& author,
                                    const crypto::X25519PrivateKey& key) {
    const CollectionFacts collection = SALUS_TRY(facts(record.collection));
    const AccountFacts wrote = SALUS_TRY(account_facts(author));
    OpenedRecord out{record.record, record.collection, {}};
    out.plaintext = SALUS_TRY(
        open_item(record, key, record_context(chain_id_, collection, record, wrote.signing_id)));
    return out;
}

Result<Opened> Home::open_own(const std::vector<ListedRecord>& records) {
    Opened out;
    for (std::size_t at = 0; at < records.size(); at += open_records_max) {
        const auto first = records.begin() + static_cast<std::ptrdiff_t>(at);
        const auto count = std::min(open_records_max, records.size() - at);
        const std::vector<ListedRecord> part(first, first + static_cast<std::ptrdiff_t>(count));
        const Released released = SALUS_TRY(ask(keys_.account, part, purpose_own));
        out.sequence = released.sequence;
        out.receipt_hash = released.receipt_hash;
        for (std::size_t i = 0; i < part.size(); ++i) {
            const ReleasedRecord& one = released.records[i];
            const crypto::X25519Pair pair = keys_.collection(one.collection, one.epoch);
            out.records.push_back(SALUS_TRY(open_one(one, part[i].author, pair.private_half)));
        }
    }
    return out;
}

}  // namespace salus::client
