#include "base/env.hpp"

#include <doctest/doctest.h>

#include <filesystem>
#include <set>
#include <string>

#include <unistd.h>

using namespace salus;

namespace {

/// A directory of this test alone, gone when the test ends.
class Scratch {
  public:
    Scratch() : path_((std::filesystem::temp_directory_path() / name()).string()) {
        REQUIRE(machine_env().make_directories(path_).ok());
    }
    ~Scratch() { std::filesystem::remove_all(path_); }
    Scratch(const Scratch&) = delete;
    Scratch& operator=(const Scratch&) = delete;
    std::string operator/(const std::string& more) const { return path_ + "/" + more; }
    [[nodiscard]] const std::string& path() const { return path_; }

  private:
    static std::string name() {
        return "salus-env-test-" + to_hex(random_bytes<ObjectId>(machine_env()).view());
    }
    std::string path_;
};

Bytes text(std::string_view value) { return to_bytes(value); }

}  // namespace

TEST_CASE("a file written atomically is read back whole, then replaced whole") {
    const Scratch scratch;
    Env& env = machine_env();
    const std::string path = scratch / "file";
    REQUIRE(write_file_atomically(env, path, text("first, a longer one")).ok());
    CHECK(*read_file(env, path, 100) == text("first, a longer one"));
    REQUIRE(write_file_atomically(env, path, text("second")).ok());
    CHECK(*read_file(env, path, 100) == text("second"));
    CHECK(*env.list(scratch.path()) == std::vector<std::string>{"file"});
}

TEST_CASE("a file as long as allowed is read, one byte longer is refused") {
    const Scratch scratch;
    Env& env = machine_env();
    REQUIRE(write_file_atomically(env, scratch / "five", text("12345")).ok());
    CHECK(read_file(env, scratch / "five", 6).ok());
    CHECK(read_file(env, scratch / "five", 5).ok());
    CHECK(read_file(env, scratch / "five", 4).error().code == Errc::out_of_range);
}

TEST_CASE("what is not there is not found") {
    const Scratch scratch;
    Env& env = machine_env();
    CHECK(read_file(env, scratch / "no", 1).error().code == Errc::not_found);
    CHECK(env.open(scratch / "no", OpenMode::read_write).error().code == Errc::not_found);
    CHECK(env.remove(scratch / "no").error().code == Errc::not_found);
    CHECK(env.list(scratch / "no").error().code == Errc::not_found);
    CHECK_FALSE(env.exists(scratch / "no"));
    CHECK(env.open(scratch.path(), OpenMode::read_write).error().code == Errc::unavailable);
}

TEST_CASE("a file is read and written at positions") {
    const Scratch scratch;
    const std::unique_ptr<File> file = *machine_env().open(scratch / "f", OpenMode::create);
    REQUIRE(file->write_at(4, text("late")).ok());
    REQUIRE(file->write_at(0, text("ear")).ok());
    CHECK(*file->size() == 8);
    Bytes into(20);
    CHECK(*file->read_at(0, into) == 8);
    CHECK(as_text(ByteView(into).first(8)) == std::string_view("ear\0late", 8));
    CHECK(*file->read_at(8, into) == 0);
    REQUIRE(file->resize(2).ok());
    CHECK(*file->size() == 2);
    REQUIRE(file->preallocate(100).ok());
    CHECK(*file->size() == 100);
    REQUIRE(file->preallocate(50).ok());
    CHECK(*file->size() == 100);
    CHECK(file->sync_data().ok());
}

TEST_CASE("files and directories belong to their owner alone") {
    const Scratch scratch;
    Env& env = machine_env();
    REQUIRE(env.make_directories(scratch / "a/b/c").ok());
    REQUIRE(env.make_directories(scratch / "a/b/c").ok());
    REQUIRE(write_file_atomically(env, scratch / "a/b/c/key", text("x")).ok());
    namespace fs = std::filesystem;
    CHECK(fs::status(scratch / "a/b").permissions() == fs::perms::owner_all);
    CHECK(fs::status(scratch / "a/b/c/key").permissions() ==
          (fs::perms::owner_read | fs::perms::owner_write));
    CHECK(env.make_directories(scratch / "a/b/c/key").error().code == Errc::unavailable);
    CHECK(env.make_directories(scratch / "a/b/c/key/d").error().code == Errc::unavailable);
}

TEST_CASE("a full device is a failure of the world, with its name") {
    Result<std::unique_ptr<File>> full = machine_env().open("/dev/full", OpenMode::read_write);
    if (!full.ok()) return;
    const Status status = (*full)->write_at(0, text("x"));
    REQUIRE_FALSE(status.ok());
    CHECK(status.error().code == Errc::unavailable);
    CHECK(status.error().detail.ends_with("ENOSPC"));
}

TEST_CASE("the monotonic clock does not run backwards and random ids do not repeat") {
    Env& env = machine_env();
    const std::int64_t before = env.steady_ns();
    CHECK(env.steady_ns() >= before);
    CHECK(env.now().value > 1'700'000'000'000);
    std::set<ObjectId> ids;
    for (int i = 0; i < 1000; ++i) ids.insert(random_bytes<ObjectId>(env));
    CHECK(ids.size() == 1000);
}
