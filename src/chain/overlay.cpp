#include "chain/overlay.hpp"

#include <algorithm>
#include <utility>

namespace salus::chain {

namespace {

bool begins_with(ByteView key, ByteView prefix) {
    return key.size() >= prefix.size() && std::equal(prefix.begin(), prefix.end(), key.begin());
}

}  // namespace

std::optional<Bytes> Overlay::get(ByteView key) {
    if (const auto found = changes_.find(key); found != changes_.end()) {
        return found->second;
    }
    if (const auto known = read_.find(key); known != read_.end()) {
        return known->second;
    }
    auto value = base_.get(key);
    if (!value) {
        fail(std::move(value).error());
        return std::nullopt;
    }
    return read_.emplace(to_bytes(key), std::move(*value)).first->second;
}

void Overlay::set(ByteView key, std::optional<Bytes> value) {
    const auto found = changes_.find(key);
    if (found == changes_.end()) {
        journal_.push_back({.key = to_bytes(key), .was_changed = false, .value = std::nullopt});
        changes_.emplace(to_bytes(key), std::move(value));
        return;
    }
    journal_.push_back(
        {.key = found->first, .was_changed = true, .value = std::move(found->second)});
    found->second = std::move(value);
}

void Overlay::put(ByteView key, ByteView value) {
    set(key, to_bytes(value));
}

void Overlay::erase(ByteView key) {
    set(key, std::nullopt);
}

void Overlay::rollback(std::size_t mark) {
    SALUS_ASSERT(mark <= journal_.size());
    while (journal_.size() > mark) {
        Undo undo = std::move(journal_.back());
        journal_.pop_back();
        const auto found = changes_.find(undo.key);
        SALUS_ASSERT(found != changes_.end());
        if (undo.was_changed) {
            found->second = std::move(undo.value);
        } else {
            changes_.erase(found);
        }
    }
}

std::vector<KeyValue> Overlay::scan(ByteView prefix, ByteView after, std::size_t limit) {
    std::vector<KeyValue> merged;
    const bool from_prefix = after.empty() || KeyLess{}(after, prefix);
    auto changed = from_prefix ? changes_.lower_bound(prefix) : changes_.upper_bound(after);
    Bytes base_after = to_bytes(after);
    std::vector<KeyValue> page;
    std::size_t at = 0;
    bool base_done = false;
    while (merged.size() < limit) {
        if (at == page.size() && !base_done) {
            auto next = base_.scan(prefix, base_after, limit);
            if (!next) {
                fail(std::move(next).error());
                return {};
            }
            page = std::move(*next);
            at = 0;
            base_done = page.size() < limit;
            if (!page.empty()) {
                base_after = page.back().key;
            }
        }
        const bool has_base = at < page.size();
        const bool has_change = changed != changes_.end() && begins_with(changed->first, prefix);
        if (!has_base && !has_change) {
            break;
        }
        // The overlay's opinion goes before that of the state beneath it.
        const bool change_first =
            has_change && (!has_base || !KeyLess{}(page[at].key, changed->first));
        if (!change_first) {
            merged.push_back(std::move(page[at]));
            ++at;
            continue;
        }
        if (has_base && page[at].key == changed->first) {
            ++at;
        }
        if (changed->second) {
            merged.push_back({.key = changed->first, .value = *changed->second});
        }
        ++changed;
    }
    return merged;
}

}  // namespace salus::chain
