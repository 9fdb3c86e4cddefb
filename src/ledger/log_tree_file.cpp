#include "ledger/log_tree_file.hpp"

namespace salus::ledger {
namespace {

/// Nodes are written as they come; those of the last chunk are kept in memory, because a proof
/// reads the right edge.
class FileNodeStore final : public NodeStore {
  public:
    FileNodeStore(std::unique_ptr<File> file, std::uint64_t size)
        : file_(std::move(file)), size_(size), written_(size) {}
    ~FileNodeStore() override { static_cast<void>(flush()); }
    FileNodeStore(const FileNodeStore&) = delete;
    FileNodeStore& operator=(const FileNodeStore&) = delete;

    [[nodiscard]] std::uint64_t size() const noexcept override { return size_; }

    Result<Digest> read(std::uint64_t at) override {
        if (at >= size_) return Error{Errc::out_of_range, "log tree: node beyond the end"};
        Digest node;
        if (at >= written_) {
            const auto from = pending_.begin() +
                              static_cast<std::ptrdiff_t>((at - written_) * Digest::size_bytes);
            std::copy_n(from, Digest::size_bytes, node.bytes.begin());
            return node;
        }
        const std::size_t read = SALUS_TRY(file_->read_at(at * Digest::size_bytes, node.bytes));
        if (read != Digest::size_bytes) {
            return Error{Errc::unavailable, "log tree: the node file is cut short"};
        }
        return node;
    }

    Status append(std::span<const Digest> nodes) override {
        for (const Digest& node : nodes) salus::append(pending_, node.view());
        size_ += nodes.size();
        return pending_.size() >= pending_bytes_max ? flush() : Status(done);
    }

    Status truncate(std::uint64_t size) override {
        if (size > size_) return Error{Errc::out_of_range, "log tree: truncate beyond the end"};
        if (size >= written_) {
            pending_.resize(static_cast<std::size_t>((size - written_) * Digest::size_bytes));
        } else {
            pending_.clear();
            SALUS_TRY(file_->resize(size * Digest::size_bytes));
            written_ = size;
        }
        size_ = size;
        return done;
    }

  private:
    static constexpr std::size_t pending_bytes_max = std::size_t{1} << 20U;

    Status flush() {
        if (pending_.empty()) return done;
        SALUS_TRY(file_->write_at(written_ * Digest::size_bytes, pending_));
        written_ = size_;
        pending_.clear();
        return done;
    }

    std::unique_ptr<File> file_;
    std::uint64_t size_;
    std::uint64_t written_;  ///< nodes that are in the file
    Bytes pending_;          ///< the nodes after them
};

}  // namespace

Result<std::unique_ptr<NodeStore>> file_node_store(Env& env, const std::string& path) {
    std::unique_ptr<File> file = SALUS_TRY(env.open(path, OpenMode::create));
    const std::uint64_t bytes = SALUS_TRY(file->size());
    const std::uint64_t nodes = bytes / Digest::size_bytes;
    return std::unique_ptr<NodeStore>(std::make_unique<FileNodeStore>(std::move(file), nodes));
}

}  // namespace salus::ledger
