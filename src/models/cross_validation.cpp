#include "models/cross_validation.hpp"

#include "learn/logistic.hpp"
#include "learn/scoring.hpp"

#include <algorithm>
#include <numeric>

namespace salus::models {
namespace {

constexpr std::size_t inner_folds = 3;

/// Deals the rows of each class to folds in turn, after shuffling.
std::vector<std::size_t> deal(std::span<const std::uint8_t> labels, std::size_t folds,
                              learn::RandomStream& random) {
    std::vector<std::size_t> order(labels.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    for (std::size_t i = order.size(); i > 1; --i) std::swap(order[i - 1], order[random.below(i)]);
    std::stable_sort(order.begin(), order.end(),
                     [&](std::size_t a, std::size_t b) { return labels[a] < labels[b]; });
    std::vector<std::size_t> fold(labels.size());
    for (std::size_t i = 0; i < order.size(); ++i) fold[order[i]] = i % folds;
    return fold;
}

/// Some rows of a set, copied.
struct Part {
    std::vector<double> cells;
    std::vector<std::uint8_t> labels;
    std::vector<std::size_t> places;
    std::size_t columns = 0;
    [[nodiscard]] TrainingSet set() const { return {{cells, columns}, labels}; }
};

Part part_of(const TrainingSet& set, const std::vector<std::size_t>& fold, std::size_t which,
             bool inside) {
    Part out;
    out.columns = set.rows.columns;
    for (std::size_t r = 0; r < fold.size(); ++r) {
        if ((fold[r] == which) != inside) continue;
        const auto row = set.rows.row(r);
        out.cells.insert(out.cells.end(), row.begin(), row.end());
        out.labels.push_back(set.labels[r]);
        out.places.push_back(r);
    }
    return out;
}

/// Each row's score by a model fitted to the other folds.
Result<std::vector<double>> unseen_scores(ModelKind kind, const TrainingSet& set, std::size_t folds,
                                          learn::RandomStream& random) {
    const std::vector<std::size_t> fold = deal(set.labels, folds, random);
    std::vector<double> out(set.labels.size());
    for (std::size_t f = 0; f < folds; ++f) {
        const Part known = part_of(set, fold, f, false);
        const Part asked = part_of(set, fold, f, true);
        const std::vector<double> scores = SALUS_TRY(
            fit_and_score(kind, known.set(), asked.set().rows, learn::seed_from(random.next())));
        for (std::size_t i = 0; i < scores.size(); ++i) out[asked.places[i]] = scores[i];
    }
    return out;
}

/// Probabilities of the asked rows: scores through a line whose slope and offset fit unseen scores.
Result<std::vector<double>> probabilities(ModelKind kind, const TrainingSet& known,
                                          const learn::RowsView& asked,
                                          learn::RandomStream& random) {
    std::vector<double> inner = SALUS_TRY(unseen_scores(kind, known, inner_folds, random));
    const std::vector<double> line =
        SALUS_TRY(learn::fit_logistic({inner, 1}, known.labels, {.ridge = 0.01}));
    std::vector<double> out =
        SALUS_TRY(fit_and_score(kind, known, asked, learn::seed_from(random.next())));
    for (double& one : out) one = learn::probability_of(one * line[0] + line[1]);
    return out;
}

}  // namespace

Result<CrossResult> cross_validate(ModelKind kind, const TrainingSet& set,
                                   const CrossOptions& options) {
    const auto positives =
        static_cast<std::size_t>(std::count(set.labels.begin(), set.labels.end(), 1));
    const std::size_t rarer = std::min(positives, set.labels.size() - positives);
    if (options.folds < 2 || options.folds > folds_max || options.repeats == 0 ||
        options.repeats > repeats_max) {
        return Error{Errc::out_of_range, "2 to 100 folds and 1 to 100 repeats"};
    }
    if (rarer < std::max(options.folds, inner_folds + 1)) {
        return Error{Errc::out_of_range, "a class has fewer rows than there are folds"};
    }
    learn::RandomStream random(learn::seed_from(options.seed), "cross validation");
    CrossResult out;
    for (std::size_t repeat = 0; repeat < options.repeats; ++repeat) {
        const std::vector<std::size_t> fold = deal(set.labels, options.folds, random);
        std::vector<double> all(set.labels.size());
        double auc = 0;
        for (std::size_t f = 0; f < options.folds; ++f) {
            const Part known = part_of(set, fold, f, false);
            const Part asked = part_of(set, fold, f, true);
            const std::vector<double> found =
                SALUS_TRY(probabilities(kind, known.set(), asked.set().rows, random));
            auc += learn::area_under_curve(found, asked.labels);
            for (std::size_t i = 0; i < found.size(); ++i) all[asked.places[i]] = found[i];
        }
        out.auc += auc / static_cast<double>(options.folds);
        out.accuracy += learn::accuracy_of(all, set.labels);
        out.brier += learn::brier_score(all, set.labels);
        out.ece += learn::calibration_error(all, set.labels);
    }
    const auto repeats = static_cast<double>(options.repeats);
    return CrossResult{out.auc / repeats, out.accuracy / repeats, out.brier / repeats,
                       out.ece / repeats};
}

}  // namespace salus::models
