#include "federated/study.hpp"

#include "base/env.hpp"
#include "federated/lifted_solve.hpp"
#include "learn/logistic.hpp"
#include "learn/random_stream.hpp"

#include <doctest/doctest.h>

#include <cmath>
#include <limits>

using namespace salus;
using namespace salus::federated;

namespace {

constexpr std::size_t columns = 6;

/// Four sites whose rows end in an intercept of their own; every fourth row is a test row.
std::vector<Site> made_sites(std::size_t rows) {
    learn::RandomStream random(learn::seed_from(3), "sites");
    std::vector<Site> out;
    for (std::size_t s = 0; s < 4; ++s) {
        Site site;
        site.name = std::string(1, static_cast<char>('a' + s));
        for (std::size_t r = 0; r < rows; ++r) {
            const double a = 0.3 * random.gaussian();
            const double b = 0.3 * random.gaussian();
            const double logit = 5 * a - 4 * b + static_cast<double>(s) - 1.5;
            site.labels.push_back(random.unit() < learn::probability_of(logit) ? 1 : 0);
            site.trains.push_back(r % 4 == 0 ? 0 : 1);
            site.cells.push_back(a);
            site.cells.push_back(b);
            for (std::size_t i = 0; i < 4; ++i) site.cells.push_back(i == s ? 0.5 : 0);
        }
        out.push_back(std::move(site));
    }
    return out;
}

}  // namespace

TEST_CASE("without noise, hospitals apart find the weights of all rows in one place") {
    const std::vector<Site> sites = made_sites(200);
    const auto apart = run_study(machine_env(), sites,
                                 {.epsilon = std::numeric_limits<double>::infinity(), .seed = 1});
    REQUIRE(apart.ok());
    // The same rows together, by Newton's method of its own.
    std::vector<double> cells;
    std::vector<std::uint8_t> labels;
    for (const Site& site : sites) {
        for (std::size_t r = 0; r < site.labels.size(); ++r) {
            if (site.trains[r] != 1) continue;
            labels.push_back(site.labels[r]);
            for (std::size_t c = 0; c < columns; ++c) {
                cells.push_back(site.cells[r * columns + c]);
            }
        }
    }
    std::vector<double> together(columns + 1, 0.0);
    std::vector<double> ridge(columns + 1, 0.25);
    ridge.back() = 1e12;  // no common intercept
    for (int round = 0; round < 20; ++round) {
        REQUIRE(learn::newton_step(learn::logistic_sums({cells, columns}, labels, together), ridge,
                                   together)
                    .ok());
    }
    for (std::size_t c = 0; c < columns; ++c) {
        CHECK(std::abs(apart->weights[c] - together[c]) < 1e-5);
    }
    CHECK(apart->auc > 0.7);
    CHECK(apart->site_accuracy.size() == 4);
}

TEST_CASE("a study with noise spends what it was given, and its seed repeats it") {
    const std::vector<Site> sites = made_sites(200);
    const StudyOptions options{.epsilon = 1, .delta = 1e-4, .seed = 5};
    const auto once = run_study(machine_env(), sites, options);
    const auto again = run_study(machine_env(), sites, options);
    REQUIRE((once.ok() && again.ok()));
    CHECK(once->epsilon_spent <= 1);
    CHECK(once->epsilon_spent > 0.99);
    CHECK(once->weights == again->weights);
    const auto exact = run_study(machine_env(), sites,
                                 {.epsilon = std::numeric_limits<double>::infinity(), .seed = 5});
    REQUIRE(exact.ok());
    CHECK(once->weights != exact->weights);
}

TEST_CASE("a study refuses too few sites, no budget and sites without test rows") {
    std::vector<Site> sites = made_sites(20);
    const auto code = [&](const StudyOptions& options) {
        const auto result = run_study(machine_env(), sites, options);
        return result.ok() ? Errc{} : result.error().code;
    };
    CHECK(code({.epsilon = 0}) == Errc::out_of_range);
    CHECK(code({.epsilon = std::nan("")}) == Errc::out_of_range);
    CHECK(code({.epsilon = 1, .delta = 0}) == Errc::out_of_range);
    CHECK(code({.epsilon = 1}) == Errc{});
    std::fill(sites[1].trains.begin(), sites[1].trains.end(), std::uint8_t{1});
    CHECK(code({.epsilon = 1}) == Errc::malformed);
    sites.resize(2);
    CHECK(code({.epsilon = 1}) == Errc::out_of_range);
}

TEST_CASE("every row is clipped to length one, and a missing cell counts as the range's middle") {
    learn::Table table;
    table.rows = 2;
    learn::Column age;
    age.name = "age";
    age.kind = learn::Kind::number;
    age.numbers = {120, learn::missing_number};
    table.columns.push_back(age);
    const std::vector<Feature> features{{"age", true, 0, 120, "", false}};
    const auto cells = encode(table, features, 1, 3);
    REQUIRE(cells.ok());
    REQUIRE(cells->size() == 8);
    double squares = 0;
    for (std::size_t i = 0; i < 4; ++i) squares += (*cells)[i] * (*cells)[i];
    CHECK(squares <= 1);
    CHECK(squares > 0.999);
    CHECK((*cells)[4] == 0);
    CHECK((*cells)[6] > 0);
    CHECK(encode(table, {{"sex", false, 0, 0, "1", true}}, 0, 3).error().code == Errc::not_found);
}

TEST_CASE("a direction with less than the ridge is lifted to it") {
    const auto plain = lifted_solve({2, 0, 0, 4}, {3, 5}, 1);
    CHECK(plain[0] == doctest::Approx(1));
    CHECK(plain[1] == doctest::Approx(1));
    const auto lifted = lifted_solve({-7, 0, 0, 4}, {3, 5}, 1);
    CHECK(lifted[0] == doctest::Approx(3));
    const auto turned = lifted_solve({2, 1, 1, 3}, {4, 7}, 1);
    CHECK(3 * turned[0] + turned[1] == doctest::Approx(4));
    CHECK(turned[0] + 4 * turned[1] == doctest::Approx(7));
}
