#pragma once

#include "learn/random_stream.hpp"
#include "learn/table.hpp"

#include <string>
#include <string_view>
#include <vector>

/// What a release is still good for.
namespace salus::learn {

struct MeanShift {
    std::string column;
    double before = 0, after = 0;
    double shift = 0;  ///< |after − before| as a share of the true deviation
};

struct Utility {
    double percent = 0;  ///< 100 × means kept × correlations kept × prediction kept; parts that do
                         ///< not apply are 1
    std::vector<MeanShift> means;
    double mean_shift_max = 0;
    bool means_exact = false;  ///< every shift below 1e-9
    bool has_correlations = false;
    double correlation_shift_max = 0;  ///< largest absolute change over the pairs of number columns
    bool has_auc = false;
    std::string label;  ///< the column predicted
    double auc_before = 0, auc_after = 0;
    bool sampled = false;  ///< correlations and AUC looked at utility_rows_max rows drawn by seed
    std::string sentence;  ///< "means exact, correlations within 0.06, AUC 0.81 instead of 0.84"
};

/// Means kept = 1 − largest shift; correlations kept = 1 − 2 × largest change; prediction kept =
/// (AUC after − ½) / (AUC before − ½), where the rows allow an AUC above 0.55; each held to 0…1.
/// The AUC is that of a logistic regression fitted on one half of the released rows and tested on
/// the other half of the true ones. `label`: empty takes the column whose role is label.
Utility utility(const Table& truth, const Table& released, const Seed& seed,
                std::string_view label = {});

/// Area under the ROC curve; ties count half. NaN when one class is absent.
double auc(const std::vector<double>& scores, const std::vector<std::uint8_t>& positive);

}  // namespace salus::learn
