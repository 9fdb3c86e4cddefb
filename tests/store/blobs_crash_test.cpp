#include "store/blob_fixture.hpp"

#include <doctest/doctest.h>

#include <optional>
#include <set>

using namespace salus;
using namespace salus::store;
using namespace salus::store::test;

namespace {

std::size_t size_of(std::uint64_t n) {
    return n % 7 == 6 ? 450 : 40 + n * 3;
}

Bytes piece_of(std::uint64_t n) {
    const Bytes content = content_of(n, size_of(n));
    return {content.begin() + 4, content.begin() + 36};
}

// What the caller was told: blobs that must be there, and blobs that must be gone from the disk.
struct Promises {
    std::set<std::uint64_t> kept;
    std::set<std::uint64_t> removed;
    std::set<std::uint64_t> open;  // asked for, but the answer was an error
};

// Puts, removals and compactions until something fails.
void work(Blobs& blobs, Promises& promises) {
    for (std::uint64_t n = 0; n < 24; ++n) {
        const std::uint64_t last = 2 * n + 1;
        const Bytes a = content_of(last - 1, size_of(last - 1));
        const Bytes b = content_of(last, size_of(last));
        const NewBlob batch[] = {{name_of(last - 1), a}, {name_of(last), b}};
        promises.open = {last - 1, last};
        if (!blobs.put_batch(batch).ok()) return;
        promises.kept.insert({last - 1, last});
        if (n % 2 == 1) {
            const std::uint64_t victims[] = {n, n - 1, 2 * n};
            for (const std::uint64_t victim : victims) {
                if (!promises.kept.contains(victim)) continue;
                promises.kept.erase(victim);
                promises.open = {victim};
                if (!blobs.remove(name_of(victim)).ok()) return;
                promises.removed.insert(victim);
            }
        }
        promises.open.clear();
        if (n % 6 == 5 && !blobs.compact().ok()) return;
    }
}

void check(Env& env, Kv& index, const Promises& promises) {
    auto opened = open_local_blobs(env, blob_directory, index, small_packs);
    REQUIRE(opened.ok());
    Blobs& blobs = **opened;
    std::uint64_t total = 0;
    for (const std::uint64_t n : promises.kept) {
        CAPTURE(n);
        CHECK(holds(blobs, n, size_of(n)));
        total += size_of(n);
    }
    for (const std::uint64_t n : promises.removed) {
        CAPTURE(n);
        CHECK_FALSE(*blobs.has(name_of(n)));
        CHECK_FALSE(is_on_disk(env, piece_of(n)));
    }
    for (const std::uint64_t n : promises.open) {
        if (!*blobs.has(name_of(n))) continue;
        CHECK(holds(blobs, n, size_of(n)));  // whole or not at all
        total += size_of(n);
    }
    CHECK(*blobs.total_bytes() == total);
    // The store goes on, and what is removed now is really gone: there is no second copy.
    for (const std::uint64_t n : promises.kept) {
        REQUIRE(blobs.remove(name_of(n)).ok());
        CHECK_FALSE(is_on_disk(env, piece_of(n)));
    }
    for (const std::uint64_t n : promises.open) {
        REQUIRE(put(blobs, n, size_of(n)).ok());
        REQUIRE(blobs.remove(name_of(n)).ok());
        CHECK_FALSE(is_on_disk(env, piece_of(n)));
    }
    CHECK(*blobs.total_bytes() == 0);
    CHECK(blobs.list({}, 100)->empty());
}

}  // namespace

TEST_CASE("after a crash at any operation no promised blob is lost and no removed one comes back") {
    for (std::uint64_t operation = 0; operation < 700; operation += 1) {
        CAPTURE(operation);
        SimEnv world(operation);
        LaggingKv index;
        auto opened = open_local_blobs(world, blob_directory, index, small_packs);
        REQUIRE(opened.ok());
        world.fail_operation(operation, 1'000'000);  // from here on the machine is dead
        Promises promises;
        work(**opened, promises);
        for (std::uint64_t seed = 0; seed < 3; ++seed) {
            const auto after = world.crash(seed);
            const auto index_after = index.crash(seed * 2);
            check(*after, *index_after, promises);
        }
        const auto after = world.crash(9);
        const auto empty = memory_kv();
        check(*after, *empty, promises);
    }
}

TEST_CASE("one failed operation stops the store at most until it is opened again") {
    for (std::uint64_t operation = 0; operation < 700; operation += 3) {
        CAPTURE(operation);
        SimEnv world(operation);
        LaggingKv index;
        auto opened = open_local_blobs(world, blob_directory, index, small_packs);
        REQUIRE(opened.ok());
        world.fail_operation(operation);
        Promises promises;
        work(**opened, promises);
        world.heal();
        opened->reset();
        check(world, index, promises);
    }
}

TEST_CASE(
    "a large blob that was overwritten and not yet taken away is gone, also without an index") {
    SimEnv env(1);
    constexpr std::size_t large = std::size_t{2} << 20U;
    {
        const auto index = memory_kv();
        const auto blobs = open_local_blobs(env, blob_directory, *index).value();
        REQUIRE(put(*blobs, 1, large).ok());
        REQUIRE(put(*blobs, 2, large).ok());
    }
    std::string own;
    const auto names = env.list(blob_directory);
    REQUIRE(names.ok());
    for (const std::string& name : *names) {
        if (name.find(to_hex(name_of(1).view())) != std::string::npos) own = name;
    }
    REQUIRE_FALSE(own.empty());
    const std::string path = blob_directory + "/" + own;
    {
        const auto file = env.open(path, OpenMode::read_write).value();
        REQUIRE(file->write_at(0, Bytes(static_cast<std::size_t>(*file->size()), 0)).ok());
    }
    const auto index = memory_kv();
    const auto opened = open_local_blobs(env, blob_directory, *index);
    REQUIRE(opened.ok());
    CHECK_FALSE(*(*opened)->has(name_of(1)));
    CHECK_FALSE(env.exists(path));
    CHECK(holds(**opened, 2, large));
}

TEST_CASE("an index that cannot be written stops the store, and the next opening repairs it") {
    SimEnv env(1);
    LaggingKv index;
    auto opened = open_local_blobs(env, blob_directory, index, small_packs);
    REQUIRE(opened.ok());
    REQUIRE(put(**opened, 1, size_of(1)).ok());
    index.fail_writes = true;
    CHECK_FALSE(put(**opened, 2, size_of(2)).ok());
    index.fail_writes = false;
    CHECK_FALSE(put(**opened, 2, size_of(2)).ok());  // a second record would be a second copy
    opened->reset();
    Promises promises;
    promises.kept = {1};
    promises.open = {2};
    check(env, index, promises);
}

TEST_CASE("a full disk refuses blobs, and the store stays readable and usable") {
    for (std::uint64_t room = 0; room < 4000; room += 150) {
        SimEnv env(2);
        LaggingKv index;
        auto opened = open_local_blobs(env, blob_directory, index, small_packs);
        REQUIRE(opened.ok());
        env.fill_disk_after(room);
        Promises promises;
        for (std::uint64_t n = 0; n < 30; ++n) {
            const auto stored = put(**opened, n, size_of(n));
            if (stored.ok()) promises.kept.insert(n);
            if (!stored.ok()) CHECK(stored.error().code == Errc::unavailable);
        }
        CHECK(promises.kept.size() < 30);
        for (const std::uint64_t n : promises.kept) CHECK(holds(**opened, n, size_of(n)));
        env.heal();
        CHECK(put(**opened, 29, size_of(29)).ok());
        promises.kept.insert(29);
        opened->reset();
        check(env, index, promises);
    }
}

TEST_CASE("a pack cut at any byte gives back every blob before the cut") {
    SimEnv origin(1);
    const auto origin_index = memory_kv();
    {
        auto opened = open_local_blobs(origin, blob_directory, *origin_index, small_packs);
        REQUIRE(opened.ok());
        for (std::uint64_t n = 0; n < 4; ++n) REQUIRE(put(**opened, n, 50 + n).ok());
    }
    const std::string pack = blob_directory + "/pack-00000000.blob";
    const auto whole = read_file(origin, pack, 4096);
    REQUIRE(whole.ok());
    for (std::size_t cut = 0; cut <= whole->size(); ++cut) {
        CAPTURE(cut);
        SimEnv env(2);
        REQUIRE(env.make_directories(blob_directory).ok());
        {
            auto file = env.open(pack, OpenMode::create);
            REQUIRE((*file)->write_at(0, ByteView{*whole}.first(cut)).ok());
        }
        const auto index = memory_kv();
        auto opened = open_local_blobs(env, blob_directory, *index, small_packs);
        REQUIRE(opened.ok());
        for (std::uint64_t n = 0; n < 4; ++n) {
            const std::size_t ends = 32 + (n + 1) * 112;  // 56 + 50..53, padded to 8
            CHECK(holds(**opened, n, 50 + n) == (cut >= ends));
        }
        REQUIRE(put(**opened, 9, 60).ok());
        CHECK(holds(**opened, 9, 60));
    }
}
