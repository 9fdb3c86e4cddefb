#include "base/env.hpp"

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <ctime>
#include <filesystem>
#include <system_error>

#include <fcntl.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

namespace salus {
namespace {

constexpr mode_t private_file = 0600;
constexpr mode_t private_directory = 0700;

std::string name_of(int error) {
    const char* name = ::strerrorname_np(error);
    return name == nullptr ? "errno " + std::to_string(error) : name;
}

Error world(const char* what, const std::string& path, int error = errno) {
    const Errc code = error == ENOENT ? Errc::not_found : Errc::unavailable;
    return Error{code, std::string(what) + " " + path + ": " + name_of(error)};
}

class MachineFile final : public File {
  public:
    MachineFile(int descriptor, std::string path)
        : descriptor_(descriptor), path_(std::move(path)) {}
    ~MachineFile() override { ::close(descriptor_); }
    MachineFile(const MachineFile&) = delete;
    MachineFile& operator=(const MachineFile&) = delete;

    Result<std::size_t> read_at(std::uint64_t offset, std::span<std::uint8_t> into) override {
        std::size_t have = 0;
        while (have < into.size()) {
            const ssize_t got = ::pread(descriptor_, into.data() + have, into.size() - have,
                                        static_cast<off_t>(offset + have));
            if (got < 0 && errno == EINTR) continue;
            if (got < 0) return world("read", path_);
            if (got == 0) break;
            have += static_cast<std::size_t>(got);
        }
        return have;
    }

    Status write_at(std::uint64_t offset, ByteView bytes) override {
        while (!bytes.empty()) {
            const ssize_t put =
                ::pwrite(descriptor_, bytes.data(), bytes.size(), static_cast<off_t>(offset));
            if (put < 0 && errno == EINTR) continue;
            if (put < 0) return world("write", path_);
            offset += static_cast<std::uint64_t>(put);
            bytes = bytes.subspan(static_cast<std::size_t>(put));
        }
        return done;
    }

    Status sync_data() override {
        if (::fdatasync(descriptor_) != 0) return world("sync", path_);
        return done;
    }

    Status resize(std::uint64_t bytes) override {
        if (::ftruncate(descriptor_, static_cast<off_t>(bytes)) != 0) return world("resize", path_);
        return done;
    }

    Status preallocate(std::uint64_t bytes) override {
        // posix_fallocate returns the error; it never shortens a file.
        const int error = ::posix_fallocate(descriptor_, 0, static_cast<off_t>(bytes));
        if (error != 0) return world("preallocate", path_, error);
        return done;
    }

    Result<std::uint64_t> size() override {
        struct stat about {};
        if (::fstat(descriptor_, &about) != 0) return world("stat", path_);
        return static_cast<std::uint64_t>(about.st_size);
    }

  private:
    int descriptor_;
    std::string path_;
};

std::string parent_of(const std::string& path) {
    const std::string parent = std::filesystem::path(path).parent_path().string();
    return parent.empty() ? "." : parent;
}

std::int64_t read_clock(clockid_t clock, std::int64_t ticks_per_second) {
    struct timespec at {};
    SALUS_ASSERT(::clock_gettime(clock, &at) == 0);
    return at.tv_sec * ticks_per_second + at.tv_nsec / (1'000'000'000 / ticks_per_second);
}

class MachineEnv final : public Env {
  public:
    UnixMillis now() override { return {read_clock(CLOCK_REALTIME, 1000)}; }
    std::int64_t steady_ns() override { return read_clock(CLOCK_MONOTONIC, 1'000'000'000); }

    void random(std::span<std::uint8_t> into) override {
        while (!into.empty()) {
            const ssize_t got = ::getrandom(into.data(), into.size(), 0);
            if (got < 0 && errno == EINTR) continue;
            SALUS_ASSERT(got > 0);
            into = into.subspan(static_cast<std::size_t>(got));
        }
    }

    Result<std::unique_ptr<File>> open(const std::string& path, OpenMode mode) override {
        int flags = O_CLOEXEC | (mode == OpenMode::read_only ? O_RDONLY : O_RDWR);
        if (mode == OpenMode::create) flags |= O_CREAT;
        const int descriptor = ::open(path.c_str(), flags, private_file);
        if (descriptor < 0) return world("open", path);
        return std::unique_ptr<File>(std::make_unique<MachineFile>(descriptor, path));
    }

    Status make_directories(const std::string& path) override {
        std::error_code ignored;
        if (path.empty() || std::filesystem::is_directory(path, ignored)) return done;
        const std::string parent = parent_of(path);
        if (parent != path) SALUS_TRY(make_directories(parent));
        if (::mkdir(path.c_str(), private_directory) != 0) {
            // Another thread may have made it meanwhile; a file of that name is a failure.
            const int error = errno;
            if (!std::filesystem::is_directory(path, ignored)) {
                return world("make directory", path, error);
            }
        }
        return sync_directory(parent);
    }

    Status remove(const std::string& path) override {
        if (::unlink(path.c_str()) != 0) return world("remove", path);
        return done;
    }

    Status rename(const std::string& from, const std::string& to) override {
        if (::rename(from.c_str(), to.c_str()) != 0) return world("rename", from);
        SALUS_TRY(sync_directory(parent_of(to)));
        if (parent_of(from) != parent_of(to)) return sync_directory(parent_of(from));
        return done;
    }

    Status sync_directory(const std::string& path) override {
        const int descriptor = ::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        if (descriptor < 0) return world("open directory", path);
        const int outcome = ::fsync(descriptor);
        const int error = errno;
        ::close(descriptor);
        if (outcome != 0) return world("sync directory", path, error);
        return done;
    }

    Result<std::vector<std::string>> list(const std::string& directory) override {
        std::error_code error;
        std::vector<std::string> names;
        std::filesystem::directory_iterator entry(directory, error);
        while (!error && entry != std::filesystem::directory_iterator()) {
            names.push_back(entry->path().filename().string());
            entry.increment(error);
        }
        if (error) return world("list", directory, error.value());
        std::sort(names.begin(), names.end());
        return names;
    }

    bool exists(const std::string& path) override { return ::access(path.c_str(), F_OK) == 0; }
};

}  // namespace

Env& machine_env() {
    static MachineEnv env;
    return env;
}

Result<Bytes> read_file(Env& env, const std::string& path, std::uint64_t bytes_max) {
    const std::unique_ptr<File> file = SALUS_TRY(env.open(path, OpenMode::read_only));
    const std::uint64_t size = SALUS_TRY(file->size());
    if (size > bytes_max) {
        return Error{Errc::out_of_range, path + " has " + std::to_string(size) +
                                             " bytes, more than " + std::to_string(bytes_max)};
    }
    Bytes bytes(static_cast<std::size_t>(size));
    bytes.resize(SALUS_TRY(file->read_at(0, bytes)));
    return bytes;
}

Status write_file_atomically(Env& env, const std::string& path, ByteView bytes) {
    const std::string beside = path + ".new";
    {
        const std::unique_ptr<File> file = SALUS_TRY(env.open(beside, OpenMode::create));
        SALUS_TRY(file->resize(0));
        SALUS_TRY(file->write_at(0, bytes));
        SALUS_TRY(file->sync_data());
    }
    return env.rename(beside, path);
}

}  // namespace salus
