#include "store/blobs.hpp"

#include <algorithm>
#include <map>
#include <mutex>

namespace salus::store {
namespace {

class MemoryBlobs final : public Blobs {
  public:
    Status put_batch(std::span<const NewBlob> batch) override {
        const std::lock_guard lock(mutex_);
        for (const NewBlob& blob : batch) {
            if (blob.bytes.size() > blob_bytes_max)
                return Error{Errc::out_of_range, "a blob is longer than 256 MiB"};
            blobs_.emplace(blob.digest, to_bytes(blob.bytes));
        }
        return done;
    }

    Result<Bytes> get(const Digest& digest) override {
        const std::lock_guard lock(mutex_);
        const auto found = blobs_.find(digest);
        if (found == blobs_.end()) return Error{Errc::not_found, "no such blob"};
        return found->second;
    }

    Result<Bytes> get_range(const Digest& digest, std::uint64_t offset,
                            std::uint64_t length) override {
        const Bytes whole = SALUS_TRY(get(digest));
        if (offset > whole.size())
            return Error{Errc::out_of_range, "the range starts beyond the end of the blob"};
        const auto size = std::min<std::uint64_t>(length, whole.size() - offset);
        return to_bytes(ByteView{whole}.subspan(static_cast<std::size_t>(offset),
                                                static_cast<std::size_t>(size)));
    }

    Result<bool> has(const Digest& digest) override {
        const std::lock_guard lock(mutex_);
        return blobs_.contains(digest);
    }

    Result<std::uint64_t> size_of(const Digest& digest) override {
        return std::uint64_t{SALUS_TRY(get(digest)).size()};
    }

    Status remove_batch(std::span<const Digest> digests) override {
        const std::lock_guard lock(mutex_);
        for (const Digest& digest : digests) blobs_.erase(digest);
        return done;
    }

    Result<std::vector<Digest>> list(const Digest& after, std::size_t limit) override {
        const std::lock_guard lock(mutex_);
        std::vector<Digest> out;
        auto it = after.is_zero() ? blobs_.begin() : blobs_.upper_bound(after);
        for (; it != blobs_.end() && out.size() < limit; ++it) out.push_back(it->first);
        return out;
    }

    Result<std::uint64_t> total_bytes() override {
        const std::lock_guard lock(mutex_);
        std::uint64_t total = 0;
        for (const auto& [digest, bytes] : blobs_) total += bytes.size();
        return total;
    }

    Result<std::uint64_t> compact() override { return std::uint64_t{0}; }

  private:
    std::mutex mutex_;
    std::map<Digest, Bytes> blobs_;
};

}  // namespace

std::unique_ptr<Blobs> memory_blobs() {
    return std::make_unique<MemoryBlobs>();
}

}  // namespace salus::store
