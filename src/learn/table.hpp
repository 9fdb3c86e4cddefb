#pragma once

#include "learn/number_text.hpp"

#include <cstddef>
#include <cstdint>
#include <limits>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace salus::learn {

/// What the cells of a column are. number, integer and date are stored as doubles (a date as days
/// since 1970); category, text and identifier as positions in a list of distinct texts.
enum class Kind : std::uint8_t { number, integer, category, text, date, identifier };

/// What a column tells about a person: names one outright, helps to find one, is what must stay
/// secret, or is what a model predicts.
enum class Role : std::uint8_t { none, identifier, quasi_identifier, sensitive, label };

std::string_view to_string(Kind kind) noexcept;
std::string_view to_string(Role role) noexcept;

inline constexpr std::uint32_t missing_code = std::numeric_limits<std::uint32_t>::max();
inline constexpr double missing_number = std::numeric_limits<double>::quiet_NaN();

/// One column. Exactly one of `numbers` and `codes` has one entry per row.
struct Column {
    std::string name;   ///< as the file writes it; unique in the table
    std::string label;  ///< for people; empty: the name
    std::string unit;   ///< empty: none known
    Kind kind = Kind::text;
    Role role = Role::none;
    int decimals = 0;                                    ///< most decimals of a present cell
    double low = missing_number, high = missing_number;  ///< public range from a data dictionary

    std::vector<double> numbers;       ///< NaN: missing
    std::vector<std::uint32_t> codes;  ///< missing_code: missing
    std::vector<std::string> levels;   ///< distinct texts; after encoding, the text of each number
    std::vector<std::string> level_names;  ///< words of a dictionary: empty, or one for each level
    std::vector<std::uint8_t> filled;      ///< empty, or 1 where processing filled a missing cell

    [[nodiscard]] bool is_numeric() const noexcept { return !numbers.empty() || codes.empty(); }
    [[nodiscard]] bool is_missing(std::size_t row) const noexcept {
        return codes.empty() ? numbers[row] != numbers[row] : codes[row] == missing_code;
    }
    [[nodiscard]] bool was_filled(std::size_t row) const noexcept {
        return !filled.empty() && filled[row] != 0;
    }
    [[nodiscard]] std::string_view title() const noexcept {
        return label.empty() ? std::string_view{name} : std::string_view{label};
    }
};

struct Table {
    std::size_t rows = 0;
    std::vector<Column> columns;

    /// Position of a column by name, or columns.size().
    [[nodiscard]] std::size_t find(std::string_view name) const noexcept;
    [[nodiscard]] bool has(std::string_view name) const noexcept {
        return find(name) < columns.size();
    }
};

/// The cell as data: the text or number that a CSV of this table holds; empty when missing.
std::string cell_text(const Column& column, std::size_t row);
void append_cell(std::string& to, const Column& column, std::size_t row);
/// The cell for people: the dictionary's word where there is one ("Female" for 0).
std::string cell_display(const Column& column, std::size_t row);
/// The word of a level, or its text.
std::string_view level_word(const Column& column, std::size_t level) noexcept;

std::size_t missing_count(const Column& column) noexcept;
/// Different present values. O(rows).
std::size_t distinct_count(const Column& column);

/// For each row, 1 when an earlier row holds the same value in every column. O(rows × columns).
std::vector<std::uint8_t> duplicate_flags(const Table& table);
std::size_t duplicate_count(const Table& table);

/// Drops the rows flagged 1.
void drop_rows(Table& table, std::span<const std::uint8_t> flags);

/// 64-bit mixing for the open hash tables of this module; not cryptographic.
std::uint64_t mix(std::uint64_t value) noexcept;
std::uint64_t hash_text(std::string_view text) noexcept;

}  // namespace salus::learn
