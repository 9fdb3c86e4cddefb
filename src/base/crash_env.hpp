#pragma once

#include "base/env.hpp"

#include <atomic>
#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <string_view>

namespace salus {

/// A numbered point at which a test may take the power away: docs/crash-points.md.
struct CrashPoint {
    unsigned number = 0;
    std::string_view name;  ///< place.operation.moment, for example `ledger.sync.after`
};
/// All of them, in the order of their numbers. Numbers are never used again.
std::span<const CrashPoint> crash_points() noexcept;

/// Another Env that stops the machine at one point of its write paths. Every file a node writes
/// goes through Env, so every write path has its points without a line of its own; databases, which
/// write their files themselves, report by `reach`.
///
///     place      keys, ledger, checkpoint, index, log-tree, access, bodies, body, erasures,
///                setup-token; of databases: view, vault-db, vault-index
///     operation  make (a file), grow, cut, write, sync, rename, remove, list (directory synced),
///                compact (a database)
///     moment     before · half (a write whose first half is on the disk) · after
///
/// `stop` is called once, on the thread that got there; in a test of one process it makes the disk
/// below fail, in salusd it kills the process. Threads: any.
class CrashEnv final : public Env {
  public:
    struct At {
        std::string point;
        std::uint64_t count = 1;  ///< the how manieth time
    };
    CrashEnv(Env& below, At at, std::function<void()> stop)
        : below_(below), at_(std::move(at)), stop_(std::move(stop)) {}

    /// POINT or POINT:COUNT, POINT a name or a number. Errors: malformed — no such point.
    static Result<At> parse(std::string_view text);

    /// Says that this place, operation and moment are reached.
    void reach(std::string_view place, std::string_view operation, std::string_view moment);
    /// The same, by the path of a file or database. Elsewhere: nothing.
    void reach_at(std::string_view path, std::string_view operation, std::string_view moment);
    /// Whether the next write here is to be cut in half.
    [[nodiscard]] bool halves(std::string_view path) const;
    [[nodiscard]] bool stopped() const noexcept { return reached_.load() >= at_.count; }

    UnixMillis now() override { return below_.now(); }
    std::int64_t steady_ns() override { return below_.steady_ns(); }
    void random(std::span<std::uint8_t> into) override { below_.random(into); }
    Result<std::unique_ptr<File>> open(const std::string& path, OpenMode mode) override;
    Status make_directories(const std::string& path) override {
        return below_.make_directories(path);
    }
    Status remove(const std::string& path) override;
    Status rename(const std::string& from, const std::string& to) override;
    Status sync_directory(const std::string& path) override;
    Result<std::vector<std::string>> list(const std::string& directory) override {
        return below_.list(directory);
    }
    bool exists(const std::string& path) override { return below_.exists(path); }

  private:
    Env& below_;
    At at_;
    std::function<void()> stop_;
    std::atomic<std::uint64_t> reached_{0};
};

}  // namespace salus
