#include "learn_federated.hpp"

#include "federated/study.hpp"
#include "learn/csv.hpp"

#include "command.hpp"
#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <limits>

namespace salus::command {
namespace {

using federated::Site;

/// "data/cleveland.csv" → "cleveland".
std::string site_name(const std::string& path) {
    const std::size_t slash = path.find_last_of('/');
    std::string name = slash == std::string::npos ? path : path.substr(slash + 1);
    if (name.size() > 4 && name.ends_with(".csv")) name.resize(name.size() - 4);
    return name;
}

/// A file without a header has the dictionary's columns in their order, and the label last where
/// the dictionary does not name it.
std::vector<std::string> names_for(const Bytes& csv, const learn::Dictionary& dictionary,
                                   const std::string& label) {
    const std::string_view text = as_text(csv);
    const std::string_view first = text.substr(0, text.find('\n'));
    if (first.find(label) != std::string_view::npos) return {};
    std::vector<std::string> out;
    for (const auto& entry : dictionary.entries) out.push_back(entry.column);
    if (dictionary.find(label) == nullptr) out.push_back(label);
    return out;
}

Result<learn::Table> read_site(Env& env, const std::string& path,
                               const learn::Dictionary& dictionary, const std::string& label) {
    const Bytes bytes = SALUS_TRY(read_input(env, path, learn::file_bytes_max));
    learn::CsvOptions options;
    options.columns = names_for(bytes, dictionary, label);
    options.missing = {"-9", "-9.0"};
    return SALUS_TRY(learn::read_csv(bytes, options)).table;
}

/// Above 0, or the word `1`, `yes`, `true`: has it.
Result<std::uint8_t> label_of(const learn::Column& column, std::size_t row) {
    const std::string cell = learn::cell_text(column, row);
    learn::ParsedNumber number;
    if (learn::parse_number(cell, number)) return std::uint8_t{number.value > 0};
    if (cell == "yes" || cell == "true") return std::uint8_t{1};
    if (cell == "no" || cell == "false") return std::uint8_t{0};
    return Error{Errc::malformed, "a label is no number"};
}

/// Marks each row of the split as training or test; rows that it does not name take no part.
Status apply_split(const learn::Table& split, std::vector<Site>& sites) {
    if (split.columns.size() < 3) {
        return Error{Errc::malformed, "a split has the columns center, row and set"};
    }
    for (std::size_t r = 0; r < split.rows; ++r) {
        const std::string centre = learn::cell_text(split.columns[0], r);
        const auto site = std::find_if(sites.begin(), sites.end(),
                                       [&](const Site& one) { return one.name == centre; });
        if (site == sites.end()) {
            return Error{Errc::malformed, "the split names a centre that is no site"};
        }
        learn::ParsedNumber row;
        if (!learn::parse_number(learn::cell_text(split.columns[1], r), row) || row.value < 0 ||
            row.value >= static_cast<double>(site->trains.size())) {
            return Error{Errc::out_of_range, "the split names a row that a site does not have"};
        }
        const std::string set = learn::cell_text(split.columns[2], r);
        if (set != "train" && set != "test") {
            return Error{Errc::malformed, "a row of the split is train or test"};
        }
        site->trains[static_cast<std::size_t>(row.value)] = set == "train" ? 1 : 0;
    }
    return done;
}

Result<std::vector<Site>> read_sites(Env& env, const Args& args) {
    const std::string label = args.value_or("label", "");
    const Bytes meaning =
        SALUS_TRY(read_input(env, args.value_or("dictionary", ""), learn::dictionary_bytes_max));
    const learn::Dictionary dictionary = SALUS_TRY(learn::parse_dictionary(meaning));
    const auto features = SALUS_TRY(federated::features_of(dictionary, label));
    const std::vector<std::string> paths = split_list(args.value_or("sites", ""));
    std::vector<Site> sites;
    for (const std::string& path : paths) {
        const learn::Table table = SALUS_TRY(read_site(env, path, dictionary, label));
        Site site;
        site.name = site_name(path);
        site.cells = SALUS_TRY(federated::encode(table, features, sites.size(), paths.size()));
        const std::size_t target = table.find(label);
        if (target == table.columns.size()) {
            return Error{Errc::not_found, "a site's table lacks the label"};
        }
        site.trains.assign(table.rows, 2);
        site.labels.assign(table.rows, 0);
        for (std::size_t r = 0; r < table.rows; ++r) {
            if (table.columns[target].is_missing(r)) continue;
            site.labels[r] = SALUS_TRY(label_of(table.columns[target], r));
        }
        sites.push_back(std::move(site));
    }
    const Bytes split =
        SALUS_TRY(read_input(env, args.value_or("split", ""), learn::file_bytes_max));
    SALUS_TRY(apply_split(SALUS_TRY(learn::read_csv(split)).table, sites));
    return sites;
}

json::Value epsilon_value(double epsilon) {
    return std::isinf(epsilon) ? json::Value("inf") : json::Value(epsilon);
}

/// "inf" or a number; 0 for anything else, which no study takes.
double epsilon_from(const std::string& text) {
    if (text == "inf") return std::numeric_limits<double>::infinity();
    learn::ParsedNumber number;
    return learn::parse_number(text, number) ? number.value : 0;
}

json::Object line_of(const federated::StudyResult& result) {
    json::Array sites;
    for (const double one : result.site_accuracy) sites.emplace_back(one);
    return json::Object{{"pooled_accuracy", result.pooled_accuracy},
                        {"site_accuracy", std::move(sites)},
                        {"auc", result.auc},
                        {"epsilon_spent", epsilon_value(result.epsilon_spent)}};
}

void add(federated::StudyResult& to, const federated::StudyResult& one, double share) {
    to.pooled_accuracy += one.pooled_accuracy * share;
    to.auc += one.auc * share;
    to.site_accuracy.resize(one.site_accuracy.size(), 0.0);
    for (std::size_t i = 0; i < one.site_accuracy.size(); ++i) {
        to.site_accuracy[i] += one.site_accuracy[i] * share;
    }
    to.epsilon_spent = one.epsilon_spent;
}

}  // namespace

int learn_federated(Env& env, const Words& words) {
    const Args args = SALUS_OR_USAGE(Args::parse(
        words, {.valued = {"sites", "split", "dictionary", "label", "epsilon", "delta", "seeds"},
                .plain = {"json"}}));
    for (const std::string_view flag : {"sites", "split", "dictionary", "label"}) {
        if (!args.has(flag)) {
            return wrong_use(
                "federated wants --sites A,B,C --split FILE --dictionary FILE "
                "--label COLUMN");
        }
    }
    federated::StudyOptions options;
    options.epsilon = epsilon_from(args.value_or("epsilon", "inf"));
    options.delta = epsilon_from(args.value_or("delta", "1e-4"));
    const std::uint64_t seeds = SALUS_OR_USAGE(args.number("seeds", 1, 1, 10'000));
    const std::vector<Site> sites = SALUS_OR_FAIL(read_sites(env, args));
    federated::StudyResult mean;
    for (options.seed = 1; options.seed <= seeds; ++options.seed) {
        const federated::StudyResult result =
            SALUS_OR_FAIL(federated::run_study(env, sites, options));
        add(mean, result, 1 / static_cast<double>(seeds));
        json::Object line = line_of(result);
        line.insert(line.begin(), {"seed", std::uint64_t{options.seed}});
        print_json(std::move(line));
    }
    print_json(line_of(mean));
    return exit_done;
}

}  // namespace salus::command
