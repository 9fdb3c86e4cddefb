#include "cometbft/bundle.hpp"

#include "cometbft/limits.hpp"
#include "ledger/limits.hpp"

#include <doctest/doctest.h>

using namespace salus;
using namespace salus::cometbft;

TEST_CASE("two envelopes travel in one bundle, and one travels as it is") {
    const std::vector<Bytes> two{{0x01}, {0x02, 0x03}};
    CHECK(to_hex(bundle(two)) == "a101824101420203");
    CHECK(unbundle(bundle(two)).value() == two);
    const std::vector<Bytes> one{{0xD2, 0x84}};
    CHECK(bundle(one) == one.front());
    CHECK(unbundle(one.front()).value() == one);
}

TEST_CASE("a bundle is refused when it is of another form") {
    for (const char* text : {"a1", "a101814101", "a10180", "a102824101420203", "a10182410142020300",
                             "a1018241016161"}) {
        CAPTURE(text);
        CHECK(unbundle(from_hex(text).value()).error().code == Errc::malformed);
    }
}

TEST_CASE("a bundle holds at most 1,000 envelopes, each of the size of a transaction") {
    const auto holds = [](std::size_t count, std::size_t bytes) {
        return unbundle(bundle(std::vector<Bytes>(count, Bytes(bytes, 0x01)))).ok();
    };
    CHECK(holds(bundle_envelopes_max - 1, 1));
    CHECK(holds(bundle_envelopes_max, 1));
    CHECK_FALSE(holds(bundle_envelopes_max + 1, 1));
    CHECK(holds(2, ledger::transaction_bytes_max));
    CHECK_FALSE(holds(2, ledger::transaction_bytes_max + 1));
}
