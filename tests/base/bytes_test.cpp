#include "base/bytes.hpp"

#include <doctest/doctest.h>

#include <array>
#include <string>

using namespace salus;

namespace {

/// RFC 4648 §10: the same text in every base.
struct Row {
    const char* text;
    const char* hex;
    const char* base64;
    const char* base32;  ///< without padding
};
constexpr std::array<Row, 7> rfc4648 = {{
    {"", "", "", ""},
    {"f", "66", "Zg==", "MY"},
    {"fo", "666f", "Zm8=", "MZXQ"},
    {"foo", "666f6f", "Zm9v", "MZXW6"},
    {"foob", "666f6f62", "Zm9vYg==", "MZXW6YQ"},
    {"fooba", "666f6f6261", "Zm9vYmE=", "MZXW6YTB"},
    {"foobar", "666f6f626172", "Zm9vYmFy", "MZXW6YTBOI"},
}};

bool utf8(std::string_view text) { return is_utf8(as_bytes(text)); }

}  // namespace

TEST_CASE("the test vectors of RFC 4648 hold in both directions") {
    for (const Row& row : rfc4648) {
        CAPTURE(row.text);
        const Bytes bytes = to_bytes(std::string_view(row.text));
        CHECK(to_hex(bytes) == row.hex);
        CHECK(*from_hex(row.hex) == bytes);
        CHECK(to_base64(bytes) == row.base64);
        CHECK(*from_base64(row.base64) == bytes);
        CHECK(to_base32(bytes) == row.base32);
        CHECK(*from_base32(row.base32) == bytes);
    }
}

TEST_CASE("every length up to 70 bytes survives every base") {
    Bytes bytes;
    for (int length = 0; length <= 70; ++length) {
        CAPTURE(length);
        CHECK(*from_hex(to_hex(bytes)) == bytes);
        CHECK(*from_base64(to_base64(bytes)) == bytes);
        CHECK(*from_base64url(to_base64url(bytes)) == bytes);
        CHECK(*from_base32(to_base32(bytes)) == bytes);
        bytes.push_back(static_cast<std::uint8_t>(0xff - length * 7));
    }
}

TEST_CASE("hexadecimal is written in lower case and read in either") {
    CHECK(to_hex(*from_hex("00ffABab")) == "00ffabab");
    CHECK(from_hex("0").error().code == Errc::malformed);
    CHECK(from_hex("0g").error().code == Errc::malformed);
    CHECK(from_hex("0x00").error().code == Errc::malformed);
    CHECK(from_hex(" 00 ").error().code == Errc::malformed);
}

TEST_CASE("base64 has one spelling for one value") {
    for (const char* bad : {"Zg", "Zg=", "Zg===", "Zh==", "Zm9=", "Z===", "====", "Zg==Zg==",
                            "Zm9v\n", "Zm-v", "Zm 9v", "=Zg=", "Zm9vYmF"}) {
        CAPTURE(bad);
        CHECK(from_base64(bad).error().code == Errc::malformed);
    }
}

TEST_CASE("base64url carries no padding and its own two letters") {
    CHECK(to_base64url(*from_hex("fbffbf")) == "-_-_");
    CHECK(to_base64(*from_hex("fbffbf")) == "+/+/");
    for (const char* bad : {"Zg==", "Zh", "Z", "+/+/", "Zm9vY"}) {
        CAPTURE(bad);
        CHECK(from_base64url(bad).error().code == Errc::malformed);
    }
}

TEST_CASE("base32 reads either case and refuses bits that mean nothing") {
    CHECK(*from_base32("mzxw6ytboi") == to_bytes(std::string_view("foobar")));
    for (const char* bad : {"M", "MZX", "MZ", "MY======", "M1", "M8", "MZXW6Y"}) {
        CAPTURE(bad);
        CHECK(from_base32(bad).error().code == Errc::malformed);
    }
}

TEST_CASE("integers are written with the high byte first") {
    Bytes out;
    append_be16(out, 0x0102);
    append_be32(out, 0x03040506);
    append_be64(out, 0x0708090a0b0c0d0eU);
    CHECK(to_hex(out) == "0102030405060708090a0b0c0d0e");
    CHECK(read_be32(out.data() + 2) == 0x03040506);
    CHECK(read_be64(out.data() + 6) == 0x0708090a0b0c0d0eU);
}

TEST_CASE("fixed bytes take exactly their size") {
    CHECK(ObjectId::from(Bytes(15)).error().code == Errc::malformed);
    CHECK(ObjectId::from(Bytes(16)).ok());
    CHECK(ObjectId::from(Bytes(17)).error().code == Errc::malformed);
    CHECK(ObjectId::from(Bytes(16))->is_zero());
    CHECK_FALSE(ObjectId::from(Bytes(16, 1))->is_zero());
    CHECK(*ObjectId::from(Bytes(16, 1)) < *ObjectId::from(Bytes(16, 2)));
}

TEST_CASE("UTF-8 is accepted at the edges of table 3-7 and refused beside them") {
    for (const char* good : {"", "a", "\x7f", "\xc2\x80", "\xdf\xbf", "\xe0\xa0\x80",
                             "\xed\x9f\xbf", "\xee\x80\x80", "\xef\xbf\xbf", "\xf0\x90\x80\x80",
                             "\xf4\x8f\xbf\xbf"}) {
        CHECK(utf8(good));
    }
    for (const char* bad : {"\x80", "\xbf", "\xc0\x80", "\xc1\xbf", "\xc2", "\xc2\x7f", "\xc2\xc0",
                            "\xe0\x9f\xbf", "\xe0\xa0", "\xed\xa0\x80", "\xed\xbf\xbf",
                            "\xf0\x8f\xbf\xbf", "\xf0\x90\x80", "\xf4\x90\x80\x80",
                            "\xf5\x80\x80\x80", "\xff", "a\xe6\xb0"}) {
        CHECK_FALSE(utf8(bad));
    }
    CHECK(utf8(std::string_view("a\0b", 3)));
}
