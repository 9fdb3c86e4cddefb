#include "store/segment_scan.hpp"

#include <algorithm>
#include <vector>

namespace salus::store {
namespace {

constexpr std::size_t window_bytes = std::size_t{256} << 10U;

bool all_zero(ByteView bytes) {
    return std::all_of(bytes.begin(), bytes.end(), [](std::uint8_t b) { return b == 0; });
}

struct SegmentScanner {
    File& file;
    const SegmentHeader& header;
    std::uint64_t file_bytes;
    const std::function<Status(const Entry&)>& visit;
    Window window;
    std::vector<Entry> batch;  // read, but its last entry not seen yet
    ScanResult result;

    // One whole entry at this offset, whatever its place in the log.
    Result<std::optional<EntryHeader>> whole_entry(std::uint64_t offset, ByteView& bytes) {
        const std::uint64_t limit = std::min<std::uint64_t>(file_bytes, header.segment_bytes);
        const ByteView head = SALUS_TRY(window.at(file, offset, entry_header_bytes, limit));
        const auto entry = decode_entry_header(header.salt, head);
        if (!entry) return std::optional<EntryHeader>{};
        bytes = SALUS_TRY(window.at(file, offset, entry_bytes(entry->length), limit));
        if (!payload_is_whole(*entry, bytes)) return std::optional<EntryHeader>{};
        return entry;
    }

    Status read_entries() {
        std::uint64_t offset = segment_header_bytes;
        std::uint64_t sequence = header.first_sequence;
        result.next_sequence = sequence;
        while (true) {
            ByteView bytes;
            const auto entry = SALUS_TRY(whole_entry(offset, bytes));
            if (!entry || entry->sequence != sequence ||
                entry->sequence - entry->batch_index != result.next_sequence)
                break;
            keep(*entry, offset, bytes);
            offset += bytes.size();
            ++sequence;
            if (entry->ends_batch) {
                SALUS_TRY(hand_over());
                result.last_batch = result.end;
                result.end = static_cast<std::uint32_t>(offset);
                result.next_sequence = sequence;
            }
        }
        result.broken_at = offset;
        return done;
    }

    void keep(const EntryHeader& entry, std::uint64_t offset, ByteView bytes) {
        if (!visit) return;
        batch.push_back({.at = {header.number, static_cast<std::uint32_t>(offset)},
                         .sequence = entry.sequence,
                         .type = entry.type,
                         .ends_batch = entry.ends_batch,
                         .payload = to_bytes(bytes.subspan(entry_header_bytes, entry.length))});
    }

    Status hand_over() {
        for (const Entry& entry : batch) SALUS_TRY(visit(entry));
        batch.clear();
        return done;
    }

    // A crash can leave any part of the batch that was being written, and nothing else. A good
    // entry that is not of that batch means that committed bytes before it were damaged.
    Status judge_tail() {
        const std::uint64_t data_end = SALUS_TRY(end_of_data(file, result.end, file_bytes));
        result.torn_bytes = data_end - result.end;
        for (std::uint64_t at = result.broken_at; at < data_end; at += 8) {
            ByteView bytes;
            const auto entry = SALUS_TRY(whole_entry(at, bytes));
            if (!entry || entry->sequence - entry->batch_index == result.next_sequence) continue;
            result.corrupt = true;
            return done;
        }
        return done;
    }
};

Result<std::optional<BadPlace>> check_sealed(File& file, const SegmentHeader& header,
                                             std::uint64_t file_bytes, const ScanResult& scan) {
    const std::string name = segment_name(header.number);
    if (scan.corrupt || scan.torn_bytes != 0) {
        if (scan.broken_at == scan.end && !scan.corrupt) {
            // Nothing but stray bytes in unused space: name the first of them.
            Window window;
            std::uint64_t at = scan.end;
            while (SALUS_TRY(window.at(file, at, 1, file_bytes))[0] == 0) ++at;
            return std::optional{BadPlace{name, at, "bytes that belong to no entry"}};
        }
        return std::optional{BadPlace{name, scan.broken_at, "an entry does not fit its check sum"}};
    }
    if (file_bytes != header.segment_bytes)
        return std::optional{
            BadPlace{name, file_bytes, "the file does not have the size that its header states"}};
    return std::optional<BadPlace>{};
}

struct LogScanner {
    Env& env;
    const std::string& directory;
    const LogVisitor& visitor;
    LogReport report;

    void bad(std::uint32_t number, std::uint64_t offset, std::string what) {
        report.first_bad = BadPlace{segment_name(number), offset, std::move(what)};
    }

    Status scan(std::uint32_t number, bool last) {
        const auto file =
            SALUS_TRY(env.open(directory + "/" + segment_name(number), OpenMode::read_only));
        const std::uint64_t file_bytes = SALUS_TRY(file->size());
        Window window;
        const ByteView head = SALUS_TRY(window.at(*file, 0, segment_header_bytes, file_bytes));
        const auto header = decode_segment_header(head);
        if (!header.ok()) return bad_header(*file, number, file_bytes, last, header.error());
        if (header->number != number || header->first_sequence != report.entries) {
            bad(number, 0, "the segment is not the one its place in the log asks for");
            return done;
        }
        if (visitor.segment) SALUS_TRY(visitor.segment(*header));
        return scan_entries(*file, *header, file_bytes, last);
    }

    Status scan_entries(File& file, const SegmentHeader& header, std::uint64_t file_bytes,
                        bool last) {
        const ScanResult scan = SALUS_TRY(scan_segment(file, header, file_bytes, visitor.entry));
        report.entries = scan.next_sequence;
        ++report.segments;
        if (!last) {
            report.first_bad = SALUS_TRY(check_sealed(file, header, file_bytes, scan));
        } else if (scan.corrupt) {
            bad(header.number, scan.broken_at, "an entry does not fit its check sum");
        } else if (scan.torn_bytes != 0) {
            report.torn_tail = TornTail{segment_name(header.number), scan.end, scan.torn_bytes};
        }
        return done;
    }

    // The header is synced before any entry is written, so only a segment without entries can have
    // a torn one.
    Status bad_header(File& file, std::uint32_t number, std::uint64_t file_bytes, bool last,
                      const Error& error) {
        const std::uint64_t data_end = SALUS_TRY(end_of_data(file, 0, file_bytes));
        if (!last || error.code != Errc::malformed || data_end > segment_header_bytes) {
            bad(number, 0, error.detail);
        } else if (data_end != 0) {
            report.torn_tail = TornTail{segment_name(number), 0, data_end};
        }
        return done;
    }
};

}  // namespace

Result<ByteView> Window::at(File& file, std::uint64_t offset, std::size_t length,
                            std::uint64_t limit) {
    if (offset >= limit) return ByteView{};
    length = static_cast<std::size_t>(std::min<std::uint64_t>(length, limit - offset));
    if (offset < start_ || offset + length > start_ + buffer_.size()) {
        const std::size_t wanted = static_cast<std::size_t>(
            std::min<std::uint64_t>(std::max(length, window_bytes), limit - offset));
        buffer_.resize(wanted);
        start_ = offset;
        const auto got = file.read_at(offset, buffer_);
        buffer_.resize(got.ok() ? *got : 0);
        if (!got.ok()) return got.error();
        length = std::min(length, buffer_.size());
    }
    return ByteView{buffer_}.subspan(static_cast<std::size_t>(offset - start_), length);
}

Result<std::uint64_t> end_of_data(File& file, std::uint64_t from, std::uint64_t file_bytes) {
    Bytes buffer(window_bytes);
    std::uint64_t end = from;
    for (std::uint64_t at = from; at < file_bytes;) {
        const std::size_t wanted =
            static_cast<std::size_t>(std::min<std::uint64_t>(window_bytes, file_bytes - at));
        const std::size_t got = SALUS_TRY(file.read_at(at, std::span{buffer}.first(wanted)));
        if (got == 0) break;
        const ByteView part = ByteView{buffer}.first(got);
        if (!all_zero(part)) {
            const auto last =
                std::find_if(part.rbegin(), part.rend(), [](std::uint8_t b) { return b != 0; });
            end = at + static_cast<std::uint64_t>(part.rend() - last);
        }
        at += got;
    }
    return end;
}

Result<ScanResult> scan_segment(File& file, const SegmentHeader& header, std::uint64_t file_bytes,
                                const std::function<Status(const Entry&)>& visit) {
    SegmentScanner scanner{file, header, file_bytes, visit, {}, {}, {}};
    SALUS_TRY(scanner.read_entries());
    SALUS_TRY(scanner.judge_tail());
    return scanner.result;
}

Result<std::uint32_t> count_segments(Env& env, const std::string& directory) {
    std::vector<std::uint32_t> numbers;
    for (const std::string& name : SALUS_TRY(env.list(directory))) {
        if (const auto number = segment_number(name)) numbers.push_back(*number);
    }
    std::sort(numbers.begin(), numbers.end());
    for (std::size_t i = 0; i < numbers.size(); ++i) {
        if (numbers[i] != i)
            return Error{Errc::integrity,
                         segment_name(static_cast<std::uint32_t>(i)) + " is missing"};
    }
    return static_cast<std::uint32_t>(numbers.size());
}

Result<LogReport> scan_all(Env& env, const std::string& directory, const LogVisitor& visitor) {
    LogScanner scanner{env, directory, visitor, {}};
    const auto count = count_segments(env, directory);
    if (!count.ok()) {
        if (count.error().code != Errc::integrity) return count.error();
        scanner.report.first_bad = BadPlace{count.error().detail.substr(0, segment_name(0).size()),
                                            0, count.error().detail};
        return scanner.report;
    }
    for (std::uint32_t number = 0; number < *count && !scanner.report.first_bad; ++number)
        SALUS_TRY(scanner.scan(number, number + 1 == *count));
    return scanner.report;
}

}  // namespace salus::store
