#include "learn/report.hpp"

#include "learn/json_out.hpp"

namespace salus::learn {
namespace {

void write_texts(JsonOut& out, std::string_view key, const std::vector<std::string>& texts) {
    out.key(key).begin_array();
    for (const std::string& text : texts) {
        out.text(text);
    }
    out.end_array();
}

void write_bins(JsonOut& out, const ColumnSummary& column) {
    out.key("histogram").begin_array();
    for (const Bin& bin : column.histogram) {
        out.begin_object().field("low", bin.low).field("high", bin.high);
        out.field("count", bin.count).end_object();
    }
    out.end_array();
}

void write_summary(JsonOut& out, const ColumnSummary& column) {
    out.begin_object().field("name", column.name).field("label", column.label);
    out.field("unit", column.unit).field("kind", to_string(column.kind));
    out.field("role", to_string(column.role)).field("present", column.present);
    out.field("missing", column.missing).field("distinct", column.distinct);
    out.field("filled", column.filled);
    if (column.numeric) {
        out.field("min", column.min).field("max", column.max).field("mean", column.mean);
        out.field("sd", column.sd).field("q1", column.q1).field("median", column.median);
        out.field("q3", column.q3);
        write_bins(out, column);
    } else {
        out.key("levels").begin_array();
        for (const LevelCount& level : column.levels) {
            out.begin_object().field("text", level.text).field("count", level.count).end_object();
        }
        out.end_array();
    }
    out.end_object();
}

void write_linkage(JsonOut& out, const Linkage& linkage) {
    out.key("linkage").begin_object().field("share", linkage.share);
    out.field("rows_linked", linkage.rows_linked).field("rows", linkage.rows);
    out.field("looked_at", linkage.looked_at).field("sampled", linkage.sampled);
    write_texts(out, "numbers", linkage.numbers);
    write_texts(out, "categories", linkage.categories);
    out.field("note", linkage.note).end_object();
}

void write_utility(JsonOut& out, const Utility& utility) {
    out.key("utility").begin_object().field("percent", utility.percent);
    out.field("sentence", utility.sentence).field("means_exact", utility.means_exact);
    out.field("mean_shift_max", utility.mean_shift_max);
    out.key("correlation_shift_max");
    utility.has_correlations ? out.number(utility.correlation_shift_max) : out.null();
    out.field("label", utility.label);
    out.key("auc_before");
    utility.has_auc ? out.number(utility.auc_before) : out.null();
    out.key("auc_after");
    utility.has_auc ? out.number(utility.auc_after) : out.null();
    out.field("sampled", utility.sampled).key("means").begin_array();
    for (const MeanShift& mean : utility.means) {
        out.begin_object().field("column", mean.column).field("before", mean.before);
        out.field("after", mean.after).field("shift", mean.shift).end_object();
    }
    out.end_array().end_object();
}

}  // namespace

std::string to_json(const LoadResult& result) {
    JsonOut out;
    out.begin_object().field("name", result.name).field("rows", result.rows);
    out.key("columns").begin_array();
    for (const LoadedColumn& column : result.columns) {
        out.begin_object().field("name", column.name).field("kind", to_string(column.kind));
        out.field("missing", column.missing).field("distinct", column.distinct);
        out.field("role", to_string(column.role)).field("label", column.label);
        out.field("unit", column.unit).end_object();
    }
    out.end_array().field("duplicate_rows", result.duplicate_rows);
    out.field("missing_cells", result.missing_cells).key("warnings").begin_array();
    for (const Warning& warning : result.warnings) {
        out.text(warning.text);
    }
    return out.end_array().end_object().take();
}

std::string to_json(const std::vector<ColumnSummary>& result) {
    JsonOut out;
    out.begin_object().key("columns").begin_array();
    for (const ColumnSummary& column : result) {
        write_summary(out, column);
    }
    return out.end_array().end_object().take();
}

std::string to_json(const Chart& result) {
    JsonOut out;
    out.begin_object().field("column", result.column).field("label", result.label);
    out.field("unit", result.unit).field("title", result.title).field("note", result.note);
    out.field("binned", result.binned).field("rows", result.rows).key("bars").begin_array();
    for (const Bar& bar : result.bars) {
        out.begin_object().field("label", bar.label).field("count", bar.count);
        out.field("share", bar.share).field("not_stated", bar.not_stated).end_object();
    }
    return out.end_array().end_object().take();
}

std::string to_json(const Page& result) {
    JsonOut out;
    out.begin_object().field("from", result.from).field("rows_total", result.rows_total);
    write_texts(out, "columns", result.columns);
    out.key("rows").begin_array();
    for (std::size_t row = 0; row < result.rows.size(); ++row) {
        out.begin_array();
        for (const std::string& cell : result.rows[row]) {
            out.text(cell);
        }
        out.end_array();
    }
    // Filled cells are few: [row of this page, column] each.
    out.end_array().key("filled").begin_array();
    for (std::size_t row = 0; row < result.filled.size(); ++row) {
        for (std::size_t column = 0; column < result.filled[row].size(); ++column) {
            if (result.filled[row][column] != 0) {
                out.begin_array().integer(row).integer(column).end_array();
            }
        }
    }
    return out.end_array().end_object().take();
}

std::string to_json(const ProcessReport& result) {
    JsonOut out;
    out.begin_object().field("rows_before", result.rows_before);
    out.field("rows_after", result.rows_after);
    out.field("duplicates_dropped", result.duplicates_dropped);
    out.field("missing_before", result.missing_before);
    out.field("missing_after", result.missing_after);
    out.field("cells_filled", result.cells_filled).key("filled").begin_array();
    for (const FilledColumn& filled : result.filled) {
        out.begin_object().field("column", filled.column).field("how", to_string(filled.how));
        out.field("cells", filled.cells).field("value", filled.value).end_object();
    }
    out.end_array().key("encodings").begin_array();
    for (const Encoding& encoding : result.encodings) {
        out.begin_object().field("column", encoding.column);
        write_texts(out, "levels", encoding.levels);
        out.end_object();
    }
    out.end_array();
    write_texts(out, "notes", result.notes);
    return out.end_object().take();
}

std::string to_json(const ReleaseResult& result) {
    JsonOut out;
    out.begin_object().field("label", result.label).field("rows", result.rows);
    out.key("columns").begin_array();
    for (const ColumnOutcome& column : result.report.columns) {
        out.begin_object().field("column", column.column);
        out.field("noise", to_string(column.noise)).field("scale", column.scale);
        out.field("decimals", static_cast<std::size_t>(column.decimals));
        out.field("cells", column.cells).field("left_out", column.left_out);
        out.field("sum_before", column.sum_before).field("sum_after", column.sum_after);
        out.end_object();
    }
    out.end_array();
    write_texts(out, "notes", result.report.notes);
    write_linkage(out, result.linkage);
    write_utility(out, result.utility);
    return out.end_object().take();
}

std::string to_json(const Error& error) {
    JsonOut out;
    out.begin_object().key("error").begin_object().field("code", to_string(error.code));
    return out.field("detail", error.detail).end_object().end_object().take();
}

}  // namespace salus::learn
