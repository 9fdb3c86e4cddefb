#pragma once

#include "models/model.hpp"

#include <vector>

/// How well a kind of model predicts rows it has not seen.
namespace salus::models {

struct CrossOptions {
    std::size_t folds = 10;
    std::size_t repeats = 2;
    std::uint64_t seed = 1;
};
inline constexpr std::size_t folds_max = 100;
inline constexpr std::size_t repeats_max = 100;

/// Means over repeats; each repeat scores every row once, by a model that has not seen it.
struct CrossResult {
    double auc = 0, accuracy = 0, brier = 0, ece = 0;
};

/// Folds keep the share of labels. Probabilities are Platt's (1999), fitted to scores that an inner
/// split of the training rows gives to rows it has not seen.
/// Errors: out_of_range — fewer than 2 or more than 100 folds, more folds than rows of a class; as
///         the model.
Result<CrossResult> cross_validate(ModelKind kind, const TrainingSet& set,
                                   const CrossOptions& options);

}  // namespace salus::models
