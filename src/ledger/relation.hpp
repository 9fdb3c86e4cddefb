#pragma once

#include "base/strong.hpp"
#include "ledger/label.hpp"
#include "ledger/merkle.hpp"
#include "ledger/state_proof.hpp"

#include <optional>
#include <vector>

/// A node's relation tree: which label opened something, how often and when. Rules and bytes:
/// docs/formats/relation-tree.md. This part only reads and checks; vault/relations.hpp keeps one.
namespace salus::ledger {

/// One opening under a label.
struct RelationEntry {
    std::uint64_t sequence = 0;  ///< of the access receipt
    UnixMillis time;             ///< never before the entry before it
    bool operator==(const RelationEntry&) const = default;
};
Bytes encode_relation_entry(const RelationEntry& entry);
Result<RelationEntry> decode_relation_entry(ByteView bytes);

/// The leaf of a label. Its entries are an RFC 9162 tree.
struct Relation {
    RelationEntry last;
    Digest root;             ///< of the entries
    std::uint64_t size = 0;  ///< entries; at least 1
    bool operator==(const Relation&) const = default;
};
Bytes encode_relation(const Relation& relation);
Result<Relation> decode_relation(ByteView bytes);

/// One entry and its place under the leaf's root.
struct RelationPlace {
    std::uint64_t index = 0;
    Bytes entry;
    std::vector<Digest> path;
    bool operator==(const RelationPlace&) const = default;
};

/// What a node shows about one label: the leaf, or that there is none; and where the last entry is
/// after the time in question, the entries around it.
struct RelationClaim {
    Label label;
    std::optional<Bytes> value;
    Bytes proof;  ///< under the relation root: docs/formats/state-proof.md
    std::vector<RelationPlace> places;
    bool operator==(const RelationClaim&) const = default;
};

enum class Opened : std::uint8_t {
    no = 0,
    yes = 1,
    unknown = 2,  ///< the claim does not show the entries that would tell
};

/// Whether the label opened something in [from, until). Errors: malformed, out_of_range, integrity.
Result<Opened> check_relation(const RelationClaim& claim, const Digest& relation_root,
                              UnixMillis from, UnixMillis until);

}  // namespace salus::ledger
