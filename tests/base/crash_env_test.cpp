#include "base/crash_env.hpp"

#include "base/sim_env.hpp"

#include <doctest/doctest.h>

#include <set>

using namespace salus;

TEST_CASE("crash points are numbered from one, and each has a name of its own") {
    std::set<std::string_view> names;
    unsigned next = 1;
    for (const CrashPoint& point : crash_points()) {
        CHECK(point.number == next++);
        CHECK(names.insert(point.name).second);
    }
    CHECK(names.size() >= 60);
}

TEST_CASE("a point is asked for by name or number, with a count when it is not the first time") {
    const auto by_name = CrashEnv::parse("ledger.sync.after").value();
    CHECK(by_name.point == "ledger.sync.after");
    CHECK(by_name.count == 1);
    CHECK(CrashEnv::parse("11:7").value().point == "ledger.sync.after");
    CHECK(CrashEnv::parse("11:7").value().count == 7);
    for (const char* wrong : {"", "ledger", "0", "999", "11:", "11:0", "11:x", ":1", "11:1:1"}) {
        CAPTURE(wrong);
        CHECK(CrashEnv::parse(wrong).error().code == Errc::malformed);
    }
}

TEST_CASE("the machine stops at the point, at its count, with half of a write on the disk") {
    SimEnv disk(1);
    bool stopped = false;
    CrashEnv env(disk, CrashEnv::parse("checkpoint.write.half:2").value(), [&] {
        stopped = true;
        disk.fail_operation(0, 1'000'000);
    });
    REQUIRE(env.make_directories("/d/ledger").ok());
    const auto checkpoint = env.open("/d/ledger/checkpoint.new", OpenMode::create).value();
    const auto segment = env.open("/d/ledger/seg-00000000.log", OpenMode::create).value();
    const Bytes word = to_bytes("durable");
    REQUIRE(segment->write_at(0, word).ok());
    REQUIRE(segment->write_at(7, word).ok());
    REQUIRE(checkpoint->write_at(0, word).ok());
    CHECK_FALSE(stopped);
    CHECK_FALSE(checkpoint->write_at(7, to_bytes("12345678")).ok());
    CHECK(stopped);
    CHECK(env.stopped());
    disk.heal();
    CHECK(read_file(disk, "/d/ledger/checkpoint.new", 100).value() == to_bytes("durable1234"));
}

TEST_CASE("what happens beside the places of a node is no point") {
    SimEnv disk(1);
    std::uint64_t stops = 0;
    for (const CrashPoint& point : crash_points()) {
        CrashEnv env(disk, {std::string(point.name), 1}, [&] { ++stops; });
        REQUIRE(env.make_directories("/d/other").ok());
        REQUIRE(write_file_atomically(env, "/d/other/file", to_bytes("x")).ok());
        REQUIRE(env.sync_directory("/d/other").ok());
        REQUIRE(env.remove("/d/other/file").ok());
    }
    CHECK(stops == 0);
}
