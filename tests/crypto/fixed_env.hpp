#pragma once

#include "base/env.hpp"

#include <deque>

namespace salus {

/// An Env whose random draws are given beforehand, so that a sealed example comes out byte for
/// byte.
class FixedEnv final : public Env {
  public:
    explicit FixedEnv(std::initializer_list<Bytes> draws) : draws_(draws) {}
    UnixMillis now() override { return {}; }
    std::int64_t steady_ns() override { return 0; }
    void random(std::span<std::uint8_t> into) override {
        SALUS_ASSERT(!draws_.empty() && draws_.front().size() == into.size());
        std::copy(draws_.front().begin(), draws_.front().end(), into.begin());
        draws_.pop_front();
    }
    Result<std::unique_ptr<File>> open(const std::string&, OpenMode) override { return none(); }
    Status make_directories(const std::string&) override { return none(); }
    Status remove(const std::string&) override { return none(); }
    Status rename(const std::string&, const std::string&) override { return none(); }
    Status sync_directory(const std::string&) override { return none(); }
    Result<std::vector<std::string>> list(const std::string&) override { return none(); }
    bool exists(const std::string&) override { return false; }

  private:
    static Error none() { return Error{Errc::unavailable, "no files here"}; }
    std::deque<Bytes> draws_;
};

}  // namespace salus
