#include "ledger/relation.hpp"

#include "base/cbor.hpp"

namespace salus::ledger {
namespace {

Error broken(const char* what) {
    return Error{Errc::integrity, std::string("relation: ") + what};
}

Result<RelationEntry> entry_at(const RelationPlace& place, const Relation& relation) {
    SALUS_TRY(verify_inclusion(merkle_leaf(place.entry), place.index, relation.size, place.path,
                               relation.root));
    return decode_relation_entry(place.entry);
}

/// The entries ascend in time: the first at or after `from` decides, and the one before it shows
/// that it is the first.
Result<Opened> check_places(const std::vector<RelationPlace>& places, const Relation& relation,
                            UnixMillis from, UnixMillis until) {
    const RelationPlace& later = places.back();
    const RelationEntry first = SALUS_TRY(entry_at(later, relation));
    if (first.time < from) return broken("the later entry lies before the time in question");
    if (first.time < until) return Opened::yes;
    if (later.index == 0)
        return places.size() == 1 ? Result<Opened>(Opened::no)
                                  : broken("nothing lies before the first entry");
    if (places.size() == 1) return Opened::unknown;
    const RelationPlace& earlier = places.front();
    if (earlier.index + 1 != later.index) return broken("the entries are not neighbours");
    const RelationEntry before = SALUS_TRY(entry_at(earlier, relation));
    return before.time < from ? Result<Opened>(Opened::no)
                              : broken("the earlier entry lies after the time in question");
}

}  // namespace

Bytes encode_relation_entry(const RelationEntry& entry) {
    return cbor::Writer{}.array(2).uint(entry.sequence).integer(entry.time.value).take();
}

Result<RelationEntry> decode_relation_entry(ByteView bytes) {
    cbor::Reader in(bytes);
    RelationEntry entry;
    SALUS_TRY(in.array_of(2));
    entry.sequence = SALUS_TRY(in.uint());
    entry.time = UnixMillis{SALUS_TRY(in.integer())};
    SALUS_TRY(in.end());
    return entry;
}

Bytes encode_relation(const Relation& relation) {
    cbor::Writer out;
    out.map(4).uint(1).uint(relation.last.sequence).uint(2).integer(relation.last.time.value);
    out.uint(3).bytes(relation.root.view()).uint(4).uint(relation.size);
    return out.take();
}

Result<Relation> decode_relation(ByteView bytes) {
    cbor::Reader in(bytes);
    Relation relation;
    SALUS_TRY(in.map_of(4));
    SALUS_TRY(in.key(1));
    relation.last.sequence = SALUS_TRY(in.uint());
    SALUS_TRY(in.key(2));
    relation.last.time = UnixMillis{SALUS_TRY(in.integer())};
    SALUS_TRY(in.key(3));
    relation.root = SALUS_TRY(in.fixed<Digest>());
    SALUS_TRY(in.key(4));
    relation.size = SALUS_TRY(in.uint());
    SALUS_TRY(in.end());
    if (relation.size == 0) return Error{Errc::malformed, "relation: a leaf has an entry"};
    return relation;
}

Result<Opened> check_relation(const RelationClaim& claim, const Digest& relation_root,
                              UnixMillis from, UnixMillis until) {
    const auto value = claim.value ? std::optional<ByteView>(*claim.value) : std::nullopt;
    SALUS_TRY(verify_state(claim.label.view(), value, claim.proof, relation_root));
    if (claim.places.size() > 2) return Error{Errc::malformed, "relation: more than two entries"};
    if (!value) {
        if (!claim.places.empty()) return broken("entries of a label that has none");
        return Opened::no;
    }
    const Relation relation = SALUS_TRY(decode_relation(*value));
    if (relation.last.time < from) {
        if (!claim.places.empty()) return broken("entries that nobody asked for");
        return Opened::no;
    }
    if (claim.places.empty()) return Opened::unknown;
    return check_places(claim.places, relation, from, until);
}

}  // namespace salus::ledger
