#include "store/crc32c.hpp"

#include <doctest/doctest.h>

using namespace salus;
using namespace salus::store;

TEST_CASE("CRC-32C gives the answers of RFC 3720 B.4, with and without hardware") {
    Bytes ascending(32);
    Bytes descending(32);
    for (std::size_t i = 0; i < 32; ++i) {
        ascending[i] = static_cast<std::uint8_t>(i);
        descending[i] = static_cast<std::uint8_t>(31 - i);
    }
    // The RFC prints the bytes as they are sent, lowest first.
    const std::pair<Bytes, std::uint32_t> vectors[] = {
        {Bytes(32, 0x00), 0x8A9136AAU},
        {Bytes(32, 0xFF), 0x62A8AB43U},
        {ascending, 0x46DD794EU},
        {descending, 0x113FDB5CU},
        {to_bytes("123456789"), 0xE3069283U},
        {{}, 0},
    };
    for (const auto& [bytes, expected] : vectors) {
        CHECK(crc32c(bytes) == expected);
        CHECK(crc32c_by_table(0, bytes) == expected);
    }
}

TEST_CASE("parts can be fed one after another, and both ways of computing agree at every length") {
    Bytes bytes(300);
    for (std::size_t i = 0; i < bytes.size(); ++i) bytes[i] = static_cast<std::uint8_t>(i * i + 3);
    for (std::size_t size = 0; size <= bytes.size(); ++size) {
        const ByteView whole = ByteView{bytes}.first(size);
        const std::uint32_t expected = crc32c(whole);
        CHECK(crc32c_by_table(0, whole) == expected);
        const std::size_t cut = size / 3;
        CHECK(crc32c(crc32c(whole.first(cut)), whole.subspan(cut)) == expected);
        CHECK(crc32c_by_table(crc32c(whole.first(cut)), whole.subspan(cut)) == expected);
    }
}
