#include "store/kv.hpp"

#include <doctest/doctest.h>

#include <cstdlib>
#include <filesystem>
#include <map>
#include <random>

using namespace salus;
using namespace salus::store;

namespace {

// A directory that goes away with the test.
struct Scratch {
    std::string path;
    Scratch() {
        std::string pattern = (std::filesystem::temp_directory_path() / "salus-kv-XXXXXX").string();
        REQUIRE(::mkdtemp(pattern.data()) != nullptr);
        path = pattern;
    }
    ~Scratch() { std::filesystem::remove_all(path); }
    Scratch(const Scratch&) = delete;
    Scratch& operator=(const Scratch&) = delete;
};

const std::vector<Column> columns = {Column::state, Column::index, Column::tree};

std::unique_ptr<Kv> rocks(const std::string& path, Durability durability) {
    auto opened = open_rocks(path, {.durability = durability, .columns = columns});
    REQUIRE(opened.ok());
    return std::move(*opened);
}

Bytes b(std::string_view text) {
    return to_bytes(text);
}

void put(Kv& kv, Column column, std::string_view key, std::string_view value) {
    WriteBatch batch;
    batch.put(column, as_bytes(key), as_bytes(value));
    REQUIRE(kv.write(batch).ok());
}

std::string get(const KvReader& kv, Column column, std::string_view key) {
    const auto value = kv.get(column, as_bytes(key));
    REQUIRE(value.ok());
    return *value ? std::string(as_text(**value)) : "(none)";
}

std::string keys(const KvReader& kv, const ScanOptions& options) {
    std::string out;
    auto it = kv.scan(Column::state, options);
    for (; it->valid(); it->next()) out += std::string(as_text(it->key())) + " ";
    CHECK(it->status().ok());
    return out;
}

Errc code_of(const auto& result) {
    return result.ok() ? Errc{} : result.error().code;
}

void check_contract(Kv& kv) {
    CHECK(get(kv, Column::state, "a") == "(none)");
    put(kv, Column::state, "a", "1");
    put(kv, Column::index, "a", "2");
    CHECK(get(kv, Column::state, "a") == "1");
    CHECK(get(kv, Column::index, "a") == "2");
    CHECK(get(kv, Column::tree, "a") == "(none)");
    put(kv, Column::state, "a", "");
    CHECK(get(kv, Column::state, "a").empty());

    WriteBatch batch;
    batch.put(Column::state, b("b"), b("x"));
    batch.del(Column::state, b("b"));
    batch.del(Column::state, b("a"));
    batch.put(Column::state, b("a"), b("last"));
    CHECK(batch.size() == 4);
    REQUIRE(kv.write(batch).ok());
    CHECK(get(kv, Column::state, "b") == "(none)");
    CHECK(get(kv, Column::state, "a") == "last");

    for (const std::string_view key : {"p", "p/1", "p/2", "p/3", "p0", "q"})
        put(kv, Column::state, key, "v");
    CHECK(keys(kv, {.prefix = b("p/")}) == "p/1 p/2 p/3 ");
    CHECK(keys(kv, {.prefix = b("p/"), .descending = true}) == "p/3 p/2 p/1 ");
    CHECK(keys(kv, {.prefix = b("p/"), .from = b("p/2")}) == "p/2 p/3 ");
    CHECK(keys(kv, {.prefix = b("p/"), .from = b("p/2"), .descending = true}) == "p/2 p/1 ");
    CHECK(keys(kv, {.prefix = b("p/"), .from = b("z")}).empty());
    CHECK(keys(kv, {.prefix = b("p/"), .from = b("z"), .descending = true}) == "p/3 p/2 p/1 ");
    CHECK(keys(kv, {.prefix = b("p/"), .from = b("a")}) == "p/1 p/2 p/3 ");
    CHECK(keys(kv, {.prefix = b("p/"), .from = b("a"), .descending = true}).empty());
    CHECK(keys(kv, {.from = b("p0")}) == "p0 q ");
    CHECK(keys(kv, {.descending = true}) == "q p0 p/3 p/2 p/1 p a ");
    CHECK(keys(kv, {.prefix = b("none")}).empty());

    CHECK(kv.marker()->value == 0);
    WriteBatch marked;
    marked.set_marker(BlockHeight{77});
    CHECK_FALSE(marked.empty());
    REQUIRE(kv.write(marked).ok());
    CHECK(kv.marker()->value == 77);

    {
        const auto snapshot = kv.snapshot();
        auto iterator = kv.scan(Column::state, {.prefix = b("p/")});
        put(kv, Column::state, "p/4", "new");
        WriteBatch removal;
        removal.del(Column::state, b("p/1"));
        REQUIRE(kv.write(removal).ok());
        CHECK(get(*snapshot, Column::state, "p/4") == "(none)");
        CHECK(keys(*snapshot, {.prefix = b("p/")}) == "p/1 p/2 p/3 ");
        CHECK(keys(kv, {.prefix = b("p/")}) == "p/2 p/3 p/4 ");
        std::string seen;
        for (; iterator->valid(); iterator->next()) seen += as_text(iterator->key());
        CHECK(seen == "p/1p/2p/3");
    }
    CHECK(kv.flush().ok());
    CHECK(kv.compact(Column::state).ok());
    CHECK(get(kv, Column::state, "q") == "v");
    REQUIRE(kv.clear(Column::state).ok());
    REQUIRE(kv.clear(Column::state).ok());
    CHECK(keys(kv, {}).empty());
    CHECK(get(kv, Column::index, "a") == "2");
}

void check_limits(Kv& kv) {
    const auto write = [&](std::size_t key, std::size_t value) {
        WriteBatch batch;
        batch.put(Column::state, Bytes(key, 1), Bytes(value, 2));
        return code_of(kv.write(batch));
    };
    CHECK(write(0, 1) == Errc::out_of_range);
    CHECK(write(1, 1) == Errc{});
    CHECK(write(kv_key_bytes_max - 1, 1) == Errc{});
    CHECK(write(kv_key_bytes_max, 1) == Errc{});
    CHECK(write(kv_key_bytes_max + 1, 1) == Errc::out_of_range);
    CHECK(write(1, kv_value_bytes_max - 1) == Errc{});
    CHECK(write(1, kv_value_bytes_max) == Errc{});
    CHECK(write(1, kv_value_bytes_max + 1) == Errc::out_of_range);
}

void check_closed(Kv& kv) {
    CHECK(kv.close().ok());
    CHECK(kv.close().ok());
    CHECK(code_of(kv.get(Column::state, b("a"))) == Errc::unavailable);
    CHECK(code_of(kv.write({})) == Errc::unavailable);
    CHECK(code_of(kv.flush()) == Errc::unavailable);
    CHECK(code_of(kv.marker()) == Errc::unavailable);
    CHECK(code_of(kv.compact(Column::state)) == Errc::unavailable);
    CHECK(code_of(kv.clear(Column::state)) == Errc::unavailable);
}

}  // namespace

TEST_CASE("memory and RocksDB, rebuildable or not, keep the same contract") {
    const auto memory = memory_kv();
    check_contract(*memory);
    check_limits(*memory);
    check_closed(*memory);
    for (const Durability durability : {Durability::own_log, Durability::rebuilt_from_log}) {
        const Scratch scratch;
        const auto kv = rocks(scratch.path, durability);
        check_contract(*kv);
        check_limits(*kv);
        check_closed(*kv);
    }
}

TEST_CASE("random changes give the same answers in memory and in RocksDB") {
    const Scratch scratch;
    const auto disk = rocks(scratch.path, Durability::rebuilt_from_log);
    const auto memory = memory_kv();
    std::mt19937_64 random(5);
    for (int round = 0; round < 200; ++round) {
        WriteBatch batch;
        for (std::uint64_t i = random() % 10; i > 0; --i) {
            Bytes key(1 + random() % 2, 0);
            for (auto& byte : key) byte = static_cast<std::uint8_t>(random() % 4 * 85);
            if (random() % 3 == 0) {
                batch.del(Column::state, key);
            } else {
                batch.put(Column::state, key, Bytes(random() % 5, 1));
            }
        }
        REQUIRE(disk->write(batch).ok());
        REQUIRE(memory->write(batch).ok());
        ScanOptions options;
        options.prefix.assign(random() % 2, 255);
        options.from.assign(random() % 3, static_cast<std::uint8_t>(random() % 4 * 85));
        options.descending = random() % 2 == 0;
        auto a = disk->scan(Column::state, options);
        auto c = memory->scan(Column::state, options);
        while (a->valid() && c->valid()) {
            CHECK(to_bytes(a->key()) == to_bytes(c->key()));
            CHECK(to_bytes(a->value()) == to_bytes(c->value()));
            a->next();
            c->next();
        }
        CHECK(a->valid() == c->valid());
    }
}

TEST_CASE("what was written is there after opening again; a missing column is refused") {
    const Scratch scratch;
    {
        const auto kv = rocks(scratch.path, Durability::own_log);
        put(*kv, Column::state, "key", "value");
        CHECK(code_of(kv->get(Column::vault, b("key"))) == Errc::not_found);
        WriteBatch batch;
        batch.put(Column::vault, b("key"), b("value"));
        CHECK(code_of(kv->write(batch)) == Errc::not_found);
        CHECK_FALSE(kv->scan(Column::vault, {})->valid());
        CHECK(code_of(open_rocks(scratch.path, {.columns = columns})) ==
              Errc::unavailable);  // locked
    }
    // Also when the next caller names other columns.
    auto opened = open_rocks(scratch.path, {.columns = {Column::vault}});
    REQUIRE(opened.ok());
    CHECK(get(**opened, Column::state, "key") == "value");
    put(**opened, Column::vault, "key", "value");
    CHECK(get(**opened, Column::vault, "key") == "value");
}

TEST_CASE("after a crash a view without a log stands at its marker, in all columns together") {
    const Scratch scratch;
    const Scratch copy;
    const auto kv = rocks(scratch.path, Durability::rebuilt_from_log);
    for (std::uint64_t height = 1; height <= 40; ++height) {
        WriteBatch batch;
        for (const Column column : columns) {
            Bytes key;
            append_be64(key, height);
            batch.put(column, key, Bytes(20'000, static_cast<std::uint8_t>(height)));
        }
        batch.set_marker(BlockHeight{height});
        REQUIRE(kv->write(batch).ok());
        if (height == 25) REQUIRE(kv->flush().ok());
    }
    // What is on the disk now is what a killed process leaves.
    std::filesystem::copy(scratch.path, copy.path,
                          std::filesystem::copy_options::recursive |
                              std::filesystem::copy_options::overwrite_existing);
    const auto after = rocks(copy.path, Durability::rebuilt_from_log);
    const std::uint64_t marker = after->marker()->value;
    CHECK(marker >= 25);
    for (std::uint64_t height = 1; height <= 40; ++height) {
        Bytes key;
        append_be64(key, height);
        for (const Column column : columns)
            CHECK(after->get(column, key)->has_value() == (height <= marker));
    }
}

TEST_CASE("after a crash a database with its own log has every acknowledged write") {
    const Scratch scratch;
    const Scratch copy;
    const auto kv = rocks(scratch.path, Durability::own_log);
    for (int i = 0; i < 30; ++i) put(*kv, Column::index, "key" + std::to_string(i), "value");
    std::filesystem::copy(scratch.path, copy.path,
                          std::filesystem::copy_options::recursive |
                              std::filesystem::copy_options::overwrite_existing);
    const auto after = rocks(copy.path, Durability::own_log);
    for (int i = 0; i < 30; ++i)
        CHECK(get(*after, Column::index, "key" + std::to_string(i)) == "value");
}

TEST_CASE("column names never change: they are part of the files on disk") {
    const std::string_view names[column_count] = {"meta",     "state",  "seen",    "index",
                                                  "tree",     "blobs",  "vault",   "access",
                                                  "identity", "outbox", "sentinel"};
    for (std::size_t i = 0; i < column_count; ++i)
        CHECK(to_string(static_cast<Column>(i)) == names[i]);
}
