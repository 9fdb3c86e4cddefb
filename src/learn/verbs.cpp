#include "learn/json_out.hpp"
#include "learn/report.hpp"

#include <algorithm>
#include <charconv>

/// The half of report.hpp that reads options and runs verbs.
namespace salus::learn {
namespace {

Error bad_option(std::string_view what) {
    return Error{Errc::malformed, "option " + std::string{what} + " is unknown or has a bad value"};
}

Result<std::size_t> count_from(std::string_view key, std::string_view value) {
    std::size_t count = 0;
    const auto end = std::from_chars(value.data(), value.data() + value.size(), count);
    if (end.ec != std::errc{} || end.ptr != value.data() + value.size()) {
        return bad_option(key);
    }
    return count;
}

Result<bool> flag_from(std::string_view key, std::string_view value) {
    if (value != "0" && value != "1") {
        return bad_option(key);
    }
    return value == "1";
}

Result<double> scale_from(std::string_view key, std::string_view value) {
    ParsedNumber parsed;
    if (!parse_number(value, parsed)) {
        return bad_option(key);
    }
    return parsed.value;
}

// "fill:age" names the option and the column; only the part before the first colon is ours.
std::pair<std::string_view, std::string> split_key(std::string_view key) {
    const std::size_t colon = key.find(':');
    return colon == std::string_view::npos
               ? std::pair{key, std::string{}}
               : std::pair{key.substr(0, colon), std::string{key.substr(colon + 1)}};
}

// noise:NAME and scale:NAME speak of one exception; what is left unsaid is the default's.
ColumnNoise& exception_for(ReleaseOptions& options, const std::string& column) {
    for (ColumnNoise& exception : options.columns) {
        if (exception.column == column) {
            return exception;
        }
    }
    options.columns.push_back({column, options.noise, options.scale});
    return options.columns.back();
}

Result<Seed> seed_of(std::string_view hex) {
    const Bytes bytes = SALUS_TRY(from_hex(hex));
    Seed seed{};
    if (bytes.size() != seed.size()) {
        return bad_option("seed");
    }
    std::copy(bytes.begin(), bytes.end(), seed.begin());
    return seed;
}

struct View {
    Stage stage;
    std::size_t from = 0, count = 20, bins = 20;
    std::string column;
};

Result<View> view_options(const Studio& studio, const Words& words) {
    View view{studio.newest(), 0, 20, 20, {}};
    for (const auto& [key, value] : words) {
        if (key == "stage") {
            view.stage = SALUS_TRY(stage_from(value));
        } else if (key == "from") {
            view.from = SALUS_TRY(count_from(key, value));
        } else if (key == "count") {
            view.count = SALUS_TRY(count_from(key, value));
        } else if (key == "bins") {
            view.bins = SALUS_TRY(count_from(key, value));
        } else if (key == "column") {
            view.column = value;
        } else {
            return bad_option(key);
        }
    }
    return view;
}

Result<std::string> run_load(Studio& studio, const Words& words, ByteView body,
                             const std::function<bool(std::uint64_t, std::uint64_t)>& progress) {
    Words file_words;
    DemoOptions demo;
    bool wants_demo = false;
    for (const auto& [key, value] : words) {
        if (key == "demo_rows") {
            demo.rows = SALUS_TRY(count_from(key, value));
            wants_demo = true;
            if (demo.rows < 1 || demo.rows > rows_max) {
                return bad_option(key);
            }
        } else if (key == "demo_seed") {
            demo.seed = seed_from(SALUS_TRY(count_from(key, value)));
            wants_demo = true;
        } else {
            file_words.emplace_back(key, value);
        }
    }
    if (wants_demo) {
        return to_json(studio.load_demo(demo));
    }
    LoadOptions options = SALUS_TRY(load_options(file_words));
    options.csv.progress = progress;
    const LoadResult loaded = SALUS_TRY(studio.load(body, options));
    return to_json(loaded);
}

Result<std::string> run_role(Studio& studio, const Words& words) {
    std::string column;
    std::optional<Role> role;
    for (const auto& [key, value] : words) {
        if (key == "column") {
            column = value;
        } else if (key == "role") {
            for (const Role one : {Role::none, Role::identifier, Role::quasi_identifier,
                                   Role::sensitive, Role::label}) {
                if (to_string(one) == value) {
                    role = one;
                }
            }
        }
    }
    if (!role) {
        return bad_option("role");
    }
    SALUS_TRY(studio.set_role(column, *role));
    return JsonOut{}
        .begin_object()
        .field("column", column)
        .field("role", to_string(*role))
        .end_object()
        .take();
}

Result<std::string> run_rows(const Studio& studio, const View& view) {
    const std::vector<std::string> records =
        SALUS_TRY(studio.rows_for_sealing(view.stage, view.from, view.count));
    JsonOut out;
    out.begin_object().field("from", view.from).key("records").begin_array();
    for (const std::string& record : records) {
        out.text(record);
    }
    return out.end_array().end_object().take();
}

template <class Value>
Result<std::string> as_json(const Result<Value>& result) {
    if (!result.ok()) {
        return result.error();
    }
    return to_json(*result);
}

Result<std::string> run_view(const Studio& studio, std::string_view verb, const Words& words) {
    const View view = SALUS_TRY(view_options(studio, words));
    if (verb == "describe") {
        return as_json(studio.describe(view.stage, view.bins));
    }
    if (verb == "chart") {
        return as_json(studio.chart(view.stage, view.column));
    }
    if (verb == "page") {
        return as_json(studio.page(view.stage, view.from, view.count));
    }
    if (verb == "rows") {
        return run_rows(studio, view);
    }
    if (verb == "dataset") {
        return studio.dataset_record(view.stage);
    }
    if (verb == "csv") {
        const std::string csv = SALUS_TRY(studio.csv(view.stage));
        return JsonOut{}.begin_object().field("csv", csv).end_object().take();
    }
    return Error{Errc::malformed, "unknown verb of the studio"};
}

}  // namespace

Result<LoadOptions> load_options(const Words& words) {
    LoadOptions options;
    for (const auto& [key, value] : words) {
        if (key == "name" && !value.empty() && value.size() <= column_name_bytes_max) {
            options.name = value;
        } else if (key == "missing") {
            options.csv.missing.push_back(value);
        } else if (key == "column") {
            options.csv.columns.push_back(value);
        } else if (key == "delimiter" && value.size() == 1) {
            options.csv.delimiter = value[0];
        } else if (key == "rows_max") {
            options.csv.rows_max = std::min(SALUS_TRY(count_from(key, value)), rows_max);
        } else if (key == "dictionary") {
            options.dictionary = value;
        } else {
            return bad_option(key);
        }
    }
    return options;
}

Result<ProcessOptions> process_options(const Words& words) {
    ProcessOptions options;
    for (const auto& [key, value] : words) {
        const auto [name, column] = split_key(key);
        if (key == "drop_duplicates") {
            options.drop_duplicates = SALUS_TRY(flag_from(key, value));
        } else if (key == "encode") {
            options.encode = SALUS_TRY(flag_from(key, value));
        } else if (key == "fill") {
            options.fill = SALUS_TRY(fill_from(value));
        } else if (name == "fill") {
            options.fill_of.emplace_back(column, SALUS_TRY(fill_from(value)));
        } else {
            return bad_option(name);
        }
    }
    return options;
}

Result<ReleaseOptions> release_options(const Words& words) {
    ReleaseOptions options;
    bool seeded = false;
    // The defaults first: an exception that names only its kind takes its scale from them.
    for (const auto& [key, value] : words) {
        if (key == "noise") {
            options.noise = SALUS_TRY(noise_from(value));
        } else if (key == "scale") {
            options.scale = SALUS_TRY(scale_from(key, value));
        }
    }
    for (const auto& [key, value] : words) {
        const auto [name, column] = split_key(key);
        if (key == "noise" || key == "scale") {
            continue;
        }
        if (name == "noise") {
            exception_for(options, column).noise = SALUS_TRY(noise_from(value));
        } else if (name == "scale") {
            exception_for(options, column).scale = SALUS_TRY(scale_from(name, value));
        } else if (key == "suppress_column") {
            options.suppress_columns.push_back(value);
        } else if (name == "suppress_cell") {
            const std::size_t row = SALUS_TRY(count_from(name, value));
            options.suppress_cells.emplace_back(row - 1, column);
        } else if (key == "keep_identifiers") {
            options.keep_identifiers = SALUS_TRY(flag_from(key, value));
        } else if (key == "keep_covariance") {
            options.keep_covariance = SALUS_TRY(flag_from(key, value));
        } else if (key == "seed") {
            options.seed = SALUS_TRY(seed_of(value));
            seeded = true;
        } else {
            return bad_option(name);
        }
    }
    if (!seeded) {
        // A fixed seed would let anybody subtract the noise again.
        return Error{Errc::malformed, "a release needs a seed of 32 random bytes"};
    }
    return options;
}

Result<std::string> run_verb(Studio& studio, std::string_view verb, const Words& words,
                             ByteView body,
                             const std::function<bool(std::uint64_t, std::uint64_t)>& progress) {
    if (verb == "load") {
        return run_load(studio, words, body, progress);
    }
    if (verb == "process") {
        const ProcessOptions options = SALUS_TRY(process_options(words));
        return as_json(studio.process(options));
    }
    if (verb == "release") {
        const ReleaseOptions options = SALUS_TRY(release_options(words));
        return as_json(studio.release(options));
    }
    if (verb == "role") {
        return run_role(studio, words);
    }
    return run_view(studio, verb, words);
}

}  // namespace salus::learn
