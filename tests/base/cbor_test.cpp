#include "base/cbor.hpp"

#include <doctest/doctest.h>

#include <limits>
#include <string>

using namespace salus;

namespace {

Bytes hex(std::string_view text) {
    return *from_hex(text);
}

bool accepted(std::string_view text) {
    return cbor::check(hex(text)).ok();
}

Bytes nested_arrays(std::size_t depth) {
    Bytes out(depth, 0x81);
    out.push_back(0x00);
    return out;
}

Bytes nested_maps(std::size_t depth) {
    Bytes out;
    for (std::size_t i = 0; i < depth; ++i) append(out, hex("a100"));
    out.push_back(0x00);
    return out;
}

}  // namespace

TEST_CASE("an integer or length that is not in its shortest form is refused") {
    for (const char* longer :
         {"1817", "1900ff", "1a0000ffff", "1b00000000ffffffff", "3817", "3900ff", "5800", "580101",
          "590001ff", "780161", "9800", "980101", "b800", "b8010101", "d81280", "f814", "f815"}) {
        CAPTURE(longer);
        CHECK_FALSE(accepted(longer));
    }
    CHECK(accepted("1818"));
    CHECK(accepted("190100"));
    CHECK(accepted("1a00010000"));
    CHECK(accepted("1b0000000100000000"));
}

TEST_CASE("bytes behind the item, and an item cut anywhere, are refused") {
    const Bytes whole = hex("a3006161014401020304028203f6");
    REQUIRE(cbor::check(whole).ok());
    for (std::size_t length = 0; length < whole.size(); ++length) {
        CAPTURE(length);
        CHECK(cbor::check(ByteView(whole).first(length)).error().code == Errc::malformed);
    }
    Bytes longer = whole;
    longer.push_back(0x00);
    CHECK(cbor::check(longer).error().detail == "cbor: bytes remain after the last item at 14");
}

TEST_CASE("map keys ascend strictly in the order of their encodings") {
    CHECK(accepted("a200010102"));
    CHECK_FALSE(accepted("a201010002"));    // descending
    CHECK_FALSE(accepted("a200010002"));    // twice
    CHECK(accepted("a21701181802"));        // 23 before 24: first bytes 17, 18
    CHECK(accepted("a21818012001"));        // 24 before -1
    CHECK(accepted("a22001616101"));        // negative before text
    CHECK_FALSE(accepted("a26161012001"));  // text before negative
    CHECK(accepted("a261620162616102"));    // "b" before "aa": the length is compared first
    CHECK_FALSE(accepted("a262616101616202"));
}

TEST_CASE("a map key is an integer or a text, nothing else") {
    CHECK(accepted("a10001"));
    CHECK(accepted("a12001"));
    CHECK(accepted("a1616101"));
    CHECK_FALSE(accepted("a1410001"));  // bytes
    CHECK_FALSE(accepted("a18001"));    // array
    CHECK_FALSE(accepted("a1a001"));    // map
    CHECK_FALSE(accepted("a1f501"));    // true
    CHECK_FALSE(accepted("a1f601"));    // null
}

TEST_CASE("text is UTF-8 without surrogates and overlong forms") {
    CHECK(accepted("62c3bc"));
    CHECK_FALSE(accepted("61ff"));
    CHECK_FALSE(accepted("62c080"));
    CHECK_FALSE(accepted("63eda080"));
    CHECK_FALSE(accepted("a161ff01"));
}

TEST_CASE("sixteen levels of nesting are accepted, seventeen are not") {
    CHECK(cbor::check(nested_arrays(15)).ok());
    CHECK(cbor::check(nested_arrays(cbor::depth_max)).ok());
    CHECK_FALSE(cbor::check(nested_arrays(17)).ok());
    CHECK(cbor::check(nested_maps(cbor::depth_max)).ok());
    CHECK_FALSE(cbor::check(nested_maps(17)).ok());
    CHECK_FALSE(cbor::check(nested_arrays(1'000'000)).ok());
}

TEST_CASE("tag 18 stands before the outermost item only, no other tag anywhere") {
    CHECK(accepted("d28440a0f640"));
    CHECK_FALSE(accepted("81d280"));
    CHECK_FALSE(accepted("d2d280"));
    CHECK_FALSE(accepted("d380"));
    CHECK_FALSE(accepted("d2"));
}

TEST_CASE("a count larger than the input is refused before anything is read") {
    CHECK_FALSE(accepted("9bffffffffffffffff"));
    CHECK_FALSE(accepted("bbffffffffffffffff"));
    CHECK_FALSE(accepted("5bffffffffffffffff"));
    CHECK_FALSE(accepted("7b7fffffffffffffff"));
    const Bytes array = hex("8300");
    CHECK(cbor::Reader(array).array().error().code == Errc::malformed);
}

TEST_CASE("a reader returns what the writer wrote") {
    const Bytes blob = hex("00ff10");
    cbor::Writer writer;
    writer.tag(18).array(5);
    writer.map(2).uint(1).integer(-8).uint(4).bytes(blob);
    writer.text("salus").boolean(true).null();
    writer.array(1).raw(hex("1903e8"));
    REQUIRE(cbor::check(writer.view()).ok());

    cbor::Reader reader(writer.view());
    CHECK(*reader.peek() == cbor::Kind::tag);
    CHECK(reader.tag(18).ok());
    CHECK(reader.array_of(5).ok());
    CHECK(reader.map_of(2).ok());
    CHECK(reader.key(1).ok());
    CHECK(*reader.integer() == -8);
    CHECK(reader.key(4).ok());
    CHECK(to_bytes(*reader.bytes_max(3)) == blob);
    CHECK(*reader.text_max(5) == "salus");
    CHECK_FALSE(reader.null_next());
    CHECK(*reader.boolean());
    CHECK(reader.null_next());
    CHECK(reader.null().ok());
    CHECK(to_hex(*reader.skip()) == "811903e8");
    CHECK(reader.end().ok());
    CHECK(reader.at_end());
}

TEST_CASE("a value of another type than asked for is malformed and moves nothing") {
    const Bytes number = hex("05");
    cbor::Reader reader(number);
    CHECK(reader.bytes().error().code == Errc::malformed);
    CHECK(reader.text().error().code == Errc::malformed);
    CHECK(reader.array().error().code == Errc::malformed);
    CHECK(reader.map().error().code == Errc::malformed);
    CHECK(reader.boolean().error().code == Errc::malformed);
    CHECK(reader.null().error().code == Errc::malformed);
    CHECK(reader.tag(18).error().code == Errc::malformed);
    CHECK(reader.end().error().code == Errc::malformed);
    CHECK(reader.offset() == 0);
    CHECK(*reader.uint() == 5);
}

TEST_CASE("a maximum is kept at, and refused one above") {
    const Bytes ten = hex("0a");
    CHECK(cbor::Reader(ten).uint_max(11).ok());
    CHECK(cbor::Reader(ten).uint_max(10).ok());
    CHECK(cbor::Reader(ten).uint_max(9).error().code == Errc::out_of_range);
    const Bytes three_bytes = hex("43010203");
    CHECK(cbor::Reader(three_bytes).bytes_max(3).ok());
    CHECK(cbor::Reader(three_bytes).bytes_max(2).error().code == Errc::out_of_range);
    const Bytes three_letters = hex("63616263");
    CHECK(cbor::Reader(three_letters).text_max(3).ok());
    CHECK(cbor::Reader(three_letters).text_max(2).error().code == Errc::out_of_range);
}

TEST_CASE("a signed integer keeps to 64 bits") {
    const Bytes largest = hex("1b7fffffffffffffff");
    const Bytes above = hex("1b8000000000000000");
    const Bytes smallest = hex("3b7fffffffffffffff");
    const Bytes below = hex("3b8000000000000000");
    CHECK(*cbor::Reader(largest).integer() == std::numeric_limits<std::int64_t>::max());
    CHECK(cbor::Reader(above).integer().error().code == Errc::malformed);
    CHECK(*cbor::Reader(smallest).integer() == std::numeric_limits<std::int64_t>::min());
    CHECK(cbor::Reader(below).integer().error().code == Errc::malformed);
}

TEST_CASE("a reader refuses a map whose keys do not ascend, however it is read") {
    const Bytes descending = hex("a201000000");
    CHECK(cbor::Reader(descending).map().error().code == Errc::malformed);
    CHECK(cbor::Reader(descending).skip().error().code == Errc::malformed);
    CHECK(cbor::Reader(descending).map_of(2).error().code == Errc::malformed);
}

TEST_CASE("a reader takes a sequence item by item") {
    const Bytes sequence = hex("0181026161");
    cbor::Reader reader(sequence);
    CHECK(to_hex(*reader.skip()) == "01");
    CHECK(to_hex(*reader.skip()) == "8102");
    CHECK_FALSE(reader.at_end());
    CHECK(to_hex(*reader.skip()) == "6161");
    CHECK(reader.end().ok());
    CHECK(reader.skip().error().code == Errc::malformed);
}

TEST_CASE("a byte string of the wrong size is no digest") {
    const Bytes short_digest = hex("4100");
    CHECK(cbor::Reader(short_digest).fixed<Digest>().error().code == Errc::malformed);
    cbor::Writer writer;
    writer.bytes(Digest{}.view());
    CHECK(cbor::Reader(writer.view()).fixed<Digest>().value() == Digest{});
}

TEST_CASE("the worked example of docs/formats/cbor.md is written byte for byte") {
    cbor::Writer writer;
    writer.map(3).uint(1).bytes(hex("00ff")).integer(-1).boolean(true);
    writer.text("id").array(2).text("ü").uint(1000);
    CHECK(to_hex(writer.view()) == "a3014200ff20f56269648262c3bc1903e8");
    CHECK(cbor::check(writer.view()).ok());
    CHECK_FALSE(accepted("a320f5014200ff6269648262c3bc1903e8"));
    CHECK_FALSE(accepted("a3014200ff20f56269648262c3bc1a000003e8"));
}

TEST_CASE("after an error the reader stands where the refused item begins") {
    const Bytes item = cbor::Writer{}.uint(2).take();
    const Bytes text = cbor::Writer{}.text("abc").take();
    const Bytes bytes = cbor::Writer{}.bytes(Bytes{1, 2, 3}).take();
    const Bytes list = cbor::Writer{}.array(1).null().take();
    const Bytes pairs = cbor::Writer{}.map(1).uint(1).null().take();
    const auto stays = [](ByteView input, const auto& ask) {
        cbor::Reader reader(input);
        CHECK_FALSE(ask(reader).ok());
        CHECK(reader.offset() == 0);
    };
    stays(item, [](cbor::Reader& r) { return r.key(3); });
    stays(item, [](cbor::Reader& r) { return r.uint_max(1); });
    stays(text, [](cbor::Reader& r) { return r.text_max(2); });
    stays(bytes, [](cbor::Reader& r) { return r.bytes_max(2); });
    stays(list, [](cbor::Reader& r) { return r.array_of(2); });
    stays(pairs, [](cbor::Reader& r) { return r.map_of(2); });
}

TEST_CASE("a byte string one short of or one beyond its fixed size is refused where it stands") {
    const std::size_t size = Digest{}.view().size();
    for (const std::size_t length : {std::size_t{0}, size - 1, size, size + 1}) {
        CAPTURE(length);
        const Bytes item = cbor::Writer{}.uint(7).bytes(Bytes(length, 0xab)).uint(8).take();
        cbor::Reader reader(item);
        REQUIRE(reader.uint().value() == 7);
        const std::size_t before = reader.offset();
        const auto digest = reader.fixed<Digest>();
        REQUIRE(digest.ok() == (length == size));
        if (!digest) {
            CHECK(digest.error().code == Errc::malformed);
            CHECK(reader.offset() == before);
            // Another question about the same item is answered as if the first had not been asked.
            CHECK(reader.bytes().value().size() == length);
        }
        CHECK(reader.uint().value() == 8);
        CHECK(reader.end().ok());
    }
}
