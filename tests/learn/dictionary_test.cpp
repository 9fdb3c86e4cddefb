#include "learn/dictionary.hpp"

#include <doctest/doctest.h>

#include <fstream>
#include <sstream>
#include <string>

using namespace salus;
using namespace salus::learn;

namespace {

std::string file_text(const std::string& path) {
    std::ifstream file(path, std::ios::binary);
    std::stringstream text;
    text << file.rdbuf();
    return text.str();
}

Errc refused(std::string_view text) {
    const Result<Dictionary> result = parse_dictionary(as_bytes(text));
    REQUIRE_FALSE(result.ok());
    return result.error().code;
}

}  // namespace

TEST_CASE("the dictionaries in examples are those built into the program") {
    for (const std::string name : {"demo", "heart"}) {
        CHECK(file_text(SALUS_SOURCE_DIR "/examples/dictionaries/" + name + ".csv") ==
              builtin_dictionary_csv(name));
    }
    CHECK(builtin_dictionary_csv("other").empty());
}

TEST_CASE("the smallest dictionary has the five columns that federated learning needs") {
    const auto d = parse_dictionary(
        as_bytes("column,kind,low,high,levels\nage,number,0,120,\nsex,category,,,0 1\n"));
    REQUIRE(d.ok());
    REQUIRE(d->entries.size() == 2);
    CHECK(d->entries[0].low == 0);
    CHECK(d->entries[0].high == 120);
    CHECK(d->entries[1].levels == std::vector<std::string>{"0", "1"});
}

TEST_CASE("a dictionary that contradicts itself is refused") {
    CHECK(refused("name,what\nage,number\n") == Errc::malformed);
    CHECK(refused("column,kind,low,high,levels\nage,float,,,\n") == Errc::malformed);
    CHECK(refused("column,kind,low,high,levels\nage,number,9,1,\n") == Errc::malformed);
    CHECK(refused("column,kind,low,high,levels\nage,number,x,1,\n") == Errc::malformed);
    CHECK(refused("column,kind,low,high,levels\n,number,0,1,\n") == Errc::malformed);
    CHECK(refused("column,kind,low,high,levels\na,number,,,\na,number,,,\n") == Errc::malformed);
    CHECK(refused("column,kind,levels,level_names\ns,category,0 1,No\n") == Errc::malformed);
    CHECK(refused("column,kind,role\ns,category,king\n") == Errc::malformed);
    CHECK(refused(std::string(dictionary_bytes_max + 1, 'a')) == Errc::out_of_range);
    std::string many = "column,kind,levels\nc,category,";
    for (std::size_t i = 0; i <= dictionary_levels_max; ++i) {
        many += std::to_string(i) + " ";
    }
    CHECK(refused(many + "\n") == Errc::out_of_range);
}

TEST_CASE("a dictionary turns coded numbers into words and counts what lies outside") {
    auto read = read_csv(as_bytes("sex,age\n0.0,40\n1.0,200\n2.0,50\n?,60\n"));
    REQUIRE(read.ok());
    const auto dictionary = parse_dictionary(
        as_bytes("column,kind,low,high,levels,label,unit,level_names\n"
                 "sex,category,,,0 1,Sex,,Female;Male\nage,integer,0,120,,Age,years,\n"));
    REQUIRE(dictionary.ok());
    Table& table = read->table;
    const std::vector<Warning> warnings = apply_dictionary(table, *dictionary);
    CHECK(table.columns[0].kind == Kind::category);
    CHECK(cell_display(table.columns[0], 0) == "Female");
    CHECK(cell_text(table.columns[0], 0) == "0");
    CHECK(cell_display(table.columns[0], 2) == "2");
    CHECK(table.columns[0].is_missing(3));
    CHECK(table.columns[1].unit == "years");
    REQUIRE(warnings.size() == 2);
    CHECK(warnings[0].code == "unknown_level");
    CHECK(warnings[1].code == "outside_range");
}

TEST_CASE("a built-in dictionary is used only where every column of it is there") {
    Table table;
    CHECK(builtin_dictionary_for(table) == nullptr);
    const auto heart = parse_dictionary(as_bytes(builtin_dictionary_csv("heart")));
    REQUIRE(heart.ok());
    CHECK(heart->entries.size() == 14);
    for (const DictionaryEntry& entry : heart->entries) {
        Column column;
        column.name = entry.column;
        table.columns.push_back(column);
    }
    const Dictionary* const found = builtin_dictionary_for(table);
    REQUIRE(found != nullptr);
    CHECK(found->find("thal") != nullptr);
    table.columns.pop_back();
    CHECK(builtin_dictionary_for(table) == nullptr);
}
