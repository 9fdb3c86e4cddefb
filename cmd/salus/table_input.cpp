#include "table_input.hpp"

#include "learn/limits.hpp"

#include "command.hpp"
#include <algorithm>

namespace salus::command {
namespace {

/// The last part of a path without its ending: what a person would call the table.
std::string name_of(const std::string& path) {
    const std::size_t slash = path.find_last_of('/');
    std::string name = slash == std::string::npos ? path : path.substr(slash + 1);
    const std::size_t dot = name.find_last_of('.');
    if (dot != std::string::npos && dot > 0) name.resize(dot);
    return name.empty() || name.size() > learn::column_name_bytes_max ? "data set" : name;
}

}  // namespace

std::vector<std::string_view> table_flags(std::initializer_list<std::string_view> more) {
    std::vector<std::string_view> flags{"columns", "missing", "delimiter", "dictionary",
                                        "name",    "rows",    "seed"};
    flags.insert(flags.end(), more.begin(), more.end());
    return flags;
}

learn::Seed random_seed(Env& env) {
    learn::Seed seed{};
    env.random(seed);
    return seed;
}

Result<learn::LoadResult> load_table(Env& env, const Args& args, learn::Studio& studio,
                                     const std::optional<std::string>& file) {
    if (!file) {
        learn::DemoOptions demo;
        demo.rows = SALUS_TRY(args.number("rows", demo.rows, 1, learn::rows_max));
        demo.seed = learn::seed_from(SALUS_TRY(args.number("seed", 1, 0, UINT64_MAX)));
        return studio.load_demo(demo);
    }
    learn::LoadOptions options;
    options.name = args.value_or("name", name_of(*file));
    for (const std::string& list : args.values("columns")) {
        for (std::string& one : split_list(list)) options.csv.columns.push_back(std::move(one));
    }
    for (const std::string& list : args.values("missing")) {
        for (std::string& one : split_list(list)) options.csv.missing.push_back(std::move(one));
    }
    if (const auto delimiter = args.value("delimiter")) {
        if (delimiter->size() != 1) {
            return Error{Errc::malformed, "--delimiter wants one character"};
        }
        options.csv.delimiter = delimiter->front();
    }
    if (const auto dictionary = args.value("dictionary")) {
        const Bytes text = SALUS_TRY(read_input(env, *dictionary, learn::dictionary_bytes_max));
        options.dictionary = std::string(as_text(text));
    }
    const Bytes csv = SALUS_TRY(read_input(env, *file, learn::file_bytes_max));
    return studio.load(csv, options);
}

}  // namespace salus::command
