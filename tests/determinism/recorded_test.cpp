#include "recorded.hpp"

#include "base/env.hpp"

#include <doctest/doctest.h>

#include <sstream>

/// tests/vectors/recorded-chain in whatever build runs this; tools/determinism.sh compares builds.

using namespace salus;
using namespace salus::determinism;

namespace {

const std::string folder = std::string(SALUS_SOURCE_DIR) + "/tests/vectors/recorded-chain/";

RecordedChain recorded() {
    const auto bytes = read_file(machine_env(), folder + "chain.cbor-seq", 64U << 20U);
    REQUIRE(bytes.ok());
    auto chain = read_recorded(*bytes);
    REQUIRE(chain.ok());
    CHECK(write_recorded(*chain) == *bytes);
    return std::move(*chain);
}

std::vector<std::string> expected() {
    const auto bytes = read_file(machine_env(), folder + "expected.txt", 1U << 20U);
    REQUIRE(bytes.ok());
    std::istringstream text(std::string(as_text(*bytes)));
    std::vector<std::string> lines;
    for (std::string line; std::getline(text, line);) lines.push_back(line);
    return lines;
}

void check_replay(const ReplayOptions& options) {
    const auto lines = replay(recorded(), options);
    REQUIRE(lines.ok());
    const auto wanted = expected();
    REQUIRE(lines->size() == wanted.size());
    for (std::size_t i = 0; i < wanted.size(); ++i) {
        REQUIRE((*lines)[i] == wanted[i]);  // the first difference is the one that says where
    }
}

}  // namespace

TEST_CASE("a recorded chain is executed to the app hash and result root of every height") {
    check_replay({.verify_threads = 1});
}

TEST_CASE("two verify threads come to what one comes to") {
    check_replay({.verify_threads = 2});
}

TEST_CASE("compiled contracts and the interpreter come to the same hashes") {
    const RecordedChain chain = tell(1, 60);  // of the contracts as they ship now
    const auto compiled = replay(chain, {});
    const auto interpreted = replay(chain, {.engine = contracts::EngineChoice::interpreter_only});
    REQUIRE(compiled.ok());
    REQUIRE(interpreted.ok());
    CHECK(*compiled == *interpreted);
}

TEST_CASE("a seed tells the same chain again") {
    CHECK(write_recorded(tell(4, 20)) == write_recorded(tell(4, 20)));
    CHECK(write_recorded(tell(4, 20)) != write_recorded(tell(5, 20)));
}
