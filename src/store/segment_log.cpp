#include "store/segment_log.hpp"

#include <algorithm>

namespace salus::store {
namespace {

constexpr std::size_t older_open_max = 4;

Status check_options(const SegmentLogOptions& options) {
    if (options.segment_bytes < segment_bytes_min || options.segment_bytes > segment_bytes_max ||
        options.segment_bytes % 8 != 0)
        return Error{Errc::out_of_range, "segment size is outside its limits"};
    return done;
}

Status check_batch(std::span<const NewEntry> batch, std::uint32_t segment_bytes) {
    if (batch.empty() || batch.size() > batch_entries_max)
        return Error{Errc::out_of_range, "a batch has 1 to 65535 entries"};
    std::uint64_t total = segment_header_bytes;
    for (const NewEntry& entry : batch) {
        if (entry.payload.size() > entry_payload_bytes_max)
            return Error{Errc::out_of_range, "a log entry is longer than 16 MiB"};
        total += entry_bytes(entry.payload.size());
    }
    if (total > segment_bytes)
        return Error{Errc::out_of_range, "a batch does not fit into one segment"};
    return done;
}

}  // namespace

SegmentLog::SegmentLog(Env& env, std::string directory, SegmentLogOptions options, bool read_only)
    : env_(&env), directory_(std::move(directory)), options_(options), read_only_(read_only) {}

Result<SegmentLog> SegmentLog::open(Env& env, std::string directory, SegmentLogOptions options) {
    SALUS_TRY(check_options(options));
    SALUS_TRY(env.make_directories(directory));
    SegmentLog log(env, std::move(directory), options, false);
    SALUS_TRY(log.load());
    return log;
}

Result<SegmentLog> SegmentLog::open_read_only(Env& env, std::string directory,
                                              SegmentLogOptions options) {
    SALUS_TRY(check_options(options));
    SegmentLog log(env, std::move(directory), options, true);
    SALUS_TRY(log.load());
    return log;
}

std::string SegmentLog::path_of(std::uint32_t number) const {
    return directory_ + "/" + segment_name(number);
}

Position SegmentLog::end() const noexcept {
    return segments_ == 0 ? first_position : Position{segments_ - 1, tail_};
}

// ---- opening

Status SegmentLog::load() {
    segments_ = SALUS_TRY(count_segments(*env_, directory_));
    ScanResult scan;
    std::uint64_t file_bytes = 0;
    bool never_begun = false;
    if (segments_ != 0 && !SALUS_TRY(load_last(segments_ - 1, scan, file_bytes))) {
        // A crash while a segment was being made leaves one without entries, and never two.
        never_begun = true;
        --segments_;
        if (segments_ != 0 && !SALUS_TRY(load_last(segments_ - 1, scan, file_bytes)))
            return Error{Errc::integrity, segment_name(segments_ - 1) + " has no header"};
    }
    if (next_sequence_ < options_.entries_min)
        return Error{Errc::integrity, "the log ends at entry " + std::to_string(next_sequence_) +
                                          ", but " + std::to_string(options_.entries_min) +
                                          " were committed"};
    if (read_only_) return done;
    if (never_begun) SALUS_TRY(env_->remove(path_of(segments_)));
    return segments_ == 0 ? Status{done} : mend(file_bytes, scan);
}

// False when the file is the remains of a segment that was never begun.
Result<bool> SegmentLog::load_last(std::uint32_t number, ScanResult& scan,
                                   std::uint64_t& file_bytes) {
    const OpenMode mode = read_only_ ? OpenMode::read_only : OpenMode::read_write;
    auto file = SALUS_TRY(env_->open(path_of(number), mode));
    file_bytes = SALUS_TRY(file->size());
    Window window;
    const auto header =
        decode_segment_header(SALUS_TRY(window.at(*file, 0, segment_header_bytes, file_bytes)));
    if (!header.ok()) {
        const std::uint64_t data_end = SALUS_TRY(end_of_data(*file, 0, file_bytes));
        if (header.error().code != Errc::malformed || data_end > segment_header_bytes)
            return Error{Errc::integrity, segment_name(number) + ": " + header.error().detail};
        if (data_end != 0) torn_tail_ = TornTail{segment_name(number), 0, data_end};
        return false;
    }
    if (header->number != number)
        return Error{Errc::integrity, segment_name(number) + " holds another segment"};
    scan = SALUS_TRY(scan_segment(*file, *header, file_bytes));
    if (scan.corrupt)
        return Error{Errc::integrity, segment_name(number) + ": damaged at offset " +
                                          std::to_string(scan.broken_at)};
    last_ = Segment{*header, std::move(file)};
    tail_ = scan.end;
    next_sequence_ = scan.next_sequence;
    if (scan.torn_bytes != 0)
        torn_tail_ = TornTail{segment_name(number), scan.end, scan.torn_bytes};
    return true;
}

// Gives the last segment back its zero tail and its full size.
Status SegmentLog::mend(std::uint64_t file_bytes, const ScanResult& scan) {
    File& file = *last_.file;
    const std::uint32_t full = last_.header.segment_bytes;
    if (file_bytes > full) SALUS_TRY(file.resize(full));
    if (file_bytes < full) SALUS_TRY(file.preallocate(full));
    const std::uint64_t torn = std::min<std::uint64_t>(scan.torn_bytes, full - scan.end);
    if (torn != 0) {
        const Bytes zeros(static_cast<std::size_t>(torn), 0);
        SALUS_TRY(file.write_at(scan.end, zeros));
    }
    SALUS_TRY(write_again(scan));
    SALUS_TRY(file.sync_data());
    return env_->sync_directory(directory_);
}

// A process may have ended, or a sync failed, between a batch's write and its commit. Then it is
// read back from memory and need not be on the disk, and after a failed sync no later one takes it
// there: Linux counts those pages as clean. Only the last batch (or the header of a segment without
// one) can be such, and the same bytes at the same place harm nothing.
Status SegmentLog::write_again(const ScanResult& scan) {
    Bytes bytes(scan.end - scan.last_batch);
    if (SALUS_TRY(last_.file->read_at(scan.last_batch, bytes)) != bytes.size())
        return Error{Errc::unavailable, "the last batch of the log cannot be read again"};
    return last_.file->write_at(scan.last_batch, bytes);
}

// ---- appending

Result<std::vector<Position>> SegmentLog::append(std::span<const NewEntry> batch,
                                                 const Digest& chain) {
    if (read_only_) return Error{Errc::denied, "the log is open for reading only"};
    if (stopped_)
        return Error{Errc::unavailable, "the log stopped after a failed write; open it again"};
    const std::uint32_t segment_bytes =
        segments_ == 0 ? options_.segment_bytes
                       : std::max(options_.segment_bytes, last_.header.segment_bytes);
    SALUS_TRY(check_batch(batch, segment_bytes));

    // A crash may leave a segment that was begun for a batch which never came, and the next batch
    // may stand in another place of the caller's chain.
    if (segments_ != 0 && tail_ == segment_header_bytes && last_.header.chain != chain)
        SALUS_TRY(begin_again(chain));

    std::uint64_t total = 0;
    for (const NewEntry& entry : batch) total += entry_bytes(entry.payload.size());
    if (segments_ == 0 || tail_ + total > last_.header.segment_bytes) {
        SALUS_TRY(check_batch(batch, options_.segment_bytes));
        SALUS_TRY(roll(chain));
    }
    std::vector<Position> positions;
    SALUS_TRY(commit(encode(batch, positions)));
    next_sequence_ += batch.size();
    return positions;
}

Bytes SegmentLog::encode(std::span<const NewEntry> batch, std::vector<Position>& positions) const {
    std::size_t total = 0;
    for (const NewEntry& entry : batch) total += entry_bytes(entry.payload.size());
    Bytes bytes;
    bytes.reserve(total);
    positions.reserve(batch.size());
    for (std::size_t i = 0; i < batch.size(); ++i) {
        positions.push_back({segments_ - 1, tail_ + static_cast<std::uint32_t>(bytes.size())});
        const EntryHeader header{.payload_check = 0,
                                 .length = 0,
                                 .batch_index = static_cast<std::uint16_t>(i),
                                 .type = batch[i].type,
                                 .ends_batch = i + 1 == batch.size(),
                                 .sequence = next_sequence_ + i};
        append_entry(bytes, last_.header.salt, header, batch[i].payload);
    }
    return bytes;
}

Status SegmentLog::commit(const Bytes& bytes) {
    if (auto written = last_.file->write_at(tail_, bytes); !written.ok()) {
        // Nothing was promised yet: take the part that may have been written back.
        const Bytes zeros(bytes.size(), 0);
        stopped_ = !last_.file->write_at(tail_, zeros).ok() || !last_.file->sync_data().ok();
        return Error{Errc::unavailable, "log write failed: " + written.error().detail};
    }
    if (auto synced = last_.file->sync_data(); !synced.ok()) {
        // The kernel may have dropped the pages and forgotten the error: only a fresh look can
        // tell.
        stopped_ = true;
        return Error{Errc::unavailable, "log sync failed: " + synced.error().detail};
    }
    tail_ += static_cast<std::uint32_t>(bytes.size());
    return done;
}

// The last segment has no entries; its header is written anew.
Status SegmentLog::begin_again(const Digest& chain) {
    --segments_;
    const Status begun = roll(chain);
    if (!begun.ok()) stopped_ = true;
    return begun;
}

Status SegmentLog::roll(const Digest& chain) {
    const std::uint32_t number = segments_;
    if (number > segment_number_max)
        return Error{Errc::exhausted, "the log has used up its segment numbers"};
    Segment next;
    next.header = {.number = number,
                   .segment_bytes = options_.segment_bytes,
                   .first_sequence = next_sequence_,
                   .chain = chain,
                   .salt = random_bytes<SegmentSalt>(*env_)};
    auto file = env_->open(path_of(number), OpenMode::create);
    if (!file.ok()) return file.error();
    next.file = std::move(*file);
    if (auto made = write_header(*next.file, next.header); !made.ok()) {
        // A full disk must not leave a half-made segment that the next opening would have to judge.
        next.file.reset();
        stopped_ = !env_->remove(path_of(number)).ok();
        return Error{Errc::unavailable, "no new log segment: " + made.error().detail};
    }
    last_ = std::move(next);
    tail_ = segment_header_bytes;
    ++segments_;
    return done;
}

Status SegmentLog::write_header(File& file, const SegmentHeader& header) {
    SALUS_TRY(file.resize(0));
    SALUS_TRY(file.preallocate(header.segment_bytes));
    SALUS_TRY(file.write_at(0, encode_segment_header(header)));
    SALUS_TRY(file.sync_data());
    return env_->sync_directory(directory_);
}

// ---- reading

Result<SegmentLog::Segment> SegmentLog::open_segment(std::uint32_t number, OpenMode mode) const {
    Segment segment;
    segment.file = SALUS_TRY(env_->open(path_of(number), mode));
    Window window;
    const auto header = decode_segment_header(
        SALUS_TRY(window.at(*segment.file, 0, segment_header_bytes, segment_header_bytes)));
    if (!header.ok() || header->number != number)
        return Error{Errc::integrity, segment_name(number) + " has a bad header"};
    segment.header = *header;
    return segment;
}

Result<SegmentLog::Segment*> SegmentLog::older_segment(std::uint32_t number) {
    for (Segment& segment : older_) {
        if (segment.header.number == number) return &segment;
    }
    Segment segment = SALUS_TRY(open_segment(number, OpenMode::read_only));
    if (older_.size() < older_open_max) {
        older_.push_back(std::move(segment));
        return &older_.back();
    }
    older_next_ = (older_next_ + 1) % older_open_max;
    older_[older_next_] = std::move(segment);
    return &older_[older_next_];
}

std::uint64_t SegmentLog::limit_of(std::uint32_t number, const SegmentHeader& header) const {
    return number + 1 == segments_ ? tail_ : header.segment_bytes;
}

Result<SegmentHeader> SegmentLog::segment_header(std::uint32_t number) {
    if (number >= segments_) return Error{Errc::not_found, "no such log segment"};
    if (number + 1 == segments_) return last_.header;
    return SALUS_TRY(older_segment(number))->header;
}

Result<Entry> SegmentLog::read(Position at) {
    if (at.segment >= segments_ || at.offset < segment_header_bytes || at.offset % 8 != 0)
        return Error{Errc::not_found, "no log entry at this position"};
    Segment* segment = at.segment + 1 == segments_ ? &last_ : SALUS_TRY(older_segment(at.segment));
    const std::uint64_t limit = limit_of(at.segment, segment->header);
    if (at.offset + entry_header_bytes > limit)
        return Error{Errc::not_found, "no log entry at this position"};
    Bytes bytes(entry_header_bytes);
    std::size_t got = SALUS_TRY(segment->file->read_at(at.offset, bytes));
    const auto header = decode_entry_header(segment->header.salt, ByteView{bytes}.first(got));
    if (!header || at.offset + entry_bytes(header->length) > limit)
        return Error{Errc::integrity, segment_name(at.segment) + ": no entry at offset " +
                                          std::to_string(at.offset)};
    bytes.resize(entry_bytes(header->length));
    got = SALUS_TRY(segment->file->read_at(at.offset, bytes));
    if (!payload_is_whole(*header, ByteView{bytes}.first(got)))
        return Error{Errc::integrity, segment_name(at.segment) + ": damaged entry at offset " +
                                          std::to_string(at.offset)};
    bytes.resize(entry_header_bytes + header->length);
    bytes.erase(bytes.begin(), bytes.begin() + entry_header_bytes);
    return Entry{at, header->sequence, header->type, header->ends_batch, std::move(bytes)};
}

Status SegmentLog::Cursor::enter_segment() {
    Segment segment = SALUS_TRY(log_->open_segment(at_.segment, OpenMode::read_only));
    if (sequence_ && at_.offset == segment_header_bytes &&
        segment.header.first_sequence != *sequence_)
        return Error{Errc::integrity, segment_name(at_.segment) + " does not go on where " +
                                          "the segment before it ended"};
    file_ = std::move(segment.file);
    header_ = segment.header;
    window_.forget();
    return done;
}

Result<std::optional<Entry>> SegmentLog::Cursor::next() {
    while (at_.segment < log_->segments_) {
        if (!file_) SALUS_TRY(enter_segment());
        const std::uint64_t limit = log_->limit_of(at_.segment, header_);
        const ByteView head = SALUS_TRY(window_.at(*file_, at_.offset, entry_header_bytes, limit));
        const auto entry = decode_entry_header(header_.salt, head);
        if (!entry) {
            const bool last = at_.segment + 1 == log_->segments_;
            if (last && at_.offset == limit) return std::optional<Entry>{};
            if (last || !std::all_of(head.begin(), head.end(), [](auto b) { return b == 0; }))
                break;
            // Unused space. Had an entry been wiped out here, the next header would tell.
            at_ = {at_.segment + 1, segment_header_bytes};
            file_.reset();
            continue;
        }
        const ByteView bytes =
            SALUS_TRY(window_.at(*file_, at_.offset, entry_bytes(entry->length), limit));
        if (!payload_is_whole(*entry, bytes) || (sequence_ && entry->sequence != *sequence_)) break;
        Entry out{at_, entry->sequence, entry->type, entry->ends_batch,
                  to_bytes(bytes.subspan(entry_header_bytes, entry->length))};
        sequence_ = entry->sequence + 1;
        at_.offset += static_cast<std::uint32_t>(bytes.size());
        return std::optional<Entry>{std::move(out)};
    }
    if (at_.segment >= log_->segments_) return std::optional<Entry>{};
    return Error{Errc::integrity, segment_name(at_.segment) + ": damaged entry at offset " +
                                      std::to_string(at_.offset)};
}

}  // namespace salus::store
