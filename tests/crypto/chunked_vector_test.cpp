#include "crypto/chunked.hpp"
#include "crypto/hash.hpp"
#include "crypto/vectors.hpp"

namespace salus::crypto::chunked {
namespace {

Secret<32> key_filled(std::uint8_t fill) {
    return std::move(*key_from<Secret<32>>(Bytes(32, fill)));
}

Bytes numbered(std::size_t size) {
    Bytes out(size);
    for (std::size_t i = 0; i < size; ++i) out[i] = static_cast<std::uint8_t>(i * 31 + i / 256);
    return out;
}

}  // namespace

TEST_CASE("Cobblestone-256 opens and refuses what C2SP's vectors say, and seals the same bytes") {
    for (const auto& c : vectors::cases("c2sp-chunked/cobblestone_256.json")) {
        const auto key = key_from<Secret<32>>(c.hex("key"));
        const Bytes sealed = *from_base64(c.text("ct"));
        if (!key.ok()) {
            CHECK_FALSE(c.flag("ok"));
            continue;
        }
        const auto opened = open(*key, c.hex("context"), sealed);
        REQUIRE_MESSAGE(opened.ok() == c.flag("ok"), c.text("comment"));
        if (!opened.ok()) continue;
        CHECK(opened->size() == c.number("length"));
        CHECK(to_hex(sha512(*opened).view()) == c.text("sha512"));
        const auto salt = Salt::from(ByteView(sealed).first(Salt::size_bytes));
        Sealer sealer = Sealer::insecure_for_tests(*key, c.hex("context"), *salt);
        Bytes again;
        REQUIRE(sealer.update(*opened, again).ok());
        REQUIRE(sealer.finish(again).ok());
        CHECK(again == sealed);
    }
}

TEST_CASE("the chunk counter carries into its second byte as C2SP's long vectors say") {
    for (const auto& c : vectors::cases("c2sp-chunked/cobblestone_256_long.json")) {
        const auto key = key_from<Secret<32>>(c.hex("key"));
        const Bytes plaintext(static_cast<std::size_t>(c.number("length")),
                              static_cast<std::uint8_t>(c.number("fill")));
        Sealer sealer = Sealer::insecure_for_tests(*key, c.hex("context"), c.fixed<Salt>("salt"));
        Bytes sealed;
        REQUIRE(sealer.update(plaintext, sealed).ok());
        REQUIRE(sealer.finish(sealed).ok());
        CHECK(to_hex(sha256(sealed).view()) == c.text("sha256"));
        CHECK(*open(*key, c.hex("context"), sealed) == plaintext);
    }
}

TEST_CASE("a message opens whole, and every size says how large it was") {
    const Secret<32> key = key_filled(3);
    for (const std::size_t size : {0UL, 1UL, 16383UL, 16384UL, 16385UL, 32768UL, 40000UL}) {
        const Bytes plaintext = numbered(size);
        const Bytes sealed = seal(machine_env(), key, as_bytes("ctx"), plaintext);
        CHECK(sealed.size() == sealed_bytes(size));
        CHECK(*plaintext_bytes(sealed.size()) == size);
        CHECK(*open(key, as_bytes("ctx"), sealed) == plaintext);
    }
}

TEST_CASE("a message cut at any byte does not open") {
    const Secret<32> key = key_filled(3);
    const Bytes sealed = seal(machine_env(), key, {}, numbered(16400));
    for (std::size_t size = 0; size < sealed.size(); ++size) {
        if (size > 200 && size + 200 < sealed.size() && size % 509 != 0) continue;
        CHECK_FALSE(open(key, {}, ByteView(sealed).first(size)).ok());
    }
    Bytes longer = sealed;
    longer.push_back(0);
    CHECK_FALSE(open(key, {}, longer).ok());
}

TEST_CASE("the wrong key or context fails at the commitment, a bent chunk at its tag") {
    const Secret<32> key = key_filled(3);
    const Bytes sealed = seal(machine_env(), key, as_bytes("a"), numbered(20000));
    const auto opener = [&](const Secret<32>& with, std::string_view context) {
        return Opener::create(with, as_bytes(context), ByteView(sealed).first(header_bytes),
                              sealed.size());
    };
    CHECK(opener(key, "a").ok());
    CHECK(opener(key_filled(4), "a").error().code == Errc::integrity);
    CHECK(opener(key, "b").error().code == Errc::integrity);
    for (std::size_t at = 0; at < sealed.size(); at += at < 80 ? 1 : 977) {
        Bytes bent = sealed;
        bent[at] ^= 0x40;
        CHECK(open(key, as_bytes("a"), bent).error().code == Errc::integrity);
    }
}

TEST_CASE("a range opens only its chunks, and two chunks cannot change places") {
    const Secret<32> key = key_filled(3);
    const Bytes plaintext = numbered(50000);
    const Bytes sealed = seal(machine_env(), key, {}, plaintext);
    for (const auto& [from, size] : {std::pair{0UL, 1UL},
                                     {16383UL, 2UL},
                                     {16384UL, 16384UL},
                                     {49999UL, 1UL},
                                     {50000UL, 0UL},
                                     {0UL, 50000UL}}) {
        const auto part = open_range(key, {}, sealed, from, size);
        REQUIRE(part.ok());
        CHECK(*part == to_bytes(ByteView(plaintext).subspan(from, size)));
    }
    CHECK(open_range(key, {}, sealed, 50000, 1).error().code == Errc::out_of_range);
    CHECK(open_range(key, {}, sealed, 50001, 0).error().code == Errc::out_of_range);
    CHECK(open_range(key, {}, sealed, 1, ~std::uint64_t{0}).error().code == Errc::out_of_range);

    Bytes swapped = sealed;
    const auto first = swapped.begin() + header_bytes;
    std::swap_ranges(first, first + sealed_chunk_bytes, first + sealed_chunk_bytes);
    CHECK(open(key, {}, swapped).error().code == Errc::integrity);
    CHECK(open_range(key, {}, swapped, 40000, 10).ok());
}

TEST_CASE("a message sealed in pieces of any size is the same message") {
    const Secret<32> key = key_filled(3);
    const Bytes plaintext = numbered(40000);
    const auto sealed_in = [&](std::size_t piece) {
        Sealer sealer = Sealer::insecure_for_tests(key, {}, Salt{});
        Bytes out;
        for (std::size_t at = 0; at < plaintext.size(); at += piece) {
            const std::size_t size = std::min(piece, plaintext.size() - at);
            CHECK(sealer.update(ByteView(plaintext).subspan(at, size), out).ok());
        }
        CHECK(sealer.finish(out).ok());
        return out;
    };
    const Bytes whole = sealed_in(40000);
    for (const std::size_t piece : {7UL, 16383UL, 16384UL, 16385UL})
        CHECK(sealed_in(piece) == whole);
}

TEST_CASE("a message has at most 2^38 chunks") {
    const std::uint64_t most = std::uint64_t{1} << 38U;
    const auto with_whole_chunks = [](std::uint64_t chunks) {
        return plaintext_bytes(header_bytes + chunks * sealed_chunk_bytes + tag_bytes);
    };
    CHECK(with_whole_chunks(most - 2).ok());
    CHECK(with_whole_chunks(most - 1).ok());
    CHECK(with_whole_chunks(most).error().code == Errc::out_of_range);
}

}  // namespace salus::crypto::chunked
