#pragma once

#include "base/result.hpp"

#include <string>

namespace salus::chain {

/// One process for one data directory: an flock(2) that ends with the process, however it ends.
class DirectoryLock {
  public:
    DirectoryLock() = default;
    /// Errors: already_exists — another process holds it; unavailable.
    static Result<DirectoryLock> take(const std::string& path);
    ~DirectoryLock();
    DirectoryLock(DirectoryLock&& other) noexcept;
    DirectoryLock& operator=(DirectoryLock&& other) noexcept;

  private:
    explicit DirectoryLock(int descriptor) : descriptor_(descriptor) {}
    int descriptor_ = -1;
};

}  // namespace salus::chain
