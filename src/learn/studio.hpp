#pragma once

#include "base/bytes.hpp"
#include "learn/chart.hpp"
#include "learn/csv.hpp"
#include "learn/demo.hpp"
#include "learn/describe.hpp"
#include "learn/linkage.hpp"
#include "learn/noise.hpp"
#include "learn/process.hpp"
#include "learn/utility.hpp"

#include <optional>
#include <string>
#include <vector>

/// The data-set screens over one data set: load, look, prepare, release, store. The command line
/// and the browser's worker hold one of these each and see the same results.
namespace salus::learn {

/// loaded ──process──▶ prepared ──release──▶ released; an earlier step done again discards the
/// later ones. The care copy that is sealed clean is `prepared` (or `loaded` where nothing was
/// prepared); only a release is noised.
enum class Stage : std::uint8_t { loaded, prepared, released };
/// Errors: malformed — not `loaded`, `prepared` or `released`.
Result<Stage> stage_from(std::string_view word);

struct LoadOptions {
    std::string name = "data set";
    CsvOptions csv{};
    std::string dictionary{};  ///< CSV of a data dictionary; empty: a built-in one when it fits
};

struct LoadedColumn {
    std::string name, label, unit;
    Kind kind = Kind::text;
    Role role = Role::none;
    std::size_t missing = 0, distinct = 0;
};

struct LoadResult {
    std::string name;
    std::size_t rows = 0;
    std::vector<LoadedColumn> columns;
    std::size_t duplicate_rows = 0;
    std::size_t missing_cells = 0;
    std::vector<Warning> warnings;
};

/// Rows as they are shown: words for levels, texts for numbers, empty for missing.
struct Page {
    std::size_t from = 0, rows_total = 0;
    std::vector<std::string> columns;
    std::vector<std::vector<std::string>> rows;
    std::vector<std::vector<std::uint8_t>> filled;  ///< 1 where processing filled the cell
};

struct ReleaseResult {
    std::string label;
    std::size_t rows = 0;
    ReleaseReport report;
    Linkage linkage;
    Utility utility;
};

class Studio {
  public:
    /// Errors: those of read_csv and parse_dictionary; the data set held before stays.
    Result<LoadResult> load(ByteView csv, const LoadOptions& options = {});
    LoadResult load_demo(const DemoOptions& options = {});

    /// Errors of all that follow: not_found — nothing was loaded, or that stage was not reached.
    [[nodiscard]] Result<const Table*> table(Stage stage) const;
    [[nodiscard]] Stage newest() const noexcept;
    [[nodiscard]] Result<std::vector<ColumnSummary>> describe(Stage stage,
                                                              std::size_t bins = 20) const;
    /// Empty column: the default one.
    [[nodiscard]] Result<Chart> chart(Stage stage, std::string_view column = {}) const;
    /// count ≤ page_rows_max (more is cut).
    [[nodiscard]] Result<Page> page(Stage stage, std::size_t from, std::size_t count) const;
    Result<ProcessReport> process(const ProcessOptions& options = {});
    /// Releases the prepared rows, or the loaded ones where nothing was prepared, and measures what
    /// was made.
    Result<ReleaseResult> release(const ReleaseOptions& options);
    /// Reports the role that a person chose for a column; the release and the utility follow it.
    Status set_role(std::string_view column, Role role);

    /// docs/formats/data-set-row.md: the header record, and one record per row.
    [[nodiscard]] Result<std::string> dataset_record(Stage stage) const;
    [[nodiscard]] Result<std::vector<std::string>> rows_for_sealing(Stage stage, std::size_t from,
                                                                    std::size_t count) const;
    [[nodiscard]] Result<std::string> csv(Stage stage) const;

  private:
    LoadResult adopt(CsvResult read, std::string name);
    std::string name_;
    std::optional<Table> loaded_, prepared_, released_;
};

}  // namespace salus::learn
