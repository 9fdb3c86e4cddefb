#include "models/model.hpp"

#include "learn/decision_trees.hpp"
#include "learn/logistic.hpp"
#include "learn/neural_net.hpp"
#include "models/design.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <utility>

namespace salus::models {
namespace {

using learn::DecisionTrees;

std::vector<double> score_trees(const TrainingSet& set, const learn::RowsView& asked,
                                const learn::TreeOptions& options, const learn::Seed& seed) {
    const DecisionTrees trees = DecisionTrees::fit(set.rows, set.labels, options, seed);
    std::vector<double> out;
    for (std::size_t r = 0; r < asked.rows(); ++r) {
        const double p = std::clamp(trees.predict(asked.row(r)), 1e-6, 1 - 1e-6);
        out.push_back(std::log(p / (1 - p)));
    }
    return out;
}

Result<std::vector<double>> score_logistic(const TrainingSet& set, const learn::RowsView& asked) {
    const std::vector<double> weights =
        SALUS_TRY(learn::fit_logistic(set.rows, set.labels, {.ridge = 3}));
    std::vector<double> out;
    for (std::size_t r = 0; r < asked.rows(); ++r) {
        out.push_back(learn::logit_of(asked.row(r), weights));
    }
    return out;
}

std::vector<double> score_net(const TrainingSet& set, const learn::RowsView& asked,
                              const learn::Seed& seed) {
    const auto nets = learn::NeuralNets::fit(set.rows, set.labels, {}, seed);
    std::vector<double> out;
    for (std::size_t r = 0; r < asked.rows(); ++r) out.push_back(nets.logit(asked.row(r)));
    return out;
}

}  // namespace

Result<ModelKind> model_from(std::string_view name) {
    static constexpr std::array<std::pair<std::string_view, ModelKind>, 6> names{
        {{"lr", ModelKind::logistic},
         {"tree", ModelKind::tree},
         {"rf", ModelKind::random_forest},
         {"gbt", ModelKind::boosted_trees},
         {"svm", ModelKind::vector_machine},
         {"mlp", ModelKind::neural_net}}};
    for (const auto& [one, kind] : names) {
        if (one == name) return kind;
    }
    return Error{Errc::malformed, "a model is lr, tree, rf, gbt, svm or mlp"};
}

Result<std::vector<double>> fit_and_score(ModelKind kind, const TrainingSet& set,
                                          const learn::RowsView& asked, const learn::Seed& seed) {
    if (kind == ModelKind::boosted_trees) return score_boosted_trees(set, asked, seed[0]);
    const bool wide = kind != ModelKind::tree && kind != ModelKind::random_forest;
    const Design design = Design::learn_from(set.rows, wide);
    const std::vector<double> known = design.apply(set.rows);
    const std::vector<double> unknown = design.apply(asked);
    const TrainingSet ready{{known, design.columns()}, set.labels};
    const learn::RowsView rows{unknown, design.columns()};
    switch (kind) {
        case ModelKind::logistic:
            return score_logistic(ready, rows);
        case ModelKind::tree:
            return score_trees(ready, rows, {.depth_max = 4, .leaf_rows_min = 8}, seed);
        case ModelKind::random_forest: {
            const auto tried = static_cast<std::size_t>(
                std::ceil(std::sqrt(static_cast<double>(design.columns()))));
            return score_trees(ready, rows,
                               {.trees = 100,
                                .depth_max = 10,
                                .leaf_rows_min = 3,
                                .columns_tried = tried,
                                .resample = true},
                               seed);
        }
        case ModelKind::vector_machine:
            return score_vector_machine(ready, rows);
        case ModelKind::neural_net:
        case ModelKind::boosted_trees:
            break;
    }
    return score_net(ready, rows, seed);
}

}  // namespace salus::models
