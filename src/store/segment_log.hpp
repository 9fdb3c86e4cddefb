#pragma once

#include "base/env.hpp"
#include "store/segment_format.hpp"
#include "store/segment_scan.hpp"

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace salus::store {

struct SegmentLogOptions {
    std::uint32_t segment_bytes = segment_bytes_default;  ///< of new segments; multiple of 8
    /// Entries the caller knows were committed. A log that holds fewer is refused with `integrity`,
    /// untouched.
    std::uint64_t entries_min = 0;
};

/// What `append` takes: the caller's type and the bytes.
struct NewEntry {
    std::uint8_t type = 0;
    ByteView payload = {};
};

/// Append-only log in preallocated segment files. A batch is the commit unit: all of it or nothing
/// is read back.
///
///     append ──▶ [write_at] ──▶ [sync_data = committed] ──▶ positions
///                    │ fails         │ fails
///                    ▼               ▼
///              tail zeroed again   stopped: reads go on, appends wait for a new opening
///
/// Opening scans the last segment only; a tail torn by a crash is zeroed (read-only: left alone)
/// and reported by `torn_tail`. What is read back after it is durable.
/// Threads: one at a time.
/// Format:  docs/formats/segment-log.md.
class SegmentLog {
  public:
    /// Errors: integrity — damage that a crash does not explain, fewer entries than `entries_min`,
    ///         or an unknown format version; out_of_range — options; unavailable — the disk.
    static Result<SegmentLog> open(Env& env, std::string directory, SegmentLogOptions options = {});
    /// Never writes; `append` is refused with `denied`. not_found — no such directory.
    static Result<SegmentLog> open_read_only(Env& env, std::string directory,
                                             SegmentLogOptions options = {});

    /// Makes the batch durable with one sync. `chain` goes into the header of the segment that this
    /// batch may have to start: the hash of the last block before it.
    ///
    /// Errors: out_of_range — no or too many entries, a payload or the whole batch too long;
    ///         unavailable — not committed; after a failed sync only the next opening can tell.
    Result<std::vector<Position>> append(std::span<const NewEntry> batch, const Digest& chain);

    /// Errors: not_found — no entry is committed there; integrity — its bytes do not fit.
    Result<Entry> read(Position at);

    /// Walks committed entries in order, also those appended while it walks. The log must outlive
    /// it and stay where it is.
    class Cursor {
      public:
        /// The next entry, or nothing at the end. Errors: integrity, unavailable.
        Result<std::optional<Entry>> next();

      private:
        friend class SegmentLog;
        Cursor(SegmentLog& log, Position from) : log_(&log), at_(from) {}
        Status enter_segment();
        SegmentLog* log_;
        Position at_;
        std::optional<std::uint64_t> sequence_;
        std::unique_ptr<File> file_;
        SegmentHeader header_;
        Window window_;
    };
    Cursor cursor(Position from = first_position) { return {*this, from}; }

    [[nodiscard]] std::uint64_t next_sequence() const noexcept { return next_sequence_; }
    [[nodiscard]] std::uint32_t segments() const noexcept { return segments_; }
    /// Where the next entry goes, unless it needs a new segment.
    [[nodiscard]] Position end() const noexcept;
    /// What a crash left behind when this log was opened.
    [[nodiscard]] const std::optional<TornTail>& torn_tail() const noexcept { return torn_tail_; }
    /// After a failed write or sync: what is there can be read, but only a new opening can append.
    [[nodiscard]] bool stopped() const noexcept { return stopped_; }
    Result<SegmentHeader> segment_header(std::uint32_t number);

  private:
    struct Segment {
        SegmentHeader header;
        std::unique_ptr<File> file;
    };
    SegmentLog(Env& env, std::string directory, SegmentLogOptions options, bool read_only);
    Status load();
    Result<bool> load_last(std::uint32_t number, ScanResult& scan, std::uint64_t& file_bytes);
    Status mend(std::uint64_t file_bytes, const ScanResult& scan);
    Status write_again(const ScanResult& scan);
    Status roll(const Digest& chain);
    Status begin_again(const Digest& chain);
    Status write_header(File& file, const SegmentHeader& header);
    Bytes encode(std::span<const NewEntry> batch, std::vector<Position>& positions) const;
    Status commit(const Bytes& bytes);
    Result<Segment*> older_segment(std::uint32_t number);
    Result<Segment> open_segment(std::uint32_t number, OpenMode mode) const;
    [[nodiscard]] std::string path_of(std::uint32_t number) const;
    [[nodiscard]] std::uint64_t limit_of(std::uint32_t number, const SegmentHeader& header) const;

    Env* env_;
    std::string directory_;
    SegmentLogOptions options_;
    bool read_only_;
    bool stopped_ = false;
    std::uint32_t segments_ = 0;
    std::uint32_t tail_ = 0;  ///< offset in the last segment where the next entry goes
    std::uint64_t next_sequence_ = 0;
    Segment last_;
    std::vector<Segment> older_;  ///< a few opened for `read`
    std::size_t older_next_ = 0;
    std::optional<TornTail> torn_tail_;
};

}  // namespace salus::store
