#include "sqlite.hpp"

#include "crypto/aead.hpp"
#include "crypto/hash.hpp"

#include "../ledger_world.hpp"
#include <cstdio>

#ifdef SALUS_BENCH_SQLITE
#include <sqlite3.h>
#endif

namespace salus::bench {

#ifdef SALUS_BENCH_SQLITE

namespace {

/// About what a sealed row of the demo table takes.
constexpr std::size_t row_bytes = 512;

/// One database file and the statement that fills it.
class Database {
  public:
    explicit Database(const std::string& path) {
        need(sqlite3_open(path.c_str(), &handle_) == SQLITE_OK, "SQLite does not open");
        run("PRAGMA journal_mode = WAL");
        run("PRAGMA synchronous = FULL");
        run("CREATE TABLE entry (position INTEGER PRIMARY KEY, body BLOB, hash BLOB)");
        need(sqlite3_prepare_v2(handle_, "INSERT INTO entry (body, hash) VALUES (?1, ?2)", -1,
                                &insert_, nullptr) == SQLITE_OK,
             "SQLite takes no insert");
    }
    ~Database() {
        sqlite3_finalize(insert_);
        sqlite3_close(handle_);
    }
    Database(const Database&) = delete;
    Database& operator=(const Database&) = delete;

    void run(const char* statement) {
        need(sqlite3_exec(handle_, statement, nullptr, nullptr, nullptr) == SQLITE_OK,
             "SQLite refuses a statement");
    }
    void insert(ByteView body, const Digest& hash) {
        sqlite3_bind_blob(insert_, 1, body.data(), static_cast<int>(body.size()), SQLITE_STATIC);
        sqlite3_bind_blob(insert_, 2, hash.bytes.data(), Digest::size_bytes, SQLITE_STATIC);
        need(sqlite3_step(insert_) == SQLITE_DONE, "SQLite refuses a row");
        sqlite3_reset(insert_);
    }

  private:
    sqlite3* handle_ = nullptr;
    sqlite3_stmt* insert_ = nullptr;
};

}  // namespace

bool has_sqlite() {
    return true;
}

Row sqlite_load(const SqliteLoad& load) {
    Env& env = machine_env();
    const Directory directory;
    Database database(directory.path() + "/peer.sqlite");
    const Bytes plain(row_bytes, 0x5A);
    Digest chained;
    const double cpu_before = cpu_us();
    const std::int64_t start = env.steady_ns();
    for (std::size_t row = 0; row < load.rows; ++row) {
        if (row % load.rows_per_transaction == 0) database.run("BEGIN IMMEDIATE");
        // A key for each row, as the ledger's clients have it.
        crypto::Aes256Gcm cipher(crypto::random_key<crypto::Secret<32>>(env));
        const Bytes sealed = cipher.seal(crypto::GcmNonce{}, {}, plain);
        chained = crypto::sha256({chained.view(), sealed});
        database.insert(sealed, chained);
        if ((row + 1) % load.rows_per_transaction == 0 || row + 1 == load.rows) {
            database.run("COMMIT");
        }
    }
    const double seconds = static_cast<double>(env.steady_ns() - start) / 1e9;
    const bool single = load.rows_per_transaction == 1;
    return {.name = single ? "peer.sqlite_10000_rows" : "peer.sqlite_10000_rows_batched",
            .value = seconds,
            .unit = "s",
            .p50_ms = {},
            .p99_ms = {},
            .cpu_us_per_op = (cpu_us() - cpu_before) / static_cast<double>(load.rows),
            .n = load.rows,
            .note =
                "SQLite, WAL, synchronous=FULL, rows of 512 bytes encrypted and chained by "
                "SHA-256, no signatures, " +
                std::to_string(load.rows_per_transaction) + " to a transaction, in process"};
}

#else

bool has_sqlite() {
    std::fputs(
        "bench: built without SQLite to compare with: apt-get install libsqlite3-dev, then "
        "build again\n",
        stderr);
    return false;
}

Row sqlite_load(const SqliteLoad& /*load*/) {
    return {};
}

#endif

}  // namespace salus::bench
