#include "sentinel/edge_list.hpp"

#include "sentinel/edge_sketch.hpp"

#include <array>
#include <charconv>
#include <optional>

namespace salus::sentinel {

namespace {

constexpr std::size_t edges_per_tick_min = 8;
constexpr std::size_t columns_max = 16;
constexpr std::size_t absent = columns_max;

struct Cells {
    std::array<std::string_view, columns_max> at{};
    std::size_t count = 0;
};

std::string_view trimmed(std::string_view text) {
    const auto blank = [](char c) { return c == ' ' || c == '\t' || c == '\r'; };
    while (!text.empty() && blank(text.front())) text.remove_prefix(1);
    while (!text.empty() && blank(text.back())) text.remove_suffix(1);
    if (text.size() >= 2 && text.front() == '"' && text.back() == '"')
        text = text.substr(1, text.size() - 2);
    return text;
}

Cells split(std::string_view line) {
    Cells cells;
    while (cells.count < columns_max) {
        std::size_t from = 0;
        if (!line.empty() && line.front() == '"') {
            const std::size_t close = line.find('"', 1);
            from = close == std::string_view::npos ? 0 : close;
        }
        const std::size_t comma = line.find(',', from);
        cells.at[cells.count++] = trimmed(line.substr(0, comma));
        if (comma == std::string_view::npos) break;
        line.remove_prefix(comma + 1);
    }
    return cells;
}

std::string_view next_line(std::string_view& text) {
    const std::size_t end = text.find('\n');
    const std::string_view line = text.substr(0, end);
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
    return line;
}

std::uint64_t name_hash(std::string_view name) noexcept {
    std::uint64_t hash = 0xcbf29ce484222325ULL;
    for (const char c : name) {
        hash ^= static_cast<unsigned char>(c);
        hash *= 0x100000001b3ULL;
    }
    return mix64(hash);
}

std::optional<std::int64_t> integer(std::string_view text) {
    std::int64_t value = 0;
    const auto read = std::from_chars(text.data(), text.data() + text.size(), value);
    if (read.ec != std::errc{}) return std::nullopt;
    const std::string_view rest(read.ptr, text.data() + text.size());
    // "12.0" is what some tools make of a whole number.
    const bool whole = rest.empty() || (rest.front() == '.' &&
                                        rest.find_first_not_of('0', 1) == std::string_view::npos);
    return whole ? std::optional(value) : std::nullopt;
}

struct Header {
    std::size_t source = absent;
    std::size_t target = absent;
    std::size_t time = absent;
    std::size_t label = absent;
};

Header header_of(std::string_view line) {
    Header header;
    const Cells cells = split(line);
    for (std::size_t i = 0; i < cells.count; ++i) {
        if (cells.at[i] == "source") header.source = i;
        if (cells.at[i] == "target") header.target = i;
        if (cells.at[i] == "time") header.time = i;
        if (cells.at[i] == "label") header.label = i;
    }
    return header;
}

std::optional<Edge> edge_of(const Cells& cells, const Header& header) {
    if (header.source >= cells.count || header.target >= cells.count || header.time >= cells.count)
        return std::nullopt;
    const auto time = integer(cells.at[header.time]);
    if (!time) return std::nullopt;
    Edge edge{name_hash(cells.at[header.source]), name_hash(cells.at[header.target]), *time, false};
    if (header.label < cells.count) edge.label = integer(cells.at[header.label]).value_or(0) != 0;
    return edge;
}

std::int64_t bucket(std::int64_t time, unsigned shift) noexcept {
    return time >> shift;
}

}  // namespace

Result<EdgeList> read_edges(std::string_view text) {
    if (text.substr(0, 3) == "\xef\xbb\xbf") text.remove_prefix(3);
    const Header header = header_of(next_line(text));
    if (header.source == absent || header.target == absent || header.time == absent)
        return Error{Errc::malformed, "the first line names the columns source, target, time"};
    EdgeList list;
    list.labelled = header.label != absent;
    while (!text.empty()) {
        const std::string_view line = next_line(text);
        if (trimmed(line).empty()) continue;
        const auto edge = edge_of(split(line), header);
        if (!edge) {
            ++list.lines_left_out;
            continue;
        }
        if (list.edges.size() == edges_max)
            return Error{Errc::out_of_range, "more than 100,000,000 edges"};
        list.edges.push_back(*edge);
    }
    if (list.edges.empty() && list.lines_left_out > 0)
        return Error{Errc::malformed, "no line is an edge: time must be a whole number"};
    return list;
}

std::vector<std::uint32_t> ticks_of(const EdgeList& list) {
    std::vector<std::uint32_t> ticks(list.edges.size());
    for (unsigned shift = 0; shift < 63; ++shift) {
        std::uint32_t tick = 0;
        std::int64_t newest = 0;
        for (std::size_t i = 0; i < ticks.size(); ++i) {
            const std::int64_t at = bucket(list.edges[i].time, shift);
            if (tick == 0 || at > newest) {
                ++tick;
                newest = at;
            }
            ticks[i] = tick;
        }
        if (tick * edges_per_tick_min <= ticks.size()) break;
    }
    return ticks;
}

}  // namespace salus::sentinel
