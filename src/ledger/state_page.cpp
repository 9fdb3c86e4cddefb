#include "ledger/state_page.hpp"

#include <algorithm>

namespace salus::ledger {
namespace {

StateNode combine(const StateNode& left, const StateNode& right) {
    using Kind = StateNode::Kind;
    if (left.kind == Kind::empty && right.kind != Kind::inner) return right;
    if (right.kind == Kind::empty && left.kind != Kind::inner) return left;
    return {Kind::inner, {}, state_inner_hash(left.hash(), right.hash())};
}

void read_digest(ByteView bytes, std::size_t at, Digest& into) {
    std::copy_n(bytes.begin() + static_cast<std::ptrdiff_t>(at), Digest::size_bytes,
                into.bytes.begin());
}

}  // namespace

Digest StateNode::hash() const {
    if (kind == Kind::empty) return {};
    return kind == Kind::leaf ? state_leaf_hash(leaf) : inner;
}

StateNode node_of_slots(const StatePage& page, std::size_t first, std::size_t count) {
    if (count == 1) return page.slots[first];
    return combine(node_of_slots(page, first, count / 2),
                   node_of_slots(page, first + count / 2, count / 2));
}

Bytes encode_state_page(const StatePage& page) {
    std::uint32_t kinds = 0;
    for (const StateNode& slot : page.slots) kinds = kinds << 2U | static_cast<std::uint32_t>(slot.kind);
    Bytes out;
    out.reserve(4 + page_slots * 2 * Digest::size_bytes);
    append_be32(out, kinds);
    for (const StateNode& slot : page.slots) {
        if (slot.kind == StateNode::Kind::leaf) {
            append(out, slot.leaf.key_hash.view());
            append(out, slot.leaf.value_hash.view());
        } else if (slot.kind == StateNode::Kind::inner) {
            append(out, slot.inner.view());
        }
    }
    return out;
}

Result<StatePage> decode_state_page(ByteView bytes) {
    const Error damaged{Errc::integrity, "a page of the state tree is damaged"};
    if (bytes.size() < 4) return damaged;
    const std::uint32_t kinds = read_be32(bytes.data());
    StatePage page;
    std::size_t at = 4;
    std::size_t leaves = 0;
    for (std::size_t i = 0; i < page_slots; ++i) {
        const std::uint32_t kind = kinds >> (30U - 2U * i) & 3U;
        const std::size_t size = kind == 1 ? 64 : kind == 2 ? 32 : 0;
        if (kind > 2 || bytes.size() - at < size) return damaged;
        StateNode& slot = page.slots[i];
        slot.kind = static_cast<StateNode::Kind>(kind);
        if (kind == 1) {
            read_digest(bytes, at, slot.leaf.key_hash);
            read_digest(bytes, at + Digest::size_bytes, slot.leaf.value_hash);
        } else if (kind == 2) {
            read_digest(bytes, at, slot.inner);
        }
        at += size;
        leaves += kind;  // an inner node holds two at least
    }
    if (at != bytes.size() || leaves < 2) return damaged;
    return page;
}

Bytes page_path(const Digest& key_hash, std::size_t page_depth) {
    Bytes path(1 + (page_depth + 1) / 2);
    path[0] = static_cast<std::uint8_t>(page_depth);
    std::copy_n(key_hash.bytes.begin(), path.size() - 1, path.begin() + 1);
    if (page_depth % 2 == 1) path.back() &= 0xF0U;
    return path;
}

Result<StatePage> load_state_page(const StatePages& pages, const Digest& key_hash,
                                  std::size_t page_depth) {
    if (page_depth >= page_depth_max)
        return Error{Errc::integrity, "the state tree is deeper than a hash is long"};
    const auto bytes = SALUS_TRY(pages.get(page_path(key_hash, page_depth)));
    if (!bytes) return Error{Errc::integrity, "a page of the state tree is gone"};
    return decode_state_page(*bytes);
}

Result<StateProof> prove_from(const StatePages& pages, const StateNode& root,
                              const Digest& key_hash) {
    StateProof proof;
    StateNode node = root;
    for (std::size_t depth = 0; node.kind == StateNode::Kind::inner; ++depth) {
        const StatePage page = SALUS_TRY(load_state_page(pages, key_hash, depth));
        std::size_t first = 0;
        for (std::size_t count = page_slots; count > 1 && node.kind == StateNode::Kind::inner;) {
            count /= 2;
            const bool right = state_bit(key_hash, proof.siblings.size());
            const std::size_t other = right ? first : first + count;
            first = right ? first + count : first;
            proof.siblings.push_back(node_of_slots(page, other, count).hash());
            node = node_of_slots(page, first, count);
        }
    }
    if (node.kind == StateNode::Kind::leaf) {
        const bool own = node.leaf.key_hash == key_hash;
        proof.kind = own ? StateProofKind::present : StateProofKind::absent_other;
        if (!own) proof.other = node.leaf;
    }
    return proof;
}

}  // namespace salus::ledger
