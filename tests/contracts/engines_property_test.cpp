#include "contracts/gatekeeper.hpp"
#include "contracts/host_imports.hpp"
#include "contracts/support/world.hpp"

#include <doctest/doctest.h>

#include <random>

using namespace salus;
using namespace salus::contracts;
using namespace salus::contracts::testing;

namespace {

/// Numbers that lie on edges more often than not.
std::uint64_t edge(std::mt19937_64& random) {
    constexpr std::uint64_t edges[] = {0,           1,           8,          16,     32,     64,
                                       255,         256,         257,        1023,   1024,   4096,
                                       40'000,      65'472,      65'504,     65'535, 65'536, 65'537,
                                       0x7FFF'FFFF, 0x8000'0000, 0xFFFF'FFFF};
    const std::uint64_t base = edges[random() % std::size(edges)];
    return random() % 3 == 0 ? (base + random() % 3 - 1) & 0xFFFF'FFFF : base;
}

}  // namespace

TEST_CASE("whatever numbers a contract gives the host, both engines answer the same") {
    constexpr std::uint64_t seed = 20'240'611;
    CAPTURE(seed);
    std::mt19937_64 random(seed);
    World compiled(EngineChoice::compiled_when_shipped);
    World interpreted(EngineChoice::interpreter_only);
    for (int round = 0; round < 6000; ++round) {
        cbor::Writer args;
        args.array(7).uint(random() % host_imports_count);
        for (int i = 0; i < 6; ++i) {
            args.uint(edge(random));
        }
        const auto entry = random() % 2 == 0 ? Entry::exec : Entry::query;
        const Bytes input = call_input("raw", args.view());
        const auto before = compiled.state.entries;
        const auto a = compiled.run("probe", entry, input);
        const auto b = interpreted.run("probe", entry, input);
        REQUIRE(a.ok());
        REQUIRE(b.ok());
        REQUIRE(a->outcome == b->outcome);
        REQUIRE(a->code == b->code);
        REQUIRE(a->gas_used == b->gas_used);
        REQUIRE(a->data == b->data);
        REQUIRE(compiled.state.entries == interpreted.state.entries);
        if (a->outcome != Outcome::ok) {
            compiled.state.entries = before;
            interpreted.state.entries = before;
        }
    }
}

TEST_CASE("whatever bytes are the input, both engines answer the same") {
    constexpr std::uint64_t seed = 77;
    CAPTURE(seed);
    std::mt19937_64 random(seed);
    World compiled(EngineChoice::compiled_when_shipped);
    World interpreted(EngineChoice::interpreter_only);
    const Bytes good = call_input("world", numbers({1, 2, 3}));
    for (int round = 0; round < 3000; ++round) {
        Bytes input = good;
        for (std::uint64_t change = random() % 4; change != 0; --change) {
            input[random() % input.size()] = static_cast<std::uint8_t>(random());
        }
        input.resize(input.size() - random() % 3);
        const auto a = compiled.run("counter", Entry::query, input);
        const auto b = interpreted.run("counter", Entry::query, input);
        REQUIRE(a->code == b->code);
        REQUIRE(a->gas_used == b->gas_used);
        REQUIRE(a->data == b->data);
    }
}

TEST_CASE(
    "a module with any bytes changed is refused or runs within its limits, and never ends the "
    "process") {
    constexpr std::uint64_t seed = 4711;
    CAPTURE(seed);
    std::mt19937_64 random(seed);
    World world(EngineChoice::interpreter_only);
    const Bytes good = world.codes.modules[world.codes.names["counter"].hash];
    std::size_t admitted = 0;
    for (int round = 0; round < 3000; ++round) {
        Bytes module = good;
        for (std::uint64_t change = 1 + random() % 4; change != 0; --change) {
            module[8 + random() % (module.size() - 8)] = static_cast<std::uint8_t>(random());
        }
        const auto code = admit(module);
        if (!code.ok()) {
            CHECK_FALSE(code.error().detail.empty());
            continue;
        }
        ++admitted;
        if (admitted % 20 == 0) {
            world.codes.add("mutant", module);
            const auto result = world.exec("mutant", "world", nothing(), 200'000);
            REQUIRE(result.ok());
            CHECK(result->gas_used <= 200'000);
        }
    }
    CHECK(admitted > 100);
}
