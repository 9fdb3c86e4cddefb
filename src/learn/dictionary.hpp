#pragma once

#include "base/bytes.hpp"
#include "learn/csv.hpp"
#include "learn/table.hpp"

#include <string>
#include <string_view>
#include <vector>

/// What the columns of a data set mean. docs/formats/data-dictionary.md.
namespace salus::learn {

struct DictionaryEntry {
    std::string column;
    Kind kind = Kind::number;  ///< number, integer, category, date, text, identifier
    double low = missing_number,
           high = missing_number;     ///< public range, never taken from the data
    std::vector<std::string> levels;  ///< every value that a category can have
    std::string label;                ///< for people
    std::string unit;
    std::vector<std::string> level_names;  ///< empty, or a word for each level
    Role role = Role::none;                ///< none: suggested from the name
};

struct Dictionary {
    std::vector<DictionaryEntry> entries;
    [[nodiscard]] const DictionaryEntry* find(std::string_view column) const noexcept;
};

/// Header `column,kind,low,high,levels` and, in any order, `label`, `unit`, `level_names`, `role`.
/// `levels` are separated by blanks, `level_names` by semicolons. Errors: malformed — no such
/// header, an unknown kind or role, a range that is no range, names that do not match
///         the levels, a column twice; out_of_range — larger than 1 MiB or 1,000 levels.
Result<Dictionary> parse_dictionary(ByteView csv);

/// Built in: "demo" (the demo rows) and "heart" (the 14 attributes of the UCI heart-disease sets).
/// Empty text for any other name.
std::string_view builtin_dictionary_csv(std::string_view name) noexcept;

/// The built-in dictionary whose columns are all in the table, or null. Parsed once.
const Dictionary* builtin_dictionary_for(const Table& table);

/// Gives the table's columns their label, unit, range, role, levels and words; a number column that
/// the dictionary calls a category becomes one. Warnings say how many values lie outside the range
/// or are no level: counts only.
std::vector<Warning> apply_dictionary(Table& table, const Dictionary& dictionary);

}  // namespace salus::learn
