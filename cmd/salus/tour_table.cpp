#include "learn/limits.hpp"

#include "command.hpp"
#include "stage_rows.hpp"
#include "table_input.hpp"
#include "tour.hpp"
#include <cstdio>

/// Steps 4 to 9: a table is loaded, looked at, prepared, noised, sealed and stored.
namespace salus::command {
namespace {

constexpr std::size_t bars_shown = 4;

std::string percent(double share) {
    char text[32];
    std::snprintf(text, sizeof text, "%.1f %%", share * 100);
    return text;
}

/// A note becomes a sentence.
std::string sentence(std::string text) {
    if (!text.empty() && text.front() >= 'a' && text.front() <= 'z')
        text.front() = static_cast<char>(text.front() - 32);
    if (!text.empty() && text.back() != '.') text += '.';
    return text;
}

std::string plural(std::uint64_t count, const std::string& one) {
    return counted(count) + " " + one + (count == 1 ? "" : "s");
}

}  // namespace

Result<std::string> Tour::load_table() {
    learn::LoadResult loaded;
    if (options_.file) {
        const Bytes csv = SALUS_TRY(read_input(env_, *options_.file, learn::file_bytes_max));
        options_.load.name = "Own table";
        loaded = SALUS_TRY(studio_.load(csv, options_.load));
    } else {
        loaded = studio_.load_demo({options_.demo_rows, learn::seed_from(1)});
    }
    table_name_ = loaded.name;
    for (const learn::Warning& warning : loaded.warnings) note("  note: " + warning.text);
    return "The table is loaded on this side, no server saw it: " + plural(loaded.rows, "row") +
           ", " + plural(loaded.columns.size(), "column") + ", " +
           plural(loaded.missing_cells, "missing cell") + ", " +
           plural(loaded.duplicate_rows, "repeated row") + ".";
}

Result<std::string> Tour::chart() {
    const learn::Chart chart = SALUS_TRY(studio_.chart(learn::Stage::loaded));
    std::string out = chart.title + ": ";
    std::size_t shown = 0;
    for (const learn::Bar& bar : chart.bars) {
        if (shown == bars_shown) break;
        out += (shown++ == 0 ? "" : ", ") + bar.label + " " + counted(bar.count) + " (" +
               percent(bar.share) + ")";
    }
    if (chart.bars.size() > shown) out += ", and " + counted(chart.bars.size() - shown) + " more";
    return out + "." + (chart.note.empty() ? "" : " " + sentence(chart.note));
}

Result<std::string> Tour::process() {
    const learn::ProcessReport report = SALUS_TRY(studio_.process());
    std::size_t levels = 0;
    for (const learn::Encoding& one : report.encodings) levels += one.levels.size();
    return "Prepared: " + plural(report.encodings.size(), "column") + " of words became numbers (" +
           plural(levels, "value") + "), " + plural(report.cells_filled, "missing cell") +
           " filled with the column's mean or most fitting value, " +
           plural(report.duplicates_dropped, "repeated row") + " dropped; " +
           plural(report.rows_after, "row") + (report.rows_after == 1 ? " remains." : " remain.");
}

Result<std::string> Tour::add_noise() {
    learn::ReleaseOptions options;
    options.seed = random_seed(env_);
    const learn::ReleaseResult result = SALUS_TRY(studio_.release(options));
    std::string out =
        "Zero-sum noise made a copy to hand out: every column's sum and mean survive exactly, and "
        "somebody "
        "who holds the true table puts " +
        counted(result.linkage.rows_linked) + " of " + plural(result.rows, "row") + " (" +
        percent(result.linkage.share) + ") back to their person";
    if (result.linkage.sampled) out += " (tried on " + counted(result.linkage.looked_at) + ")";
    char utility[48];
    std::snprintf(utility, sizeof utility, "; utility %.0f %%", result.utility.percent);
    return out + utility + (result.utility.sentence.empty() ? "" : ": " + result.utility.sentence) +
           " (" + result.label + ").";
}

Result<std::string> Tour::store() {
    client::Home& robin = home("patient");
    const learn::Table* const table = SALUS_TRY(studio_.table(learn::Stage::prepared));
    care_ = SALUS_TRY(
        store_stage(env_, robin, studio_, learn::Stage::prepared, "Care copy", "care copy"));
    released_ = SALUS_TRY(store_stage(env_, robin, studio_, learn::Stage::released,
                                      "Noised release", "noised release"));
    const std::size_t rows = care_->rows + released_->rows;
    const double seconds = care_->seconds + released_->seconds;
    // Each collection also holds one record that describes its columns.
    if (care_->rows != table->rows + 1)
        return Error{Errc::integrity, "fewer rows were stored than there are"};
    return "Encrypted and stored through the record contract: the care copy (collection " +
           brief(to_hex(care_->collection.view())) + ") and the noised release (" +
           brief(to_hex(released_->collection.view())) + "), " + plural(rows, "record") +
           ", each under its own key, signed and durable in " +
           plural(care_->envelopes + released_->envelopes, "envelope") + "; " +
           seconds_text(seconds) + ", " +
           counted(static_cast<std::uint64_t>(static_cast<double>(rows) / seconds)) + " rows/s.";
}

Result<std::string> Tour::look_at_stored() {
    if (!care_) return Error{Errc::not_found, "nothing was stored"};
    client::Home& robin = home("patient");
    const Bytes sealed = SALUS_TRY(robin.sealed_bytes(care_->sample));
    const json::Value block =
        SALUS_TRY(api_.get("/api/block/" + std::to_string(care_->first.height)));
    const json::Array* entries = SALUS_TRY(json::need_array(block, "entries"));
    return "The server keeps record " + brief(to_hex(care_->sample.view())) + " as " +
           counted(sealed.size()) + " sealed bytes beginning " +
           to_hex(ByteView(sealed).first(std::min<std::size_t>(sealed.size(), 24))) + "; block " +
           counted(care_->first.height) + " (" + plural(entries->size() - 1, "transaction") +
           ") logs it: hash " + brief(SALUS_TRY(json::need_text(block, "header_hash")), 16) +
           ", previous " + brief(SALUS_TRY(json::need_text(block, "previous")), 16) + ", entry " +
           counted(care_->first.position) + ".";
}

}  // namespace salus::command
