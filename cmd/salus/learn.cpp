#include "learn/isolation_forest.hpp"
#include "learn/scoring.hpp"
#include "models/cross_validation.hpp"

#include "command.hpp"
#include "learn_federated.hpp"
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

int cross_validate(Env& env, const Words& words) {
    const Args args = SALUS_OR_USAGE(Args::parse(
        words,
        {.valued = {"csv", "label", "model", "folds", "repeats", "seed"}, .plain = {"json"}}));
    const models::ModelKind kind = SALUS_OR_USAGE(models::model_from(args.value_or("model", "lr")));
    models::CrossOptions options;
    options.folds = SALUS_OR_USAGE(args.number("folds", 10, 2, models::folds_max));
    options.repeats = SALUS_OR_USAGE(args.number("repeats", 2, 1, models::repeats_max));
    options.seed = SALUS_OR_USAGE(args.number("seed", 1, 0, UINT64_MAX));
    const LearnTable table = SALUS_OR_FAIL(read_learn_table(env, args));
    const models::TrainingSet set{table.features.rows(), table.features.labels};
    const models::CrossResult result = SALUS_OR_FAIL(models::cross_validate(kind, set, options));
    if (args.has("json")) {
        print_json(json::Object{{"auc", result.auc},
                                {"accuracy", result.accuracy},
                                {"brier", result.brier},
                                {"ece", result.ece},
                                {"duplicate_rows", std::uint64_t{table.duplicate_rows}}});
        return exit_done;
    }
    char text[200];
    std::snprintf(text, sizeof text,
                  "AUC %.4f, accuracy %.4f, Brier score %.4f, calibration error %.4f; %zu rows "
                  "occur more than once",
                  result.auc, result.accuracy, result.brier, result.ece, table.duplicate_rows);
    print(text);
    return exit_done;
}

}  // namespace

int run_learn(Env& env, const Words& words) {
    if (words.empty()) return wrong_use("learn wants anomaly, cv or federated");
    const Words rest(words.begin() + 1, words.end());
    if (words.front() == "anomaly") return anomaly(env, rest);
    if (words.front() == "cv") return cross_validate(env, rest);
    if (words.front() == "federated") return learn_federated(env, rest);
    return wrong_use("learn knows anomaly, cv and federated");
}

}  // namespace salus::command
