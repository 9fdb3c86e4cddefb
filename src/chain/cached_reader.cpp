#include "chain/cached_reader.hpp"

#include <mutex>
#include <optional>
#include <shared_mutex>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

namespace salus::chain {

namespace {

using store::Column;
using store::KvIterator;
using store::ScanOptions;

struct Pair {
    Bytes key;
    Bytes value;
};

/// Shared by the cache and the iterators that walk it on other threads. Null: too long to keep.
using Pairs = std::shared_ptr<const std::vector<Pair>>;

class PairsIterator final : public KvIterator {
  public:
    explicit PairsIterator(Pairs pairs) : pairs_(std::move(pairs)) {}
    [[nodiscard]] bool valid() const override { return at_ < pairs_->size(); }
    void next() override { ++at_; }
    [[nodiscard]] ByteView key() const override { return (*pairs_)[at_].key; }
    [[nodiscard]] ByteView value() const override { return (*pairs_)[at_].value; }
    [[nodiscard]] Status status() const override { return done; }

  private:
    Pairs pairs_;
    std::size_t at_ = 0;
};

/// One name a question: column, where the prefix ends, prefix, from.
std::string name_of(Column column, ByteView prefix, ByteView from) {
    std::string out;
    out.reserve(1 + sizeof(std::size_t) + prefix.size() + from.size());
    out.push_back(static_cast<char>(column));
    const std::size_t size = prefix.size();
    for (std::size_t i = 0; i < sizeof size; ++i) {
        out.push_back(static_cast<char>(size >> (8 * i) & 0xFFU));
    }
    return out.append(as_text(prefix)).append(as_text(from));
}

class CachedReader final : public store::KvReader {
  public:
    CachedReader(std::unique_ptr<store::KvReader> fixed, std::size_t bytes_max)
        : fixed_(std::move(fixed)), bytes_max_(bytes_max) {}

    Result<std::optional<Bytes>> get(Column column, ByteView key) const override {
        std::string name = name_of(column, key, {});
        {
            const std::shared_lock lock(mutex_);
            if (const auto found = values_.find(name); found != values_.end()) {
                return found->second;
            }
        }
        std::optional<Bytes> value = SALUS_TRY(fixed_->get(column, key));
        keep(values_, std::move(name), value, value ? value->size() : 0);
        return value;
    }

    std::unique_ptr<KvIterator> scan(Column column, const ScanOptions& options) const override {
        if (options.descending) {
            return fixed_->scan(column, options);
        }
        std::string name = name_of(column, options.prefix, options.from);
        {
            const std::shared_lock lock(mutex_);
            if (const auto found = scans_.find(name); found != scans_.end()) {
                if (found->second) return std::make_unique<PairsIterator>(found->second);
                return fixed_->scan(column, options);
            }
        }
        return first_scan(column, options, std::move(name));
    }

  private:
    std::unique_ptr<KvIterator> first_scan(Column column, const ScanOptions& options,
                                           std::string name) const {
        auto pairs = std::make_shared<std::vector<Pair>>();
        std::size_t bytes = 0;
        const auto it = fixed_->scan(column, options);
        for (; it->valid() && pairs->size() < read_cache_scan_entries_max; it->next()) {
            pairs->push_back({.key = to_bytes(it->key()), .value = to_bytes(it->value())});
            bytes += it->key().size() + it->value().size();
        }
        if (!it->valid() && it->status().ok()) {
            keep(scans_, std::move(name), Pairs(pairs), bytes);
            return std::make_unique<PairsIterator>(std::move(pairs));
        }
        if (it->valid()) {
            keep(scans_, std::move(name), Pairs(), 0);
        }
        return fixed_->scan(column, options);
    }

    template <class Map, class Value>
    void keep(Map& map, std::string name, Value value, std::size_t value_bytes) const {
        const std::lock_guard lock(mutex_);
        const std::size_t bytes = name.size() + value_bytes;
        if (bytes > bytes_max_ - bytes_) return;
        // Another thread may have kept the same answer meanwhile.
        if (map.emplace(std::move(name), std::move(value)).second) {
            bytes_ += bytes;
        }
    }

    std::unique_ptr<store::KvReader> fixed_;
    std::size_t bytes_max_;
    mutable std::shared_mutex mutex_;
    mutable std::size_t bytes_ = 0;
    mutable std::unordered_map<std::string, std::optional<Bytes>> values_;
    mutable std::unordered_map<std::string, Pairs> scans_;
};

}  // namespace

std::unique_ptr<store::KvReader> cached_reader(std::unique_ptr<store::KvReader> fixed,
                                               std::size_t bytes_max) {
    return std::make_unique<CachedReader>(std::move(fixed), bytes_max);
}

}  // namespace salus::chain
