#include "base/scratch_env.hpp"
#include "base/sim_env.hpp"

#include <doctest/doctest.h>

using namespace salus;

TEST_CASE("what is written to a scratch file is read back there and never reaches the file below") {
    SimEnv below(1);
    REQUIRE(below.make_directories("/d").ok());
    REQUIRE(write_file_atomically(below, "/d/f", as_bytes("abc")).ok());
    ScratchEnv scratch(below);
    const auto file = scratch.open("/d/f", OpenMode::read_write);
    REQUIRE(file.ok());
    REQUIRE((*file)->write_at(1, as_bytes("XYZ")).ok());
    Bytes read(10);
    CHECK(*(*file)->read_at(0, read) == 4);
    CHECK(as_text(ByteView(read).first(4)) == "aXYZ");
    CHECK(as_text(*read_file(below, "/d/f", 100)) == "abc");
}

TEST_CASE("a scratch file that is new exists nowhere below") {
    SimEnv below(1);
    ScratchEnv scratch(below);
    const auto file = scratch.open("/d/new", OpenMode::create);
    REQUIRE(file.ok());
    REQUIRE((*file)->preallocate(8).ok());
    CHECK(*(*file)->size() == 8);
    REQUIRE((*file)->resize(3).ok());
    CHECK(*(*file)->size() == 3);
    CHECK_FALSE(below.exists("/d/new"));
}
