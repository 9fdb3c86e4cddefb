#pragma once

#include "base/env.hpp"
#include "learn/dictionary.hpp"
#include "learn/table.hpp"

#include <cstdint>
#include <string>
#include <vector>

/// Logistic regression across hospitals: each adds up its own patients, the sums are joined by a
/// secure sum, and noise for differential privacy is added inside it. No row and no hospital's sum
/// leaves its place.
namespace salus::federated {

/// A hospital's rows as a model reads them.
struct Site {
    std::string name;
    std::vector<double> cells;  ///< row by row, one column per feature
    std::vector<std::uint8_t> labels;
    std::vector<std::uint8_t> trains;  ///< 1: a training row, 0: a test row, 2: neither
};

/// One feature of the model, from the public dictionary alone.
struct Feature {
    std::string column;
    bool is_number = false;
    double low = 0, high = 0;  ///< of a number
    std::string level;         ///< of a category
    bool is_pair = false;      ///< a category of two levels: ±1/2
};

/// Errors: malformed — a category without levels, a number without a range, no feature at all.
Result<std::vector<Feature>> features_of(const learn::Dictionary& dictionary,
                                         std::string_view label);

/// Cells of a table's rows: numbers scaled by their public range, categories spread, a missing cell
/// 0, and an intercept of the site's own behind them; every row clipped to length 1.
/// Errors: not_found — the table lacks a column of the dictionary.
Result<std::vector<double>> encode(const learn::Table& table, const std::vector<Feature>& features,
                                   std::size_t site, std::size_t sites);

struct StudyOptions {
    double epsilon = 1;  ///< infinity: no noise
    double delta = 1e-4;
    double ridge = 8;           ///< with noise
    double ridge_exact = 0.25;  ///< without
    std::size_t rounds_exact = 12;
    std::uint64_t seed = 1;
};

struct StudyResult {
    std::vector<double> weights;
    double pooled_accuracy = 0;
    std::vector<double> site_accuracy;
    double auc = 0;
    double epsilon_spent = 0;
};

/// Trains on the sites' training rows and scores their test rows. With a finite epsilon there is
/// one round: one release of gradient and curvature, which costs no more than epsilon.
/// Errors: out_of_range — fewer than 3 sites, epsilon or delta; malformed — no test row at a site.
Result<StudyResult> run_study(Env& env, const std::vector<Site>& sites,
                              const StudyOptions& options);

}  // namespace salus::federated
