#pragma once

#include "base/bytes.hpp"
#include "base/strong.hpp"
#include "store/limits.hpp"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

/// Ordered key-value pairs in columns: the view of the ledger, indexes, and the custodian's own
/// tables.
namespace salus::store {

/// Names are part of the files on disk: append, never rename or reorder.
enum class Column : std::uint8_t {
    meta,      ///< the marker, and what a database says of itself
    state,     ///< contract state, keys prefixed by the host
    seen,      ///< (account, nonce) until its window has passed
    index,     ///< positions of transactions, operations and blocks
    tree,      ///< nodes of the state tree and hash tiles of the log
    blobs,     ///< where a blob lies
    vault,     ///< records, key wraps and salts of a custodian
    access,    ///< access receipts and their relation tree
    identity,  ///< accounts, credentials and sessions
    outbox,    ///< transactions that wait for their block
    sentinel,  ///< profiles and alerts
};
inline constexpr std::size_t column_count = 11;
std::string_view to_string(Column column) noexcept;

/// Changes that become visible, and later durable, all at once. A later change of a key wins.
class WriteBatch {
  public:
    void put(Column column, ByteView key, ByteView value);
    void del(Column column, ByteView key);
    /// The height up to which the database now follows the log.
    void set_marker(BlockHeight height) { marker_ = height; }
    void clear() { changes_.clear(), marker_.reset(); }
    [[nodiscard]] bool empty() const noexcept { return changes_.empty() && !marker_; }
    [[nodiscard]] std::size_t size() const noexcept { return changes_.size(); }

    struct Change {
        Column column;
        Bytes key;
        std::optional<Bytes> value;  ///< nothing: deletion
    };
    [[nodiscard]] const std::vector<Change>& changes() const noexcept { return changes_; }
    [[nodiscard]] const std::optional<BlockHeight>& marker() const noexcept { return marker_; }

  private:
    std::vector<Change> changes_;
    std::optional<BlockHeight> marker_;
};

/// Keys that start with `prefix`, from `from` on (when not empty; inclusive), ascending or
/// descending.
struct ScanOptions {
    Bytes prefix = {};
    Bytes from = {};
    bool descending = false;
};

/// `for (auto it = kv.scan(column, {.prefix = p}); it->valid(); it->next())`, then ask `status()`.
/// Views hold until `next`. It sees the moment of its making. Threads: one at a time; must not
/// outlive its Kv.
class KvIterator {
  public:
    virtual ~KvIterator() = default;
    [[nodiscard]] virtual bool valid() const = 0;
    virtual void next() = 0;
    [[nodiscard]] virtual ByteView key() const = 0;
    [[nodiscard]] virtual ByteView value() const = 0;
    [[nodiscard]] virtual Status status() const = 0;  ///< why it ended early, if it did
};

class KvReader {
  public:
    virtual ~KvReader() = default;
    /// Nothing when the key is absent. Errors: integrity — the file is damaged; unavailable — the
    /// disk.
    virtual Result<std::optional<Bytes>> get(Column column, ByteView key) const = 0;
    virtual std::unique_ptr<KvIterator> scan(Column column, const ScanOptions& options) const = 0;
};

/// Threads: any. Ten methods, so that another engine can take RocksDB's place.
class Kv : public KvReader {
  public:
    /// A fixed view of this moment. Must not outlive the Kv.
    virtual std::unique_ptr<KvReader> snapshot() const = 0;
    /// Errors: out_of_range — a key or value is too long; not_found — a column this database was
    /// opened without;
    ///         unavailable — the disk.
    virtual Status write(const WriteBatch& batch) = 0;
    virtual Result<BlockHeight> marker() const = 0;  ///< zero when never set
    virtual Status flush() = 0;  ///< all that was written is durable when this returns
    /// Begins that and does not wait for it.
    virtual Status begin_flush() { return flush(); }
    virtual Status compact(Column column) = 0;
    virtual Status clear(Column column) = 0;  ///< every key; not atomic
    virtual std::uint64_t disk_bytes() const = 0;
    virtual Status close() = 0;  ///< flushes; every later call answers `unavailable`
};

/// Keeps everything in memory: tests and the simulator. Same answers as RocksDB.
std::unique_ptr<Kv> memory_kv();

enum class Durability : std::uint8_t {
    /// Can be rebuilt: no write-ahead log; a crash loses the newest writes, in all columns
    /// together.
    rebuilt_from_log,
    /// Holds the only copy: `write` returns when its write-ahead log is synced.
    own_log,
};

struct RocksOptions {
    Durability durability = Durability::own_log;
    std::vector<Column> columns = {};  ///< besides `meta`
    std::size_t cache_bytes = std::size_t{32} << 20U;
    std::size_t write_buffer_bytes = std::size_t{16} << 20U;  ///< of all columns together
};

/// Opens or creates a RocksDB database in this directory (its parents are made).
/// Errors: unavailable — the disk, or another process holds it; integrity — damaged.
Result<std::unique_ptr<Kv>> open_rocks(const std::string& path, const RocksOptions& options);

}  // namespace salus::store
