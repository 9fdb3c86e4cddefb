#pragma once

#include "base/result.hpp"
#include "learn/random_stream.hpp"
#include "learn/rows_view.hpp"

#include <cstdint>
#include <functional>
#include <span>
#include <string_view>
#include <vector>

/// The models of one table: each is fitted to rows and labels and gives scores, higher for the
/// label.
namespace salus::models {

enum class ModelKind : std::uint8_t {
    logistic,
    tree,
    random_forest,
    boosted_trees,   ///< libxgboost, one thread
    vector_machine,  ///< libsvm, radial kernel
    neural_net,
};

/// `lr`, `tree`, `rf`, `gbt`, `svm`, `mlp`. Errors: malformed — none of them.
Result<ModelKind> model_from(std::string_view name);

struct TrainingSet {
    learn::RowsView rows;  ///< NaN: missing
    std::span<const std::uint8_t> labels;
};

/// Scores of `asked` rows by a model fitted to `set`, as logits where the model has probabilities.
/// Missing cells are filled and columns scaled by what `set` alone says.
/// Errors: as the model: malformed, out_of_range.
Result<std::vector<double>> fit_and_score(ModelKind kind, const TrainingSet& set,
                                          const learn::RowsView& asked, const learn::Seed& seed);

/// Each library in a file of its own; rows are without missing cells.
Result<std::vector<double>> score_boosted_trees(const TrainingSet& set,
                                                const learn::RowsView& asked, std::uint32_t seed);
Result<std::vector<double>> score_vector_machine(const TrainingSet& set,
                                                 const learn::RowsView& asked);

}  // namespace salus::models
