#include "learn/infer.hpp"

#include "learn/csv.hpp"

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

}  // namespace

TEST_CASE("numbers are read exactly and codes with leading zeros are not numbers") {
    ParsedNumber n;
    for (const auto& [text, value, decimals] :
         {std::tuple{"0", 0.0, 0},
          {"-12.50", -12.5, 2},
          {".7", 0.7, 1},
          {"5.", 5.0, 0},
          {"+3", 3.0, 0},
          {"1e3", 1000.0, 0},
          {"1.5e-3", 0.0015, 4},
          {"0.1", 0.1, 1},
          {"123456789012345678", 123456789012345678.0, 0},
          {"2.2250738585072014e-308", 2.2250738585072014e-308, 17}}) {
        REQUIRE_MESSAGE(parse_number(text, n), text);
        CHECK(n.value == value);
        CHECK(n.decimals == decimals);
    }
    for (const char* text : {"", "-", ".", "007", "-01", "1e", "1e+", "0x10", "inf", "nan", "1,5",
                             "1 2", "12a", "--1", "1e400"}) {
        CHECK_FALSE_MESSAGE(parse_number(text, n), text);
    }
    CHECK(parse_number(std::string(number_chars_max, '1'), n));
    CHECK_FALSE(parse_number(std::string(number_chars_max + 1, '1'), n));
}

TEST_CASE("numbers print as the shortest text that reads back") {
    for (const double value : {0.0, -0.1, 63.0, 5.61, 1e21, 1e-9, 1.0 / 3, 123456.789}) {
        ParsedNumber back;
        REQUIRE(parse_number(number_text(value), back));
        CHECK(back.value == value);
    }
    CHECK(number_text(63.0) == "63");
    CHECK(number_text(5.61) == "5.61");
    CHECK(number_text(missing_number).empty());
    CHECK(grouped(1234567) == "1,234,567");
    CHECK(grouped(999) == "999");
}

TEST_CASE("dates are days of the calendar") {
    double days = 0;
    REQUIRE(parse_date("1970-01-01", days));
    CHECK(days == 0);
    REQUIRE(parse_date("2024/02/29", days));
    CHECK(date_text(days) == "2024-02-29");
    for (const char* text :
         {"1600-01-01", "1969-12-31", "2000-02-29", "2999-12-31", "2026-11-24"}) {
        REQUIRE(parse_date(text, days));
        CHECK(date_text(days) == text);
    }
    for (const char* text : {"2023-02-29", "2024-13-01", "2024-00-10", "2024-04-31", "24-01-01",
                             "1599-12-31", "2024-1-01", "2024-01/01"}) {
        CHECK_FALSE_MESSAGE(parse_date(text, days), text);
    }
}

TEST_CASE("kinds follow the cells") {
    std::string text = "row,code,sex,visit,note,bmi,zip\n";
    for (int i = 0; i < 60; ++i) {
        text += std::to_string(i + 1) + ",X" + std::to_string(i * 37) + (i % 2 ? ",F" : ",M") +
                ",2024-01-" + (i % 28 < 9 ? "0" : "") + std::to_string(i % 28 + 1) +
                ",free words about visit " + std::to_string(i) + ",2" + std::to_string(i % 5) +
                ".5,0" + std::to_string(1000 + i % 7) + "\n";
    }
    const Table t = table_of(text);
    const std::vector<Kind> kinds{Kind::identifier, Kind::identifier, Kind::category, Kind::date,
                                  Kind::text,       Kind::number,     Kind::category};
    for (std::size_t i = 0; i < kinds.size(); ++i) {
        CHECK_MESSAGE(t.columns[i].kind == kinds[i], t.columns[i].name);
    }
    CHECK(t.columns[0].role == Role::identifier);
    CHECK(t.columns[2].role == Role::quasi_identifier);
    CHECK(t.columns[3].role == Role::quasi_identifier);
    CHECK(t.columns[5].role == Role::sensitive);
    CHECK(t.columns[6].role == Role::quasi_identifier);
}

TEST_CASE("one label column is suggested, the one most plainly called so") {
    const Table t = table_of("age,diabetes,num\n40,Yes,0\n50,No,2\n60,No,1\n");
    CHECK(t.columns[0].role == Role::quasi_identifier);
    CHECK(t.columns[1].role == Role::sensitive);
    CHECK(t.columns[2].role == Role::label);
}

TEST_CASE("names are split into words at case, digits apart and signs") {
    CHECK(name_words("Patient_ID") == std::vector<std::string>{"patient", "id"});
    CHECK(name_words("patientId") == std::vector<std::string>{"patient", "id"});
    CHECK(name_words("HbA1c (mmol)") == std::vector<std::string>{"hb", "a1c", "mmol"});
    CHECK(is_gender_name("Sex at birth"));
    CHECK_FALSE(is_gender_name("sextant"));
}

TEST_CASE("numbers that repeat are measurements even when they are whole") {
    const Table t = table_of("age,id\n40,1\n40,2\n50,3\n60,4\n");
    CHECK(t.columns[0].kind == Kind::integer);
    CHECK(t.columns[1].kind == Kind::identifier);
}
