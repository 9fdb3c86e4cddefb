#pragma once

#include "base/env.hpp"
#include "base/json.hpp"

#include <optional>
#include <string>

namespace salus::command {

/// What an offline check of a data directory found. Shape: doors, `verify --data`.
struct DataReport {
    bool ok = false;
    std::uint64_t height = 0;
    std::uint64_t transactions = 0;
    std::optional<std::uint64_t> torn_tail;
    std::string what;  ///< of the first bad thing; empty when all is well
    std::string file;
    std::uint64_t offset = 0;
    std::optional<std::uint64_t> bad_height;
    [[nodiscard]] json::Value to_json() const;
};

/// Checks a data directory, or its `ledger` folder, without opening anything for writing.
/// Errors: not_found — no such directory, or no ledger in it; unavailable — the disk.
Result<DataReport> verify_data_directory(Env& env, const std::string& directory);

}  // namespace salus::command
