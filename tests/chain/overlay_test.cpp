#include "chain/overlay.hpp"

#include "chain/view.hpp"
#include "store/kv.hpp"

#include <doctest/doctest.h>

#include <map>

using namespace salus;
using namespace salus::chain;

namespace {

struct Base {
    Base() {
        store::WriteBatch batch;
        for (const char* key : {"a/1", "a/3", "a/5", "b/1"}) {
            batch.put(store::Column::state, as_bytes(key), as_bytes("old"));
        }
        SALUS_ASSERT(kv->write(batch).ok());
    }
    std::unique_ptr<store::Kv> kv = store::memory_kv();
    KvState state{*kv};
};

std::string keys_of(const std::vector<KeyValue>& entries) {
    std::string out;
    for (const KeyValue& entry : entries) {
        out += std::string(as_text(entry.key)) + "=" + std::string(as_text(entry.value)) + " ";
    }
    return out;
}

class FailingState final : public StateReader {
  public:
    Result<std::optional<Bytes>> get(ByteView) const override {
        return Error{Errc::unavailable, "no disk"};
    }
    Result<std::vector<KeyValue>> scan(ByteView, ByteView, std::size_t) const override {
        return Error{Errc::unavailable, "no disk"};
    }
};

}  // namespace

TEST_CASE("an overlay answers with its own writes and else with what is beneath") {
    Base base;
    Overlay overlay(base.state);
    CHECK(overlay.get(as_bytes("a/1")) == to_bytes("old"));
    overlay.put(as_bytes("a/1"), as_bytes("new"));
    overlay.erase(as_bytes("a/3"));
    CHECK(overlay.get(as_bytes("a/1")) == to_bytes("new"));
    CHECK_FALSE(overlay.has(as_bytes("a/3")));
    CHECK_FALSE(overlay.has(as_bytes("a/9")));
}

TEST_CASE("a scan merges both in order, without what was erased") {
    Base base;
    Overlay overlay(base.state);
    overlay.put(as_bytes("a/2"), as_bytes("new"));
    overlay.put(as_bytes("a/3"), as_bytes("new"));
    overlay.erase(as_bytes("a/5"));
    overlay.put(as_bytes("a/6"), as_bytes("new"));
    CHECK(keys_of(overlay.scan(as_bytes("a/"), {}, 10)) == "a/1=old a/2=new a/3=new a/6=new ");
    CHECK(keys_of(overlay.scan(as_bytes("a/"), {}, 2)) == "a/1=old a/2=new ");
    CHECK(keys_of(overlay.scan(as_bytes("a/"), as_bytes("a/2"), 10)) == "a/3=new a/6=new ");
    CHECK(keys_of(overlay.scan(as_bytes("a/"), as_bytes("a/6"), 10)).empty());
    CHECK(keys_of(overlay.scan(as_bytes("b/"), {}, 10)) == "b/1=old ");
    CHECK(keys_of(overlay.scan(as_bytes("c/"), {}, 10)).empty());
}

TEST_CASE("a scan goes on past keys beneath that were all erased") {
    Base base;
    Overlay overlay(base.state);
    overlay.erase(as_bytes("a/1"));
    overlay.erase(as_bytes("a/3"));
    CHECK(keys_of(overlay.scan(as_bytes("a/"), {}, 1)) == "a/5=old ");
}

TEST_CASE("rolling back restores exactly what stood at the mark") {
    Base base;
    Overlay overlay(base.state);
    overlay.put(as_bytes("a/1"), as_bytes("first"));
    const std::size_t mark = overlay.mark();
    overlay.put(as_bytes("a/1"), as_bytes("second"));
    overlay.erase(as_bytes("a/1"));
    overlay.put(as_bytes("z"), as_bytes("new"));
    overlay.erase(as_bytes("a/3"));
    overlay.rollback(mark);
    CHECK(overlay.get(as_bytes("a/1")) == to_bytes("first"));
    CHECK(overlay.get(as_bytes("a/3")) == to_bytes("old"));
    CHECK_FALSE(overlay.has(as_bytes("z")));
    CHECK(overlay.changes().size() == 1);
}

TEST_CASE("a read that fails beneath makes the whole overlay failed") {
    const FailingState failing;
    Overlay overlay(failing);
    CHECK_FALSE(overlay.failure().has_value());
    CHECK_FALSE(overlay.has(as_bytes("a")));
    REQUIRE(overlay.failure().has_value());
    CHECK(overlay.failure()->code == Errc::unavailable);
}

TEST_CASE("an overlay agrees with a map under seeded writes, scans and rollbacks") {
    Base base;
    std::map<std::string, std::string> model = {
        {"a/1", "old"}, {"a/3", "old"}, {"a/5", "old"}, {"b/1", "old"}};
    Overlay overlay(base.state);
    std::uint64_t seed = 20'260'101;
    const auto draw = [&](std::uint64_t below) {
        seed = seed * 6364136223846793005U + 1442695040888963407U;
        return (seed >> 33U) % below;
    };
    for (int round = 0; round < 300; ++round) {
        const auto saved = model;
        const std::size_t mark = overlay.mark();
        for (std::uint64_t i = draw(6); i > 0; --i) {
            const std::string key = (draw(2) == 0 ? "a/" : "b/") + std::to_string(draw(9));
            if (draw(3) == 0) {
                overlay.erase(as_bytes(key));
                model.erase(key);
            } else {
                const std::string value = std::to_string(draw(100));
                overlay.put(as_bytes(key), as_bytes(value));
                model[key] = value;
            }
        }
        if (draw(3) == 0) {
            overlay.rollback(mark);
            model = saved;
        }
        const std::size_t limit = 1 + draw(8);
        std::string expected;
        std::size_t count = 0;
        for (auto it = model.lower_bound("a/");
             it != model.end() && it->first < "b" && count < limit; ++it, ++count) {
            expected += it->first + "=" + it->second + " ";
        }
        CHECK(keys_of(overlay.scan(as_bytes("a/"), {}, limit)) == expected);
    }
}
