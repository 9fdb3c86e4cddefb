#include "learn/process.hpp"

#include "learn/csv.hpp"
#include "learn/demo.hpp"
#include "learn/describe.hpp"

#include <doctest/doctest.h>

#include <string>

using namespace salus;
using namespace salus::learn;

namespace {

Table table_of(const std::string& text) {
    Result<CsvResult> result = read_csv(as_bytes(text));
    REQUIRE_MESSAGE(result.ok(), result.error().detail);
    return std::move(result->table);
}

const std::string ward =
    "sex,age,dose,seen\nF,30,1.5,2024-01-01\nM,,2.5,2024-01-03\nF,40,?,\n,41,2.5,2024-01-03\n"
    "M,50,?,2024-01-09\nF,30,1.5,2024-01-01\n";

}  // namespace

TEST_CASE("repeats are dropped, gaps take the mean, words become numbers, and each is counted") {
    Table t = table_of(ward);
    const Result<ProcessReport> r = process(t, {});
    REQUIRE(r.ok());
    CHECK(r->rows_before == 6);
    CHECK(r->rows_after == 5);
    CHECK(r->duplicates_dropped == 1);
    CHECK(r->missing_before == 5);
    CHECK(r->missing_after == 0);
    CHECK(r->cells_filled == 5);
    REQUIRE(r->filled.size() == 4);
    CHECK(r->filled[1].column == "age");
    CHECK(r->filled[1].cells == 1);
    CHECK(r->filled[1].value == "40.25");
    CHECK(r->filled[2].cells == 2);
    CHECK(r->filled[2].value == "2.1666667");
    CHECK(r->filled[0].value == "Not stated");
    CHECK(r->filled[3].how == Fill::median);
    CHECK(t.columns[1].numbers[1] == 40.25);
    CHECK(t.columns[1].was_filled(1));
    CHECK_FALSE(t.columns[1].was_filled(0));
    REQUIRE(r->encodings.size() == 1);
    CHECK(r->encodings[0].levels == std::vector<std::string>{"F", "M", "Not stated"});
    CHECK(t.columns[0].numbers == std::vector<double>{0, 1, 0, 2, 1});
    CHECK(cell_display(t.columns[0], 3) == "Not stated");
    CHECK_FALSE(r->notes.empty());
}

TEST_CASE("median, mode and leave do what they say, also for one column alone") {
    Table median = table_of(ward);
    REQUIRE(process(median, {.fill = Fill::median}).ok());
    CHECK(median.columns[1].numbers[1] == 40.5);
    Table mode = table_of(ward);
    REQUIRE(process(mode, {.drop_duplicates = false, .fill = Fill::mode, .encode = false}).ok());
    CHECK(mode.columns[1].numbers[1] == 30);
    CHECK(cell_text(mode.columns[0], 3) == "F");
    Table leave = table_of(ward);
    const auto left = process(leave, {.fill = Fill::leave});
    CHECK(left->cells_filled == 0);
    CHECK(left->missing_after == left->missing_before);
    CHECK(left->notes.empty());
    Table mixed = table_of(ward);
    const auto exception = process(mixed, {.fill = Fill::mean, .fill_of = {{"dose", Fill::leave}}});
    CHECK(exception->missing_after == 2);
    CHECK(process(mixed, {.fill_of = {{"none", Fill::mean}}}).error().code == Errc::not_found);
    CHECK(fill_from("sum").error().code == Errc::malformed);
    CHECK(*fill_from("median") == Fill::median);
}

TEST_CASE("a column without any value stays as it is") {
    Table t = table_of("a,b\n?,1\n?,2\n?,4\n");
    const auto r = process(t, {});
    REQUIRE(r.ok());
    CHECK(r->missing_after == 3);
    CHECK(r->cells_filled == 0);
}

TEST_CASE("a filled mean leaves the mean of the column where it was") {
    Table t = demo_table({.rows = 3000});
    std::vector<double> before;
    for (const Column& column : t.columns) before.push_back(moments(column).mean);
    REQUIRE(process(t, {.drop_duplicates = false}).ok());
    for (std::size_t i = 0; i < before.size(); ++i) {
        const bool number = t.columns[i].levels.empty() && t.columns[i].kind != Kind::date;
        if (number) {
            CHECK(moments(t.columns[i]).mean == doctest::Approx(before[i]).epsilon(1e-9));
        }
    }
}
