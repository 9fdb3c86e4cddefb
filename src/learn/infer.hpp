#pragma once

#include "learn/csv_scan.hpp"
#include "learn/table.hpp"

#include <string>
#include <string_view>
#include <vector>

/// The second half of read_csv: cells to typed columns, and what a column says about a person.
namespace salus::learn {

/// The empty cell, `?`, `NA`, `NaN` and the marks that the caller added.
class MissingMarks {
  public:
    explicit MissingMarks(const std::vector<std::string>& more) : more_(more) {}
    [[nodiscard]] bool covers(std::string_view cell) const noexcept;

  private:
    const std::vector<std::string>& more_;
};

/// A column of `cells` from `first_row` on. `mixed` counts cells that are words in a column mostly
/// of numbers.
struct BuiltColumn {
    Column column;
    std::size_t missing = 0;
    std::size_t distinct = 0;
    std::size_t mixed = 0;
};
BuiltColumn build_column(const Cells& cells, std::size_t index, std::size_t first_row,
                         std::string name, const MissingMarks& marks);

/// Where the names of the columns come from.
struct Header {
    bool first_row_is_header = true;
    bool doubtful = false;
    std::string why;  ///< a sentence for the warning; empty when the header is plain
};
Header judge_header(const Cells& cells, const MissingMarks& marks);

/// Role by the words of its name, then by kind. The label column is chosen per table: see
/// suggest_roles.
Role role_by_name(std::string_view name, Kind kind);
void suggest_roles(Table& table);

/// Lower-case words of a name: "Patient_ID" and "patientId" are both {"patient", "id"}.
std::vector<std::string> name_words(std::string_view name);
bool is_gender_name(std::string_view name);

}  // namespace salus::learn
