#include "ledger/merkle.hpp"

#include "crypto/hash.hpp"

#include <bit>

namespace salus::ledger {
namespace {

constexpr std::array<std::uint8_t, 1> leaf_prefix = {0x00};
constexpr std::array<std::uint8_t, 1> node_prefix = {0x01};

/// Largest power of two below `size` (RFC 9162 §2.1.1: the left subtree of more than one leaf).
std::uint64_t split_of(std::uint64_t size) noexcept {
    return std::bit_floor(size - 1);
}

/// RFC 9162 §2.1.3.1 PATH(m, D_n), appended from the leaf upwards.
void append_path(std::span<const Digest> leaves, std::uint64_t index, std::vector<Digest>& out) {
    if (leaves.size() <= 1) return;
    const std::uint64_t split = split_of(leaves.size());
    if (index < split) {
        append_path(leaves.first(split), index, out);
        out.push_back(merkle_root(leaves.subspan(split)));
    } else {
        append_path(leaves.subspan(split), index - split, out);
        out.push_back(merkle_root(leaves.first(split)));
    }
}

/// RFC 9162 §2.1.4.1 SUBPROOF(m, D_n, b).
void append_subproof(std::span<const Digest> leaves, std::uint64_t old_size, bool whole,
                     std::vector<Digest>& out) {
    if (old_size == leaves.size()) {
        if (!whole) out.push_back(merkle_root(leaves));
        return;
    }
    const std::uint64_t split = split_of(leaves.size());
    if (old_size <= split) {
        append_subproof(leaves.first(split), old_size, whole, out);
        out.push_back(merkle_root(leaves.subspan(split)));
    } else {
        append_subproof(leaves.subspan(split), old_size - split, false, out);
        out.push_back(merkle_root(leaves.first(split)));
    }
}

Error bad_path(const char* what) {
    return Error{Errc::integrity, std::string("merkle: ") + what};
}

/// The two roots that RFC 9162 §2.1.4.2 computes along a consistency proof.
struct RootPair {
    Digest old_root;
    Digest new_root;
};

Result<RootPair> walk_consistency(std::uint64_t old_size, std::uint64_t new_size,
                                  std::span<const Digest> path, RootPair roots) {
    std::uint64_t fn = old_size - 1;
    std::uint64_t sn = new_size - 1;
    while ((fn & 1U) != 0) {
        fn >>= 1U;
        sn >>= 1U;
    }
    for (const Digest& node : path) {
        if (sn == 0) return bad_path("the consistency path is too long");
        if ((fn & 1U) != 0 || fn == sn) {
            roots.old_root = merkle_node(node, roots.old_root);
            roots.new_root = merkle_node(node, roots.new_root);
            while ((fn & 1U) == 0 && fn != 0) {
                fn >>= 1U;
                sn >>= 1U;
            }
        } else {
            roots.new_root = merkle_node(roots.new_root, node);
        }
        fn >>= 1U;
        sn >>= 1U;
    }
    if (sn != 0) return bad_path("the consistency path is too short");
    return roots;
}

}  // namespace

Digest merkle_leaf(ByteView data) {
    return crypto::sha256({leaf_prefix, data});
}

Digest merkle_node(const Digest& left, const Digest& right) {
    std::array<std::uint8_t, 65> buffer;
    buffer[0] = node_prefix[0];
    std::copy(left.bytes.begin(), left.bytes.end(), buffer.begin() + 1);
    std::copy(right.bytes.begin(), right.bytes.end(), buffer.begin() + 33);
    return crypto::sha256(buffer);
}

Digest merkle_empty_root() {
    return crypto::sha256(ByteView{});
}

Digest merkle_root(std::span<const Digest> leaf_hashes) {
    Frontier frontier;
    for (const Digest& leaf : leaf_hashes) frontier.append(leaf);
    return frontier.root();
}

Digest merkle_root_of(std::span<const Bytes> leaves) {
    Frontier frontier;
    for (const Bytes& leaf : leaves) frontier.append(merkle_leaf(leaf));
    return frontier.root();
}

Result<std::vector<Digest>> merkle_inclusion(std::span<const Digest> leaf_hashes,
                                             std::uint64_t index) {
    if (index >= leaf_hashes.size()) {
        return Error{Errc::out_of_range, "merkle: no leaf at " + std::to_string(index)};
    }
    std::vector<Digest> path;
    append_path(leaf_hashes, index, path);
    return path;
}

Result<std::vector<Digest>> merkle_consistency(std::span<const Digest> leaf_hashes,
                                               std::uint64_t old_size) {
    if (old_size == 0 || old_size > leaf_hashes.size()) {
        return Error{Errc::out_of_range,
                     "merkle: no consistency from size " + std::to_string(old_size)};
    }
    std::vector<Digest> path;
    append_subproof(leaf_hashes, old_size, true, path);
    return path;
}

Result<Digest> root_from_inclusion(const Digest& leaf_hash, std::uint64_t index, std::uint64_t size,
                                   std::span<const Digest> path) {
    if (size == 0 || index >= size) {
        return Error{Errc::out_of_range, "merkle: no leaf " + std::to_string(index) +
                                             " in a tree of " + std::to_string(size)};
    }
    std::uint64_t fn = index;
    std::uint64_t sn = size - 1;
    Digest root = leaf_hash;
    for (const Digest& node : path) {
        if (sn == 0) return bad_path("the inclusion path is too long");
        if ((fn & 1U) != 0 || fn == sn) {
            root = merkle_node(node, root);
            while ((fn & 1U) == 0 && fn != 0) {
                fn >>= 1U;
                sn >>= 1U;
            }
        } else {
            root = merkle_node(root, node);
        }
        fn >>= 1U;
        sn >>= 1U;
    }
    if (sn != 0) return bad_path("the inclusion path is too short");
    return root;
}

Status verify_inclusion(const Digest& leaf_hash, std::uint64_t index, std::uint64_t size,
                        std::span<const Digest> path, const Digest& root) {
    if (SALUS_TRY(root_from_inclusion(leaf_hash, index, size, path)) != root) {
        return bad_path("the inclusion path leads to another root");
    }
    return done;
}

Status verify_consistency(std::uint64_t old_size, std::uint64_t new_size,
                          std::span<const Digest> path, const Digest& old_root,
                          const Digest& new_root) {
    if (old_size == 0 || old_size > new_size) {
        return Error{Errc::out_of_range, "merkle: no consistency from size " +
                                             std::to_string(old_size) + " to " +
                                             std::to_string(new_size)};
    }
    if (old_size == new_size) {
        if (!path.empty()) return bad_path("a path between equal sizes is not empty");
        if (old_root != new_root) return bad_path("two roots of one size");
        return done;
    }
    // RFC 9162 §2.1.4.2 step 2: an old tree that is a full subtree is its own first node.
    const bool full = std::has_single_bit(old_size);
    if (!full && path.empty()) return bad_path("the consistency path is empty");
    const Digest seed = full ? old_root : path.front();
    const RootPair roots = SALUS_TRY(
        walk_consistency(old_size, new_size, full ? path : path.subspan(1), {seed, seed}));
    if (roots.old_root != old_root)
        return bad_path("the consistency path leads to another old root");
    if (roots.new_root != new_root)
        return bad_path("the consistency path leads to another new root");
    return done;
}

Result<Frontier> Frontier::from(std::uint64_t size, std::vector<Digest> hashes) {
    if (hashes.size() != static_cast<std::size_t>(std::popcount(size))) {
        return Error{Errc::malformed, "merkle: a frontier of size " + std::to_string(size) +
                                          " with " + std::to_string(hashes.size()) + " hashes"};
    }
    Frontier out;
    out.size_ = size;
    out.hashes_ = std::move(hashes);
    return out;
}

void Frontier::append(const Digest& leaf_hash) {
    Digest node = leaf_hash;
    for (std::uint64_t rest = size_; (rest & 1U) != 0; rest >>= 1U) {
        node = merkle_node(hashes_.back(), node);
        hashes_.pop_back();
    }
    hashes_.push_back(node);
    ++size_;
}

void Frontier::append_full(const Digest& root, std::size_t merged) {
    SALUS_ASSERT(merged == static_cast<std::size_t>(std::countr_one(size_)));
    hashes_.resize(hashes_.size() - merged);
    hashes_.push_back(root);
    ++size_;
}

Digest Frontier::root() const {
    if (hashes_.empty()) return merkle_empty_root();
    Digest root = hashes_.back();
    for (std::size_t i = hashes_.size() - 1; i > 0; --i) root = merkle_node(hashes_[i - 1], root);
    return root;
}

}  // namespace salus::ledger
