#pragma once

#include <cstddef>

/// Numbers that a directive and a question keep. docs/formats/consent-ir.md.
namespace salus::consent {

inline constexpr std::size_t depth_max = 4;          ///< the root is at depth 1
inline constexpr std::size_t nodes_max = 64;         ///< rules in one directive
inline constexpr std::size_t items_max = 256;        ///< entries of one list of a rule
inline constexpr std::size_t code_bytes_max = 256;   ///< `system|code` of an action or purpose
inline constexpr std::size_t ir_bytes_max = 16'384;  ///< as the contract takes it
inline constexpr std::size_t asked_items_max = 512;  ///< entries of one list of a question
inline constexpr std::size_t named_actors_max = 64;  ///< different actors in one directive
inline constexpr std::size_t reference_bytes_max = 512;

}  // namespace salus::consent
