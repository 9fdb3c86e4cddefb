#include "chain/cached_reader.hpp"

#include <doctest/doctest.h>

#include <thread>

using namespace salus;
using namespace salus::chain;
using store::Column;

namespace {

/// Counts how often the view beneath is asked.
class Counted final : public store::KvReader {
  public:
    Counted(const store::KvReader& kv, std::size_t& reads) : kv_(kv), reads_(reads) {}
    Result<std::optional<Bytes>> get(Column column, ByteView key) const override {
        ++reads_;
        return kv_.get(column, key);
    }
    std::unique_ptr<store::KvIterator> scan(Column column,
                                            const store::ScanOptions& options) const override {
        ++reads_;
        return kv_.scan(column, options);
    }

  private:
    const store::KvReader& kv_;
    std::size_t& reads_;
};

struct World {
    explicit World(std::size_t entries = 3) {
        store::WriteBatch batch;
        for (std::size_t i = 0; i < entries; ++i) {
            const std::string key = "a/" + std::to_string(1'000 + i);
            batch.put(Column::state, as_bytes(key), as_bytes("value"));
        }
        batch.put(Column::state, as_bytes("b"), as_bytes("other"));
        REQUIRE(kv->write(batch).ok());
    }
    std::unique_ptr<store::KvReader> cached(std::size_t bytes_max = read_cache_bytes_max) {
        return cached_reader(std::make_unique<Counted>(*kv, reads), bytes_max);
    }
    std::unique_ptr<store::Kv> kv = store::memory_kv();
    std::size_t reads = 0;
};

std::string all_of(const store::KvReader& reader, const store::ScanOptions& options) {
    std::string out;
    const auto it = reader.scan(Column::state, options);
    for (; it->valid(); it->next()) {
        out += std::string(as_text(it->key())) + "=" + std::string(as_text(it->value())) + " ";
    }
    REQUIRE(it->status().ok());
    return out;
}

}  // namespace

TEST_CASE("a key is read from the view once, also one that is not there") {
    World world;
    const auto cached = world.cached();
    for (int i = 0; i < 3; ++i) {
        CHECK(cached->get(Column::state, as_bytes("b")).value() == to_bytes("other"));
        CHECK_FALSE(cached->get(Column::state, as_bytes("c")).value().has_value());
        CHECK_FALSE(cached->get(Column::seen, as_bytes("b")).value().has_value());
    }
    CHECK(world.reads == 3);
}

TEST_CASE("a short scan is read once, and prefix and start tell scans apart") {
    World world;
    const auto cached = world.cached();
    const store::ScanOptions whole{.prefix = to_bytes("a/")};
    const store::ScanOptions later{.prefix = to_bytes("a/"), .from = to_bytes("a/1001")};
    const store::ScanOptions shifted{.prefix = to_bytes("a"), .from = to_bytes("/a/1001")};
    const store::ScanOptions down{.prefix = to_bytes("a/"), .descending = true};
    for (int i = 0; i < 3; ++i) {
        CHECK(all_of(*cached, whole) == "a/1000=value a/1001=value a/1002=value ");
        CHECK(all_of(*cached, later) == "a/1001=value a/1002=value ");
        CHECK(all_of(*cached, shifted) == all_of(*world.kv, shifted));
    }
    CHECK(world.reads == 3);
    CHECK(all_of(*cached, down) == "a/1002=value a/1001=value a/1000=value ");
}

TEST_CASE("a scan is kept up to its limit of entries, and whole beyond") {
    for (const std::size_t entries : {read_cache_scan_entries_max - 1, read_cache_scan_entries_max,
                                      read_cache_scan_entries_max + 1}) {
        INFO(entries);
        World world(entries);
        const auto cached = world.cached();
        const store::ScanOptions options{.prefix = to_bytes("a/")};
        const std::string expected = all_of(*world.kv, options);
        for (int i = 0; i < 3; ++i) CHECK(all_of(*cached, options) == expected);
        CHECK(world.reads == (entries <= read_cache_scan_entries_max ? 1 : 4));
    }
}

TEST_CASE("the cache keeps what fits, to the byte, and answers all the same") {
    const std::size_t one = 1 + sizeof(std::size_t) + 1 + 5;  // column, size, key, value
    for (const std::size_t bytes : {one - 1, one, one + 1}) {
        INFO(bytes);
        World world;
        const auto cached = world.cached(bytes);
        for (int i = 0; i < 3; ++i) {
            CHECK(cached->get(Column::state, as_bytes("b")).value() == to_bytes("other"));
        }
        CHECK(world.reads == (bytes < one ? 3 : 1));
    }
}

TEST_CASE("many threads read through one cache") {
    World world(50);
    const auto cached = cached_reader(world.kv->snapshot());
    const store::ScanOptions options{.prefix = to_bytes("a/")};
    std::vector<std::size_t> right(4);
    std::vector<std::thread> threads;
    for (std::size_t t = 0; t < right.size(); ++t) {
        threads.emplace_back([&, t] {
            for (std::size_t i = 0; i < 200; ++i) {
                const std::string key = "a/" + std::to_string(1'000 + i % 60);
                const auto value = cached->get(Column::state, as_bytes(key));
                std::size_t found = 0;
                for (auto it = cached->scan(Column::state, options); it->valid(); it->next())
                    ++found;
                if (value.ok() && value->has_value() == (i % 60 < 50) && found == 50) ++right[t];
            }
        });
    }
    for (std::thread& thread : threads) thread.join();
    for (const std::size_t count : right) CHECK(count == 200);
}
