#include "ledger/state_page.hpp"

#include <algorithm>

namespace salus::ledger {
namespace {

using Kind = StateNode::Kind;

// A subtree with one leaf is that leaf; everything with two or more is hashed.
Kind kind_of(Kind left, Kind right) {
    if (left == Kind::empty && right != Kind::inner) return right;
    if (right == Kind::empty && left != Kind::inner) return left;
    return Kind::inner;
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

void StatePage::set_slot(std::size_t i, const StateNode& node) {
    nodes_[page_slots + i] = node;
    changed_ |= 1U << (page_slots + i);
}

const StateNode& StatePage::settle() {
    for (std::size_t i = page_slots - 1; i > 0 && changed_ != 0; --i) {
        if ((changed_ >> (2 * i) & 3U) == 0) continue;
        const StateNode& left = nodes_[2 * i];
        const StateNode& right = nodes_[2 * i + 1];
        const Kind kind = kind_of(left.kind, right.kind);
        if (kind == Kind::inner) {
            nodes_[i] = {kind, {}, state_inner_hash(left.hash(), right.hash())};
        } else {
            nodes_[i] = left.kind == Kind::empty ? right : left;
        }
        changed_ |= 1U << i;
    }
    changed_ = 0;
    return nodes_[1];
}

Bytes StatePage::encode() const {
    SALUS_ASSERT(changed_ == 0);
    std::uint32_t kinds = 0;
    for (std::size_t i = page_slots; i < nodes_.size(); ++i)
        kinds = kinds << 2U | static_cast<std::uint32_t>(nodes_[i].kind);
    Bytes out;
    out.reserve(4 + (page_slots * 2 + page_slots) * Digest::size_bytes);
    append_be32(out, kinds);
    for (std::size_t i = page_slots; i < nodes_.size(); ++i) {
        if (nodes_[i].kind == Kind::leaf) {
            append(out, nodes_[i].leaf.key_hash.view());
            append(out, nodes_[i].leaf.value_hash.view());
        } else if (nodes_[i].kind == Kind::inner) {
            append(out, nodes_[i].inner.view());
        }
    }
    for (std::size_t i = 2; i < page_slots; ++i)
        if (nodes_[i].kind == Kind::inner) append(out, nodes_[i].inner.view());
    return out;
}

Result<StatePage> StatePage::decode(ByteView bytes) {
    const auto damaged = [] {
        return Error{Errc::integrity, "a page of the state tree is damaged"};
    };
    if (bytes.size() < 4) return damaged();
    const std::uint32_t kinds = read_be32(bytes.data());
    StatePage page;
    std::size_t at = 4;
    for (std::size_t i = 0; i < page_slots; ++i) {
        const std::uint32_t kind = kinds >> (30U - 2U * i) & 3U;
        const std::size_t size = kind == 1 ? 64 : kind == 2 ? 32 : 0;
        if (kind > 2 || bytes.size() - at < size) return damaged();
        StateNode& slot = page.nodes_[page_slots + i];
        slot.kind = static_cast<Kind>(kind);
        if (kind == 1) {
            read_digest(bytes, at, slot.leaf.key_hash);
            read_digest(bytes, at + Digest::size_bytes, slot.leaf.value_hash);
        } else if (kind == 2) {
            read_digest(bytes, at, slot.inner);
        }
        at += size;
    }
    // Kinds from the slots upwards, then the hashes in the order of the nodes.
    for (std::size_t i = page_slots - 1; i > 0; --i) {
        const StateNode& left = page.nodes_[2 * i];
        const StateNode& right = page.nodes_[2 * i + 1];
        page.nodes_[i].kind = kind_of(left.kind, right.kind);
        if (page.nodes_[i].kind == Kind::leaf)
            page.nodes_[i] = left.kind == Kind::empty ? right : left;
    }
    for (std::size_t i = 2; i < page_slots; ++i) {
        if (page.nodes_[i].kind != Kind::inner) continue;
        if (bytes.size() - at < Digest::size_bytes) return damaged();
        read_digest(bytes, at, page.nodes_[i].inner);
        at += Digest::size_bytes;
    }
    if (at != bytes.size() || page.nodes_[1].kind != Kind::inner) return damaged();
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
    return StatePage::decode(*bytes);
}

Result<StateProof> prove_from(const StatePages& pages, const StateNode& root,
                              const Digest& key_hash) {
    StateProof proof;
    StateNode node = root;
    for (std::size_t depth = 0; node.kind == Kind::inner; ++depth) {
        const StatePage page = SALUS_TRY(load_state_page(pages, key_hash, depth));
        std::size_t at = 1;
        while (at < page_slots && node.kind == Kind::inner) {
            const std::size_t right = state_bit(key_hash, proof.siblings.size()) ? 1 : 0;
            proof.siblings.push_back(page.node(2 * at + 1 - right).hash());
            at = 2 * at + right;
            node = page.node(at);
        }
    }
    if (node.kind == Kind::leaf) {
        const bool own = node.leaf.key_hash == key_hash;
        proof.kind = own ? StateProofKind::present : StateProofKind::absent_other;
        if (!own) proof.other = node.leaf;
    }
    return proof;
}

}  // namespace salus::ledger
