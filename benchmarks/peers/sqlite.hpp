#pragma once

#include "bench.hpp"
#include <optional>

/// SQLite storing encrypted rows, each chained to the one before by SHA-256, without signatures.
namespace salus::bench {

struct SqliteLoad {
    std::size_t rows = 10'000;
    std::size_t rows_per_transaction = 1;
};

/// Whether this program was built with SQLite; says on stderr how it would be.
bool has_sqlite();
/// Write-ahead log, synchronous=FULL: durable after each transaction.
Row sqlite_load(const SqliteLoad& load);

}  // namespace salus::bench
