#include "store/blobs.hpp"

#include "store/blob_fixture.hpp"

#include <doctest/doctest.h>

using namespace salus;
using namespace salus::store;
using namespace salus::store::test;

namespace {

Errc code_of(const auto& result) {
    return result.ok() ? Errc{} : result.error().code;
}

struct Store {
    SimEnv env{1};
    std::unique_ptr<Kv> index = memory_kv();
    std::unique_ptr<Blobs> blobs;
    explicit Store(LocalBlobsOptions options = small_packs) { open(options); }
    void open(LocalBlobsOptions options = small_packs) {
        blobs.reset();
        auto opened = open_local_blobs(env, blob_directory, *index, options);
        REQUIRE(opened.ok());
        blobs = std::move(*opened);
    }
};

void check_contract(Blobs& blobs) {
    CHECK(code_of(blobs.get(name_of(1))) == Errc::not_found);
    CHECK(code_of(blobs.size_of(name_of(1))) == Errc::not_found);
    CHECK_FALSE(*blobs.has(name_of(1)));
    CHECK(*blobs.total_bytes() == 0);
    for (std::uint64_t n = 0; n < 10; ++n) REQUIRE(put(blobs, n, n * 70).ok());
    for (std::uint64_t n = 0; n < 10; ++n) {
        CHECK(holds(blobs, n, n * 70));
        CHECK(*blobs.has(name_of(n)));
        CHECK(*blobs.size_of(name_of(n)) == n * 70);
    }
    CHECK(*blobs.total_bytes() == 45 * 70);
    REQUIRE(put(blobs, 3, 5).ok());  // there already: left as it is
    CHECK(holds(blobs, 3, 210));

    const Bytes whole = content_of(9, 630);
    CHECK(*blobs.get_range(name_of(9), 600, 100) == Bytes(whole.begin() + 600, whole.end()));
    CHECK(*blobs.get_range(name_of(9), 1, 2) == Bytes(whole.begin() + 1, whole.begin() + 3));
    CHECK(blobs.get_range(name_of(9), 630, 1)->empty());
    CHECK(code_of(blobs.get_range(name_of(9), 631, 1)) == Errc::out_of_range);

    std::vector<Digest> all;
    Digest after;
    while (true) {
        const auto some = blobs.list(after, 3);
        REQUIRE(some.ok());
        if (some->empty()) break;
        all.insert(all.end(), some->begin(), some->end());
        after = all.back();
    }
    CHECK(all.size() == 10);
    CHECK(std::is_sorted(all.begin(), all.end()));

    const Digest some[] = {name_of(2), name_of(8), name_of(77), name_of(2)};
    REQUIRE(blobs.remove_batch(some).ok());
    CHECK_FALSE(*blobs.has(name_of(2)));
    CHECK(code_of(blobs.get(name_of(8))) == Errc::not_found);
    CHECK(blobs.list({}, 100)->size() == 8);
    CHECK(*blobs.total_bytes() == 45 * 70 - 140 - 560);
    REQUIRE(put(blobs, 8, 560).ok());  // removed ones may come back
    CHECK(holds(blobs, 8, 560));
    CHECK(*blobs.total_bytes() == 45 * 70 - 140);
}

}  // namespace

TEST_CASE("blobs on the local disk and in memory keep the same contract") {
    Store store;
    check_contract(*store.blobs);
    const auto memory = memory_blobs();
    check_contract(*memory);
}

TEST_CASE("blobs are there after opening again, with the index or without it") {
    Store store;
    for (std::uint64_t n = 0; n < 30; ++n) REQUIRE(put(*store.blobs, n, 20 * n).ok());
    REQUIRE(store.blobs->remove(name_of(4)).ok());
    REQUIRE(store.blobs->remove(name_of(25)).ok());
    const std::uint64_t total = *store.blobs->total_bytes();
    for (const bool fresh_index : {false, true}) {
        if (fresh_index) store.index = memory_kv();
        store.open();
        for (std::uint64_t n = 0; n < 30; ++n) {
            CAPTURE(n);
            CHECK(holds(*store.blobs, n, 20 * n) == (n != 4 && n != 25));
        }
        CHECK(*store.blobs->total_bytes() == total);
        CHECK(store.blobs->list({}, 100)->size() == 28);
        REQUIRE(put(*store.blobs, 100 + fresh_index, 50).ok());
        REQUIRE(store.blobs->remove(name_of(100 + fresh_index)).ok());
    }
}

TEST_CASE("a batch costs one sync for each pack it touches") {
    Store store({.pack_bytes = 1U << 20U, .packed_bytes_max = 4096});
    REQUIRE(put(*store.blobs, 1000, 10).ok());
    std::vector<Bytes> contents;
    std::vector<NewBlob> batch;
    for (std::uint64_t n = 0; n < 500; ++n) contents.push_back(content_of(n, 900));
    for (std::uint64_t n = 0; n < 500; ++n) batch.push_back({name_of(n), contents[n]});
    const std::uint64_t before = store.env.operations();
    REQUIRE(store.blobs->put_batch(batch).ok());
    CHECK(store.env.operations() - before == 2);  // one write, one sync
    for (std::uint64_t n = 0; n < 500; ++n) REQUIRE(holds(*store.blobs, n, 900));
}

TEST_CASE("a removed blob cannot be had from any file of the store") {
    for (const std::size_t size : {40U, 300U, 301U, 5000U}) {
        CAPTURE(size);
        Store store;
        for (std::uint64_t n = 0; n < 8; ++n) REQUIRE(put(*store.blobs, n, size).ok());
        const Bytes content = content_of(5, size);
        const Bytes piece(content.begin() + 10, content.begin() + 34);
        CHECK(is_on_disk(store.env, piece));
        REQUIRE(store.blobs->remove(name_of(5)).ok());
        CHECK_FALSE(is_on_disk(store.env, piece));
        CHECK_FALSE(is_on_disk(*store.env.crash(7), piece));
        for (std::uint64_t n = 0; n < 8; ++n) CHECK(holds(*store.blobs, n, size) == (n != 5));
    }
}

TEST_CASE("compaction gives back the space of packs that are mostly removed, and keeps the rest") {
    Store store;
    for (std::uint64_t n = 0; n < 40; ++n)
        REQUIRE(put(*store.blobs, n, n % 10 == 9 ? 800 : 200).ok());
    CHECK(*store.blobs->compact() == 0);
    for (std::uint64_t n = 0; n < 40; ++n)
        if (n % 5 != 4) REQUIRE(store.blobs->remove(name_of(n)).ok());
    const std::uint64_t total = *store.blobs->total_bytes();
    CHECK(*store.blobs->compact() >= 5 * 1024);
    CHECK(*store.blobs->total_bytes() == total);
    for (const bool fresh_index : {false, true}) {
        if (fresh_index) store.index = memory_kv();
        store.open();
        for (std::uint64_t n = 0; n < 40; ++n)
            CHECK(holds(*store.blobs, n, n % 10 == 9 ? 800 : 200) == (n % 5 == 4));
        CHECK(*store.blobs->total_bytes() == total);
        CHECK(store.blobs->list({}, 100)->size() == 8);
    }
}

TEST_CASE("sizes hold one below, at and one above their limits") {
    Store store;
    for (const std::size_t size : {299U, 300U, 301U}) {
        REQUIRE(put(*store.blobs, size, size).ok());
        CHECK(holds(*store.blobs, size, size));
        CHECK((store.env.list(blob_directory)->size() > 1) == (size == 301));
    }
    const Bytes large(blob_bytes_max + 1, 1);
    const ByteView view = large;
    CHECK(code_of(store.blobs->put(name_of(1), view)) == Errc::out_of_range);
    CHECK(code_of(memory_blobs()->put(name_of(1), view)) == Errc::out_of_range);
    CHECK(memory_blobs()->put(name_of(1), view.first(blob_bytes_max)).ok());
    CHECK(memory_blobs()->put(name_of(1), view.first(blob_bytes_max - 1)).ok());
    CHECK(store.blobs->put(name_of(2), view.first(blob_bytes_max)).ok());
    CHECK(*store.blobs->size_of(name_of(2)) == blob_bytes_max);
}

TEST_CASE("options whose packs could not hold a blob are refused") {
    SimEnv env(1);
    const auto index = memory_kv();
    const auto open = [&](std::uint32_t pack, std::size_t packed) {
        return code_of(open_local_blobs(env, blob_directory, *index,
                                        {.pack_bytes = pack, .packed_bytes_max = packed}));
    };
    CHECK(open(1024, 1024 - 32 - 56 - 1) == Errc{});
    CHECK(open(1024, 1024 - 32 - 56) == Errc{});
    CHECK(open(1024, 1024 - 32 - 56 + 1) == Errc::out_of_range);
    CHECK(open(1023, 100) == Errc::out_of_range);
    CHECK(open(segment_bytes_max + 8, 100) == Errc::out_of_range);
    CHECK(open(64U << 20U, packed_blob_bytes_max + 1) == Errc::out_of_range);
}

TEST_CASE("a flipped bit in a blob or its header is integrity, and other blobs stay readable") {
    Store store;
    for (std::uint64_t n = 0; n < 3; ++n) REQUIRE(put(*store.blobs, n, 100).ok());
    REQUIRE(put(*store.blobs, 3, 400).ok());
    const std::string pack = blob_directory + "/pack-00000000.blob";
    for (std::uint64_t offset = 32 + 160; offset < 32 + 160 + 156; ++offset) {
        CAPTURE(offset);
        REQUIRE(store.env.flip_bit(pack, offset, offset % 8).ok());
        CHECK(code_of(store.blobs->get(name_of(1))) == Errc::integrity);
        CHECK(holds(*store.blobs, 0, 100));
        CHECK(holds(*store.blobs, 2, 100));
        REQUIRE(store.env.flip_bit(pack, offset, offset % 8).ok());
    }
    const std::vector<std::string> names = *store.env.list(blob_directory);
    for (const std::string& name : names) {
        if (!name.starts_with("own-")) continue;
        for (std::uint64_t offset = 0; offset < 32 + 56 + 400; ++offset) {
            CAPTURE(offset);
            REQUIRE(store.env.flip_bit(blob_directory + "/" + name, offset).ok());
            CHECK(code_of(store.blobs->get(name_of(3))) == Errc::integrity);
            REQUIRE(store.env.flip_bit(blob_directory + "/" + name, offset).ok());
        }
    }
    CHECK(holds(*store.blobs, 3, 400));
}
