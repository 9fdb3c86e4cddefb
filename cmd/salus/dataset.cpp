#include "command.hpp"
#include "dataset_offer.hpp"
#include "dataset_store.hpp"
#include "table_input.hpp"
#include <cmath>
#include <cstdio>

namespace salus::command {
namespace {

/// Options of `process` and `release` as the studio's words.
learn::Words studio_words(const Args& args, std::initializer_list<std::string_view> verbatim) {
    learn::Words words;
    for (const std::string_view flag : verbatim) {
        for (const std::string& value : args.values(flag)) words.emplace_back(flag, value);
    }
    // "--fill-of age=median" is the studio's word "fill:age".
    for (const auto& [flag, key] : {std::pair{"fill-of", "fill"}, std::pair{"noise-of", "noise"},
                                    std::pair{"scale-of", "scale"}}) {
        for (const std::string& value : args.values(flag)) {
            const std::size_t equals = value.find_last_of('=');
            if (equals == std::string::npos) {
                words.emplace_back(flag, "");
                continue;
            }
            words.emplace_back(std::string(key) + ":" + value.substr(0, equals),
                               value.substr(equals + 1));
        }
    }
    return words;
}

Result<learn::ProcessOptions> process_words(const Args& args) {
    learn::Words words = studio_words(args, {"fill"});
    std::erase_if(words, [](const auto& word) {
        return word.first.rfind("noise:", 0) == 0 || word.first.rfind("scale:", 0) == 0;
    });
    if (args.has("keep-duplicates")) words.emplace_back("drop_duplicates", "0");
    if (args.has("keep-words")) words.emplace_back("encode", "0");
    return learn::process_options(words);
}

Result<learn::ReleaseOptions> release_words(Env& env, const Args& args) {
    learn::Words words = studio_words(args, {"noise", "scale"});
    std::erase_if(words, [](const auto& word) { return word.first.rfind("fill:", 0) == 0; });
    for (const std::string& column : args.values("suppress")) {
        words.emplace_back("suppress_column", column);
    }
    if (args.has("keep-identifiers")) words.emplace_back("keep_identifiers", "1");
    if (args.has("keep-covariance")) words.emplace_back("keep_covariance", "1");
    const learn::Seed seed = random_seed(env);
    words.emplace_back("seed", args.value_or("noise-seed", to_hex(seed)));
    return learn::release_options(words);
}

void show_load(const learn::LoadResult& loaded) {
    print(loaded.name + ": " + std::to_string(loaded.rows) + " rows, " +
          std::to_string(loaded.columns.size()) + " columns, " +
          std::to_string(loaded.missing_cells) + " cells missing, " +
          std::to_string(loaded.duplicate_rows) + " rows repeat an earlier one");
    for (const learn::LoadedColumn& column : loaded.columns) {
        print("  " + column.name + ": " + std::string(learn::to_string(column.kind)) + ", " +
              std::to_string(column.distinct) + " different, " + std::to_string(column.missing) +
              " missing");
    }
}

void show_chart(const learn::Chart& chart) {
    print(chart.title);
    if (!chart.note.empty()) print(chart.note);
    for (const learn::Bar& bar : chart.bars) {
        const auto length = static_cast<std::size_t>(std::lround(bar.share * 50));
        std::string line = "  " + bar.label + ": " + std::to_string(bar.count) + " ";
        for (std::size_t i = 0; i < length; ++i) line += "█";
        print(line);
    }
}

void show_process(const learn::ProcessReport& report) {
    print(std::to_string(report.rows_after) + " of " + std::to_string(report.rows_before) +
          " rows kept (" + std::to_string(report.duplicates_dropped) + " repeats dropped), " +
          std::to_string(report.cells_filled) + " of " + std::to_string(report.missing_before) +
          " missing cells filled, " + std::to_string(report.encodings.size()) +
          " columns of words numbered");
    for (const std::string& sentence : report.notes) print("  " + sentence);
}

void show_release(const learn::ReleaseResult& result) {
    print(std::to_string(result.rows) + " rows released (" + result.label + "); " +
          std::to_string(result.linkage.rows_linked) + " rows could be re-linked; " +
          result.utility.sentence);
}

Status write_table(Env& env, const Args& args, const learn::Studio& studio) {
    if (const auto path = args.value("out")) {
        const std::string csv = SALUS_TRY(studio.csv(studio.newest()));
        SALUS_TRY(write_file_atomically(env, *path, as_bytes(csv)));
    }
    return done;
}

const Shape table_shape{
    .valued = table_flags({"column", "bins", "stage", "fill", "fill-of", "noise", "scale",
                           "noise-of", "scale-of", "suppress", "noise-seed", "out"}),
    .plain = {"json", "keep-duplicates", "keep-words", "keep-identifiers", "keep-covariance",
              "demo", "unprocessed"},
    .words_min = 0,
    .words_max = 1};

/// A verb over a freshly loaded table: parses, loads, runs, prints.
template <class Work>
int with_table(Env& env, const Words& words, const Work& work) {
    const Args args = SALUS_OR_USAGE(Args::parse(words, table_shape));
    if (args.words().empty() != args.has("demo")) {
        return wrong_use("name one FILE, or --demo for demo rows");
    }
    std::optional<std::string> file;
    if (!args.words().empty()) file = args.words().front();
    learn::Studio studio;
    const learn::LoadResult loaded = SALUS_OR_FAIL(load_table(env, args, studio, file));
    for (const learn::Warning& warning : loaded.warnings) note("warning: " + warning.text);
    return work(args, studio, loaded);
}

int load(Env& env, const Words& words) {
    return with_table(env, words, [&](const Args& args, auto&, const learn::LoadResult& loaded) {
        if (args.has("json"))
            print(learn::to_json(loaded));
        else
            show_load(loaded);
        return exit_done;
    });
}

int describe(Env& env, const Words& words) {
    return with_table(env, words, [&](const Args& args, learn::Studio& studio, const auto&) {
        const auto bins = SALUS_OR_USAGE(args.number("bins", 20, 1, 100));
        const auto summary = SALUS_OR_FAIL(studio.describe(learn::Stage::loaded, bins));
        if (args.has("json")) {
            print(learn::to_json(summary));
            return exit_done;
        }
        for (const learn::ColumnSummary& column : summary) {
            std::string line =
                "  " + column.name + ": " + std::to_string(column.present) + " present";
            if (column.numeric) {
                char text[160];
                std::snprintf(text, sizeof text, ", mean %.6g, deviation %.6g, %.6g to %.6g",
                              column.mean, column.sd, column.min, column.max);
                line += text;
            }
            print(line);
        }
        return exit_done;
    });
}

int chart(Env& env, const Words& words) {
    return with_table(env, words, [&](const Args& args, learn::Studio& studio, const auto&) {
        const auto made =
            SALUS_OR_FAIL(studio.chart(learn::Stage::loaded, args.value_or("column", "")));
        if (args.has("json"))
            print(learn::to_json(made));
        else
            show_chart(made);
        return exit_done;
    });
}

int process(Env& env, const Words& words) {
    return with_table(env, words, [&](const Args& args, learn::Studio& studio, const auto&) {
        const learn::ProcessOptions options = SALUS_OR_USAGE(process_words(args));
        const learn::ProcessReport report = SALUS_OR_FAIL(studio.process(options));
        SALUS_OR_FAIL(write_table(env, args, studio));
        if (args.has("json"))
            print(learn::to_json(report));
        else
            show_process(report);
        return exit_done;
    });
}

int release(Env& env, const Words& words) {
    return with_table(env, words, [&](const Args& args, learn::Studio& studio, const auto&) {
        if (!args.has("unprocessed")) {
            const learn::ProcessOptions options = SALUS_OR_USAGE(process_words(args));
            SALUS_OR_FAIL(studio.process(options));
        }
        const learn::ReleaseOptions options = SALUS_OR_USAGE(release_words(env, args));
        const learn::ReleaseResult result = SALUS_OR_FAIL(studio.release(options));
        SALUS_OR_FAIL(write_table(env, args, studio));
        if (args.has("json"))
            print(learn::to_json(result));
        else
            show_release(result);
        return exit_done;
    });
}

int demo(Env& env, const Words& words) {
    const Args args =
        SALUS_OR_USAGE(Args::parse(words, {.valued = {"rows", "seed", "out"}, .plain = {}}));
    learn::Studio studio;
    SALUS_OR_USAGE(load_table(env, args, studio, std::nullopt));
    if (args.has("out")) {
        SALUS_OR_FAIL(write_table(env, args, studio));
        return exit_done;
    }
    const std::string csv = SALUS_OR_FAIL(studio.csv(learn::Stage::loaded));
    std::fwrite(csv.data(), 1, csv.size(), stdout);
    return exit_done;
}

}  // namespace

int run_dataset(Env& env, const Words& words) {
    if (words.empty()) {
        return wrong_use(
            "dataset wants load, describe, chart, process, release, store, offer or demo");
    }
    const Words rest(words.begin() + 1, words.end());
    const std::string& verb = words.front();
    if (verb == "load") return load(env, rest);
    if (verb == "describe") return describe(env, rest);
    if (verb == "chart") return chart(env, rest);
    if (verb == "process") return process(env, rest);
    if (verb == "release") return release(env, rest);
    if (verb == "store") return store_dataset(env, rest);
    if (verb == "demo") return demo(env, rest);
    if (verb == "offer") return offer_row(env, rest);
    return wrong_use(
        "dataset knows load, describe, chart, process, release, store, offer and demo");
}

}  // namespace salus::command
