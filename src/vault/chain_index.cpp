#include "vault/chain_index.hpp"

#include "base/cbor.hpp"
#include "ledger/transaction.hpp"

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

/// The record that an operation of `record` makes, if it makes one.
Result<std::optional<ObjectId>> new_record(const ledger::Operation& operation) {
    cbor::Reader in(operation.args);
    if (operation.method == "put") {
        SALUS_TRY(in.array());
        return std::optional{SALUS_TRY(in.fixed<ObjectId>())};
    }
    const std::uint64_t field = operation.method == "amend"   ? 2
                                : operation.method == "claim" ? 3
                                                              : 0;
    if (field == 0) return std::optional<ObjectId>{};
    SALUS_TRY(in.map());
    for (std::uint64_t at = 1; at < field; ++at) {
        SALUS_TRY(in.key(at));
        SALUS_TRY(in.skip());
    }
    SALUS_TRY(in.key(field));
    return std::optional{SALUS_TRY(in.fixed<ObjectId>())};
}

}  // namespace

Status ChainIndex::follow(const ledger::Block& block, LogPosition first_position) {
    const auto header = SALUS_TRY(ledger::decode_header(block.header));
    store::WriteBatch batch;
    for (std::size_t i = 0; i < block.transactions.size(); ++i) {
        const auto transaction = SALUS_TRY(ledger::decode_transaction(block.transactions[i]));
        const auto result = SALUS_TRY(ledger::decode_result(block.results[i]));
        for (std::size_t n = 0; n < transaction.body.operations.size(); ++n) {
            const ledger::Operation& operation = transaction.body.operations[n];
            if (operation.contract != "record" || result.operations[n].code != 0) continue;
            if (operation.method == "collection_put") {
                const auto collection = SALUS_TRY(new_collection(operation.args));
                batch.put(Column::index,
                          key("o/", transaction.body.account.view(), collection.view()), {});
            }
            const auto record = SALUS_TRY(new_record(operation));
            if (!record) continue;
            cbor::Writer place;
            place.array(5).bytes(transaction.id.view()).uint(n).uint(header.height.value);
            place.integer(header.time.value).uint(first_position.value + 1 + i);
            batch.put(Column::index, key("x/", record->view()), place.view());
            batch.put(Column::index, key("a/", transaction.body.account.view(), record->view()),
                      {});
        }
    }
    batch.set_marker(header.height);
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
