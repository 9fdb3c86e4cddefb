#pragma once
#include "fields.hpp"

/// Lists of what held from when to when, one leaf of state each, so that a proof of one key shows
/// all of them: CBOR [* [id, …, ended ms / null]], in the order in which they began. Entries are
/// never removed.
namespace salus::timeline {

/// Adds one entry: an array of `items` that begins with the id and does not hold its end yet.
/// Errors: out_of_range when `entries_max` are there.
inline void begin(const Key& key, std::uint32_t entries_max, std::uint32_t items,
                  const Writer& entry) {
    std::uint32_t count = 0;
    View before;
    const auto value = kv::get(key);
    if (value.has_value()) {
        Reader in(*value);
        count = in.array();
        before = in.rest();
    }
    require(count < entries_max, code::out_of_range, "this name has too many entries already");
    Writer out;
    out.array(count + 1).raw(before).array(items + 1).raw(entry.view()).null();
    kv::put(key, out);
}

/// Writes the end of the entries with this id that have not ended.
inline void end(const Key& key, const Id& id, std::int64_t time) {
    const auto value = kv::get(key);
    if (!value.has_value()) {
        return;
    }
    Reader in(*value);
    Writer out;
    const std::uint32_t count = in.array();
    out.array(count);
    View kept = in.rest();
    for (std::uint32_t i = 0; i < count; ++i) {
        const std::uint32_t items = in.array();
        const bool is_it = in.id() == id;
        for (std::uint32_t k = 2; k < items; ++k) {
            in.skip();
        }
        const View last = in.rest();
        if (is_it && in.null_next()) {
            out.raw(kept.first(kept.size() - last.size())).integer(time);
            kept = in.rest();
        } else {
            in.skip();
        }
    }
    out.raw(kept);
    kv::put(key, out);
}

}  // namespace salus::timeline
