#include "base/scratch_env.hpp"

#include <algorithm>

namespace salus {

namespace {

/// Reads the file below until the first write or resize, and a copy in memory from then on.
class ScratchFile final : public File {
  public:
    explicit ScratchFile(std::unique_ptr<File> below) : below_(std::move(below)) {}

    Result<std::size_t> read_at(std::uint64_t offset, std::span<std::uint8_t> into) override {
        if (below_) return below_->read_at(offset, into);
        if (offset >= copy_.size()) return std::size_t{0};
        const std::size_t size = std::min<std::size_t>(into.size(), copy_.size() - offset);
        std::copy_n(copy_.begin() + static_cast<std::ptrdiff_t>(offset), size, into.begin());
        return size;
    }
    Status write_at(std::uint64_t offset, ByteView bytes) override {
        SALUS_TRY(detach());
        copy_.resize(std::max<std::size_t>(copy_.size(), offset + bytes.size()));
        std::copy(bytes.begin(), bytes.end(), copy_.begin() + static_cast<std::ptrdiff_t>(offset));
        return done;
    }
    Status sync_data() override { return done; }
    Status resize(std::uint64_t bytes) override {
        SALUS_TRY(detach());
        copy_.resize(bytes);
        return done;
    }
    Status preallocate(std::uint64_t bytes) override {
        const std::uint64_t have = SALUS_TRY(size());
        return bytes > have ? resize(bytes) : Status(done);
    }
    Result<std::uint64_t> size() override {
        if (below_) return below_->size();
        return std::uint64_t{copy_.size()};
    }

  private:
    Status detach() {
        if (!below_) return done;
        copy_.resize(SALUS_TRY(below_->size()));
        SALUS_TRY(below_->read_at(0, copy_));
        below_.reset();
        return done;
    }
    std::unique_ptr<File> below_;
    Bytes copy_;
};

}  // namespace

Result<std::unique_ptr<File>> ScratchEnv::open(const std::string& path, OpenMode mode) {
    if (mode == OpenMode::read_only) return below_.open(path, mode);
    std::unique_ptr<File> below;
    if (below_.exists(path)) below = SALUS_TRY(below_.open(path, OpenMode::read_only));
    return std::unique_ptr<File>(std::make_unique<ScratchFile>(std::move(below)));
}

Result<std::vector<std::string>> ScratchEnv::list(const std::string& directory) {
    if (!below_.exists(directory)) return std::vector<std::string>{};
    return below_.list(directory);
}

}  // namespace salus
