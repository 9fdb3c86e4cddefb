#pragma once

#include "base/env.hpp"

#include <map>
#include <memory>

namespace salus {

/// The real files of another Env, never written: what is written to an opened file stays in this
/// object's memory and goes with it. For checks that reuse code which mends what a crash tore.
class ScratchEnv final : public Env {
  public:
    explicit ScratchEnv(Env& below) : below_(below) {}
    UnixMillis now() override { return below_.now(); }
    std::int64_t steady_ns() override { return below_.steady_ns(); }
    void random(std::span<std::uint8_t> into) override { below_.random(into); }
    /// A file that does not exist below is an empty one in memory.
    Result<std::unique_ptr<File>> open(const std::string& path, OpenMode mode) override;
    Status make_directories(const std::string&) override { return done; }
    Status remove(const std::string&) override { return done; }
    Status rename(const std::string&, const std::string&) override { return done; }
    Status sync_directory(const std::string&) override { return done; }
    Result<std::vector<std::string>> list(const std::string& directory) override;
    bool exists(const std::string& path) override { return below_.exists(path); }

  private:
    Env& below_;
};

}  // namespace salus
