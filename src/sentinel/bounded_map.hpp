#pragma once

#include <cstddef>
#include <list>
#include <map>

namespace salus::sentinel {

/// A map that holds at most so many keys: a new one beyond that takes the place of the key that
/// was asked for longest ago. Threads: one at a time.
template <class Key, class Value>
class BoundedMap {
  public:
    explicit BoundedMap(std::size_t keys_max) : keys_max_(keys_max) {}

    /// The value of a key, made when it is new; now the youngest.
    Value& touch(const Key& key) {
        const auto found = entries_.find(key);
        if (found != entries_.end()) {
            order_.splice(order_.end(), order_, found->second.place);
            return found->second.value;
        }
        if (entries_.size() >= keys_max_) {
            entries_.erase(order_.front());
            order_.pop_front();
        }
        order_.push_back(key);
        return entries_.emplace(key, Entry{Value{}, std::prev(order_.end())}).first->second.value;
    }
    [[nodiscard]] const Value* find(const Key& key) const {
        const auto found = entries_.find(key);
        return found == entries_.end() ? nullptr : &found->second.value;
    }
    [[nodiscard]] std::size_t size() const noexcept { return entries_.size(); }

  private:
    struct Entry {
        Value value;
        typename std::list<Key>::iterator place;
    };
    std::size_t keys_max_;
    std::map<Key, Entry> entries_;
    std::list<Key> order_;  ///< oldest first
};

}  // namespace salus::sentinel
