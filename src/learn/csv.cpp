#include "learn/csv.hpp"

#include "learn/csv_scan.hpp"
#include "learn/infer.hpp"

#include <algorithm>
#include <set>

namespace salus::learn {
namespace {

Result<std::string_view> checked_text(ByteView bytes) {
    if (bytes.size() > file_bytes_max) {
        return Error{Errc::out_of_range,
                     "the file is larger than " + std::to_string(file_bytes_max >> 20) + " MiB"};
    }
    if (bytes.size() >= 2 &&
        ((bytes[0] == 0xff && bytes[1] == 0xfe) || (bytes[0] == 0xfe && bytes[1] == 0xff))) {
        return Error{Errc::malformed, "the file is UTF-16; save it as UTF-8 text"};
    }
    std::string_view text = as_text(bytes);
    if (text.starts_with("\xef\xbb\xbf")) {
        text.remove_prefix(3);
    }
    if (text.find('\0') != std::string_view::npos) {
        return Error{Errc::malformed, "the file is binary, not text: it holds a zero byte"};
    }
    if (!is_utf8(as_bytes(text))) {
        return Error{Errc::malformed, "the file is not UTF-8 text; save it as CSV in UTF-8"};
    }
    return text;
}

Status check_options(const CsvOptions& options) {
    if (options.missing.size() > missing_marks_max) {
        return Error{Errc::out_of_range,
                     "more than " + std::to_string(missing_marks_max) + " marks of missing cells"};
    }
    for (const std::string& mark : options.missing) {
        if (mark.size() > missing_mark_bytes_max) {
            return Error{Errc::out_of_range, "a mark of missing cells is too long"};
        }
    }
    return done;
}

// Names as the table will carry them: never empty, never twice.
class Names {
  public:
    explicit Names(std::vector<Warning>& warnings) : warnings_(warnings) {}

    Result<std::string> next(std::string_view wanted, std::size_t position) {
        if (wanted.size() > column_name_bytes_max) {
            return Error{Errc::out_of_range, "the name of column " + std::to_string(position + 1) +
                                                 " is longer than " +
                                                 std::to_string(column_name_bytes_max) + " bytes"};
        }
        const std::string base =
            wanted.empty() ? "column_" + std::to_string(position + 1) : std::string{wanted};
        std::string name = base;
        for (std::size_t copy = 2; !taken_.insert(name).second; ++copy) {
            name = base + "_" + std::to_string(copy);
        }
        if (name != base) {
            warnings_.push_back({"duplicate_names", name,
                                 "two columns had one name; column " +
                                     std::to_string(position + 1) + " is now called " + name});
        }
        return name;
    }

  private:
    std::set<std::string, std::less<>> taken_;
    std::vector<Warning>& warnings_;
};

bool same_names(const Cells& cells, const std::vector<std::string>& names) {
    for (std::size_t i = 0; i < names.size(); ++i) {
        const std::string_view cell = cells.at(0, i);
        const bool same = std::equal(cell.begin(), cell.end(), names[i].begin(), names[i].end(),
                                     [](char a, char b) { return (a | 0x20) == (b | 0x20); });
        if (!same) {
            return false;
        }
    }
    return true;
}

// Decides whether the first row holds names, and says so when it is in doubt.
Result<bool> first_row_is_header(const Cells& cells, const CsvOptions& options,
                                 std::vector<Warning>& warnings) {
    const Header header = judge_header(cells, MissingMarks(options.missing));
    if (options.columns.empty()) {
        if (header.doubtful) {
            warnings.push_back({"header", "", "header: " + header.why});
        }
        return header.first_row_is_header;
    }
    if (options.columns.size() != cells.columns()) {
        return Error{Errc::malformed, std::to_string(options.columns.size()) +
                                          " column names were given for " +
                                          std::to_string(cells.columns()) + " columns"};
    }
    const bool plain_header = header.first_row_is_header && !header.doubtful;
    if (plain_header || same_names(cells, options.columns)) {
        warnings.push_back(
            {"header", "", "header: the file has one; the given column names replace it"});
        return true;
    }
    return false;
}

void warn_about(const BuiltColumn& built, std::size_t rows, std::vector<Warning>& warnings) {
    const std::string& name = built.column.name;
    if (built.missing == rows) {
        warnings.push_back({"all_missing", name, "column " + name + " holds no value at all"});
    } else if (built.distinct == 1 && rows > 1) {
        warnings.push_back(
            {"single_value", name, "column " + name + " holds one value only; it tells nothing"});
    }
    if (built.mixed > 0) {
        warnings.push_back(
            {"mixed_numbers", name,
             "column " + name + " holds numbers and " + grouped(built.mixed) +
                 " cells that are not; if those mean missing, add them to the missing marks"});
    }
}

}  // namespace

Result<CsvResult> read_csv(ByteView bytes, const CsvOptions& options) {
    SALUS_TRY(check_options(options));
    const std::string_view text = SALUS_TRY(checked_text(bytes));
    const Cells cells = SALUS_TRY(scan_csv(text, options));
    CsvResult result;
    const bool header = SALUS_TRY(first_row_is_header(cells, options, result.warnings));
    const std::size_t first_row = header ? 1 : 0;
    result.table.rows = cells.rows() - first_row;
    if (result.table.rows == 0) {
        return Error{Errc::malformed, "the file has a header and no rows"};
    }
    if (result.table.rows > options.rows_max) {
        return Error{Errc::out_of_range,
                     "the file has more than " + std::to_string(options.rows_max) + " rows"};
    }
    const MissingMarks marks(options.missing);
    Names names(result.warnings);
    for (std::size_t i = 0; i < cells.columns(); ++i) {
        std::string_view wanted;
        if (!options.columns.empty()) {
            wanted = options.columns[i];
        } else if (header) {
            wanted = cells.at(0, i);
        }
        BuiltColumn built =
            build_column(cells, i, first_row, SALUS_TRY(names.next(wanted, i)), marks);
        warn_about(built, result.table.rows, result.warnings);
        result.missing.push_back(built.missing);
        result.distinct.push_back(built.distinct);
        result.table.columns.push_back(std::move(built.column));
        const std::uint64_t size = text.size();
        if (options.progress &&
            !options.progress(size / 2 + size / 2 * (i + 1) / cells.columns(), size)) {
            return Error{Errc::denied, "reading was stopped"};
        }
    }
    suggest_roles(result.table);
    result.duplicate_rows = duplicate_count(result.table);
    if (result.duplicate_rows > 0) {
        result.warnings.push_back(
            {"duplicates", "",
             grouped(result.duplicate_rows) +
                 (result.duplicate_rows == 1 ? " row repeats" : " rows repeat") +
                 " an earlier row in every column"});
    }
    return result;
}

namespace {

// A cell that a reader would trim, split or take for missing is quoted.
void append_csv_cell(std::string& to, std::string_view cell) {
    const bool plain = cell.find_first_of(",\"\n\r;\t|") == std::string_view::npos &&
                       (cell.empty() || (cell.front() != ' ' && cell.back() != ' '));
    if (plain) {
        to += cell;
        return;
    }
    to += '"';
    for (const char c : cell) {
        to.append(c == '"' ? 2 : 1, c);
    }
    to += '"';
}

}  // namespace

std::string write_csv(const Table& table) {
    std::string out;
    for (std::size_t i = 0; i < table.columns.size(); ++i) {
        out += i == 0 ? "" : ",";
        append_csv_cell(out, table.columns[i].name);
    }
    out += '\n';
    for (std::size_t row = 0; row < table.rows; ++row) {
        for (std::size_t i = 0; i < table.columns.size(); ++i) {
            const Column& column = table.columns[i];
            out += i == 0 ? "" : ",";
            if (column.codes.empty()) {
                append_cell(out, column, row);
            } else if (!column.is_missing(row)) {
                append_csv_cell(out, column.levels[column.codes[row]]);
            }
        }
        out += '\n';
    }
    return out;
}

}  // namespace salus::learn
