#pragma once

#include "base/bytes.hpp"

#include <cstdint>
#include <vector>

namespace salus::sentinel {

inline constexpr std::size_t edges_max = 100'000'000;

struct Edge {
    std::uint64_t source = 0;  ///< hash of the name
    std::uint64_t target = 0;
    std::int64_t time = 0;
    bool label = false;
};

struct EdgeList {
    std::vector<Edge> edges;  ///< in the order of the file
    bool labelled = false;
    std::uint64_t lines_left_out = 0;  ///< lines that are no edge
};

/// Reads `source,target,time[,label]` with its header; the columns may stand in any order and be
/// quoted, and further ones are ignored. Blank lines say nothing; a line that is no edge is left
/// out and counted.
/// Errors: malformed — no header with source, target and time, or no line is an edge;
///         out_of_range — more than edges_max.
Result<EdgeList> read_edges(std::string_view text);

/// Ticks 1, 2, … of the times that occur, in the order of the list: idle time costs no tick, and a
/// clock too fine for the stream (less than eight edges to a tick) is made coarser by powers of
/// two. A time that goes back stays in the newest tick.
std::vector<std::uint32_t> ticks_of(const EdgeList& list);

}  // namespace salus::sentinel
