#include "learn/chart.hpp"
#include "learn/csv.hpp"
#include "learn/demo.hpp"
#include "learn/describe.hpp"

#include <doctest/doctest.h>

#include <cmath>
#include <string>

using namespace salus;
using namespace salus::learn;

namespace {

Table table_of(const std::string& text) {
    Result<CsvResult> result = read_csv(as_bytes(text));
    REQUIRE_MESSAGE(result.ok(), result.error().detail);
    return std::move(result->table);
}

std::string gender_rows(int women, int men, int unstated) {
    std::string text = "gender,n\n";
    for (int i = 0; i < women; ++i) text += "Female,1\n";
    for (int i = 0; i < men; ++i) text += "Male,2\n";
    for (int i = 0; i < unstated; ++i) text += ",3\n";
    return text;
}

std::size_t bar_sum(const Chart& chart) {
    std::size_t sum = 0;
    for (const Bar& bar : chart.bars) sum += bar.count;
    return sum;
}

}  // namespace

TEST_CASE("a column of numbers is summed up by its moments and quartiles") {
    const Table t = table_of("x,y\n1,a\n2,a\n3,b\n4,\n?,b\n");
    const ColumnSummary x = describe_column(t.columns[0], 4);
    CHECK(x.present == 4);
    CHECK(x.missing == 1);
    CHECK(x.min == 1);
    CHECK(x.max == 4);
    CHECK(x.mean == 2.5);
    CHECK(x.sd == doctest::Approx(std::sqrt(1.25)));
    CHECK(x.q1 == 1.75);
    CHECK(x.median == 2.5);
    CHECK(x.q3 == 3.25);
    const ColumnSummary y = describe_column(t.columns[1]);
    CHECK_FALSE(y.numeric);
    REQUIRE(y.levels.size() == 2);
    CHECK(y.levels[0].count == 2);
}

TEST_CASE("a column without a value has no figures") {
    const Table t = table_of("x,y\n?,1\n?,2\n");
    const ColumnSummary x = describe_column(t.columns[0]);
    CHECK(x.present == 0);
    CHECK(std::isnan(x.mean));
    CHECK(x.histogram.empty());
}

TEST_CASE("the bins of a histogram hold every present value") {
    const Table demo = demo_table({.rows = 700});
    for (const ColumnSummary& column : describe(demo, 15)) {
        std::size_t sum = 0;
        for (const Bin& bin : column.histogram) {
            CHECK(bin.low < bin.high);
            sum += bin.count;
        }
        CHECK((column.histogram.empty() || sum == column.present));
    }
    const Table one = table_of("x,y\n5,1\n5,2\n");
    CHECK(describe_column(one.columns[0]).histogram.size() == 1);
    CHECK(histogram_of({0.1, 0.2, 0.30000000000000004}, 3).size() <= 4);
}

TEST_CASE("the title says who is more, and by how much") {
    const auto title = [](int women, int men) {
        const Result<Chart> chart = default_chart(table_of(gender_rows(women, men, 1)));
        REQUIRE(chart.ok());
        return chart->title;
    };
    CHECK(title(100, 100) == "As many women as men");
    CHECK(title(52, 48) == "Slightly more women than men");
    CHECK(title(30, 50) == "More men than women");
    CHECK(title(5, 95) == "Far more men than women");
}

TEST_CASE("missing cells and words that say nothing are one bar, the last") {
    std::string text = gender_rows(3, 2, 1) + "Not stated,1\n";
    const Result<Chart> chart = chart_by(table_of(text), "gender");
    REQUIRE(chart.ok());
    REQUIRE(chart->bars.size() == 3);
    CHECK(chart->bars[2].label == "Not stated");
    CHECK(chart->bars[2].count == 2);
    CHECK(chart->bars[2].not_stated);
    CHECK(bar_sum(*chart) == chart->rows);
}

TEST_CASE("without gender the first category is drawn and the chart says so") {
    const Result<Chart> chart =
        default_chart(table_of("n,ward\n1.5,North\n2.5,South\n3.5,North\n"));
    REQUIRE(chart.ok());
    CHECK(chart->column == "ward");
    CHECK(chart->note.find("first category") != std::string::npos);
    const Result<Chart> numbers = default_chart(table_of("a,b\n1.5,2\n2.5,4\n"));
    CHECK(numbers->column == "a");
    CHECK_FALSE(numbers->note.empty());
    CHECK_FALSE(default_chart(Table{}).ok());
    CHECK(chart_by(demo_table({.rows = 5}), "no such").error().code == Errc::not_found);
}

TEST_CASE("every column of the demo rows can be drawn, and each row is in one bar") {
    const Table demo = demo_table({.rows = 1200});
    for (const Column& column : demo.columns) {
        const Result<Chart> chart = chart_by(demo, column.name);
        REQUIRE(chart.ok());
        CHECK_FALSE(chart->title.empty());
        CHECK(bar_sum(*chart) == demo.rows);
        CHECK(chart->bars.size() <= 25);
    }
}

TEST_CASE("the demo rows look like a clinic's and depend on the seed alone") {
    const Table a = demo_table();
    CHECK(a.rows == 5000);
    CHECK(duplicate_count(a) == 3);
    CHECK(write_csv(a) == write_csv(demo_table()));
    CHECK(write_csv(a) != write_csv(demo_table({.seed = seed_from(2)})));
    const Moments age = moments(a.columns[a.find("age")]);
    CHECK(age.mean == doctest::Approx(54).epsilon(0.02));
    CHECK(default_chart(a)->title == "Slightly more women than men");
    std::size_t missing = 0;
    for (const Column& column : a.columns) missing += missing_count(column);
    CHECK(missing > 150);
    CHECK(missing < 300);
    CHECK(demo_table({.rows = 1}).rows == 1);
}
