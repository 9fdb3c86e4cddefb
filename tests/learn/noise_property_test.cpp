#include "learn/covariance.hpp"
#include "learn/csv.hpp"
#include "learn/demo.hpp"
#include "learn/describe.hpp"
#include "learn/noise.hpp"
#include "learn/process.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <string>

using namespace salus;
using namespace salus::learn;

namespace {

__extension__ using Wide = __int128;

// The exact sum of a column as written in a CSV, in units of 10^-15: an oracle that knows no
// doubles.
Wide decimal_sum(const Column& column) {
    Wide sum = 0;
    for (std::size_t row = 0; row < column.numbers.size(); ++row) {
        std::string text = column.is_missing(row) ? "0" : number_text(column.numbers[row]);
        REQUIRE(text.find('e') == std::string::npos);
        const bool negative = text[0] == '-';
        text = negative ? text.substr(1) : text;
        const std::size_t point = text.find('.');
        std::string digits = text.substr(0, point);
        std::string after = point == std::string::npos ? "" : text.substr(point + 1);
        REQUIRE(after.size() <= 15);
        after.resize(15, '0');
        Wide value = 0;
        for (const char c : digits + after) value = value * 10 + (c - '0');
        sum += negative ? -value : value;
    }
    return sum;
}

Table prepared_demo(std::size_t rows, std::uint64_t seed) {
    Table t = demo_table({.rows = rows, .seed = seed_from(seed)});
    REQUIRE(process(t, {}).ok());
    return t;
}

Release released(const Table& table, const ReleaseOptions& options) {
    Result<Release> r = release(table, options);
    REQUIRE_MESSAGE(r.ok(), r.error().detail);
    return std::move(*r);
}

}  // namespace

TEST_CASE("zero-sum noise keeps each column's decimal sum exactly, whatever the scale and seed") {
    for (std::uint64_t seed = 1; seed <= 6; ++seed) {
        const Table t = prepared_demo(200 + 331 * seed, seed);
        for (const double scale : {0.01, 0.1, 0.7, 1.0, 10.0}) {
            const Release r = released(t, {.scale = scale, .seed = seed_from(seed)});
            for (const Column& column : r.table.columns) {
                const Column& source = t.columns[t.find(column.name)];
                if (column.codes.empty()) {
                    CHECK(decimal_sum(column) == decimal_sum(source));
                }
            }
            for (const ColumnOutcome& outcome : r.report.columns) {
                CHECK(outcome.sum_before == outcome.sum_after);
            }
        }
    }
}

TEST_CASE("zero-sum noise keeps sums with gaps left, one row, tiny and huge numbers") {
    const std::vector<std::string> texts{
        "a,b\n5,1\n", "a,b\n1,?\n?,2\n3,?\n4,5.25\n",
        "a,b\n0.000001,123456789\n0.000003,-987654321\n0.000002,4\n",
        "a,b\n7,1e9\n7,2e9\n7,3500000000\n"};
    for (const std::string& text : texts) {
        const Table t = std::move(read_csv(as_bytes(text))->table);
        const Release r = released(t, {.scale = 0.5, .seed = seed_from(4)});
        for (const Column& column : r.table.columns) {
            CHECK(decimal_sum(column) == decimal_sum(t.columns[t.find(column.name)]));
        }
    }
}

TEST_CASE("noise has the size that was asked for and the figures few decimals") {
    const Table t = prepared_demo(5000, 3);
    for (const Noise kind : {Noise::random, Noise::zero_sum}) {
        const Release r = released(t, {.noise = kind, .scale = 0.5, .seed = seed_from(8)});
        for (const char* name : {"age", "bmi", "systolic", "cholesterol", "hba1c"}) {
            const Column& before = t.columns[t.find(name)];
            const Column& after = r.table.columns[r.table.find(name)];
            double squares = 0;
            std::size_t long_cells = 0;
            for (std::size_t row = 0; row < t.rows; ++row) {
                const double noise = after.numbers[row] - before.numbers[row];
                squares += noise * noise;
                long_cells += number_text(after.numbers[row]).size() > 7 ? 1U : 0U;
            }
            const double sd = std::sqrt(squares / static_cast<double>(t.rows));
            CHECK(sd == doctest::Approx(0.5 * moments(before).sd).epsilon(0.05));
            CHECK(long_cells <= 1);
        }
    }
}

TEST_CASE("random noise moves the sum; zero-sum noise does not follow it") {
    const Table t = prepared_demo(500, 2);
    const Release r = released(t, {.noise = Noise::random, .scale = 0.5, .seed = seed_from(1)});
    const ColumnOutcome& age = r.report.columns[t.find("age")];
    CHECK(age.sum_before != age.sum_after);
}

TEST_CASE("the same seed gives the same release and another seed another one") {
    const Table t = prepared_demo(300, 2);
    const auto csv = [&](std::uint64_t seed) {
        return write_csv(released(t, {.scale = 0.3, .seed = seed_from(seed)}).table);
    };
    CHECK(csv(1) == csv(1));
    CHECK(csv(1) != csv(2));
}

TEST_CASE("names of persons are left out, labels and words keep their values") {
    const Table t = prepared_demo(300, 2);
    const Release r = released(t, {.scale = 0.3, .seed = seed_from(1)});
    CHECK_FALSE(r.table.has("patient_code"));
    CHECK(r.table.columns[r.table.find("diabetes")].numbers ==
          t.columns[t.find("diabetes")].numbers);
    CHECK(r.table.columns[r.table.find("gender")].numbers == t.columns[t.find("gender")].numbers);
    CHECK(r.report.label == "masking, not differentially private");
    const Release kept =
        released(t, {.scale = 0.3, .keep_identifiers = true, .seed = seed_from(1)});
    CHECK(kept.table.has("patient_code"));
}

TEST_CASE("zeroing suppresses the share, cells and columns that were chosen") {
    const Table t = prepared_demo(400, 2);
    const Release r = released(t, {.noise = Noise::zero_out, .scale = 0.25, .seed = seed_from(1)});
    const Column& age = r.table.columns[r.table.find("age")];
    CHECK(std::count(age.numbers.begin(), age.numbers.end(), 0.0) == 100);
    CHECK(missing_count(r.table.columns[r.table.find("gender")]) == 100);
    const Release chosen = released(t, {.noise = Noise::none,
                                        .suppress_columns = {"bmi"},
                                        .suppress_cells = {{3, "age"}, {3, "gender"}},
                                        .seed = seed_from(1)});
    CHECK_FALSE(chosen.table.has("bmi"));
    CHECK(chosen.table.columns[chosen.table.find("age")].numbers[3] == 0);
    CHECK(chosen.table.columns[chosen.table.find("gender")].is_missing(3));
    CHECK(chosen.table.columns[chosen.table.find("age")].numbers[2] ==
          t.columns[t.find("age")].numbers[2]);
}

TEST_CASE("scales and rows are held to their bounds") {
    const Table t = prepared_demo(20, 2);
    const auto code = [&](const ReleaseOptions& options) {
        const Result<Release> r = release(t, options);
        return r.ok() ? Errc{} : r.error().code;
    };
    CHECK(code({.scale = 10}) == Errc{});
    CHECK(code({.scale = 10.01}) == Errc::out_of_range);
    CHECK(code({.scale = -0.1}) == Errc::out_of_range);
    CHECK(code({.scale = std::nan("")}) == Errc::out_of_range);
    CHECK(code({.noise = Noise::zero_out, .scale = 1}) == Errc{});
    CHECK(code({.noise = Noise::zero_out, .scale = 1.01}) == Errc::out_of_range);
    CHECK(code({.suppress_cells = {{t.rows - 1, "age"}}}) == Errc{});
    CHECK(code({.suppress_cells = {{t.rows, "age"}}}) == Errc::out_of_range);
    CHECK(code({.suppress_columns = {"none"}}) == Errc::not_found);
    CHECK(code({.columns = {{"none", Noise::random, 1}}}) == Errc::not_found);
    CHECK(noise_from("gauss").error().code == Errc::malformed);
}

TEST_CASE("noise may keep covariances as well as sums") {
    const Table t = prepared_demo(3000, 5);
    const Release r = released(t, {.scale = 0.8, .keep_covariance = true, .seed = seed_from(9)});
    std::vector<std::size_t> before;
    std::vector<std::size_t> after;
    for (const char* name : {"age", "bmi", "systolic", "cholesterol", "hba1c"}) {
        before.push_back(t.find(name));
        after.push_back(r.table.find(name));
        CHECK(decimal_sum(r.table.columns[after.back()]) == decimal_sum(t.columns[before.back()]));
    }
    const Covariance a = covariance_of(t, before);
    const Covariance b = covariance_of(r.table, after);
    for (std::size_t i = 0; i < before.size(); ++i) {
        for (std::size_t j = 0; j <= i; ++j) {
            const double size = std::sqrt(a.matrix.at(i, i) * a.matrix.at(j, j));
            CHECK(std::fabs(a.matrix.at(i, j) - b.matrix.at(i, j)) < 0.002 * size);
        }
    }
    CHECK(t.columns[before[0]].numbers != r.table.columns[after[0]].numbers);
}
