#pragma once

#include "ledger/state_tree.hpp"

/// A page: the sixteen places four levels below its own. Internal to the state tree.
namespace salus::ledger {

inline constexpr std::size_t page_slots = 16;
inline constexpr std::size_t page_levels = 4;
/// Pages along the longest path.
inline constexpr std::size_t page_depth_max = state_depth_max / page_levels;

struct StatePage {
    std::array<StateNode, page_slots> slots;
    bool operator==(const StatePage&) const = default;
};

/// The node that stands for slots [first, first + count); count is a power of two.
StateNode node_of_slots(const StatePage& page, std::size_t first, std::size_t count);

/// be32 of 2-bit kinds, first slot in the highest bits, then 64 bytes a leaf and 32 an inner hash.
Bytes encode_state_page(const StatePage& page);
/// Errors: integrity — not of that form, or fewer than two leaves beneath it.
Result<StatePage> decode_state_page(ByteView bytes);

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
Result<StateProof> prove_from(const StatePages& pages, const StateNode& root, const Digest& key_hash);

}  // namespace salus::ledger
