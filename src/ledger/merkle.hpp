#pragma once

#include "base/bytes.hpp"

#include <cstdint>
#include <span>
#include <vector>

/// RFC 9162 §2 (the tree of RFC 6962) with SHA-256: leaf = H(0x00 ‖ data), node = H(0x01 ‖ left ‖
/// right), the root of no leaves = H(nothing). A proof about a tree of size 0 is refused
/// everywhere.
namespace salus::ledger {

Digest merkle_leaf(ByteView data);
Digest merkle_node(const Digest& left, const Digest& right);
Digest merkle_empty_root();

/// Root over leaf hashes, the definition itself. For short lists (one block, one envelope).
Digest merkle_root(std::span<const Digest> leaf_hashes);
/// Root over leaf data.
Digest merkle_root_of(std::span<const Bytes> leaves);

/// Audit path of leaf `index` over a list held in memory.
/// Errors: out_of_range — index ≥ size.
Result<std::vector<Digest>> merkle_inclusion(std::span<const Digest> leaf_hashes,
                                             std::uint64_t index);
/// Proof that the tree over the first `old_size` leaves is a prefix. Errors: out_of_range — 0 or >
/// size.
Result<std::vector<Digest>> merkle_consistency(std::span<const Digest> leaf_hashes,
                                               std::uint64_t old_size);

/// RFC 9162 §2.1.3.2. Errors: out_of_range — size 0 or index ≥ size; integrity — the path does not
/// lead to `root`.
Status verify_inclusion(const Digest& leaf_hash, std::uint64_t index, std::uint64_t size,
                        std::span<const Digest> path, const Digest& root);
/// The root that a leaf and its path imply, for receipts that carry no root. Errors: as
/// verify_inclusion, and integrity when the path's length is not that of the position.
Result<Digest> root_from_inclusion(const Digest& leaf_hash, std::uint64_t index, std::uint64_t size,
                                   std::span<const Digest> path);
/// RFC 9162 §2.1.4.2. Errors: out_of_range — size 0 or old > new; integrity.
Status verify_consistency(std::uint64_t old_size, std::uint64_t new_size,
                          std::span<const Digest> path, const Digest& old_root,
                          const Digest& new_root);

/// The right edge of an append-only tree: enough to go on appending and to know the root. ≤ 64
/// hashes.
class Frontier {
  public:
    Frontier() = default;
    /// Errors: malformed — the number of hashes is not that of the set bits of `size`.
    static Result<Frontier> from(std::uint64_t size, std::vector<Digest> hashes);

    void append(const Digest& leaf_hash);
    /// Takes over the root of the full subtree that the next leaf completed, after `merged` merges:
    /// for a caller that has hashed it already.
    void append_full(const Digest& root, std::size_t merged);
    [[nodiscard]] std::uint64_t size() const noexcept { return size_; }
    [[nodiscard]] Digest root() const;
    /// Roots of the full subtrees, largest first.
    [[nodiscard]] const std::vector<Digest>& hashes() const noexcept { return hashes_; }
    bool operator==(const Frontier&) const = default;

  private:
    std::uint64_t size_ = 0;
    std::vector<Digest> hashes_;
};

}  // namespace salus::ledger
