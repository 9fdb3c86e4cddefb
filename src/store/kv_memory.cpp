#include "store/kv.hpp"
#include "store/kv_check.hpp"

#include <algorithm>
#include <array>
#include <map>
#include <mutex>

namespace salus::store {
namespace {

using Table = std::map<Bytes, Bytes>;
// Shared with snapshots and iterators, which may live on other threads; copied before a change when
// shared.
using Tables = std::array<std::shared_ptr<Table>, column_count>;

class MemoryIterator final : public KvIterator {
  public:
    MemoryIterator(std::shared_ptr<Table> table, const ScanOptions& options)
        : table_(std::move(table)), descending_(options.descending) {
        const Bytes above = end_of_prefix(options.prefix);
        begin_ = table_->lower_bound(options.prefix);
        end_ = above.empty() ? table_->end() : table_->lower_bound(above);
        if (!options.from.empty() && !descending_ && options.from > options.prefix)
            begin_ =
                !above.empty() && options.from >= above ? end_ : table_->lower_bound(options.from);
        if (!options.from.empty() && descending_ && (above.empty() || options.from < above))
            end_ = options.from < options.prefix ? begin_ : table_->upper_bound(options.from);
        if (valid() && descending_) at_ = std::prev(end_);
        if (valid() && !descending_) at_ = begin_;
    }

    [[nodiscard]] bool valid() const override { return begin_ != end_; }
    void next() override {
        if (!valid()) return;
        if (descending_) {
            end_ = at_;
            if (valid()) at_ = std::prev(end_);
        } else {
            begin_ = ++at_;
        }
    }
    [[nodiscard]] ByteView key() const override { return at_->first; }
    [[nodiscard]] ByteView value() const override { return at_->second; }
    [[nodiscard]] Status status() const override { return done; }

  private:
    std::shared_ptr<Table> table_;
    bool descending_;
    Table::const_iterator begin_;
    Table::const_iterator end_;
    Table::const_iterator at_;
};

Result<std::optional<Bytes>> find(const Table& table, ByteView key) {
    const auto found = table.find(to_bytes(key));
    if (found == table.end()) return std::optional<Bytes>{};
    return std::optional<Bytes>{found->second};
}

class MemorySnapshot final : public KvReader {
  public:
    explicit MemorySnapshot(Tables tables) : tables_(std::move(tables)) {}
    Result<std::optional<Bytes>> get(Column column, ByteView key) const override {
        return find(*tables_[static_cast<std::size_t>(column)], key);
    }
    std::unique_ptr<KvIterator> scan(Column column, const ScanOptions& options) const override {
        return std::make_unique<MemoryIterator>(tables_[static_cast<std::size_t>(column)], options);
    }

  private:
    Tables tables_;
};

class MemoryKv final : public Kv {
  public:
    MemoryKv() {
        for (auto& table : tables_) table = std::make_shared<Table>();
    }

    Result<std::optional<Bytes>> get(Column column, ByteView key) const override {
        const std::lock_guard lock(mutex_);
        if (closed_) return Error{Errc::unavailable, "the database is closed"};
        return find(*tables_[static_cast<std::size_t>(column)], key);
    }

    std::unique_ptr<KvIterator> scan(Column column, const ScanOptions& options) const override {
        const std::lock_guard lock(mutex_);
        return std::make_unique<MemoryIterator>(tables_[static_cast<std::size_t>(column)], options);
    }

    std::unique_ptr<KvReader> snapshot() const override {
        const std::lock_guard lock(mutex_);
        return std::make_unique<MemorySnapshot>(tables_);
    }

    Status write(const WriteBatch& batch) override {
        SALUS_TRY(check_batch(batch));
        const std::lock_guard lock(mutex_);
        if (closed_) return Error{Errc::unavailable, "the database is closed"};
        for (const WriteBatch::Change& change : batch.changes()) {
            Table& table = own(change.column);
            if (change.value) {
                table.insert_or_assign(change.key, *change.value);
            } else {
                table.erase(change.key);
            }
        }
        if (batch.marker())
            own(Column::meta).insert_or_assign(marker_key, encode_marker(*batch.marker()));
        return done;
    }

    Result<BlockHeight> marker() const override {
        return decode_marker(SALUS_TRY(get(Column::meta, marker_key)));
    }

    Status flush() override { return open_status(); }
    Status compact(Column) override { return open_status(); }

    Status clear(Column column) override {
        const std::lock_guard lock(mutex_);
        if (closed_) return Error{Errc::unavailable, "the database is closed"};
        tables_[static_cast<std::size_t>(column)] = std::make_shared<Table>();
        return done;
    }

    std::uint64_t disk_bytes() const override { return 0; }

    Status close() override {
        const std::lock_guard lock(mutex_);
        closed_ = true;
        return done;
    }

  private:
    Status open_status() const {
        const std::lock_guard lock(mutex_);
        if (closed_) return Error{Errc::unavailable, "the database is closed"};
        return done;
    }

    Table& own(Column column) {
        auto& table = tables_[static_cast<std::size_t>(column)];
        if (table.use_count() > 1) table = std::make_shared<Table>(*table);
        return *table;
    }

    mutable std::mutex mutex_;
    Tables tables_;
    bool closed_ = false;
};

}  // namespace

std::unique_ptr<Kv> memory_kv() {
    return std::make_unique<MemoryKv>();
}

}  // namespace salus::store
