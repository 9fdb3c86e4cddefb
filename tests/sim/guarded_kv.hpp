#pragma once

#include "store/kv.hpp"

#include "plant.hpp"
#include <memory>

namespace salus::sim {

/// A view in memory that knows when it may be written: only a commit may.
class GuardedKv final : public store::Kv {
  public:
    explicit GuardedKv(Plant plant) : plant_(plant) {}

    bool open_for_commit = false;
    std::uint64_t stray_writes = 0;  ///< outside a commit

    Result<std::optional<Bytes>> get(store::Column column, ByteView key) const override {
        if (plant_ == Plant::forgetful && column == store::Column::seen && !key.empty() &&
            key[16] % 4 == 0) {
            return std::optional<Bytes>{};
        }
        return kv_->get(column, key);
    }
    std::unique_ptr<store::KvIterator> scan(store::Column column,
                                            const store::ScanOptions& options) const override {
        return kv_->scan(column, options);
    }
    std::unique_ptr<store::KvReader> snapshot() const override { return kv_->snapshot(); }
    Status write(const store::WriteBatch& batch) override {
        if (!open_for_commit) ++stray_writes;
        return kv_->write(batch);
    }
    Result<BlockHeight> marker() const override { return kv_->marker(); }
    Status flush() override { return kv_->flush(); }
    Status compact(store::Column column) override { return kv_->compact(column); }
    Status clear(store::Column column) override { return kv_->clear(column); }
    std::uint64_t disk_bytes() const override { return kv_->disk_bytes(); }
    Status close() override { return kv_->close(); }

  private:
    Plant plant_;
    std::unique_ptr<store::Kv> kv_ = store::memory_kv();
};

}  // namespace salus::sim
