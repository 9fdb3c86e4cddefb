#include "ledger/tiles.hpp"

#include <charconv>

namespace salus::ledger {
namespace {

constexpr std::string_view entries_name = "entries";
constexpr std::string_view partial_mark = ".p/";
constexpr unsigned level_max = 63;
constexpr std::size_t entry_bytes_max = 65'535;
/// A level whose hashes each stand for 2^64 lines or more: no log has one.
constexpr unsigned levels_reached = 64 / tile_height;

Error wrong(const char* what) {
    return Error{Errc::malformed, std::string("tile: ") + what};
}
Error beyond() {
    return Error{Errc::not_found, "tile: the log does not reach so far"};
}

Result<std::uint64_t> parse_number(std::string_view text) {
    std::uint64_t value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc{} || end != text.data() + text.size()) return wrong("a number");
    return value;
}

/// Decimal without leading zeros.
Result<std::uint64_t> parse_decimal(std::string_view text, std::uint64_t max) {
    const std::uint64_t value = SALUS_TRY(parse_number(text));
    if (text != std::to_string(value)) return wrong("a number is not plain decimal");
    if (value > max) return wrong("a number is too large");
    return value;
}

std::string three_digits(std::uint64_t value) {
    std::string text = std::to_string(value);
    return std::string(3 - text.size(), '0') + text;
}

std::string index_path(std::uint64_t index) {
    std::string path = three_digits(index % 1'000);
    for (index /= 1'000; index > 0; index /= 1'000) {
        path.insert(0, "x" + three_digits(index % 1'000) + "/");
    }
    return path;
}

Result<std::uint64_t> parse_index(std::string_view path) {
    std::string digits;
    for (const char c : path) {
        if (c >= '0' && c <= '9') digits.push_back(c);
    }
    const std::uint64_t index = SALUS_TRY(parse_number(digits));
    // Whatever else the path holds, it is the one path of that number or none.
    if (index_path(index) != path) return wrong("an index that is not in groups of three digits");
    return index;
}

Status check_level(const TileId& tile) {
    return tile.level < levels_reached ? Status(done) : Status(beyond());
}

}  // namespace

std::string tile_path(const TileId& tile) {
    std::string path = tile.entries ? std::string(entries_name) : std::to_string(tile.level);
    path += "/" + index_path(tile.index);
    if (!tile.is_full()) path += std::string(partial_mark) + std::to_string(tile.width);
    return path;
}

Result<TileId> parse_tile_path(std::string_view path) {
    TileId tile;
    const std::size_t slash = path.find('/');
    if (slash == std::string_view::npos) return wrong("a tile has a level and an index");
    const std::string_view level = path.substr(0, slash);
    std::string_view index = path.substr(slash + 1);
    tile.entries = level == entries_name;
    if (!tile.entries) {
        tile.level = static_cast<unsigned>(SALUS_TRY(parse_decimal(level, level_max)));
    }
    if (const std::size_t mark = index.find(partial_mark); mark != std::string_view::npos) {
        tile.width =
            SALUS_TRY(parse_decimal(index.substr(mark + partial_mark.size()), tile_width - 1));
        if (tile.width == 0) return wrong("an empty tile");
        index = index.substr(0, mark);
    }
    tile.index = SALUS_TRY(parse_index(index));
    return tile;
}

Result<Bytes> tile_hashes(LogTree& log, const TileId& tile) {
    SALUS_TRY(check_level(tile));
    const unsigned level = tile.level * tile_height;
    const std::uint64_t there = log.size() >> level;
    if (tile.index > there / tile_width || tile.index * tile_width + tile.width > there) {
        return beyond();
    }
    Bytes out;
    out.reserve(tile.width * Digest::size_bytes);
    for (std::uint64_t i = 0; i < tile.width; ++i) {
        append(out, SALUS_TRY(log.node(level, tile.index * tile_width + i)).view());
    }
    return out;
}

Result<std::uint64_t> first_entry(const TileId& tile, std::uint64_t size) {
    if (tile.index > size / tile_width || tile.index * tile_width + tile.width > size) {
        return beyond();
    }
    return tile.index * tile_width;
}

Result<Bytes> entry_bundle(const std::vector<Bytes>& entries) {
    Bytes out;
    for (const Bytes& entry : entries) {
        if (entry.size() > entry_bytes_max) {
            return Error{Errc::out_of_range, "tile: an entry of 65,536 bytes or more"};
        }
        out.push_back(static_cast<std::uint8_t>(entry.size() >> 8U));
        out.push_back(static_cast<std::uint8_t>(entry.size() & 0xFFU));
        append(out, entry);
    }
    return out;
}

}  // namespace salus::ledger
