#pragma once

#include "base/env.hpp"
#include "store/segment_format.hpp"

#include <functional>
#include <optional>
#include <string>

/// Reading segments from one end to the other, for opening and for verification.
namespace salus::store {

struct Position {
    std::uint32_t segment = 0;
    std::uint32_t offset = 0;
    auto operator<=>(const Position&) const = default;
};
inline constexpr Position first_position{0, segment_header_bytes};

struct Entry {
    Position at;
    std::uint64_t sequence = 0;
    std::uint8_t type = 0;
    bool ends_batch = false;
    Bytes payload;
};

/// Bytes after the last committed batch that a crash explains.
struct TornTail {
    std::string file;  ///< name in the directory
    std::uint64_t offset = 0;
    std::uint64_t bytes = 0;  ///< up to the last one that is not zero
};

struct BadPlace {
    std::string file;
    std::uint64_t offset = 0;
    std::string what;
};

struct LogReport {
    std::uint32_t segments = 0;
    std::uint64_t entries = 0;
    std::optional<TornTail> torn_tail;
    std::optional<BadPlace> first_bad;
};

/// Called in the order of the log, for committed entries only. An error ends the scan and is handed
/// on.
struct LogVisitor {
    std::function<Status(const SegmentHeader&)> segment;
    std::function<Status(const Entry&)> entry;
};

/// Checks every byte of every segment and never writes: a flipped bit, a swapped entry, a missing
/// file or a non-zero byte in unused space is either `first_bad` or, at the very end of the log,
/// `torn_tail`. Errors: not_found — no directory; unavailable — the disk; whatever the visitor
/// returned. Cost: reads everything once; memory is one batch.
Result<LogReport> scan_all(Env& env, const std::string& directory, const LogVisitor& visitor = {});

/// Numbers of the segment files in the directory. Errors: integrity — a gap; unavailable.
Result<std::uint32_t> count_segments(Env& env, const std::string& directory);

/// A buffer over part of a file.
class Window {
  public:
    /// `length` bytes at `offset`, fewer where `limit` ends. The view holds until the next call.
    Result<ByteView> at(File& file, std::uint64_t offset, std::size_t length, std::uint64_t limit);
    void forget() { buffer_.clear(); }

  private:
    Bytes buffer_;
    std::uint64_t start_ = 0;
};

struct ScanResult {
    std::uint32_t end = segment_header_bytes;  ///< after the last whole batch
    std::uint32_t last_batch = 0;  ///< where that begins; the header's place without one
    std::uint64_t next_sequence = 0;
    std::uint64_t torn_bytes = 0;  ///< from `end` to the last byte that is not zero
    std::uint64_t broken_at = 0;   ///< the first byte after `end` that belongs to no good entry
    bool corrupt = false;          ///< something good follows that cannot be of the torn batch
};

/// Scans one segment whose header is known. Errors: unavailable; whatever the visitor returned.
Result<ScanResult> scan_segment(File& file, const SegmentHeader& header, std::uint64_t file_bytes,
                                const std::function<Status(const Entry&)>& visit = {});
/// Offset after the last byte in [from, file_bytes) that is not zero; `from` when all are.
Result<std::uint64_t> end_of_data(File& file, std::uint64_t from, std::uint64_t file_bytes);

}  // namespace salus::store
