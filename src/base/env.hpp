#pragma once

#include "base/bytes.hpp"
#include "base/strong.hpp"

#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <vector>

namespace salus {

/// An open file. Positions are byte offsets. Threads: one at a time.
/// Errors: unavailable — with errno's name. After a failed sync_data nothing written since the last
/// good one may be taken for durable, and a second try proves nothing: reopen and look.
class File {
  public:
    virtual ~File() = default;
    /// Reads up to into.size() bytes; fewer only at the end of the file.
    virtual Result<std::size_t> read_at(std::uint64_t offset, std::span<std::uint8_t> into) = 0;
    virtual Status write_at(std::uint64_t offset, ByteView bytes) = 0;
    virtual Status sync_data() = 0;  ///< fdatasync: what was written is durable when this returns
    virtual Status resize(std::uint64_t bytes) = 0;
    virtual Status preallocate(std::uint64_t bytes) = 0;  ///< zero-filled space up to this size
    virtual Result<std::uint64_t> size() = 0;
};

enum class OpenMode : std::uint8_t { read_only, read_write, create };

/// The world: clock, randomness, files. Production passes `machine_env()`, tests a seeded one
/// (base/sim_env.hpp). Files and directories are made for their owner only (0600, 0700).
class Env {
  public:
    virtual ~Env() = default;
    virtual UnixMillis now() = 0;           ///< wall clock
    virtual std::int64_t steady_ns() = 0;   ///< monotonic clock
    virtual void random(std::span<std::uint8_t> into) = 0;  ///< cryptographic in production

    virtual Result<std::unique_ptr<File>> open(const std::string& path, OpenMode mode) = 0;
    virtual Status make_directories(const std::string& path) = 0;
    virtual Status remove(const std::string& path) = 0;  ///< a file; not_found when absent
    /// Atomic; the directory is synced when this returns.
    virtual Status rename(const std::string& from, const std::string& to) = 0;
    virtual Status sync_directory(const std::string& path) = 0;
    /// Names of files and directories in it, sorted.
    virtual Result<std::vector<std::string>> list(const std::string& directory) = 0;
    virtual bool exists(const std::string& path) = 0;
};

/// The real clock, getrandom(2) and the real file system. Threads: any.
Env& machine_env();

/// Whole file. Errors: not_found; out_of_range — larger than bytes_max; unavailable.
Result<Bytes> read_file(Env& env, const std::string& path, std::uint64_t bytes_max);
/// Writes PATH.new, syncs, renames: the file is the old one or the new one, never half.
/// Threads: one writer per path.
Status write_file_atomically(Env& env, const std::string& path, ByteView bytes);

template <class Fixed>
Fixed random_bytes(Env& env) {
    Fixed out;
    env.random(out.bytes);
    return out;
}

}  // namespace salus
