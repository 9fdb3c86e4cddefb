/// The segment log on a disk that the input mistreats. The input is a list of deeds: append,
/// reopen, cut the power, forge an entry with right check sums, overwrite, flip a bit.
///
/// * Without damage by a stranger, whatever was appended is read back after every power cut.
/// * A flipped bit never goes unnoticed by a full scan.
/// * Whatever lies there, opening and scanning end with an answer.

#include "store/segment_log.hpp"

#include "base/sim_env.hpp"
#include "support/laws.hpp"

#include <memory>

using namespace salus;
using namespace salus::store;

namespace {

constexpr std::uint32_t segment_bytes = 512;
constexpr const char* directory = "/log";
constexpr std::size_t deeds_max = 32;

class Story {
  public:
    explicit Story(fuzz::Draw draw) : draw_(draw), env_(std::make_unique<SimEnv>(1)) { reopen(); }

    void run() {
        for (std::size_t i = 0; i < deeds_max && !draw_.empty(); ++i) deed();
        reopen();
        scan();
    }

  private:
    struct Written {
        std::uint8_t type;
        Bytes payload;
    };

    void deed() {
        switch (draw_.byte() % 7) {
            case 0:
            case 1:
                append();
                break;
            case 2:
                reopen();
                break;
            case 3:
                cut_power();
                break;
            case 4:
                forge();
                break;
            case 5:
                overwrite();
                break;
            default:
                flip();
                break;
        }
    }

    void append() {
        std::vector<Written> batch;
        std::vector<NewEntry> entries;
        for (std::uint64_t left = 1 + draw_.below(3); left > 0; --left) {
            batch.push_back({draw_.byte(), to_bytes(draw_.bytes(draw_.below(120)))});
        }
        for (const Written& one : batch) {
            entries.push_back({.type = one.type, .payload = one.payload});
        }
        if (log_ && log_->append(entries, draw_.fixed<Digest>()).ok()) {
            for (Written& one : batch) written_.push_back(std::move(one));
        }
    }

    void reopen() {
        log_.reset();
        auto opened = SegmentLog::open(*env_, directory, {.segment_bytes = segment_bytes});
        if (opened.ok()) log_ = std::make_unique<SegmentLog>(std::move(*opened));
        if (!damaged_) SALUS_ASSERT(log_ != nullptr);
        if (log_) read_back();
    }

    void read_back() {
        auto cursor = log_->cursor();
        std::size_t count = 0;
        while (true) {
            const auto entry = cursor.next();
            if (!entry.ok()) {
                SALUS_ASSERT(damaged_);
                return;
            }
            if (!*entry) break;
            const Entry& found = **entry;
            SALUS_ASSERT(found.sequence == count);
            if (!damaged_) {
                SALUS_ASSERT(count < written_.size() && found.type == written_[count].type &&
                             found.payload == written_[count].payload);
            }
            ++count;
        }
        if (!damaged_) SALUS_ASSERT(count == written_.size());
    }

    void cut_power() {
        log_.reset();
        env_ = env_->crash(draw_.byte());
        reopen();
    }

    std::string path() {
        return std::string(directory) + "/" +
               segment_name(static_cast<std::uint32_t>(draw_.below(3)));
    }

    void write(const std::string& path, std::uint64_t offset, ByteView bytes) {
        auto file = env_->open(path, OpenMode::read_write);
        if (!file.ok() || offset + bytes.size() > segment_bytes) return;
        damaged_ = true;
        log_.reset();
        SALUS_ASSERT((*file)->write_at(offset, bytes).ok());
    }

    void forge() {
        const std::string target = path();
        SegmentHeader header;
        if (auto file = env_->open(target, OpenMode::read_only); file.ok()) {
            Bytes bytes(segment_header_bytes);
            (void)(*file)->read_at(0, bytes).ok();
            if (const auto read = decode_segment_header(bytes); read.ok()) header = *read;
        }
        const EntryHeader entry{.batch_index = static_cast<std::uint16_t>(draw_.below(3)),
                                .type = draw_.byte(),
                                .ends_batch = draw_.coin(),
                                .sequence = draw_.below(8)};
        Bytes bytes;
        append_entry(bytes, header.salt, entry, draw_.bytes(draw_.below(60)));
        write(target, segment_header_bytes + 8 * draw_.below(56), bytes);
        reopen();
    }

    void overwrite() {
        const std::string target = path();
        const std::uint64_t offset = draw_.below(segment_bytes);
        write(target, offset, draw_.bytes(draw_.below(80)));
        reopen();
    }

    void flip() {
        // Bytes in unused space of a whole log are zero, so one bit must show.
        const bool was_whole = is_whole();
        const std::string target = path();
        const std::uint64_t offset = draw_.below(segment_bytes);
        const auto bit = static_cast<unsigned>(draw_.below(8));
        log_.reset();
        if (!env_->flip_bit(target, offset, bit).ok()) return;
        damaged_ = true;
        if (was_whole) SALUS_ASSERT(!is_whole());
        reopen();
    }

    bool is_whole() {
        const auto report = scan_all(*env_, directory);
        return report.ok() && !report->first_bad && !report->torn_tail;
    }

    void scan() {
        std::size_t seen = 0;
        LogVisitor visitor;
        visitor.entry = [&](const Entry&) -> Status {
            ++seen;
            return done;
        };
        const auto report = scan_all(*env_, directory, visitor);
        SALUS_ASSERT(report.ok() && report->entries == seen);
        if (!damaged_) SALUS_ASSERT(!report->first_bad && seen == written_.size());
    }

    fuzz::Draw draw_;
    std::unique_ptr<SimEnv> env_;
    std::unique_ptr<SegmentLog> log_;
    std::vector<Written> written_;
    bool damaged_ = false;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const ByteView input(data, size);
    fuzz::check_codec(
        input, [](ByteView b) { return decode_segment_header(b); }, encode_segment_header);
    (void)decode_entry_header({}, input).has_value();
    if (const auto number = segment_number(as_text(input))) {
        SALUS_ASSERT(segment_name(*number) == as_text(input));
    }
    Story(fuzz::Draw(input)).run();
    return 0;
}
