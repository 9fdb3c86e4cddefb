#pragma once

#include "base/env.hpp"
#include "store/segment_scan.hpp"

#include <memory>
#include <string>
#include <vector>

namespace salus::ledger {

/// Where a block lies and which positions of the log are its own.
struct BlockPlace {
    BlockHeight height;
    std::uint64_t log_begin = 0;  ///< position of its link
    std::uint64_t log_end = 0;    ///< log size after it
    store::Position at;
    Digest header_hash;
    bool operator==(const BlockPlace&) const = default;
};

/// The places of all blocks in one file of 64-byte records, so that opening a long chain reads no
/// blocks. Never synced and never trusted: what does not follow from record to record is dropped
/// and scanned again.
class BlockIndex {
  public:
    /// Reads what is usable. Errors: unavailable.
    static Result<BlockIndex> open(Env& env, const std::string& path);

    [[nodiscard]] std::vector<BlockPlace> take() { return std::move(loaded_); }
    /// Forgets all records from `count` on. Errors: unavailable.
    Status cut(std::size_t count);
    Status append(const BlockPlace& place);

  private:
    explicit BlockIndex(std::unique_ptr<File> file) : file_(std::move(file)) {}
    std::unique_ptr<File> file_;
    std::vector<BlockPlace> loaded_;
    std::size_t count_ = 0;
};

}  // namespace salus::ledger
