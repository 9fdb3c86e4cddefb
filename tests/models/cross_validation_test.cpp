#include "models/cross_validation.hpp"

#include "learn/logistic.hpp"

#include <doctest/doctest.h>

#include <limits>

using namespace salus;
using namespace salus::models;

namespace {

struct Made {
    std::vector<double> cells;
    std::vector<std::uint8_t> labels;
    [[nodiscard]] TrainingSet set() const { return {{cells, 3}, labels}; }
};

/// A label that follows two columns of three; some cells are missing.
Made made(std::size_t rows) {
    learn::RandomStream random(learn::seed_from(9), "made rows");
    Made out;
    for (std::size_t r = 0; r < rows; ++r) {
        const double a = random.gaussian();
        const double b = random.gaussian();
        const double c = random.gaussian();
        out.labels.push_back(random.unit() < learn::probability_of(2 * a - 2 * b) ? 1 : 0);
        const bool gap = r % 17 == 0;
        out.cells.push_back(a);
        out.cells.push_back(b);
        out.cells.push_back(gap ? std::numeric_limits<double>::quiet_NaN() : c);
    }
    return out;
}

}  // namespace

TEST_CASE("every model finds what there is to find and says how sure it is") {
    const Made rows = made(240);
    for (const char* name : {"lr", "tree", "rf", "gbt", "svm", "mlp"}) {
        const auto kind = model_from(name);
        REQUIRE(kind.ok());
        const auto result = cross_validate(*kind, rows.set(), {.folds = 3, .repeats = 1});
        REQUIRE(result.ok());
        CAPTURE(name);
        CHECK(result->auc > 0.75);
        CHECK(result->accuracy > 0.65);
        CHECK(result->brier < 0.25);
        CHECK(result->ece < 0.15);
    }
}

TEST_CASE("the seed repeats a cross-validation to the last digit") {
    const Made rows = made(120);
    for (const ModelKind kind : {ModelKind::logistic, ModelKind::boosted_trees}) {
        const auto once = cross_validate(kind, rows.set(), {.folds = 3, .repeats = 1, .seed = 4});
        const auto again = cross_validate(kind, rows.set(), {.folds = 3, .repeats = 1, .seed = 4});
        REQUIRE((once.ok() && again.ok()));
        CHECK(once->auc == again->auc);
        CHECK(once->brier == again->brier);
    }
}

TEST_CASE("folds and models outside what there is are refused") {
    const Made rows = made(120);
    const auto code = [&](const CrossOptions& options) {
        const auto result = cross_validate(ModelKind::logistic, rows.set(), options);
        return result.ok() ? Errc{} : result.error().code;
    };
    CHECK(code({.folds = 1}) == Errc::out_of_range);
    CHECK(code({.folds = 2, .repeats = 1}) == Errc{});
    CHECK(code({.folds = 100}) == Errc::out_of_range);
    CHECK(code({.folds = 101}) == Errc::out_of_range);
    CHECK(code({.folds = 3, .repeats = 0}) == Errc::out_of_range);
    CHECK(model_from("oracle").error().code == Errc::malformed);
}
