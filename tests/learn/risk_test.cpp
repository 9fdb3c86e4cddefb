#include "learn/csv.hpp"
#include "learn/demo.hpp"
#include "learn/dictionary.hpp"
#include "learn/linkage.hpp"
#include "learn/noise.hpp"
#include "learn/process.hpp"
#include "learn/utility.hpp"

#include <doctest/doctest.h>

#include <cmath>
#include <cstdio>
#include <fstream>
#include <sstream>
#include <string>

using namespace salus;
using namespace salus::learn;

namespace {

const std::vector<std::string> heart_names{"age",   "sex",     "cp",      "trestbps", "chol",
                                           "fbs",   "restecg", "thalach", "exang",    "oldpeak",
                                           "slope", "ca",      "thal",    "num"};

// Empty when the heart files do not lie beside the project.
std::string heart_text(const std::string& site) {
    std::ifstream file(SALUS_SOURCE_DIR "/../shared/data/heart/processed." + site + ".data");
    std::stringstream text;
    text << file.rdbuf();
    if (text.str().empty()) {
        std::printf("heart data absent: this case is not run\n");
    }
    return text.str();
}

Table heart_table(const std::string& text) {
    CsvOptions options;
    options.columns = heart_names;
    Result<CsvResult> read = read_csv(as_bytes(text), options);
    REQUIRE_MESSAGE(read.ok(), read.error().detail);
    return std::move(read->table);
}

Table only(const Table& table, const std::vector<const char*>& names) {
    Table out;
    out.rows = table.rows;
    for (const char* name : names) out.columns.push_back(table.columns[table.find(name)]);
    return out;
}

Table noisy(const Table& table, double scale, std::uint64_t seed, Noise kind = Noise::zero_sum) {
    Result<Release> made = release(table, {.noise = kind, .scale = scale, .seed = seed_from(seed)});
    REQUIRE(made.ok());
    return std::move(made->table);
}

double linked(const Table& table, double scale) {
    double sum = 0;
    for (std::uint64_t seed = 1; seed <= 5; ++seed) {
        sum += linkage(table, noisy(table, scale, seed), seed_from(seed)).share;
    }
    return sum / 5;
}

// The definition, row by row against row: what the tree must agree with.
double linked_slowly(const Table& truth, const Table& released) {
    double gained = 0;
    std::vector<double> mean(truth.columns.size()), sd(truth.columns.size());
    for (std::size_t c = 0; c < truth.columns.size(); ++c) {
        for (const double x : truth.columns[c].numbers) mean[c] += x;
        mean[c] /= static_cast<double>(truth.rows);
        for (const double x : truth.columns[c].numbers) sd[c] += (x - mean[c]) * (x - mean[c]);
        sd[c] = std::sqrt(sd[c] / static_cast<double>(truth.rows));
    }
    const auto distance = [&](std::size_t a, std::size_t b) {
        double sum = 0;
        for (std::size_t c = 0; c < truth.columns.size(); ++c) {
            const double scale = 1 / sd[c];
            const double d = (released.columns[c].numbers[a] - mean[c]) * scale -
                             (truth.columns[c].numbers[b] - mean[c]) * scale;
            sum += d * d;
        }
        return sum;
    };
    for (std::size_t a = 0; a < truth.rows; ++a) {
        const double own = distance(a, a);
        std::size_t ties = 0;
        bool beaten = false;
        for (std::size_t b = 0; b < truth.rows; ++b) {
            beaten = beaten || distance(a, b) < own;
            ties += distance(a, b) == own ? 1U : 0U;
        }
        gained += beaten ? 0 : 1 / static_cast<double>(ties);
    }
    return gained / static_cast<double>(truth.rows);
}

}  // namespace

TEST_CASE("the tree finds what a comparison of all rows with all finds") {
    const Table demo = only(demo_table({.rows = 600}), {"age", "bmi", "systolic"});
    Table full = demo;
    REQUIRE(process(full, {.drop_duplicates = false}).ok());
    for (const double scale : {0.0, 0.05, 0.3, 1.0}) {
        const Table r = noisy(full, scale, 3);
        CHECK(linkage(full, r, seed_from(3)).share ==
              doctest::Approx(linked_slowly(full, r)).epsilon(1e-9));
    }
}

TEST_CASE("rows released as they are can all be put back, twins by lot") {
    Table t = std::move(read_csv(as_bytes("a,b\n1.5,2\n1.5,2\n3.5,4\n9.5,1\n"))->table);
    const Linkage l = linkage(t, t, seed_from(1));
    CHECK(l.share == 0.75);
    CHECK(l.rows_linked == 3);
    CHECK_FALSE(l.sampled);
    CHECK(l.looked_at == 4);
}

TEST_CASE("a word released as it is narrows the search") {
    Table t = demo_table({.rows = 2000});
    REQUIRE(process(t, {}).ok());
    const Table numbers = only(t, {"age", "systolic"});
    const Table worded = only(t, {"age", "systolic", "gender", "smoker"});
    const double without = linkage(numbers, noisy(numbers, 0.3, 1), seed_from(1)).share;
    const Linkage with = linkage(worded, noisy(worded, 0.3, 1), seed_from(1));
    CHECK(with.categories.size() == 2);
    CHECK(with.share > without);
}

TEST_CASE("more than five thousand rows are measured on a sample that the result names") {
    Table t = demo_table({.rows = 20'000});
    REQUIRE(process(t, {}).ok());
    const Table r = noisy(t, 0.5, 1);
    const Linkage l = linkage(t, r, seed_from(1));
    CHECK(l.sampled);
    CHECK(l.looked_at == 5000);
    CHECK(l.rows == t.rows);
    CHECK(l.note.find("5,000") != std::string::npos);
    CHECK(l.share == linkage(t, r, seed_from(1)).share);
}

TEST_CASE("on demo rows a tenth of the spread hides few, seven tenths leave one row in twenty") {
    Table t = only(demo_table(), {"gender", "age", "systolic", "cholesterol", "hba1c"});
    REQUIRE(process(t, {.drop_duplicates = false}).ok());
    CHECK(linked(t, 0.1) == doctest::Approx(0.83).epsilon(0.05));
    CHECK(linked(t, 0.7) < 0.06);
    CHECK(linked(t, 1.0) < 0.03);
}

TEST_CASE("on heart data a tenth of the spread hides few rows, the whole spread nearly all") {
    std::string all;
    for (const char* site : {"cleveland", "hungarian", "switzerland", "va"})
        all += heart_text(site);
    if (all.empty()) {
        return;
    }
    Table t = only(heart_table(all), {"age", "trestbps", "chol", "thalach"});
    REQUIRE(process(t, {}).ok());
    const double tenth = linked(t, 0.1);
    const double whole = linked(t, 1.0);
    MESSAGE("re-linked at 10 %: " << tenth << ", at 100 %: " << whole);
    CHECK(tenth > 0.80);
    CHECK(tenth < 0.92);
    CHECK(whole < 0.04);
}

TEST_CASE("the heart files load with their names and their dictionary") {
    const std::string text = heart_text("cleveland");
    if (text.empty()) {
        return;
    }
    Table t = heart_table(text);
    CHECK(t.rows == 303);
    CHECK(missing_count(t.columns[t.find("ca")]) == 4);
    CHECK(missing_count(t.columns[t.find("thal")]) == 2);
    CHECK(duplicate_count(heart_table(heart_text("hungarian"))) == 1);
    const Dictionary* const heart = builtin_dictionary_for(t);
    REQUIRE(heart != nullptr);
    CHECK(apply_dictionary(t, *heart).empty());
    CHECK(cell_display(t.columns[t.find("sex")], 0) == "Male");
    CHECK(cell_display(t.columns[t.find("thal")], 0) == "Fixed defect");
    REQUIRE(process(t, {.encode = false}).ok());
    const Utility same = utility(t, t, seed_from(1));
    CHECK(same.percent == 100);
    CHECK(same.auc_before > 0.85);
    CHECK(same.label == "num");
    const Utility half = utility(t, noisy(t, 0.5, 1), seed_from(1));
    CHECK(half.means_exact);
    CHECK(half.auc_after > 0.8);
    CHECK(half.percent < 100);
}

TEST_CASE("the area under the curve counts ties half") {
    CHECK(auc({1, 2, 3, 4}, {0, 0, 1, 1}) == 1);
    CHECK(auc({4, 3, 2, 1}, {0, 0, 1, 1}) == 0);
    CHECK(auc({1, 1, 1, 1}, {0, 1, 0, 1}) == 0.5);
    CHECK(auc({1, 2, 2, 3}, {0, 0, 1, 1}) == 0.875);
    CHECK(std::isnan(auc({1, 2}, {1, 1})));
}

TEST_CASE("more noise leaves less utility, and zeroing everything none") {
    Table t = demo_table({.rows = 3000});
    REQUIRE(process(t, {}).ok());
    double last = 100.1;
    for (const double scale : {0.0, 0.2, 0.6, 1.5}) {
        const Utility u = utility(t, noisy(t, scale, 2), seed_from(2));
        CHECK(u.percent < last);
        CHECK(u.means_exact);
        last = u.percent;
    }
    CHECK(utility(t, noisy(t, 1.0, 2, Noise::zero_out), seed_from(2)).percent == 0);
}
