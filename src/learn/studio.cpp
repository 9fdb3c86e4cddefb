#include "learn/studio.hpp"

#include "learn/dictionary.hpp"
#include "learn/json_out.hpp"

#include <algorithm>

namespace salus::learn {

Result<Stage> stage_from(std::string_view word) {
    if (word == "loaded") {
        return Stage::loaded;
    }
    if (word == "prepared") {
        return Stage::prepared;
    }
    if (word == "released") {
        return Stage::released;
    }
    return Error{Errc::malformed, "a stage is loaded, prepared or released"};
}

LoadResult Studio::adopt(CsvResult read, std::string name) {
    LoadResult result;
    result.name = name;
    result.rows = read.table.rows;
    result.duplicate_rows = read.duplicate_rows;
    result.warnings = std::move(read.warnings);
    for (std::size_t i = 0; i < read.table.columns.size(); ++i) {
        const Column& column = read.table.columns[i];
        result.columns.push_back({column.name, column.label, column.unit, column.kind, column.role,
                                  read.missing[i], read.distinct[i]});
        result.missing_cells += read.missing[i];
    }
    name_ = std::move(name);
    loaded_ = std::move(read.table);
    prepared_.reset();
    released_.reset();
    return result;
}

Result<LoadResult> Studio::load(ByteView csv, const LoadOptions& options) {
    CsvResult read = SALUS_TRY(read_csv(csv, options.csv));
    std::vector<Warning> more;
    if (!options.dictionary.empty()) {
        const Dictionary dictionary = SALUS_TRY(parse_dictionary(as_bytes(options.dictionary)));
        more = apply_dictionary(read.table, dictionary);
    } else if (const Dictionary* builtin = builtin_dictionary_for(read.table)) {
        more = apply_dictionary(read.table, *builtin);
    }
    read.warnings.insert(read.warnings.end(), more.begin(), more.end());
    return adopt(std::move(read), options.name);
}

LoadResult Studio::load_demo(const DemoOptions& options) {
    CsvResult made;
    made.table = demo_table(options);
    made.duplicate_rows = duplicate_count(made.table);
    for (const Column& column : made.table.columns) {
        made.missing.push_back(missing_count(column));
        made.distinct.push_back(distinct_count(column));
    }
    return adopt(std::move(made), "Demo rows");
}

Result<const Table*> Studio::table(Stage stage) const {
    const std::optional<Table>& wanted = stage == Stage::loaded     ? loaded_
                                         : stage == Stage::prepared ? prepared_
                                                                    : released_;
    if (!wanted) {
        return Error{Errc::not_found,
                     loaded_ ? "the data set has not come to that stage" : "no data set is loaded"};
    }
    return &*wanted;
}

Stage Studio::newest() const noexcept {
    if (released_) {
        return Stage::released;
    }
    return prepared_ ? Stage::prepared : Stage::loaded;
}

Result<std::vector<ColumnSummary>> Studio::describe(Stage stage, std::size_t bins) const {
    const Table* const from = SALUS_TRY(table(stage));
    return learn::describe(*from, bins);
}

Result<Chart> Studio::chart(Stage stage, std::string_view column) const {
    const Table* const from = SALUS_TRY(table(stage));
    return column.empty() ? default_chart(*from) : chart_by(*from, column);
}

Result<Page> Studio::page(Stage stage, std::size_t from, std::size_t count) const {
    const Table* const source = SALUS_TRY(table(stage));
    // Which cells were filled is remembered by the prepared rows; a release keeps their order.
    const Table* const marks = stage == Stage::released && prepared_ ? &*prepared_ : source;
    Page page;
    page.from = std::min(from, source->rows);
    page.rows_total = source->rows;
    std::vector<std::size_t> mark_of;
    for (const Column& column : source->columns) {
        page.columns.push_back(column.name);
        mark_of.push_back(marks->find(column.name));
    }
    const std::size_t shown = std::min({count, page_rows_max, source->rows - page.from});
    for (std::size_t row = page.from; row < page.from + shown; ++row) {
        std::vector<std::string> cells;
        std::vector<std::uint8_t> filled;
        for (std::size_t i = 0; i < source->columns.size(); ++i) {
            cells.push_back(cell_display(source->columns[i], row));
            const bool marked =
                mark_of[i] < marks->columns.size() && marks->columns[mark_of[i]].was_filled(row);
            filled.push_back(marked ? 1 : 0);
        }
        page.rows.push_back(std::move(cells));
        page.filled.push_back(std::move(filled));
    }
    return page;
}

Result<ProcessReport> Studio::process(const ProcessOptions& options) {
    const Table* const source = SALUS_TRY(table(Stage::loaded));
    Table copy = *source;
    ProcessReport report = SALUS_TRY(learn::process(copy, options));
    prepared_ = std::move(copy);
    released_.reset();
    return report;
}

Result<ReleaseResult> Studio::release(const ReleaseOptions& options) {
    const Table* const source = SALUS_TRY(table(prepared_ ? Stage::prepared : Stage::loaded));
    Release made = SALUS_TRY(learn::release(*source, options));
    ReleaseResult result;
    result.label = masking_label;
    result.rows = made.table.rows;
    result.report = std::move(made.report);
    result.linkage = linkage(*source, made.table, options.seed);
    result.utility = utility(*source, made.table, options.seed);
    released_ = std::move(made.table);
    return result;
}

Status Studio::set_role(std::string_view column, Role role) {
    bool found = false;
    for (std::optional<Table>* stage : {&loaded_, &prepared_, &released_}) {
        if (*stage && (*stage)->has(column)) {
            (*stage)->columns[(*stage)->find(column)].role = role;
            found = true;
        }
    }
    if (!found) {
        return Error{Errc::not_found, "the data set has no such column"};
    }
    return done;
}

Result<std::string> Studio::dataset_record(Stage stage) const {
    const Table* const source = SALUS_TRY(table(stage));
    JsonOut out;
    out.begin_object().field("type", "dataset").field("dataset", name_);
    out.field("rows", source->rows);
    if (stage == Stage::released) {
        out.field("label", masking_label);
    }
    out.key("columns").begin_array();
    for (const Column& column : source->columns) {
        out.begin_object().field("name", column.name).field("kind", to_string(column.kind));
        out.field("role", to_string(column.role));
        if (!column.label.empty()) {
            out.field("label", column.label);
        }
        if (!column.unit.empty()) {
            out.field("unit", column.unit);
        }
        const bool numbered = column.codes.empty() && !column.levels.empty();
        const bool worded = column.kind == Kind::category && !column.level_names.empty();
        if (numbered || worded) {
            out.key("levels").begin_object();
            for (std::size_t level = 0; level < column.levels.size(); ++level) {
                out.field(numbered ? std::to_string(level) : column.levels[level],
                          level_word(column, level));
            }
            out.end_object();
        }
        out.end_object();
    }
    return out.end_array().end_object().take();
}

Result<std::vector<std::string>> Studio::rows_for_sealing(Stage stage, std::size_t from,
                                                          std::size_t count) const {
    const Table* const source = SALUS_TRY(table(stage));
    const std::size_t first = std::min(from, source->rows);
    const std::size_t last = first + std::min({count, page_rows_max, source->rows - first});
    std::vector<std::string> records;
    records.reserve(last - first);
    for (std::size_t row = first; row < last; ++row) {
        JsonOut out;
        out.begin_object().field("type", "row").field("dataset", name_).field("row", row + 1);
        out.key("cells").begin_object();
        for (const Column& column : source->columns) {
            if (!column.is_missing(row)) {
                out.field(column.name, cell_text(column, row));
            }
        }
        records.push_back(out.end_object().end_object().take());
    }
    return records;
}

Result<std::string> Studio::csv(Stage stage) const {
    const Table* const source = SALUS_TRY(table(stage));
    return write_csv(*source);
}

}  // namespace salus::learn
