#include "vault/chain_index.hpp"

#include "base/cbor.hpp"
#include "ledger/transaction.hpp"
#include "vault/access_log.hpp"

namespace salus::vault {

namespace {

using store::Column;

Bytes key(std::string_view prefix, ByteView first, ByteView second = {}) {
    Bytes out = to_bytes(prefix);
    append(out, first);
    append(out, second);
    return out;
}

/// The collection that `record.collection_put` makes: field 1 of its args.
Result<ObjectId> new_collection(ByteView args) {
    cbor::Reader in(args);
    SALUS_TRY(in.map());
    SALUS_TRY(in.key(1));
    return in.fixed<ObjectId>();
}

/// The records that an operation of `record` takes away: those erased, or the one that is claimed.
Result<std::vector<ObjectId>> records_gone(const ledger::Operation& operation) {
    std::vector<ObjectId> out;
    if (operation.method != "erase" && operation.method != "claim") return out;
    cbor::Reader in(operation.args);
    SALUS_TRY(in.map());
    SALUS_TRY(in.key(1));
    std::size_t left = operation.method == "erase" ? SALUS_TRY(in.array()) : 1;
    for (; left > 0; --left) out.push_back(SALUS_TRY(in.fixed<ObjectId>()));
    return out;
}

/// The consent that an operation of `consent` ends: field 1 of `revoke`, field 5 of `put`.
Result<std::optional<ObjectId>> directive_ended(const ledger::Operation& operation) {
    const bool put = operation.method == "put";
    if (!put && operation.method != "revoke") return std::optional<ObjectId>{};
    cbor::Reader in(operation.args);
    SALUS_TRY(in.map());
    for (std::uint64_t at = 1; put && at < 5; ++at) {
        SALUS_TRY(in.key(at));
        SALUS_TRY(in.skip());
    }
    SALUS_TRY(in.key(put ? 5 : 1));
    if (in.null_next()) return std::optional<ObjectId>{};
    return std::optional{SALUS_TRY(in.fixed<ObjectId>())};
}

}  // namespace

// docs/contracts/access.md, `anchor`.
Result<std::optional<Anchor>> anchor_made_by(const ledger::Operation& operation) {
    if (operation.contract != "access" || operation.method != "anchor") {
        return std::optional<Anchor>{};
    }
    cbor::Reader in(operation.args);
    Anchor anchor;
    SALUS_TRY(in.map());
    SALUS_TRY(in.key(1));
    anchor.from = SALUS_TRY(in.uint());
    SALUS_TRY(in.key(2));
    anchor.to = SALUS_TRY(in.uint());
    SALUS_TRY(in.key(3));
    anchor.root = SALUS_TRY(in.fixed<Digest>());
    SALUS_TRY(in.key(4));
    anchor.relation_root = SALUS_TRY(in.fixed<Digest>());
    return std::optional{anchor};
}

Result<std::optional<ObjectId>> record_made_by(const ledger::Operation& operation) {
    const std::uint64_t field = operation.method == "amend"   ? 2
                                : operation.method == "claim" ? 3
                                                              : 0;
    const bool put = operation.method == "put";
    if (operation.contract != "record" || (!put && field == 0)) return std::optional<ObjectId>{};
    cbor::Reader in(operation.args);
    if (put) {
        SALUS_TRY(in.array());
        return std::optional{SALUS_TRY(in.fixed<ObjectId>())};
    }
    SALUS_TRY(in.map());
    for (std::uint64_t at = 1; at < field; ++at) {
        SALUS_TRY(in.key(at));
        SALUS_TRY(in.skip());
    }
    SALUS_TRY(in.key(field));
    return std::optional{SALUS_TRY(in.fixed<ObjectId>())};
}

Status ChainIndex::follow_record(store::WriteBatch& batch, const ledger::Operation& operation,
                                 const AccountId& author) const {
    if (operation.method == "collection_put") {
        const auto collection = SALUS_TRY(new_collection(operation.args));
        batch.put(Column::index, key("o/", author.view(), collection.view()), {});
    }
    if (const auto record = SALUS_TRY(record_made_by(operation))) {
        batch.put(Column::index, key("a/", author.view(), record->view()), {});
        if (operation.payload) {
            batch.put(Column::index, key("d/", operation.payload->digest.view(), record->view()),
                      {});
        }
    }
    for (const ObjectId& record : SALUS_TRY(records_gone(operation))) {
        batch.put(Column::index, key("e/", record.view()), {});
    }
    return done;
}

Status ChainIndex::follow(const ledger::Block& block, LogPosition first_position) {
    const auto header = SALUS_TRY(ledger::decode_header(block.header));
    store::WriteBatch batch;
    for (std::size_t i = 0; i < block.transactions.size(); ++i) {
        const auto transaction = SALUS_TRY(ledger::decode_transaction(block.transactions[i]));
        const auto result = SALUS_TRY(ledger::decode_result(block.results[i]));
        for (std::size_t n = 0; n < transaction.body.operations.size(); ++n) {
            const ledger::Operation& operation = transaction.body.operations[n];
            if (result.operations[n].code != 0) continue;
            auto anchor = SALUS_TRY(anchor_made_by(operation));
            if (anchor && anchor->covers_some() && transaction.body.account == node_) {
                anchor->transaction = transaction.id;
                anchor->height = header.height;
                AccessLog::index_anchor(batch, *anchor);
            }
            if (operation.contract == "consent") {
                if (const auto ended = SALUS_TRY(directive_ended(operation))) {
                    const AccountId& grantor = transaction.body.account;
                    batch.put(Column::index, key("c/", grantor.view(), ended->view()), {});
                }
            }
            if (operation.contract != "record") continue;
            SALUS_TRY(follow_record(batch, operation, transaction.body.account));
            const auto record = SALUS_TRY(record_made_by(operation));
            if (!record) continue;
            cbor::Writer place;
            place.array(5).bytes(transaction.id.view()).uint(n).uint(header.height.value);
            place.integer(header.time.value).uint(first_position.value + 1 + i);
            batch.put(Column::index, key("x/", record->view()), place.view());
        }
    }
    batch.set_marker(header.height);
    return kv_.write(batch);
}

Result<std::vector<ObjectId>> ChainIndex::to_erase() const {
    std::vector<ObjectId> out;
    const Bytes prefix = to_bytes("e/");
    const auto it = kv_.scan(Column::index, {.prefix = prefix, .from = {}});
    for (; it->valid() && out.size() < erasures_max; it->next())
        out.push_back(SALUS_TRY(ObjectId::from(it->key().subspan(prefix.size()))));
    SALUS_TRY(it->status());
    return out;
}

Result<bool> ChainIndex::is_named_outside(const Digest& body,
                                          const std::set<ObjectId>& gone) const {
    const Bytes prefix = key("d/", body.view());
    const auto it = kv_.scan(Column::index, {.prefix = prefix, .from = {}});
    for (; it->valid(); it->next()) {
        if (!gone.contains(SALUS_TRY(ObjectId::from(it->key().subspan(prefix.size())))))
            return true;
    }
    SALUS_TRY(it->status());
    return false;
}

Status ChainIndex::erased(const std::vector<Erased>& records) {
    store::WriteBatch batch;
    for (const Erased& r : records) {
        batch.del(Column::index, key("e/", r.record.view()));
        batch.del(Column::index, key("d/", r.body.view(), r.record.view()));
    }
    return kv_.write(batch);
}

Result<std::vector<ChainIndex::Ended>> ChainIndex::to_close() const {
    std::vector<Ended> out;
    const Bytes prefix = to_bytes("c/");
    const auto it = kv_.scan(Column::index, {.prefix = prefix, .from = {}});
    for (; it->valid() && out.size() < endings_max; it->next()) {
        const ByteView both = it->key().subspan(prefix.size());
        if (both.size() != AccountId::size_bytes + ObjectId::size_bytes)
            return Error{Errc::malformed, "a row of an ended consent has another length"};
        out.push_back({SALUS_TRY(AccountId::from(both.first(AccountId::size_bytes))),
                       SALUS_TRY(ObjectId::from(both.subspan(AccountId::size_bytes)))});
    }
    SALUS_TRY(it->status());
    return out;
}

Status ChainIndex::closed(const std::vector<Ended>& consents) {
    store::WriteBatch batch;
    for (const Ended& one : consents)
        batch.del(Column::index, key("c/", one.grantor.view(), one.directive.view()));
    return kv_.write(batch);
}

Result<std::vector<ObjectId>> ChainIndex::collections_of(const AccountId& owner) const {
    std::vector<ObjectId> out;
    const Bytes prefix = key("o/", owner.view());
    const auto it = kv_.scan(Column::index, {.prefix = prefix, .from = {}});
    for (; it->valid(); it->next())
        out.push_back(SALUS_TRY(ObjectId::from(it->key().subspan(prefix.size()))));
    SALUS_TRY(it->status());
    return out;
}

Result<std::optional<RecordPlace>> ChainIndex::place(const ObjectId& record) const {
    const auto bytes = SALUS_TRY(kv_.get(Column::index, key("x/", record.view())));
    if (!bytes) return std::optional<RecordPlace>{};
    cbor::Reader in(*bytes);
    RecordPlace place;
    place.record = record;
    SALUS_TRY(in.array_of(5));
    place.transaction = SALUS_TRY(in.fixed<Digest>());
    place.operation = static_cast<std::uint32_t>(SALUS_TRY(in.uint_max(UINT32_MAX)));
    place.height = BlockHeight{SALUS_TRY(in.uint())};
    place.time = UnixMillis{SALUS_TRY(in.integer())};
    place.position = LogPosition{SALUS_TRY(in.uint())};
    return std::optional{place};
}

Result<std::vector<ObjectId>> ChainIndex::written_by(const AccountId& author,
                                                     std::size_t count_max) const {
    std::vector<ObjectId> out;
    const Bytes prefix = key("a/", author.view());
    const auto it = kv_.scan(Column::index, {.prefix = prefix, .from = {}});
    for (; it->valid() && out.size() < count_max; it->next()) {
        out.push_back(SALUS_TRY(ObjectId::from(it->key().subspan(prefix.size()))));
    }
    SALUS_TRY(it->status());
    return out;
}

}  // namespace salus::vault
