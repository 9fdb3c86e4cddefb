#include "learn/csv_scan.hpp"

#include <algorithm>
#include <array>
#include <cstring>

namespace salus::learn {
namespace {

constexpr std::size_t progress_step_bytes = std::size_t{1} << 20;

Error at_row(std::size_t row, std::string what) {
    return Error{Errc::malformed,
                 "line " + std::to_string(row + 1) + " of the table: " + std::move(what)};
}

// A hand-written pull scanner: one cell at a time, one look at each byte.
class Scanner {
  public:
    Scanner(std::string_view file, char delimiter, std::size_t columns)
        : file_(file), delimiter_(delimiter), cells_(file, columns) {
        stops_['\n'] = stops_['\r'] = true;
        stops_[static_cast<std::uint8_t>(delimiter)] = true;
    }

    Result<Cells> run(std::size_t rows_limit, const CsvOptions& options) {
        std::size_t next_report = progress_step_bytes;
        while (skip_blank_lines()) {
            if (row_ == rows_limit) {
                return Error{Errc::out_of_range, "the file has more than " +
                                                     std::to_string(options.rows_max) + " rows"};
            }
            SALUS_TRY(read_row());
            if (at_ >= next_report && options.progress) {
                next_report = at_ + progress_step_bytes;
                if (!options.progress(at_ / 2, file_.size())) {
                    return Error{Errc::denied, "reading was stopped"};
                }
            }
        }
        return std::move(cells_);
    }

    // Counts the cells of the first row, so that every later one can be held to it.
    Result<std::size_t> first_row_cells() {
        if (!skip_blank_lines()) {
            return Error{Errc::malformed, "the file holds no rows"};
        }
        std::size_t count = 0;
        for (bool more = true; more; ++count) {
            more = SALUS_TRY(read_cell());
            if (count >= columns_max) {
                return Error{Errc::out_of_range,
                             "the file has more than " + std::to_string(columns_max) + " columns"};
            }
        }
        return count;
    }

  private:
    // A line of nothing but blanks is no row. False at the end of the file.
    bool skip_blank_lines() noexcept {
        while (at_ < file_.size()) {
            std::size_t look = at_;
            while (look < file_.size() && file_[look] == ' ') {
                ++look;
            }
            if (look == file_.size()) {
                return false;
            }
            if (file_[look] != '\n' && file_[look] != '\r') {
                return true;
            }
            at_ = look + 1;
        }
        return false;
    }

    Status read_row() {
        std::size_t count = 0;
        for (bool more = true; more; ++count) {
            more = SALUS_TRY(read_cell());
        }
        if (count != cells_.columns()) {
            return at_row(row_, "it has " + std::to_string(count) + " cells where " +
                                    std::to_string(cells_.columns()) + " were expected");
        }
        ++row_;
        if (cells_.size() > cells_max) {
            return Error{Errc::out_of_range,
                         "the file has more than " + std::to_string(cells_max) + " cells"};
        }
        return done;
    }

    // Reads one cell and what ends it. True when another cell follows on the same row.
    Result<bool> read_cell() {
        while (at_ < file_.size() && file_[at_] == ' ') {
            ++at_;
        }
        if (at_ < file_.size() && file_[at_] == '"') {
            return read_quoted();
        }
        const std::size_t start = at_;
        while (at_ < file_.size() && !stops_[static_cast<std::uint8_t>(file_[at_])]) {
            ++at_;
        }
        std::size_t end = at_;
        while (end > start && (file_[end - 1] == ' ' || file_[end - 1] == '\t')) {
            --end;
        }
        SALUS_TRY(check_length(end - start));
        cells_.add(static_cast<std::uint32_t>(start), static_cast<std::uint32_t>(end - start));
        return end_of_cell();
    }

    Result<bool> read_quoted() {
        const std::size_t start = ++at_;
        bool doubled = false;
        while (true) {
            const void* found = at_ < file_.size()
                                    ? std::memchr(file_.data() + at_, '"', file_.size() - at_)
                                    : nullptr;
            if (found == nullptr) {
                return at_row(row_, "a quoted cell is never closed");
            }
            at_ = static_cast<std::size_t>(static_cast<const char*>(found) - file_.data()) + 1;
            if (at_ < file_.size() && file_[at_] == '"') {
                doubled = true;
                ++at_;
                continue;
            }
            break;
        }
        const std::string_view inside = file_.substr(start, at_ - 1 - start);
        SALUS_TRY(check_length(inside.size()));
        if (doubled) {
            cells_.add_unescaped(undouble(inside));
        } else {
            cells_.add(static_cast<std::uint32_t>(start),
                       static_cast<std::uint32_t>(inside.size()));
        }
        while (at_ < file_.size() && file_[at_] == ' ') {
            ++at_;
        }
        if (at_ < file_.size() && !stops_[static_cast<std::uint8_t>(file_[at_])]) {
            return at_row(row_, "text follows a closing quote");
        }
        return end_of_cell();
    }

    static std::string undouble(std::string_view inside) {
        std::string out;
        out.reserve(inside.size());
        for (std::size_t i = 0; i < inside.size(); ++i) {
            out += inside[i];
            if (inside[i] == '"') {
                ++i;
            }
        }
        return out;
    }

    Status check_length(std::size_t length) const {
        if (length > cell_bytes_max) {
            return Error{Errc::out_of_range, "line " + std::to_string(row_ + 1) +
                                                 " of the table has a cell of " +
                                                 std::to_string(length) + " bytes; at most " +
                                                 std::to_string(cell_bytes_max) + " are read"};
        }
        return done;
    }

    bool end_of_cell() noexcept {
        if (at_ == file_.size()) {
            return false;
        }
        const char stop = file_[at_++];
        if (stop == '\r' && at_ < file_.size() && file_[at_] == '\n') {
            ++at_;
        }
        return stop == delimiter_;
    }

    std::string_view file_;
    char delimiter_;
    Cells cells_;
    std::array<bool, 256> stops_{};
    std::size_t at_ = 0;
    std::size_t row_ = 0;
};

}  // namespace

char detect_delimiter(std::string_view file) noexcept {
    constexpr std::array<char, 4> candidates{',', ';', '\t', '|'};
    constexpr std::size_t lines_looked_at = 20;
    std::array<std::size_t, 4> fewest{};
    std::array<std::size_t, 4> count{};
    fewest.fill(file.size() + 1);
    bool quoted = false;
    std::size_t lines = 0;
    bool any = false;
    for (std::size_t at = 0; at <= file.size() && lines < lines_looked_at; ++at) {
        const char c = at < file.size() ? file[at] : '\n';
        if (c == '"') {
            quoted = !quoted;
        } else if (!quoted && (c == '\n' || c == '\r')) {
            if (any) {
                std::transform(count.begin(), count.end(), fewest.begin(), fewest.begin(),
                               [](std::size_t a, std::size_t b) { return std::min(a, b); });
                ++lines;
            }
            count.fill(0);
            any = false;
        } else if (!quoted) {
            any = any || c != ' ';
            for (std::size_t i = 0; i < candidates.size(); ++i) {
                count[i] += c == candidates[i] ? 1U : 0U;
            }
        }
    }
    std::size_t best = 0;
    for (std::size_t i = 1; i < candidates.size(); ++i) {
        const bool known = fewest[i] <= file.size();
        if (known && (fewest[best] > file.size() || fewest[i] > fewest[best])) {
            best = i;
        }
    }
    return candidates[best];
}

Result<Cells> scan_csv(std::string_view file, const CsvOptions& options) {
    const char delimiter = options.delimiter != 0 ? options.delimiter : detect_delimiter(file);
    const std::size_t columns = SALUS_TRY(Scanner(file, delimiter, 1).first_row_cells());
    // One row more than the limit: whether the first is a header is decided later.
    Scanner scanner(file, delimiter, columns);
    return scanner.run(options.rows_max + 1, options);
}

}  // namespace salus::learn
