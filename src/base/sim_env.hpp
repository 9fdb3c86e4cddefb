#pragma once

#include "base/env.hpp"

#include <cstdint>
#include <limits>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <string>

namespace salus {

/// A world in memory for tests: the clock stands until it is moved, randomness follows the seed,
/// the disk fails when told to, and a crash can be had at any moment.
///
/// What survives a crash:
///
///   write, resize ──sync_data──▶ durable         (also the file's name)
///        │
///        └──crash before it──▶ by the seed: whole, a prefix of it, or nothing; each on its own
///
///   create, remove ──sync_directory──▶ durable   rename: durable when it returns
///        └──crash before it──▶ by the seed: happened or did not
///
/// Space: only growth of files counts. Directories are durable at once. Every call of Env's file
/// methods and of File's methods (except size and exists) is one operation for `fail_operation`.
/// Threads: any. A file must not outlive its SimEnv.
class SimEnv final : public Env {
  public:
    explicit SimEnv(std::uint64_t seed, UnixMillis start = UnixMillis{1'767'225'600'000})
        : random_state_(seed), now_(start) {}

    UnixMillis now() override;
    std::int64_t steady_ns() override;
    void random(std::span<std::uint8_t> into) override;
    Result<std::unique_ptr<File>> open(const std::string& path, OpenMode mode) override;
    Status make_directories(const std::string& path) override;
    Status remove(const std::string& path) override;
    Status rename(const std::string& from, const std::string& to) override;
    Status sync_directory(const std::string& path) override;
    Result<std::vector<std::string>> list(const std::string& directory) override;
    bool exists(const std::string& path) override;

    void set_time(UnixMillis time);      ///< the wall clock alone, also backwards
    void advance_ms(std::int64_t span);  ///< both clocks

    /// ENOSPC once files have grown by `bytes` more: the write that passes it leaves a prefix.
    void fill_disk_after(std::uint64_t bytes);
    /// EIO for `times` operations after the next `skip` ones. A sync that fails has written, by the
    /// seed, a part of what waited; what is lost stays readable and never becomes durable.
    void fail_operation(std::uint64_t skip, std::uint64_t times = 1);
    /// No faults from here on. What was lost stays lost.
    void heal();
    /// Operations so far: a test crashes or fails after each of them in turn.
    [[nodiscard]] std::uint64_t operations() const;

    /// Inverts a bit of a file as it stands on the disk and in every open handle.
    /// Errors: not_found; out_of_range — offset at or after the end, bit > 7.
    Status flip_bit(const std::string& path, std::uint64_t offset, unsigned bit = 0);
    /// The machine after a power cut at this moment, healed, with the same clocks. This world stays
    /// as it is, so one moment can be crashed with many seeds.
    [[nodiscard]] std::unique_ptr<SimEnv> crash(std::uint64_t seed) const;

  private:
    struct Node;
    class SimFile;
    using Names = std::map<std::string, std::shared_ptr<Node>>;
    static constexpr std::uint64_t never = std::numeric_limits<std::uint64_t>::max();

    Status count_operation(const char* what, const std::string& path);
    Status sync(const std::shared_ptr<Node>& node, const std::string& path);
    void sync_names(const std::string& directory);
    [[nodiscard]] bool is_directory(const std::string& path) const;

    mutable std::mutex mutex_;
    std::uint64_t random_state_;
    UnixMillis now_;
    std::int64_t steady_ns_ = 1'000'000'000;
    Names names_;
    Names durable_names_;
    std::set<std::string> directories_;
    std::uint64_t operations_ = 0;
    std::uint64_t fail_from_ = never;
    std::uint64_t fail_times_ = 0;
    std::uint64_t space_left_ = never;
};

}  // namespace salus
