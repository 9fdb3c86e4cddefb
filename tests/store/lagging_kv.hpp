#pragma once

#include "store/kv.hpp"

#include <vector>

namespace salus::store::test {

/// A key-value store without a write-ahead log: a crash takes what was written since the last
/// flush.
class LaggingKv final : public Kv {
  public:
    LaggingKv() : live_(memory_kv()), durable_(memory_kv()) {}

    Result<std::optional<Bytes>> get(Column column, ByteView key) const override {
        return live_->get(column, key);
    }
    std::unique_ptr<KvIterator> scan(Column column, const ScanOptions& options) const override {
        return live_->scan(column, options);
    }
    std::unique_ptr<KvReader> snapshot() const override { return live_->snapshot(); }
    Status write(const WriteBatch& batch) override {
        if (fail_writes) return Error{Errc::unavailable, "told to fail"};
        waiting_.push_back(batch);
        return live_->write(batch);
    }
    Result<BlockHeight> marker() const override { return live_->marker(); }
    Status flush() override {
        for (const WriteBatch& batch : waiting_) SALUS_TRY(durable_->write(batch));
        waiting_.clear();
        return done;
    }
    Status compact(Column column) override { return live_->compact(column); }
    Status clear(Column column) override { return live_->clear(column); }
    std::uint64_t disk_bytes() const override { return 0; }
    Status close() override { return done; }

    /// What is left after a crash now; `flushed` of the waiting batches happened to be written in
    /// the background.
    [[nodiscard]] std::unique_ptr<LaggingKv> crash(std::size_t flushed) const {
        auto after = std::make_unique<LaggingKv>();
        for (std::size_t c = 0; c < column_count; ++c) {
            WriteBatch copy;
            const auto column = static_cast<Column>(c);
            for (auto it = durable_->scan(column, {}); it->valid(); it->next())
                copy.put(column, it->key(), it->value());
            SALUS_ASSERT(after->write(copy).ok());
        }
        for (std::size_t i = 0; i < waiting_.size() && i < flushed; ++i)
            SALUS_ASSERT(after->write(waiting_[i]).ok());
        SALUS_ASSERT(after->flush().ok());
        return after;
    }

    bool fail_writes = false;

  private:
    std::unique_ptr<Kv> live_;
    std::unique_ptr<Kv> durable_;
    std::vector<WriteBatch> waiting_;
};

}  // namespace salus::store::test
