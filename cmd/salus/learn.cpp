#include "learn/isolation_forest.hpp"
#include "learn/scoring.hpp"

#include "command.hpp"
#include "learn_input.hpp"
#include <cstdio>

namespace salus::command {
namespace {

int anomaly(Env& env, const Words& words) {
    const Args args =
        SALUS_OR_USAGE(Args::parse(words, {.valued = {"csv", "label", "seed"}, .plain = {"json"}}));
    const std::uint64_t seed = SALUS_OR_USAGE(args.number("seed", 1, 0, UINT64_MAX));
    const LearnTable table = SALUS_OR_FAIL(read_learn_table(env, args));
    const learn::RowsView rows = table.features.rows();
    const std::int64_t start = env.steady_ns();
    const learn::IsolationForest forest =
        SALUS_OR_FAIL(learn::IsolationForest::fit(rows, {}, learn::seed_from(seed)));
    const std::vector<double> scores = forest.scores(rows);
    const auto spent = static_cast<double>(env.steady_ns() - start);
    const double auc = learn::area_under_curve(scores, table.features.labels);
    const double us_per_row = spent / 1000 / static_cast<double>(rows.rows());
    if (args.has("json")) {
        print_json(json::Object{{"auc", auc}, {"us_per_row", us_per_row}});
    } else {
        char text[160];
        std::snprintf(text, sizeof text,
                      "%zu rows: AUC %.4f; %.2f microseconds a row, the fit included", rows.rows(),
                      auc, us_per_row);
        print(text);
    }
    return exit_done;
}

}  // namespace

int run_learn(Env& env, const Words& words) {
    if (words.empty()) return wrong_use("learn wants anomaly");
    const Words rest(words.begin() + 1, words.end());
    if (words.front() == "anomaly") return anomaly(env, rest);
    return wrong_use("learn knows anomaly");
}

}  // namespace salus::command
