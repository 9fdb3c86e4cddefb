#include "base/json.hpp"

#include <doctest/doctest.h>

#include <cmath>
#include <limits>
#include <simdjson.h>
#include <string>

using namespace salus;

namespace {

bool parses(std::string_view text) { return json::parse(text).ok(); }

Errc refusal(std::string_view text) { return json::parse(text).error().code; }

std::string nested(std::size_t depth) {
    return std::string(depth, '[') + "1" + std::string(depth, ']');
}

/// simdjson's own verdict on the same bytes. It is laxer on purpose: it keeps duplicate keys.
bool simdjson_parses(std::string_view text) {
    simdjson::dom::parser parser;
    simdjson::dom::element element;
    return parser.parse(simdjson::padded_string(text)).get(element) == simdjson::SUCCESS;
}

}  // namespace

TEST_CASE("a number keeps its text") {
    for (const char* number : {"0", "-0", "1.0", "1.10", "1e2", "1E+2", "0.1", "-12.50e-3",
                               "9007199254740993", "123456789012345678901234567890"}) {
        CAPTURE(number);
        const Result<json::Value> value = json::parse(number);
        REQUIRE(value.ok());
        CHECK(value->number()->text == number);
        CHECK(json::write(*value) == number);
    }
}

TEST_CASE("a number that overflows a double is refused, one that underflows is kept") {
    CHECK(parses("1.7976931348623157e308"));
    CHECK(refusal("1.7976931348623159e308") == Errc::malformed);
    CHECK(refusal("1e400") == Errc::malformed);
    CHECK(refusal("-1e400") == Errc::malformed);
    CHECK(refusal("1e99999999999999999999") == Errc::malformed);
    CHECK(refusal("1" + std::string(400, '0')) == Errc::malformed);
    CHECK(parses("1e-400"));
    CHECK(parses("0e400"));
    CHECK(parses("0." + std::string(400, '0') + "1"));
    CHECK(parses("0." + std::string(400, '0') + "1e399"));
    CHECK(parses("1" + std::string(400, '0') + "e-400"));
    CHECK(*json::need_double(*json::parse(R"({"n":1e-400})"), "n") == 0.0);
}

TEST_CASE("a name that occurs twice in one object is refused, however it is spelled") {
    CHECK(parses(R"({"a":1,"b":2})"));
    CHECK(refusal(R"({"a":1,"a":1})") == Errc::malformed);
    CHECK(refusal(R"({"a":1,"\u0061":1})") == Errc::malformed);
    CHECK(refusal(R"([{"x":{"a":1,"b":2,"a":3}}])") == Errc::malformed);
    CHECK(parses(R"({"a":{"a":{"a":1}}})"));
    std::string many = "{";
    for (int i = 0; i < 100; ++i) many += "\"k" + std::to_string(i) + "\":0,";
    CHECK(parses(many + "\"last\":0}"));
    CHECK(refusal(many + "\"k50\":0}") == Errc::malformed);
}

TEST_CASE("sixty-four levels of nesting are accepted, sixty-five are not") {
    CHECK(parses(nested(63)));
    CHECK(parses(nested(json::depth_max)));
    CHECK(refusal(nested(65)) == Errc::out_of_range);
    CHECK(refusal(std::string(1'000'000, '[')) == Errc::out_of_range);
    std::string objects;
    for (int i = 0; i < 65; ++i) objects += "{\"a\":";
    CHECK(refusal(objects) == Errc::out_of_range);
}

TEST_CASE("a document as long as allowed is read, one byte longer is not") {
    CHECK(json::parse("[1,2]", 6).ok());
    CHECK(json::parse("[1,2]", 5).ok());
    CHECK(json::parse("[1,2]", 4).error().code == Errc::out_of_range);
}

TEST_CASE("surrogates come in pairs") {
    CHECK(*json::parse(R"("\ud83d\ude00")")->text() == "\xf0\x9f\x98\x80");
    for (const char* bad : {R"("\ud83d")", R"("\ude00")", R"("\ud83dx")", R"("\ud83d\n")",
                            R"("\ud83d\ud83d")", R"("\ude00\ud83d")", R"("\ud83d\u0041")"}) {
        CAPTURE(bad);
        CHECK(refusal(bad) == Errc::malformed);
    }
    CHECK(refusal("\"\xed\xa0\x80\"") == Errc::malformed);
}

TEST_CASE("strings are read with every escape and nothing else") {
    CHECK(*json::parse(R"("\"\\\/\b\f\n\r\t\u00fc\u6c34")")->text() == "\"\\/\b\f\n\r\tü水");
    for (const char* bad : {"\"", "\"a", R"("\x")", R"("\u12")", R"("\u12g4")", R"("\u+123")",
                            "\"\n\"", "\"\x01\"", "\"\\", "\"\xff\""}) {
        CAPTURE(bad);
        CHECK(refusal(bad) == Errc::malformed);
    }
}

TEST_CASE("what is not JSON is refused, as simdjson refuses it") {
    for (const char* bad :
         {"", " ", "nul", "True", "01", "-", "-01", "+1", ".5", "1.", "1.e3", "1e", "1e+", "0x10",
          "NaN", "Infinity", "[1,]", "[,1]", "[1 2]", "{\"a\"}", "{\"a\":}", "{\"a\":1,}", "{a:1}",
          "{1:2}", "[1]]", "[", "{", "]", "1 2", "'a'", "/*x*/1", "\xef\xbb\xbf[1"}) {
        CAPTURE(bad);
        CHECK(refusal(bad) == Errc::malformed);
        CHECK_FALSE(simdjson_parses(bad));
    }
    for (const char* good :
         {"null", " true ", "\t[ ]\n", "{ }", "[1, 2]", "{\"a\" : [ { } , null ] }", "-0.0e-0",
          "\"\"", "{\"\":\"\"}"}) {
        CAPTURE(good);
        CHECK(parses(good));
        CHECK(simdjson_parses(good));
    }
}

TEST_CASE("what is written is read again as the same value, members in their order") {
    const json::Value value(json::Object{
        {"z", 1},
        {"a", json::Array{nullptr, true, false, "quote \" slash \\ tab \t null \x01 ü",
                          std::numeric_limits<std::int64_t>::min(),
                          std::numeric_limits<std::uint64_t>::max()}},
        {"empty", json::Object{}},
        {"none", json::Array{}},
    });
    const std::string text = json::write(value);
    CHECK(text.starts_with("{\"z\":1,\"a\":[null,true,false,"));
    CHECK(*json::parse(text) == value);
    CHECK(simdjson_parses(text));
}

TEST_CASE("a double is written as the shortest text that reads back the same") {
    CHECK(json::write(json::Value(0.1)) == "0.1");
    CHECK(json::write(json::Value(1e22)) == "1e+22");
    CHECK(json::write(json::Value(-2.5)) == "-2.5");
    CHECK(json::write(json::Value(std::nan(""))) == "null");
    CHECK(json::write(json::Value(std::numeric_limits<double>::infinity())) == "null");
}

TEST_CASE("text that is not UTF-8 leaves the document readable") {
    const std::string text = json::write(json::Value("a\xff"));
    CHECK(text == "\"a\\ufffd\"");
    CHECK(parses(text));
}

TEST_CASE("a needed field is there, of its type and in its bounds, or the error names it") {
    const json::Value object = *json::parse(
        R"({"t":"abc","i":-3,"u":18446744073709551615,"f":1.5,"b":true,"h":"00FF","w":"-_8","l":[1]})");
    CHECK(*json::need_text(object, "t") == "abc");
    CHECK(json::need_text(object, "t", 3).ok());
    CHECK(json::need_text(object, "t", 2).error().detail == "json: field t is too long");
    CHECK(json::need_text(object, "missing").error().detail == "json: field missing is missing");
    CHECK(*json::need_int(object, "i") == -3);
    CHECK_FALSE(json::need_int(object, "u").ok());
    CHECK_FALSE(json::need_int(object, "f").ok());
    CHECK(*json::need_uint(object, "u") == std::numeric_limits<std::uint64_t>::max());
    CHECK_FALSE(json::need_uint(object, "i").ok());
    CHECK(*json::need_double(object, "f") == 1.5);
    CHECK(*json::need_bool(object, "b"));
    CHECK_FALSE(json::need_bool(object, "t").ok());
    CHECK(to_hex(*json::need_hex(object, "h")) == "00ff");
    CHECK(json::need_hex(object, "h", 2).ok());
    CHECK_FALSE(json::need_hex(object, "h", 1).ok());
    CHECK(to_hex(*json::need_base64url(object, "w")) == "fbff");
    CHECK(json::need_base64url(object, "w", 2).ok());
    CHECK_FALSE(json::need_base64url(object, "w", 1).ok());
    CHECK((*json::need_array(object, "l"))->size() == 1);
    CHECK_FALSE(json::need_array(json::Value(3), "l").ok());
}

TEST_CASE("a field outside the list is refused by its name") {
    const json::Value object = *json::parse(R"({"a":1,"b":2})");
    CHECK(json::only_keys(object, {"a", "b", "c"}).ok());
    CHECK(json::only_keys(object, {"a"}).error().detail == "json: unknown field b");
    CHECK(json::only_keys(json::Value(1), {}).error().code == Errc::malformed);
}

TEST_CASE("a million values are read, one more is not") {
    // The array itself is a value too.
    const auto ones = [](std::size_t count) {
        std::string text = "[1";
        for (std::size_t i = 1; i < count; ++i) text += ",1";
        return text + "]";
    };
    CHECK(parses(ones(json::values_max - 2)));
    CHECK(parses(ones(json::values_max - 1)));
    CHECK(refusal(ones(json::values_max)) == Errc::out_of_range);
}
