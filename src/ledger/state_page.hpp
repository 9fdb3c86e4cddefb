#pragma once

#include "ledger/state_tree.hpp"

#include <array>

/// A page: the sixteen places four levels below its own. Internal to the state tree.
namespace salus::ledger {

inline constexpr std::size_t page_slots = 16;
inline constexpr std::size_t page_levels = 4;
/// Pages along the longest path.
inline constexpr std::size_t page_depth_max = state_depth_max / page_levels;

/// A small binary tree in an array: node 1 stands for the page, 2i and 2i + 1 are the children of
/// i, 16 to 31 are the slots. Inner nodes keep their hashes, so a change costs four and not
/// fifteen.
class StatePage {
  public:
    [[nodiscard]] const StateNode& node(std::size_t i) const { return nodes_[i]; }
    [[nodiscard]] const StateNode& slot(std::size_t i) const { return nodes_[page_slots + i]; }
    void set_slot(std::size_t i, const StateNode& node);
    /// What stands for the whole page, once the changed paths are hashed again.
    const StateNode& settle();

    /// be32 of 2-bit kinds (first slot in the highest bits), the slots (64 bytes a leaf, 32 an
    /// inner hash), then the hashes of nodes 2 to 15 that are inner. Must be settled.
    [[nodiscard]] Bytes encode() const;
    /// Errors: integrity — not of that form, or fewer than two leaves beneath it.
    static Result<StatePage> decode(ByteView bytes);

  private:
    std::array<StateNode, 2 * page_slots> nodes_;
    std::uint32_t changed_ = 0;  ///< bit i: node i
};

/// The nibble of a key's hash that chooses the slot in a page of this depth.
inline std::size_t page_slot(const Digest& key_hash, std::size_t page_depth) noexcept {
    const std::uint8_t byte = key_hash.bytes[page_depth / 2];
    return page_depth % 2 == 0 ? byte >> 4U : byte & 0x0FU;
}
/// Depth, then the nibbles that lead to the page.
Bytes page_path(const Digest& key_hash, std::size_t page_depth);

/// Reads the page there. Errors: integrity — it is gone or damaged.
Result<StatePage> load_state_page(const StatePages& pages, const Digest& key_hash,
                                  std::size_t page_depth);

/// Walks from `root` to where the key lies or would lie.
Result<StateProof> prove_from(const StatePages& pages, const StateNode& root,
                              const Digest& key_hash);

}  // namespace salus::ledger
