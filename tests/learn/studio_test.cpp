#include "crypto/hash.hpp"
#include "learn/json_out.hpp"
#include "learn/report.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <ctime>
#include <fstream>
#include <string>

using namespace salus;
using namespace salus::learn;

namespace {

struct Answer {
    std::string verb;
    Words words;
    std::string digest;
};

Answer parse_answer(const std::string& line) {
    const std::size_t cut = line.rfind(' ');
    Answer answer;
    answer.digest = line.substr(cut + 1);
    std::size_t at = line.find('|');
    at = at > cut ? cut : at;
    answer.verb = line.substr(0, at);
    while (at < cut) {
        const std::size_t end = std::min(line.find('|', at + 1), cut);
        const std::string word = line.substr(at + 1, end - at - 1);
        const std::size_t equal = word.find('=');
        answer.words.emplace_back(word.substr(0, equal), word.substr(equal + 1));
        at = end;
    }
    return answer;
}

std::string run(Studio& studio, std::string_view verb, const Words& words = {},
                std::string_view body = {}) {
    const Result<std::string> result = run_verb(studio, verb, words, as_bytes(body));
    return result.ok() ? *result : to_json(result.error());
}

bool has(const std::string& json, std::string_view part) {
    return json.find(part) != std::string::npos;
}

}  // namespace

TEST_CASE("every verb answers with the bytes that the WebAssembly core answers with") {
    std::ifstream file(SALUS_SOURCE_DIR "/tests/learn/answers/studio.txt");
    Studio studio;
    std::size_t checked = 0;
    for (std::string line; std::getline(file, line);) {
        if (line.empty() || line[0] == '#') {
            continue;
        }
        const Answer answer = parse_answer(line);
        const std::string json = run(studio, answer.verb, answer.words);
        CHECK_MESSAGE(to_hex(crypto::sha256(as_bytes(json)).view()) == answer.digest, line);
        ++checked;
    }
    CHECK(checked >= 20);
}

TEST_CASE("load reports what the command line promises") {
    Studio studio;
    const std::string json = run(studio, "load", {}, "age,sex\n40,F\n?,M\n40,F\n");
    CHECK(has(json, R"("rows":3)"));
    CHECK(has(json, R"({"name":"age","kind":"integer","missing":1,"distinct":1)"));
    CHECK(has(json, R"("duplicate_rows":1)"));
    CHECK(has(json, R"("warnings":[)"));
    CHECK(has(run(studio, "load", {}, "1,2\n3,4\n"), "header"));
}

TEST_CASE("a failed load keeps the data set that was there") {
    Studio studio;
    CHECK(has(run(studio, "chart"), "not_found"));
    run(studio, "load", {{"demo_rows", "30"}});
    CHECK(has(run(studio, "load", {}, "a,b\n1\n"), "malformed"));
    CHECK(has(run(studio, "page"), R"("rows_total":30)"));
    CHECK(has(run(studio, "page", {{"stage", "prepared"}}), "not_found"));
}

TEST_CASE("an earlier step done again discards the later ones") {
    Studio studio;
    run(studio, "load", {{"demo_rows", "60"}});
    run(studio, "process");
    run(studio, "release", {{"seed", std::string(64, '1')}});
    CHECK(studio.newest() == Stage::released);
    run(studio, "process");
    CHECK(studio.newest() == Stage::prepared);
    run(studio, "load", {{"demo_rows", "60"}});
    CHECK(studio.newest() == Stage::loaded);
}

TEST_CASE("a row becomes a record with the present cells as texts") {
    Studio studio;
    run(studio, "load", {{"name", "Ward \"7\""}}, "id,sex,dose\nA1,F,1.50\nA2,?,?\n");
    const auto records = studio.rows_for_sealing(Stage::loaded, 0, 10);
    REQUIRE(records.ok());
    REQUIRE(records->size() == 2);
    CHECK(
        (*records)[0] ==
        R"({"type":"row","dataset":"Ward \"7\"","row":1,)"
        R"("cells":{"id":"A1","sex":"F","dose":"1.5"}})");
    CHECK((*records)[1] == R"({"type":"row","dataset":"Ward \"7\"","row":2,"cells":{"id":"A2"}})");
    CHECK(studio.rows_for_sealing(Stage::loaded, 2, 10)->empty());
}

TEST_CASE("a page holds ten thousand rows at most") {
    Studio studio;
    studio.load_demo({.rows = page_rows_max + 1});
    CHECK(studio.page(Stage::loaded, 0, page_rows_max - 1)->rows.size() == page_rows_max - 1);
    CHECK(studio.page(Stage::loaded, 0, page_rows_max)->rows.size() == page_rows_max);
    CHECK(studio.page(Stage::loaded, 0, page_rows_max + 1)->rows.size() == page_rows_max);
    CHECK(studio.page(Stage::loaded, page_rows_max, 10)->rows.size() == 1);
}

TEST_CASE("wrong words are refused by name") {
    Studio studio;
    run(studio, "load", {{"demo_rows", "20"}});
    CHECK(has(run(studio, "dance"), "malformed"));
    CHECK(has(run(studio, "load", {{"demo_rows", "0"}}), "malformed"));
    CHECK(has(run(studio, "load", {{"demo_rows", "1000001"}}), "malformed"));
    CHECK(has(run(studio, "load", {{"colour", "red"}}), "option colour"));
    CHECK(has(run(studio, "process", {{"fill", "sum"}}), "malformed"));
    CHECK(has(run(studio, "process", {{"encode", "yes"}}), "malformed"));
    CHECK(has(run(studio, "release", {{"scale", "much"}}), "malformed"));
    CHECK(has(run(studio, "release", {{"seed", "12"}}), "malformed"));
    CHECK(has(run(studio, "release", {{"scale", "1"}}), "seed"));
    CHECK(has(run(studio, "release", {{"suppress_cell:age", "0"}, {"seed", std::string(64, '1')}}),
              "out_of_range"));
    CHECK(has(run(studio, "page", {{"stage", "next"}}), "malformed"));
    CHECK(has(run(studio, "role", {{"column", "age"}, {"role", "king"}}), "malformed"));
    CHECK(has(run(studio, "role", {{"column", "none"}, {"role", "label"}}), "not_found"));
}

TEST_CASE("JSON text escapes what must be escaped and nothing else") {
    JsonOut out;
    out.begin_object().field("a\"b", "line\nü\\\x01").key("n").number(missing_number);
    out.key("list").begin_array().integer(1).boolean(true).begin_object().end_object().end_array();
    CHECK(out.end_object().view() ==
          "{\"a\\\"b\":\"line\\nü\\\\\\u0001\",\"n\":null,\"list\":[1,true,{}]}");
}

TEST_CASE("a million rows of ten columns are loaded, prepared and noised within five seconds") {
    std::string csv;
    {
        Studio maker;
        maker.load_demo({.rows = 1'000'000});
        csv = *maker.csv(Stage::loaded);
    }
    // Processor time of this process: other programs on the machine do not count.
    const std::clock_t start = std::clock();
    Result<CsvResult> read = read_csv(as_bytes(csv));
    REQUIRE(read.ok());
    REQUIRE(process(read->table, {}).ok());
    const Result<Release> made = release(read->table, {.seed = seed_from(1)});
    REQUIRE(made.ok());
    const double seconds = static_cast<double>(std::clock() - start) / CLOCKS_PER_SEC;
    MESSAGE("1,000,000 x 10 loaded, prepared and noised in " << seconds << " s");
#if defined(NDEBUG) && !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
    CHECK(seconds < 5);
#endif
}
