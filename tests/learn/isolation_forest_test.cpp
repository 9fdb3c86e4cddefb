#include "learn/isolation_forest.hpp"

#include "learn/scoring.hpp"

#include <doctest/doctest.h>

#include <cmath>
#include <limits>

using namespace salus;
using namespace salus::learn;

namespace {

/// A cloud around 0 with every 50th row far from it.
struct Cloud {
    std::vector<double> cells;
    std::vector<std::uint8_t> labels;
    std::size_t columns = 4;
    [[nodiscard]] RowsView rows() const { return {cells, columns}; }
};

Cloud cloud(std::size_t rows, std::size_t columns) {
    RandomStream random(seed_from(7), "test cloud");
    Cloud out;
    out.columns = columns;
    for (std::size_t r = 0; r < rows; ++r) {
        const bool odd = r % 50 == 0;
        out.labels.push_back(odd ? 1 : 0);
        for (std::size_t c = 0; c < columns; ++c) {
            out.cells.push_back(random.gaussian() * (odd ? 5 : 1));
        }
    }
    return out;
}

}  // namespace

TEST_CASE("rows far from all others score higher than rows among them") {
    const Cloud data = cloud(2'000, 4);
    const auto forest = IsolationForest::fit(data.rows(), {}, seed_from(1));
    REQUIRE(forest.ok());
    const auto scores = forest->scores(data.rows());
    CHECK(area_under_curve(scores, data.labels) > 0.95);
    for (const double score : scores) {
        CHECK(score > 0);
        CHECK(score < 1);
    }
}

TEST_CASE("one row at a time scores as many rows at once do") {
    const Cloud data = cloud(133, 70);
    const auto forest = IsolationForest::fit(data.rows(), {}, seed_from(1));
    REQUIRE(forest.ok());
    const auto scores = forest->scores(data.rows());
    for (std::size_t r = 0; r < scores.size(); ++r) {
        CHECK(forest->score(data.rows().row(r)) == scores[r]);
    }
}

TEST_CASE("the seed fixes the forest and another seed gives another one") {
    const Cloud data = cloud(500, 4);
    const auto a = IsolationForest::fit(data.rows(), {}, seed_from(1));
    const auto b = IsolationForest::fit(data.rows(), {}, seed_from(1));
    const auto c = IsolationForest::fit(data.rows(), {}, seed_from(2));
    REQUIRE((a.ok() && b.ok() && c.ok()));
    CHECK(a->scores(data.rows()) == b->scores(data.rows()));
    CHECK(a->scores(data.rows()) != c->scores(data.rows()));
}

TEST_CASE("a missing cell counts as the column's median, and no row is too plain to score") {
    Cloud data = cloud(500, 4);
    const auto forest = IsolationForest::fit(data.rows(), {}, seed_from(1));
    REQUIRE(forest.ok());
    const double nan = std::numeric_limits<double>::quiet_NaN();
    const std::vector<double> nothing(4, nan);
    const std::vector<double> far(4, 9.0);
    CHECK(forest->score(nothing) < forest->score(far));

    const std::vector<double> same(40, 3.0);
    const auto flat = IsolationForest::fit({same, 4}, {}, seed_from(1));
    REQUIRE(flat.ok());
    CHECK(std::isfinite(flat->score(std::vector<double>{3, 3, 3, 3})));
    const auto single = IsolationForest::fit({std::span(same).first(4), 4}, {}, seed_from(1));
    REQUIRE(single.ok());
    CHECK(std::isfinite(single->score(far)));
}

TEST_CASE("a forest refuses what is outside its limits") {
    const Cloud data = cloud(10, 4);
    const auto code = [&](const RowsView& rows, const ForestOptions& options) {
        const auto made = IsolationForest::fit(rows, options, seed_from(1));
        return made.ok() ? Errc{} : made.error().code;
    };
    CHECK(code({}, {}) == Errc::out_of_range);
    const std::vector<double> wide(1'001, 1.0);
    CHECK(code({std::span(wide).first(999), 999}, {}) == Errc{});
    CHECK(code({std::span(wide).first(1'000), 1'000}, {}) == Errc{});
    CHECK(code({wide, 1'001}, {}) == Errc::out_of_range);
    CHECK(code(data.rows(), {.trees = 0}) == Errc::out_of_range);
    CHECK(code(data.rows(), {.trees = 1}) == Errc{});
    CHECK(code(data.rows(), {.trees = forest_trees_max + 1}) == Errc::out_of_range);
    CHECK(code(data.rows(), {.sample = 1}) == Errc::out_of_range);
    CHECK(code(data.rows(), {.sample = 2}) == Errc{});
    CHECK(code(data.rows(), {.sample = forest_sample_max + 1}) == Errc::out_of_range);
    CHECK(code(data.rows(), {.density = -1}) == Errc::out_of_range);
    const std::vector<double> endless{1, 2, std::numeric_limits<double>::infinity(), 4};
    CHECK(code({endless, 2}, {}) == Errc::out_of_range);
}

TEST_CASE("the area under the curve counts ties as one half") {
    const std::vector<std::uint8_t> labels{0, 0, 1, 1};
    CHECK(area_under_curve(std::vector<double>{1, 2, 3, 4}, labels) == 1);
    CHECK(area_under_curve(std::vector<double>{4, 3, 2, 1}, labels) == 0);
    CHECK(area_under_curve(std::vector<double>{1, 1, 1, 1}, labels) == 0.5);
    CHECK(area_under_curve(std::vector<double>{1, 2, 2, 3}, labels) == 0.875);
    CHECK(area_under_curve(std::vector<double>{1, 2}, std::vector<std::uint8_t>{1, 1}) == 0.5);
}
