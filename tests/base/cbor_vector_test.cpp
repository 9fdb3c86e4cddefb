#include "base/cbor.hpp"

#include <doctest/doctest.h>

#include <fstream>
#include <limits>
#include <string>

using namespace salus;

TEST_CASE("every example of RFC 8949 appendix A is accepted or refused as the subset says") {
    std::ifstream file(std::string(SALUS_SOURCE_DIR) + "/tests/vectors/rfc8949/appendix_a.txt");
    REQUIRE(file.is_open());
    std::string hex;
    std::string verdict;
    int lines = 0;
    while (file >> hex >> verdict) {
        ++lines;
        CAPTURE(hex);
        const Result<Bytes> bytes = from_hex(hex);
        REQUIRE(bytes.ok());
        CHECK(cbor::check(*bytes).ok() == (verdict == "accept"));
    }
    CHECK(lines == 81);
}

TEST_CASE("the writer writes the integers of RFC 8949 appendix A") {
    const auto uint_hex = [](std::uint64_t v) { return to_hex(cbor::Writer().uint(v).view()); };
    const auto int_hex = [](std::int64_t v) { return to_hex(cbor::Writer().integer(v).view()); };
    CHECK(uint_hex(0) == "00");
    CHECK(uint_hex(23) == "17");
    CHECK(uint_hex(24) == "1818");
    CHECK(uint_hex(255) == "18ff");
    CHECK(uint_hex(256) == "190100");
    CHECK(uint_hex(65'535) == "19ffff");
    CHECK(uint_hex(65'536) == "1a00010000");
    CHECK(uint_hex(4'294'967'295) == "1affffffff");
    CHECK(uint_hex(4'294'967'296) == "1b0000000100000000");
    CHECK(uint_hex(18'446'744'073'709'551'615U) == "1bffffffffffffffff");
    CHECK(int_hex(-1) == "20");
    CHECK(int_hex(-10) == "29");
    CHECK(int_hex(-100) == "3863");
    CHECK(int_hex(-1000) == "3903e7");
    CHECK(int_hex(std::numeric_limits<std::int64_t>::min()) == "3b7fffffffffffffff");
}
