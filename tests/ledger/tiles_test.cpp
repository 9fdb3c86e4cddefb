#include "ledger/tiles.hpp"

#include "fixture.hpp"

using namespace salus;
using namespace salus::ledger;
using namespace salus::ledger::test;

namespace {

Digest leaf_of(std::uint64_t number) {
    Bytes data;
    append_be64(data, number);
    return merkle_leaf(data);
}

LogTree log_of(std::uint64_t size) {
    LogTree log = must(LogTree::open(memory_node_store()));
    for (std::uint64_t i = 0; i < size; ++i) must(log.append(leaf_of(i)));
    return log;
}

/// RFC 6962 §2.1, as it is written.
Digest definition(std::uint64_t from, std::uint64_t to) {
    if (to - from == 1) return leaf_of(from);
    std::uint64_t split = 1;
    while (split * 2 < to - from) split *= 2;
    return merkle_node(definition(from, from + split), definition(from + split, to));
}

Errc path_refusal(std::string_view path) {
    return code_of(parse_tile_path(path));
}

}  // namespace

TEST_CASE("a tile has one path, and the path one tile") {
    for (const auto& [path, tile] : std::vector<std::pair<std::string, TileId>>{
             {"0/000", {false, 0, 0, 256}},
             {"0/x001/x234/067", {false, 0, 1'234'067, 256}},
             {"63/999.p/255", {false, 63, 999, 255}},
             {"entries/x001/000.p/1", {true, 0, 1'000, 1}},
             {"2/x018/x446/x744/x073/x709/x551/615", {false, 2, UINT64_MAX, 256}}}) {
        CHECK(tile_path(tile) == path);
        CHECK(must(parse_tile_path(path)) == tile);
    }
    for (const std::string_view path : {"",
                                        "0",
                                        "0/",
                                        "00/000",
                                        "64/000",
                                        "-1/000",
                                        "0/0",
                                        "0/0000",
                                        "0/x000/001",
                                        "0/001/000",
                                        "0/x001/00",
                                        "0/x1/000",
                                        "0/000.p/0",
                                        "0/000.p/256",
                                        "0/000.p/01",
                                        "0/000.p/",
                                        "0/000.p/1.p/1",
                                        "entry/000",
                                        "entries/",
                                        "0/x018/x446/x744/x073/x709/x551/616",
                                        "0/000/",
                                        "0/ 000",
                                        "0/../000"}) {
        CAPTURE(path);
        CHECK(path_refusal(path) == Errc::malformed);
    }
}

TEST_CASE("tiles hold the hashes that RFC 6962 defines") {
    LogTree log = log_of(70'000);
    const auto hash_at = [&](const TileId& tile, std::uint64_t i) {
        const Bytes bytes = must(tile_hashes(log, tile));
        CHECK(bytes.size() == tile.width * 32);
        return must(Digest::from(ByteView(bytes).subspan(i * 32, 32)));
    };
    CHECK(hash_at({false, 0, 0, 256}, 0) == leaf_of(0));
    CHECK(hash_at({false, 0, 272, 256}, 255) == leaf_of(272 * 256 + 255));
    CHECK(hash_at({false, 0, 273, 112}, 111) == leaf_of(69'999));
    CHECK(hash_at({false, 1, 0, 256}, 3) == definition(3 * 256, 4 * 256));
    CHECK(hash_at({false, 1, 1, 17}, 16) == definition(272 * 256, 273 * 256));
    CHECK(hash_at({false, 2, 0, 1}, 0) == definition(0, 65'536));
}

TEST_CASE("a log of 70,000 lines has exactly the tiles of the specification's example") {
    LogTree log = log_of(70'000);
    for (const TileId& last :
         {TileId{false, 0, 272, 256}, TileId{false, 0, 273, 112}, TileId{false, 1, 0, 256},
          TileId{false, 1, 1, 17}, TileId{false, 2, 0, 1}}) {
        CHECK(tile_hashes(log, last).ok());
        TileId wider = last;
        ++wider.width;
        if (wider.width <= tile_width) CHECK(code_of(tile_hashes(log, wider)) == Errc::not_found);
    }
    CHECK(code_of(tile_hashes(log, {false, 0, 273, 256})) == Errc::not_found);
    CHECK(code_of(tile_hashes(log, {false, 3, 0, 1})) == Errc::not_found);
    CHECK(code_of(tile_hashes(log, {false, 7, 0, 1})) == Errc::not_found);
    CHECK(code_of(tile_hashes(log, {false, 8, 0, 1})) == Errc::not_found);
    CHECK(code_of(tile_hashes(log, {false, 63, 0, 1})) == Errc::not_found);
    CHECK(code_of(tile_hashes(log, {false, 0, UINT64_MAX, 1})) == Errc::not_found);
}

TEST_CASE("a tree of 256 lines is one full tile and one above it of width one") {
    LogTree log = log_of(256);
    CHECK(must(tile_hashes(log, {false, 0, 0, 256})).size() == 8'192);
    CHECK(must(tile_hashes(log, {false, 1, 0, 1})).size() == 32);
    CHECK(code_of(tile_hashes(log, {false, 0, 1, 1})) == Errc::not_found);
}

TEST_CASE("a bundle's entries begin at its index times 256") {
    CHECK(must(first_entry({true, 0, 0, 1}, 1)) == 0);
    CHECK(must(first_entry({true, 0, 2, 10}, 522)) == 512);
    CHECK(code_of(first_entry({true, 0, 2, 11}, 522)) == Errc::not_found);
    CHECK(code_of(first_entry({true, 0, 3, 1}, 522)) == Errc::not_found);
    CHECK(code_of(first_entry({true, 0, UINT64_MAX, 1}, 522)) == Errc::not_found);
}

TEST_CASE("an entry stands after its length in two bytes") {
    CHECK(to_hex(must(entry_bundle({to_bytes("ab"), Bytes{}, Bytes(258, 0x11)}))).substr(0, 16) ==
          "0002616200000102");
    CHECK(entry_bundle({Bytes(65'534)}).ok());
    CHECK(entry_bundle({Bytes(65'535)}).ok());
    CHECK(code_of(entry_bundle({Bytes(65'536)})) == Errc::out_of_range);
}
