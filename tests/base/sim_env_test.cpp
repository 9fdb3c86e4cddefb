#include "base/sim_env.hpp"

#include <doctest/doctest.h>

#include <set>
#include <string>

using namespace salus;

namespace {

constexpr std::uint64_t seeds = 64;

Bytes text(std::string_view value) { return to_bytes(value); }

std::string content(Env& env, const std::string& path) {
    const Result<Bytes> bytes = read_file(env, path, 1'000'000);
    return bytes.ok() ? std::string(as_text(*bytes)) : "(" + bytes.error().detail + ")";
}

/// Everything that crashes with many seeds can leave of a file.
std::set<std::string> outcomes(const SimEnv& env, const std::string& path) {
    std::set<std::string> out;
    for (std::uint64_t seed = 0; seed < seeds; ++seed) out.insert(content(*env.crash(seed), path));
    return out;
}

}  // namespace

TEST_CASE("one seed gives one world") {
    SimEnv a(7);
    SimEnv b(7);
    SimEnv c(8);
    const ObjectId first = random_bytes<ObjectId>(a);
    CHECK(first == random_bytes<ObjectId>(b));
    CHECK(first != random_bytes<ObjectId>(c));
    CHECK(first != random_bytes<ObjectId>(a));
}

TEST_CASE("the clocks stand until they are moved") {
    SimEnv env(1, UnixMillis{1000});
    const std::int64_t steady = env.steady_ns();
    CHECK(env.now().value == 1000);
    env.advance_ms(50);
    CHECK(env.now().value == 1050);
    CHECK(env.steady_ns() == steady + 50'000'000);
    env.set_time(UnixMillis{10});
    CHECK(env.now().value == 10);
    CHECK(env.steady_ns() == steady + 50'000'000);
}

TEST_CASE("what was synced survives every crash") {
    SimEnv env(1);
    const std::unique_ptr<File> file = *env.open("log", OpenMode::create);
    REQUIRE(file->write_at(0, text("durable")).ok());
    REQUIRE(file->sync_data().ok());
    CHECK(outcomes(env, "log") == std::set<std::string>{"durable"});
}

TEST_CASE("what was not synced survives whole, in part or not at all") {
    SimEnv env(1);
    const std::unique_ptr<File> file = *env.open("log", OpenMode::create);
    REQUIRE(file->write_at(0, text("ab")).ok());
    REQUIRE(file->sync_data().ok());
    REQUIRE(file->write_at(2, text("cd")).ok());
    CHECK(content(env, "log") == "abcd");
    CHECK(outcomes(env, "log") == std::set<std::string>{"ab", "abc", "abcd"});
}

TEST_CASE("two unsynced writes may survive in either order") {
    SimEnv env(1);
    const std::unique_ptr<File> file = *env.open("log", OpenMode::create);
    REQUIRE(file->sync_data().ok());
    REQUIRE(file->write_at(0, text("a")).ok());
    REQUIRE(file->write_at(1, text("b")).ok());
    const std::string hole("\0b", 2);
    CHECK(outcomes(env, "log") == std::set<std::string>{"", "a", hole, "ab"});
}

TEST_CASE("a crash takes no part of the running world with it, and its heir can crash again") {
    SimEnv env(1);
    REQUIRE(write_file_atomically(env, "f", text("x")).ok());
    const std::unique_ptr<SimEnv> heir = env.crash(3);
    REQUIRE(write_file_atomically(*heir, "f", text("y")).ok());
    CHECK(content(env, "f") == "x");
    CHECK(outcomes(*heir, "f") == std::set<std::string>{"y"});
}

TEST_CASE("a file written atomically is old or new after a crash at any operation") {
    for (std::uint64_t stop = 0; stop < 10; ++stop) {
        SimEnv env(1);
        REQUIRE(write_file_atomically(env, "f", text("old")).ok());
        env.fail_operation(stop, 1000);
        const bool written = write_file_atomically(env, "f", text("newer")).ok();
        for (const std::string& left : outcomes(env, "f")) {
            CAPTURE(stop);
            CHECK((left == "newer" || (left == "old" && !written)));
        }
    }
}

TEST_CASE("a new file's name is durable after its own sync or its directory's") {
    SimEnv env(1);
    REQUIRE(env.make_directories("d").ok());
    REQUIRE(env.open("d/f", OpenMode::create).ok());
    CHECK(outcomes(env, "d/f").size() == 2);
    REQUIRE(env.sync_directory("d").ok());
    CHECK(outcomes(env, "d/f") == std::set<std::string>{""});
    REQUIRE(env.remove("d/f").ok());
    CHECK(outcomes(env, "d/f").size() == 2);
    REQUIRE(env.sync_directory("d").ok());
    CHECK(outcomes(env, "d/f").size() == 1);
    CHECK_FALSE(env.exists("d/f"));
}

TEST_CASE("a renamed file whose content was not synced may be empty after a crash") {
    SimEnv env(1);
    const std::unique_ptr<File> file = *env.open("new", OpenMode::create);
    REQUIRE(file->write_at(0, text("x")).ok());
    REQUIRE(env.rename("new", "f").ok());
    CHECK(outcomes(env, "f") == std::set<std::string>{"", "x"});
    CHECK_FALSE(env.exists("new"));
}

TEST_CASE("a full disk refuses the write that passes its end and keeps the prefix that fits") {
    SimEnv env(1);
    const std::unique_ptr<File> file = *env.open("f", OpenMode::create);
    env.fill_disk_after(3);
    CHECK(file->write_at(0, text("ab")).ok());
    const Status refused = file->write_at(2, text("cd"));
    REQUIRE_FALSE(refused.ok());
    CHECK(refused.error().detail == "write f: ENOSPC");
    CHECK(content(env, "f") == "abc");
    CHECK(file->write_at(0, text("xyz")).ok());
    CHECK(file->preallocate(4).error().code == Errc::unavailable);
    env.heal();
    CHECK(file->write_at(3, text("d")).ok());
    CHECK(content(env, "f") == "xyzd");
}

TEST_CASE("the nth operation fails, those around it do not") {
    SimEnv env(1);
    const std::unique_ptr<File> file = *env.open("f", OpenMode::create);
    const std::uint64_t before = env.operations();
    env.fail_operation(1);
    CHECK(file->write_at(0, text("a")).ok());
    CHECK(file->write_at(1, text("b")).error().detail == "write f: EIO");
    CHECK(file->write_at(1, text("c")).ok());
    CHECK(env.operations() == before + 3);
    CHECK(content(env, "f") == "ac");
}

TEST_CASE("a sync that failed is not made good by one that succeeds") {
    std::set<std::string> left;
    for (std::uint64_t seed = 0; seed < seeds; ++seed) {
        SimEnv env(seed);
        const std::unique_ptr<File> file = *env.open("f", OpenMode::create);
        REQUIRE(file->sync_data().ok());
        REQUIRE(file->write_at(0, text("a")).ok());
        env.fail_operation(0);
        REQUIRE_FALSE(file->sync_data().ok());
        REQUIRE(file->sync_data().ok());
        CHECK(content(env, "f") == "a");
        left.insert(content(*env.crash(seed), "f"));
    }
    CHECK(left == std::set<std::string>{"", "a"});
}

TEST_CASE("a flipped bit is seen by every reader and survives a crash") {
    SimEnv env(1);
    REQUIRE(write_file_atomically(env, "f", text("a")).ok());
    const std::unique_ptr<File> file = *env.open("f", OpenMode::read_only);
    REQUIRE(env.flip_bit("f", 0, 1).ok());
    Bytes into(1);
    CHECK(*file->read_at(0, into) == 1);
    CHECK(into == text("c"));
    CHECK(outcomes(env, "f") == std::set<std::string>{"c"});
    CHECK(env.flip_bit("f", 1).error().code == Errc::out_of_range);
    CHECK(env.flip_bit("g", 0).error().code == Errc::not_found);
}

TEST_CASE("directories are listed sorted, and a file needs its directory") {
    SimEnv env(1);
    CHECK(env.open("a/f", OpenMode::create).error().code == Errc::not_found);
    REQUIRE(env.make_directories("a/b").ok());
    REQUIRE(env.open("a/z", OpenMode::create).ok());
    REQUIRE(env.open("a//c", OpenMode::create).ok());
    CHECK(*env.list("a/") == std::vector<std::string>{"b", "c", "z"});
    CHECK(*env.list(".") == std::vector<std::string>{"a"});
    CHECK(env.list("none").error().code == Errc::not_found);
    CHECK(env.open("a/b", OpenMode::create).error().code == Errc::unavailable);
    const std::unique_ptr<File> read_only = *env.open("a/z", OpenMode::read_only);
    CHECK(read_only->write_at(0, text("x")).error().code == Errc::unavailable);
}
