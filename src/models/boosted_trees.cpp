#include "models/model.hpp"

#include <xgboost/c_api.h>

#include <array>
#include <limits>
#include <memory>
#include <string>

namespace salus::models {
namespace {

struct FreeMatrix {
    void operator()(void* handle) const noexcept { XGDMatrixFree(handle); }
};
struct FreeBooster {
    void operator()(void* handle) const noexcept { XGBoosterFree(handle); }
};
using Matrix = std::unique_ptr<void, FreeMatrix>;
using Booster = std::unique_ptr<void, FreeBooster>;

Error failed() {
    return Error{Errc::malformed, "boosted trees could not be fitted"};
}

Result<Matrix> matrix_of(const learn::RowsView& rows) {
    const std::vector<float> cells(rows.cells.begin(), rows.cells.end());
    DMatrixHandle handle = nullptr;
    if (XGDMatrixCreateFromMat(cells.data(), rows.rows(), rows.columns,
                               std::numeric_limits<float>::quiet_NaN(), &handle) != 0) {
        return failed();
    }
    return Matrix(handle);
}

}  // namespace

Result<std::vector<double>> score_boosted_trees(const TrainingSet& set,
                                                const learn::RowsView& asked, std::uint32_t seed) {
    const Matrix train = SALUS_TRY(matrix_of(set.rows));
    const Matrix test = SALUS_TRY(matrix_of(asked));
    const std::vector<float> labels(set.labels.begin(), set.labels.end());
    if (XGDMatrixSetFloatInfo(train.get(), "label", labels.data(), labels.size()) != 0) {
        return failed();
    }
    const std::array<DMatrixHandle, 1> known{train.get()};
    BoosterHandle handle = nullptr;
    if (XGBoosterCreate(known.data(), known.size(), &handle) != 0) return failed();
    const Booster booster(handle);
    const std::string seed_text = std::to_string(seed);
    // One thread: threads of this library spin against each other on busy cores.
    const std::array<std::pair<const char*, const char*>, 11> settings{
        {{"nthread", "1"},
         {"objective", "binary:logistic"},
         {"eta", "0.04"},
         {"max_depth", "3"},
         {"subsample", "0.7"},
         {"colsample_bytree", "0.6"},
         {"min_child_weight", "2"},
         {"lambda", "3"},
         {"tree_method", "exact"},
         {"verbosity", "0"},
         {"seed", seed_text.c_str()}}};
    for (const auto& [name, value] : settings) {
        if (XGBoosterSetParam(booster.get(), name, value) != 0) return failed();
    }
    constexpr int rounds = 150;
    for (int round = 0; round < rounds; ++round) {
        if (XGBoosterUpdateOneIter(booster.get(), round, train.get()) != 0) return failed();
    }
    bst_ulong count = 0;
    const float* scores = nullptr;
    constexpr int margin = 1;
    if (XGBoosterPredict(booster.get(), test.get(), margin, 0, 0, &count, &scores) != 0) {
        return failed();
    }
    return std::vector<double>(scores, scores + count);
}

}  // namespace salus::models
