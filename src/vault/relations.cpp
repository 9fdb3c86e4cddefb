#include "vault/relations.hpp"

#include "base/cbor.hpp"

#include <algorithm>
#include <map>

namespace salus::vault {

namespace {

using ledger::Frontier;
using ledger::Label;
using ledger::Relation;
using ledger::RelationEntry;
using store::Column;

const Bytes applied_key = to_bytes("t");

Bytes leaf_key(const Label& label) {
    Bytes key = to_bytes("l/");
    append(key, label.view());
    return key;
}

Bytes entry_prefix(const Label& label) {
    Bytes key = to_bytes("s/");
    append(key, label.view());
    return key;
}

Bytes entry_key(const Label& label, std::uint64_t index) {
    Bytes key = entry_prefix(label);
    append_be64(key, index);
    return key;
}

/// A leaf with what it needs to grow.
struct Growing {
    RelationEntry last;
    Frontier entries;
};

Bytes encode_growing(const Growing& growing, ByteView leaf) {
    cbor::Writer out;
    out.array(2).bytes(leaf).array(growing.entries.hashes().size());
    for (const Digest& hash : growing.entries.hashes()) out.bytes(hash.view());
    return out.take();
}

Result<Bytes> stored_leaf(ByteView stored) {
    cbor::Reader in(stored);
    SALUS_TRY(in.array_of(2));
    return to_bytes(SALUS_TRY(in.bytes()));
}

Result<Growing> read_growing(const store::KvReader& index, const Label& label) {
    const auto stored = SALUS_TRY(index.get(Column::access, leaf_key(label)));
    Growing growing;
    if (!stored) return growing;
    cbor::Reader in(*stored);
    SALUS_TRY(in.array_of(2));
    const Relation leaf = SALUS_TRY(ledger::decode_relation(SALUS_TRY(in.bytes())));
    std::vector<Digest> hashes;
    for (std::size_t left = SALUS_TRY(in.array()); left > 0; --left) {
        hashes.push_back(SALUS_TRY(in.fixed<Digest>()));
    }
    growing.last = leaf.last;
    growing.entries = SALUS_TRY(Frontier::from(leaf.size, std::move(hashes)));
    return growing;
}

Result<RelationEntry> entry_at(const store::KvReader& index, const Label& label,
                               std::uint64_t number) {
    const auto bytes = SALUS_TRY(index.get(Column::access, entry_key(label, number)));
    if (!bytes) return Error{Errc::integrity, "the relation tree lost an entry"};
    return ledger::decode_relation_entry(*bytes);
}

/// The first entry at or after `time`; `size` when there is none. Entries ascend.
Result<std::uint64_t> first_from(const store::KvReader& index, const Label& label,
                                 std::uint64_t size, UnixMillis time) {
    std::uint64_t low = 0;
    std::uint64_t high = size;
    while (low < high) {
        const std::uint64_t middle = low + (high - low) / 2;
        if (SALUS_TRY(entry_at(index, label, middle)).time < time) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low;
}

/// The entries around `from`, with their paths. Reads every entry of the label.
Result<std::vector<ledger::RelationPlace>> places(const store::KvReader& index, const Label& label,
                                                  const Relation& leaf, UnixMillis from) {
    const std::uint64_t later = SALUS_TRY(first_from(index, label, leaf.size, from));
    std::vector<Digest> hashes;
    std::vector<ledger::RelationPlace> out;
    const auto it = index.scan(Column::access, {.prefix = entry_prefix(label)});
    for (; it->valid(); it->next()) {
        const std::uint64_t number = hashes.size();
        if (number == later || number + 1 == later) {
            out.push_back({number, to_bytes(it->value()), {}});
        }
        hashes.push_back(ledger::merkle_leaf(it->value()));
    }
    SALUS_TRY(it->status());
    for (ledger::RelationPlace& place : out) {
        place.path = SALUS_TRY(ledger::merkle_inclusion(hashes, place.index));
    }
    return out;
}

}  // namespace

Result<Relations> Relations::open(store::Kv& index) {
    Relations relations(index, SALUS_TRY(ledger::StateTree::open(index)));
    if (const auto applied = SALUS_TRY(index.get(Column::access, applied_key))) {
        if (applied->size() != 8) return Error{Errc::integrity, "the relation tree's mark"};
        relations.applied_ = read_be64(applied->data());
    }
    return relations;
}

Result<Relations::Change> Relations::prepare(std::span<const LabelledOpening> openings) const {
    Change change;
    std::map<Label, Growing> grown;
    for (const LabelledOpening& opening : openings) {
        SALUS_ASSERT(opening.sequence > applied_);
        for (const Label& label : opening.labels) {
            const auto [at, is_new] = grown.try_emplace(label);
            if (is_new) at->second = SALUS_TRY(read_growing(*index_, label));
            Growing& growing = at->second;
            // A clock that went back must not make an entry lie before its neighbour.
            growing.last = {opening.sequence, std::max(opening.time, growing.last.time)};
            const Bytes entry = ledger::encode_relation_entry(growing.last);
            change.batch.put(Column::access, entry_key(label, growing.entries.size()), entry);
            growing.entries.append(ledger::merkle_leaf(entry));
        }
    }
    std::vector<ledger::StateChange> changes;
    for (const auto& [label, growing] : grown) {
        const Bytes leaf =
            ledger::encode_relation({growing.last, growing.entries.root(), growing.entries.size()});
        changes.push_back(ledger::StateChange::put(label.view(), leaf));
        change.batch.put(Column::access, leaf_key(label), encode_growing(growing, leaf));
    }
    change.update = SALUS_TRY(tree_.prepare(std::move(changes)));
    return change;
}

Result<Digest> Relations::root_after(std::span<const LabelledOpening> openings) const {
    if (openings.empty()) return root();
    return SALUS_TRY(prepare(openings)).update.root();
}

Status Relations::advance(std::span<const LabelledOpening> openings, std::uint64_t to) {
    if (to <= applied_) return done;
    Change change = SALUS_TRY(prepare(openings));
    tree_.stage(change.update, change.batch);
    Bytes mark;
    append_be64(mark, to);
    change.batch.put(Column::access, applied_key, mark);
    SALUS_TRY(index_->write(change.batch));
    tree_.commit(change.update);
    applied_ = to;
    return done;
}

Result<Relations::Shown> Relations::show(const store::KvReader& index,
                                         std::span<const Label> labels, UnixMillis from,
                                         UnixMillis until) {
    SALUS_ASSERT(from < until);
    Shown shown;
    for (const Label& label : labels) {
        const auto proven = SALUS_TRY(ledger::prove_state(index, label.view()));
        shown.root = proven.root;
        ledger::RelationClaim claim{label, {}, ledger::encode_state_proof(proven.proof), {}};
        if (const auto stored = SALUS_TRY(index.get(Column::access, leaf_key(label)))) {
            claim.value = SALUS_TRY(stored_leaf(*stored));
            const Relation leaf = SALUS_TRY(ledger::decode_relation(*claim.value));
            if (leaf.last.time >= from) {
                claim.places = SALUS_TRY(places(index, label, leaf, from));
            }
        }
        shown.claims.push_back(std::move(claim));
    }
    return shown;
}

}  // namespace salus::vault
