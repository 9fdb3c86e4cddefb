#include "learn/dictionary.hpp"

#include "learn/infer.hpp"

#include <algorithm>
#include <map>
#include <optional>

namespace salus::learn {
namespace {

std::vector<std::string> split(std::string_view text, char separator) {
    std::vector<std::string> parts;
    std::size_t start = 0;
    while (start <= text.size() && !text.empty()) {
        const std::size_t end = std::min(text.find(separator, start), text.size());
        std::string_view part = text.substr(start, end - start);
        while (part.starts_with(' ')) {
            part.remove_prefix(1);
        }
        while (part.ends_with(' ')) {
            part.remove_suffix(1);
        }
        if (!part.empty() || separator != ' ') {
            parts.emplace_back(part);
        }
        start = end + 1;
    }
    return parts;
}

std::optional<Kind> kind_from(std::string_view text) {
    for (const Kind kind :
         {Kind::number, Kind::integer, Kind::category, Kind::text, Kind::date, Kind::identifier}) {
        if (to_string(kind) == text) {
            return kind;
        }
    }
    return std::nullopt;
}

std::optional<Role> role_from(std::string_view text) {
    for (const Role role :
         {Role::none, Role::identifier, Role::quasi_identifier, Role::sensitive, Role::label}) {
        if (to_string(role) == text) {
            return role;
        }
    }
    return text.empty() ? std::optional{Role::none} : std::nullopt;
}

Error bad_entry(std::size_t row, const char* what) {
    return Error{Errc::malformed,
                 "entry " + std::to_string(row + 1) + " of the data dictionary " + what};
}

// The dictionary is itself a table of texts: empty cells are empty texts here.
class Reader {
  public:
    explicit Reader(const Cells& cells) : cells_(cells) {
        for (std::size_t i = 0; i < cells.columns(); ++i) {
            position_[std::string{cells.at(0, i)}] = i;
        }
    }
    [[nodiscard]] bool has(const char* name) const { return position_.count(name) == 1; }
    [[nodiscard]] std::string_view at(std::size_t row, const char* name) const {
        const auto found = position_.find(name);
        return found == position_.end() ? std::string_view{} : cells_.at(row + 1, found->second);
    }

  private:
    const Cells& cells_;
    std::map<std::string, std::size_t, std::less<>> position_;
};

Status read_range(const Reader& reader, std::size_t row, DictionaryEntry& entry) {
    for (const bool low : {true, false}) {
        const std::string_view text = reader.at(row, low ? "low" : "high");
        ParsedNumber parsed;
        if (text.empty()) {
            continue;
        }
        if (!parse_number(text, parsed)) {
            return bad_entry(row, "has a bound that is not a number");
        }
        (low ? entry.low : entry.high) = parsed.value;
    }
    if (entry.low > entry.high) {
        return bad_entry(row, "has a low above its high");
    }
    return done;
}

Result<DictionaryEntry> read_entry(const Reader& reader, std::size_t row) {
    DictionaryEntry entry;
    entry.column = reader.at(row, "column");
    if (entry.column.empty()) {
        return bad_entry(row, "names no column");
    }
    const std::optional<Kind> kind = kind_from(reader.at(row, "kind"));
    if (!kind) {
        return bad_entry(row, "has an unknown kind");
    }
    entry.kind = *kind;
    SALUS_TRY(read_range(reader, row, entry));
    entry.levels = split(reader.at(row, "levels"), ' ');
    entry.label = reader.at(row, "label");
    entry.unit = reader.at(row, "unit");
    entry.level_names = split(reader.at(row, "level_names"), ';');
    if (entry.levels.size() > dictionary_levels_max) {
        return Error{Errc::out_of_range, "the data dictionary has more than " +
                                             std::to_string(dictionary_levels_max) + " levels"};
    }
    if (entry.levels.empty() && !entry.level_names.empty()) {
        entry.levels = entry.level_names;  // words are their own levels: "Not stated" has a blank
        entry.level_names.clear();
    }
    if (!entry.level_names.empty() && entry.level_names.size() != entry.levels.size()) {
        return bad_entry(row, "has another number of level names than of levels");
    }
    const std::optional<Role> role = role_from(reader.at(row, "role"));
    if (!role) {
        return bad_entry(row, "has an unknown role");
    }
    entry.role = *role;
    return entry;
}

}  // namespace

const DictionaryEntry* Dictionary::find(std::string_view column) const noexcept {
    for (const DictionaryEntry& entry : entries) {
        if (entry.column == column) {
            return &entry;
        }
    }
    return nullptr;
}

Result<Dictionary> parse_dictionary(ByteView csv) {
    if (csv.size() > dictionary_bytes_max) {
        return Error{Errc::out_of_range, "the data dictionary is larger than 1 MiB"};
    }
    std::string_view text = as_text(csv);
    if (!is_utf8(csv)) {
        return Error{Errc::malformed, "the data dictionary is not UTF-8 text"};
    }
    if (text.starts_with("\xef\xbb\xbf")) {
        text.remove_prefix(3);
    }
    CsvOptions options;
    options.delimiter = ',';
    const Cells cells = SALUS_TRY(scan_csv(text, options));
    const Reader reader(cells);
    for (const char* const needed : {"column", "kind"}) {
        if (!reader.has(needed)) {
            return Error{Errc::malformed,
                         "the data dictionary has no header with `column` and `kind`"};
        }
    }
    Dictionary dictionary;
    for (std::size_t row = 0; row + 1 < cells.rows(); ++row) {
        DictionaryEntry entry = SALUS_TRY(read_entry(reader, row));
        if (dictionary.find(entry.column) != nullptr) {
            return bad_entry(row, "names a column that was named before");
        }
        dictionary.entries.push_back(std::move(entry));
    }
    return dictionary;
}

const Dictionary* builtin_dictionary_for(const Table& table) {
    static const auto builtins = [] {
        std::vector<Dictionary> all;
        for (const std::string_view name : {"demo", "heart"}) {
            Result<Dictionary> parsed = parse_dictionary(as_bytes(builtin_dictionary_csv(name)));
            SALUS_ASSERT(parsed.ok());
            all.push_back(std::move(*parsed));
        }
        return all;
    }();
    for (const Dictionary& dictionary : builtins) {
        const bool all =
            std::all_of(dictionary.entries.begin(), dictionary.entries.end(),
                        [&](const DictionaryEntry& entry) { return table.has(entry.column); });
        if (all) {
            return &dictionary;
        }
    }
    return nullptr;
}

namespace {

std::uint32_t level_of(std::vector<std::string>& levels, const std::string& text) {
    const auto found = std::find(levels.begin(), levels.end(), text);
    if (found != levels.end()) {
        return static_cast<std::uint32_t>(found - levels.begin());
    }
    levels.push_back(text);
    return static_cast<std::uint32_t>(levels.size() - 1);
}

// Levels in the dictionary's order, values that it does not know after them.
std::size_t make_category(Column& column, const DictionaryEntry& entry) {
    std::vector<std::string> levels = entry.levels;
    std::size_t unknown = 0;
    const std::size_t rows = column.codes.empty() ? column.numbers.size() : column.codes.size();
    std::vector<std::uint32_t> codes(rows, missing_code);
    std::vector<std::uint32_t> moved(column.levels.size(), missing_code);
    for (std::size_t row = 0; row < rows; ++row) {
        if (column.is_missing(row)) {
            continue;
        }
        if (column.codes.empty()) {
            codes[row] = level_of(levels, number_text(column.numbers[row]));
        } else {
            std::uint32_t& target = moved[column.codes[row]];
            if (target == missing_code) {
                target = level_of(levels, column.levels[column.codes[row]]);
            }
            codes[row] = target;
        }
        unknown += codes[row] >= entry.levels.size() ? 1U : 0U;
    }
    column.kind = Kind::category;
    column.numbers = {};
    column.codes = std::move(codes);
    column.levels = std::move(levels);
    column.level_names = entry.level_names;
    if (!column.level_names.empty()) {
        column.level_names.resize(column.levels.size());
    }
    return unknown;
}

std::size_t outside_range(const Column& column) {
    return static_cast<std::size_t>(
        std::count_if(column.numbers.begin(), column.numbers.end(),
                      [&](double number) { return number < column.low || number > column.high; }));
}

}  // namespace

std::vector<Warning> apply_dictionary(Table& table, const Dictionary& dictionary) {
    std::vector<Warning> warnings;
    for (Column& column : table.columns) {
        const DictionaryEntry* const entry = dictionary.find(column.name);
        if (entry == nullptr) {
            continue;
        }
        column.label = entry->label;
        column.unit = entry->unit;
        column.low = entry->low;
        column.high = entry->high;
        column.role = entry->role != Role::none ? entry->role : column.role;
        const bool few_enough =
            !column.codes.empty() || distinct_count(column) <= category_levels_max;
        if (entry->kind == Kind::category && few_enough) {
            const std::size_t unknown = make_category(column, *entry);
            if (unknown > 0 && !entry->levels.empty()) {
                warnings.push_back({"unknown_level", column.name,
                                    "column " + column.name + " has " + grouped(unknown) +
                                        " cells that are no level of the data dictionary"});
            }
        } else if (column.codes.empty()) {
            if (const std::size_t outside = outside_range(column); outside > 0) {
                warnings.push_back({"outside_range", column.name,
                                    "column " + column.name + " has " + grouped(outside) +
                                        " values outside the range of the data dictionary"});
            }
        }
    }
    return warnings;
}

}  // namespace salus::learn
