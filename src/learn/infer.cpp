#include "learn/infer.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <initializer_list>

namespace salus::learn {
namespace {

constexpr std::size_t header_rows_looked_at = 200;

bool is_number(std::string_view cell) noexcept {
    ParsedNumber parsed;
    return parse_number(cell, parsed);
}

bool is_date(std::string_view cell) noexcept {
    double days = 0;
    return parse_date(cell, days);
}

// Distinct texts in the order in which they first appear, with an open hash table over them.
class TextPool {
  public:
    std::uint32_t code(std::string_view text) {
        const std::uint64_t hash = hash_text(text);
        if ((levels_.size() + 1) * 2 > slots_.size()) {
            grow();
        }
        const std::size_t mask = slots_.size() - 1;
        std::size_t at = hash & mask;
        while (slots_[at] != missing_code) {
            if (hashes_[slots_[at]] == hash && levels_[slots_[at]] == text) {
                return slots_[at];
            }
            at = (at + 1) & mask;
        }
        slots_[at] = static_cast<std::uint32_t>(levels_.size());
        levels_.emplace_back(text);
        hashes_.push_back(hash);
        return slots_[at];
    }
    std::vector<std::string> take() { return std::move(levels_); }

  private:
    void grow() {
        slots_.assign(std::max<std::size_t>(64, slots_.size() * 4), missing_code);
        const std::size_t mask = slots_.size() - 1;
        for (std::uint32_t i = 0; i < hashes_.size(); ++i) {
            std::size_t at = hashes_[i] & mask;
            while (slots_[at] != missing_code) {
                at = (at + 1) & mask;
            }
            slots_[at] = i;
        }
    }
    std::vector<std::uint32_t> slots_;
    std::vector<std::uint64_t> hashes_;
    std::vector<std::string> levels_;
};

struct Source {
    const Cells& cells;
    std::size_t index;
    std::size_t first_row;
    const MissingMarks& marks;

    [[nodiscard]] std::size_t rows() const noexcept { return cells.rows() - first_row; }
    [[nodiscard]] std::string_view at(std::size_t row) const noexcept {
        return cells.at(row + first_row, index);
    }
};

// Number columns are the common case: one attempt over the column, given up at the first word.
bool try_numbers(const Source& source, BuiltColumn& built) {
    Column& column = built.column;
    column.numbers.resize(source.rows());
    bool whole = true;
    for (std::size_t row = 0; row < source.rows(); ++row) {
        const std::string_view cell = source.at(row);
        ParsedNumber parsed;
        if (parse_number(cell, parsed) && !source.marks.covers(cell)) {
            column.numbers[row] = parsed.value;
            const bool integral = parsed.value == static_cast<double>(static_cast<std::int64_t>(
                                                      std::clamp(parsed.value, -9e15, 9e15)));
            whole = whole && integral;
            column.decimals = std::max(column.decimals, integral ? 0 : parsed.decimals);
        } else if (source.marks.covers(cell)) {
            column.numbers[row] = missing_number;
            ++built.missing;
        } else {
            return false;
        }
    }
    column.kind = whole ? Kind::integer : Kind::number;
    return true;
}

bool try_dates(const Source& source, BuiltColumn& built) {
    Column& column = built.column;
    column.numbers.resize(source.rows());
    std::size_t dates = 0;
    for (std::size_t row = 0; row < source.rows(); ++row) {
        const std::string_view cell = source.at(row);
        if (parse_date(cell, column.numbers[row])) {
            ++dates;
        } else if (source.marks.covers(cell)) {
            column.numbers[row] = missing_number;
            ++built.missing;
        } else {
            return false;
        }
    }
    column.kind = Kind::date;
    return dates > 0;
}

void read_texts(const Source& source, BuiltColumn& built) {
    TextPool pool;
    Column& column = built.column;
    column.codes.resize(source.rows());
    for (std::size_t row = 0; row < source.rows(); ++row) {
        const std::string_view cell = source.at(row);
        if (source.marks.covers(cell)) {
            column.codes[row] = missing_code;
            ++built.missing;
        } else {
            column.codes[row] = pool.code(cell);
        }
    }
    column.levels = pool.take();
    built.distinct = column.levels.size();
}

bool has_any(const std::vector<std::string>& words, std::initializer_list<std::string_view> of) {
    return std::any_of(words.begin(), words.end(), [&](const std::string& word) {
        return std::find(of.begin(), of.end(), word) != of.end();
    });
}

bool names_a_person(const std::vector<std::string>& words) {
    return has_any(words,
                   {"id",        "ids",        "uuid",     "guid",      "mrn",       "ssn",
                    "nhs",       "email",      "mail",     "phone",     "telephone", "mobile",
                    "surname",   "firstname",  "lastname", "address",   "street",    "passport",
                    "insurance", "identifier", "code",     "patientid", "subjectid", "personid"});
}

Kind kind_of_texts(const Column& column, std::size_t present) {
    const std::size_t distinct = column.levels.size();
    std::size_t bytes = 0;
    bool blanks = false;
    for (const std::string& level : column.levels) {
        bytes += level.size();
        blanks = blanks || level.find(' ') != std::string::npos;
    }
    const std::size_t mean_bytes = distinct == 0 ? 0 : bytes / distinct;
    if (names_a_person(name_words(column.name)) && distinct * 2 > present) {
        return Kind::identifier;
    }
    if (distinct == present && present >= 20 && !blanks && mean_bytes <= 64) {
        return Kind::identifier;
    }
    const bool few =
        distinct <= 20 || (distinct <= category_levels_max && distinct * 10 <= present);
    return few && mean_bytes <= 64 ? Kind::category : Kind::text;
}

// A column that merely counts the rows, or is called an id and hardly repeats, is nobody's
// measurement.
bool numbers_identify(const Column& column, std::size_t distinct, std::size_t present) {
    if (column.kind != Kind::integer || present < 2) {
        return false;
    }
    if (names_a_person(name_words(column.name)) && distinct * 2 > present) {
        return true;
    }
    if (present != column.numbers.size() || present < 20) {
        return false;
    }
    for (std::size_t row = 1; row < column.numbers.size(); ++row) {
        if (column.numbers[row] != column.numbers[row - 1] + 1) {
            return false;
        }
    }
    return true;
}

std::size_t count_numbers(const Column& column) {
    std::vector<std::uint8_t> numeric(column.levels.size(), 0);
    for (std::size_t level = 0; level < column.levels.size(); ++level) {
        numeric[level] = is_number(column.levels[level]) ? 1 : 0;
    }
    return static_cast<std::size_t>(std::count_if(
        column.codes.begin(), column.codes.end(),
        [&](std::uint32_t code) { return code != missing_code && numeric[code] != 0; }));
}

}  // namespace

bool MissingMarks::covers(std::string_view cell) const noexcept {
    if (cell.empty()) {
        return true;
    }
    if (cell.size() <= 3 && (cell == "?" || cell == "NA" || cell == "NaN")) {
        return true;
    }
    return !more_.empty() && std::find(more_.begin(), more_.end(), cell) != more_.end();
}

BuiltColumn build_column(const Cells& cells, std::size_t index, std::size_t first_row,
                         std::string name, const MissingMarks& marks) {
    const Source source{cells, index, first_row, marks};
    BuiltColumn built;
    built.column.name = std::move(name);
    const auto restart = [&] {
        built.column.numbers.clear();
        built.column.numbers.shrink_to_fit();
        built.column.decimals = 0;
        built.missing = 0;
    };
    if (try_numbers(source, built)) {
        const std::size_t present = source.rows() - built.missing;
        built.distinct = distinct_count(built.column);
        if (present == 0) {
            built.column.kind = Kind::number;
        } else if (numbers_identify(built.column, built.distinct, present)) {
            restart();
            read_texts(source, built);
            built.column.kind = Kind::identifier;
        }
        return built;
    }
    restart();
    if (try_dates(source, built)) {
        built.distinct = distinct_count(built.column);
        return built;
    }
    restart();
    read_texts(source, built);
    const std::size_t present = source.rows() - built.missing;
    built.column.kind = kind_of_texts(built.column, present);
    const std::size_t numeric = count_numbers(built.column);
    if (numeric * 10 >= present * 9) {
        built.mixed = present - numeric;
    }
    return built;
}

Header judge_header(const Cells& cells, const MissingMarks& marks) {
    std::size_t data_like = 0;
    std::size_t header_like = 0;
    std::size_t values_in_first = 0;
    const std::size_t last = std::min(cells.rows(), header_rows_looked_at + 1);
    for (std::size_t column = 0; column < cells.columns(); ++column) {
        const std::string_view top = cells.at(0, column);
        const bool top_value = is_number(top) || is_date(top);
        values_in_first += top_value ? 1U : 0U;
        std::size_t values = 0;
        std::size_t present = 0;
        bool repeats = false;
        for (std::size_t row = 1; row < last; ++row) {
            const std::string_view cell = cells.at(row, column);
            if (!marks.covers(cell)) {
                ++present;
                values += is_number(cell) || is_date(cell) ? 1U : 0U;
                repeats = repeats || cell == top;
            }
        }
        const bool body_values = present > 0 && values == present;
        if (body_values && !top_value && !marks.covers(top)) {
            ++header_like;
        } else if (top_value || (repeats && !marks.covers(top))) {
            ++data_like;
        }
    }
    Header header;
    if (header_like > 0) {
        header.doubtful = values_in_first > 0;
        header.why = "the first row was taken as the header although some of its cells are values";
    } else if (data_like > 0) {
        header.first_row_is_header = false;
        header.doubtful = true;
        header.why =
            "no header was found: the first row looks like data and was kept as a row; "
            "the columns are named column_1, column_2 and so on";
    } else {
        header.doubtful = true;
        header.why =
            "the first row was taken as the header; nothing in the rows below tells whether "
            "it is one";
    }
    return header;
}

std::vector<std::string> name_words(std::string_view name) {
    std::vector<std::string> words;
    std::string word;
    char before = 0;
    for (const char c : name) {
        const bool upper = c >= 'A' && c <= 'Z';
        const bool lower = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || (c & 0x80) != 0;
        const bool hump = upper && before >= 'a' && before <= 'z';
        if (((!upper && !lower) || hump) && !word.empty()) {
            words.push_back(word);
            word.clear();
        }
        if (upper || lower) {
            word += upper ? static_cast<char>(c - 'A' + 'a') : c;
        }
        before = c;
    }
    if (!word.empty()) {
        words.push_back(word);
    }
    return words;
}

bool is_gender_name(std::string_view name) {
    return has_any(name_words(name), {"gender", "sex"});
}

Role role_by_name(std::string_view name, Kind kind) {
    const std::vector<std::string> words = name_words(name);
    if (kind == Kind::identifier ||
        (kind == Kind::text && (names_a_person(words) || has_any(words, {"name"})))) {
        return Role::identifier;
    }
    if (kind == Kind::date ||
        has_any(words, {"age",      "sex",        "gender",   "birth",   "birthday",  "dob",
                        "zip",      "zipcode",    "postcode", "postal",  "city",      "town",
                        "county",   "region",     "state",    "country", "race",      "ethnicity",
                        "religion", "occupation", "job",      "marital", "education", "nationality",
                        "language", "hospital",   "site",     "date"})) {
        return Role::quasi_identifier;
    }
    return kind == Kind::text ? Role::none : Role::sensitive;
}

void suggest_roles(Table& table) {
    std::size_t label = table.columns.size();
    int label_rank = 0;
    for (std::size_t i = 0; i < table.columns.size(); ++i) {
        Column& column = table.columns[i];
        column.role = role_by_name(column.name, column.kind);
        if (column.role != Role::sensitive || column.kind == Kind::number) {
            continue;
        }
        const std::vector<std::string> words = name_words(column.name);
        int rank = 0;
        if (has_any(words, {"num", "target", "label", "outcome", "class", "y"})) {
            rank = 3;
        } else if (has_any(words, {"diagnosis", "disease", "diabetes", "death", "mortality",
                                   "readmitted", "stroke", "result"})) {
            rank = 2;
        }
        if (rank > 0 && rank >= label_rank && distinct_count(column) <= 10) {
            label = i;
            label_rank = rank;
        }
    }
    if (label < table.columns.size()) {
        table.columns[label].role = Role::label;
    }
}

}  // namespace salus::learn
