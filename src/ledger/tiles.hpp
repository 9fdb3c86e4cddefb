#pragma once

#include "ledger/log_tree.hpp"

#include <string>
#include <string_view>
#include <vector>

/// C2SP tlog-tiles: the log cut into files that anyone may mirror (docs/formats/tiles.md).
namespace salus::ledger {

inline constexpr unsigned tile_height = 8;
inline constexpr std::uint64_t tile_width = 256;  ///< hashes or entries of a full tile

/// One resource under the prefix: a tile of hashes, or a bundle of entries.
struct TileId {
    bool entries = false;
    unsigned level = 0;  ///< 0 to 63; of a bundle 0
    std::uint64_t index = 0;
    std::uint64_t width = tile_width;  ///< 1 to 255: a partial one

    [[nodiscard]] bool is_full() const noexcept { return width == tile_width; }
    bool operator==(const TileId&) const = default;
};

/// `<L>/<N>[.p/<W>]` or `entries/<N>[.p/<W>]`; N in groups of three digits, all but the last after
/// an `x`. One tile, one path.
std::string tile_path(const TileId& tile);
/// Errors: malformed — another form, or a second form of the same number.
Result<TileId> parse_tile_path(std::string_view path);

/// The tile's hashes one after the other. Errors: not_found — the log does not reach so far.
Result<Bytes> tile_hashes(LogTree& log, const TileId& tile);
/// Where a bundle's entries stand in a log of `size` lines. Errors: not_found.
Result<std::uint64_t> first_entry(const TileId& tile, std::uint64_t size);
/// Each entry after its length in two bytes. Errors: out_of_range — one of 65,536 bytes or more.
Result<Bytes> entry_bundle(const std::vector<Bytes>& entries);

}  // namespace salus::ledger
