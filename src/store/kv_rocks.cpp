#include "store/kv.hpp"
#include "store/kv_check.hpp"
#include "store/rocks_watch.hpp"

#include <rocksdb/cache.h>
#include <rocksdb/db.h>
#include <rocksdb/filter_policy.h>
#include <rocksdb/slice.h>
#include <rocksdb/table.h>
#include <rocksdb/write_batch.h>

#include <algorithm>
#include <array>
#include <filesystem>
#include <shared_mutex>
#include <system_error>

namespace salus::store {
namespace {

constexpr std::size_t column_buffer_bytes = std::size_t{8} << 20U;
constexpr int open_files_max = 256;
constexpr double bloom_bits_per_key = 10;
constexpr double memtable_filter_share = 0.03;

rocksdb::Slice slice(ByteView bytes) {
    // RocksDB compares with memcmp, which must not see a null pointer even for no bytes.
    if (bytes.empty()) return {"", 0};
    return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}
ByteView view(const rocksdb::Slice& bytes) {
    return as_bytes({bytes.data(), bytes.size()});
}

Error to_error(const rocksdb::Status& status) {
    const Errc code = status.IsCorruption() ? Errc::integrity : Errc::unavailable;
    return Error{code, "key-value store: " + status.ToString()};
}
Status check(const rocksdb::Status& status) {
    if (!status.ok()) return to_error(status);
    return done;
}
Error closed() {
    return Error{Errc::unavailable, "the database is closed"};
}

/// Set before the first database is opened, read ever after.
RocksWatch& rocks_watch() {
    static RocksWatch watch;
    return watch;
}

using Handles = std::array<rocksdb::ColumnFamilyHandle*, column_count>;

class RocksIterator final : public KvIterator {
  public:
    RocksIterator(std::unique_ptr<rocksdb::Iterator> it, const ScanOptions& options)
        : it_(std::move(it)), prefix_(options.prefix), descending_(options.descending) {
        if (it_ == nullptr) return;
        descending_ ? seek_down(options) : it_->Seek(slice(std::max(options.from, prefix_)));
    }
    [[nodiscard]] bool valid() const override {
        return it_ != nullptr && it_->Valid() && it_->key().starts_with(slice(prefix_));
    }
    void next() override {
        if (valid()) descending_ ? it_->Prev() : it_->Next();
    }
    [[nodiscard]] ByteView key() const override { return view(it_->key()); }
    [[nodiscard]] ByteView value() const override { return view(it_->value()); }
    [[nodiscard]] Status status() const override {
        if (it_ == nullptr) return Error{Errc::unavailable, "no such column, or closed"};
        return check(it_->status());
    }

  private:
    void seek_down(const ScanOptions& options) {
        const Bytes above = end_of_prefix(prefix_);
        if (!options.from.empty() && (above.empty() || options.from < above)) {
            it_->SeekForPrev(slice(options.from));
        } else if (above.empty()) {
            it_->SeekToLast();
        } else {
            it_->SeekForPrev(slice(above));
            if (it_->Valid() && view(it_->key()).size() == above.size() &&
                it_->key() == slice(above))
                it_->Prev();
        }
    }

    std::unique_ptr<rocksdb::Iterator> it_;
    Bytes prefix_;
    bool descending_;
};

Result<std::optional<Bytes>> find(rocksdb::DB& db, const rocksdb::ReadOptions& options,
                                  rocksdb::ColumnFamilyHandle* handle, ByteView key) {
    if (handle == nullptr) return Error{Errc::not_found, "the database has no such column"};
    rocksdb::PinnableSlice value;
    const rocksdb::Status status = db.Get(options, handle, slice(key), &value);
    if (status.IsNotFound()) return std::optional<Bytes>{};
    if (!status.ok()) return to_error(status);
    return std::optional<Bytes>{to_bytes(view(value))};
}

std::unique_ptr<KvIterator> iterate(rocksdb::DB& db, const rocksdb::ReadOptions& options,
                                    rocksdb::ColumnFamilyHandle* handle, const ScanOptions& scan) {
    std::unique_ptr<rocksdb::Iterator> it;
    if (handle != nullptr) it.reset(db.NewIterator(options, handle));
    return std::make_unique<RocksIterator>(std::move(it), scan);
}

class RocksSnapshot final : public KvReader {
  public:
    RocksSnapshot(rocksdb::DB& db, const Handles& handles)
        : db_(db), handles_(handles), snapshot_(db.GetSnapshot()) {
        options_.snapshot = snapshot_;
    }
    ~RocksSnapshot() override { db_.ReleaseSnapshot(snapshot_); }
    RocksSnapshot(const RocksSnapshot&) = delete;
    RocksSnapshot& operator=(const RocksSnapshot&) = delete;

    Result<std::optional<Bytes>> get(Column column, ByteView key) const override {
        return find(db_, options_, handles_[static_cast<std::size_t>(column)], key);
    }
    std::unique_ptr<KvIterator> scan(Column column, const ScanOptions& options) const override {
        return iterate(db_, options_, handles_[static_cast<std::size_t>(column)], options);
    }

  private:
    rocksdb::DB& db_;
    Handles handles_;
    const rocksdb::Snapshot* snapshot_;
    rocksdb::ReadOptions options_;
};

class RocksKv final : public Kv {
  public:
    RocksKv(std::unique_ptr<rocksdb::DB> db, const Handles& handles, Durability durability,
            std::string directory)
        : db_(std::move(db)),
          handles_(handles),
          durability_(durability),
          directory_(std::move(directory)) {
        write_options_.disableWAL = durability == Durability::rebuilt_from_log;
        write_options_.sync = durability == Durability::own_log;
    }
    ~RocksKv() override { static_cast<void>(close()); }
    RocksKv(const RocksKv&) = delete;
    RocksKv& operator=(const RocksKv&) = delete;

    Result<std::optional<Bytes>> get(Column column, ByteView key) const override {
        const std::shared_lock lock(mutex_);
        if (!db_) return closed();
        return find(*db_, {}, handle(column), key);
    }

    std::unique_ptr<KvIterator> scan(Column column, const ScanOptions& options) const override {
        const std::shared_lock lock(mutex_);
        if (!db_) return std::make_unique<RocksIterator>(nullptr, options);
        return iterate(*db_, {}, handle(column), options);
    }

    std::unique_ptr<KvReader> snapshot() const override {
        const std::shared_lock lock(mutex_);
        SALUS_ASSERT(db_ != nullptr);
        return std::make_unique<RocksSnapshot>(*db_, handles_);
    }

    Status write(const WriteBatch& batch) override {
        SALUS_TRY(check_batch(batch));
        const std::shared_lock lock(mutex_);
        if (!db_) return closed();
        rocksdb::WriteBatch out;
        for (const WriteBatch::Change& change : batch.changes()) {
            rocksdb::ColumnFamilyHandle* const column = handle(change.column);
            if (column == nullptr) return Error{Errc::not_found, "the database has no such column"};
            SALUS_TRY(check(change.value ? out.Put(column, slice(change.key), slice(*change.value))
                                         : out.Delete(column, slice(change.key))));
        }
        if (batch.marker()) {
            SALUS_TRY(check(out.Put(handle(Column::meta), slice(marker_key),
                                    slice(encode_marker(*batch.marker())))));
        }
        watch("write", "before");
        SALUS_TRY(check(db_->Write(write_options_, &out)));
        watch("write", "after");
        return done;
    }

    Result<BlockHeight> marker() const override {
        return decode_marker(SALUS_TRY(get(Column::meta, marker_key)));
    }

    Status flush() override {
        const std::shared_lock lock(mutex_);
        if (!db_) return closed();
        return flush_open({});
    }

    Status begin_flush() override {
        const std::shared_lock lock(mutex_);
        if (!db_) return closed();
        rocksdb::FlushOptions options;
        options.wait = false;
        options.allow_write_stall = true;  // otherwise it waits until no write would
        return flush_open(options);
    }

    Status compact(Column column) override {
        const std::shared_lock lock(mutex_);
        if (!db_) return closed();
        if (handle(column) == nullptr) return Error{Errc::not_found, "no such column"};
        watch("compact", "before");
        SALUS_TRY(check(db_->CompactRange({}, handle(column), nullptr, nullptr)));
        watch("compact", "after");
        return done;
    }

    Status clear(Column column) override {
        const std::shared_lock lock(mutex_);
        if (!db_) return closed();
        if (handle(column) == nullptr) return Error{Errc::not_found, "no such column"};
        const std::unique_ptr<rocksdb::Iterator> it(db_->NewIterator({}, handle(column)));
        it->SeekToLast();
        if (!it->Valid()) return check(it->status());
        const std::string last = it->key().ToString();
        SALUS_TRY(check(db_->DeleteRange(write_options_, handle(column), rocksdb::Slice(), last)));
        return check(db_->Delete(write_options_, handle(column), last));
    }

    std::uint64_t disk_bytes() const override {
        const std::shared_lock lock(mutex_);
        std::uint64_t total = 0;
        for (rocksdb::ColumnFamilyHandle* const column : handles_) {
            std::uint64_t bytes = 0;
            if (db_ && column != nullptr &&
                db_->GetIntProperty(column, rocksdb::DB::Properties::kTotalSstFilesSize, &bytes))
                total += bytes;
        }
        return total;
    }

    Status close() override {
        const std::unique_lock lock(mutex_);
        if (!db_) return done;
        const Status flushed = flush_open({});
        for (rocksdb::ColumnFamilyHandle*& column : handles_) {
            if (column != nullptr) static_cast<void>(db_->DestroyColumnFamilyHandle(column));
            column = nullptr;
        }
        const rocksdb::Status ended = db_->Close();
        db_.reset();
        SALUS_TRY(flushed);
        return check(ended);
    }

  private:
    rocksdb::ColumnFamilyHandle* handle(Column column) const {
        return handles_[static_cast<std::size_t>(column)];
    }

    void watch(std::string_view operation, std::string_view moment) const {
        if (rocks_watch()) rocks_watch()(directory_, operation, moment);
    }

    // All columns in one call: with atomic_flush a crash never keeps one column without the others.
    Status flush_open(const rocksdb::FlushOptions& options) {
        if (durability_ == Durability::own_log) return check(db_->SyncWAL());
        std::vector<rocksdb::ColumnFamilyHandle*> open;
        for (rocksdb::ColumnFamilyHandle* const column : handles_) {
            if (column != nullptr) open.push_back(column);
        }
        return check(db_->Flush(options, open));
    }

    mutable std::shared_mutex mutex_;  // shared by users, exclusive for `close`
    std::unique_ptr<rocksdb::DB> db_;
    Handles handles_;
    Durability durability_;
    std::string directory_;
    rocksdb::WriteOptions write_options_;
};

rocksdb::DBOptions database_options(const RocksOptions& options) {
    rocksdb::DBOptions out;
    out.create_if_missing = true;
    out.create_missing_column_families = true;
    out.atomic_flush = options.durability == Durability::rebuilt_from_log;
    out.db_write_buffer_size = options.write_buffer_bytes;
    out.max_open_files = open_files_max;
    out.max_background_jobs = 2;
    // One thread writes: it may then search from where its last key of a sorted batch went.
    out.allow_concurrent_memtable_write = false;
    out.bytes_per_sync = std::uint64_t{1} << 20U;
    out.keep_log_file_num = 2;
    out.max_log_file_size = std::size_t{1} << 20U;
    out.info_log_level = rocksdb::WARN_LEVEL;
    out.stats_dump_period_sec = 0;
    out.stats_persist_period_sec = 0;
    out.max_total_wal_size = std::uint64_t{32} << 20U;
    out.paranoid_checks = true;
    return out;
}

rocksdb::ColumnFamilyOptions column_options(const std::shared_ptr<rocksdb::Cache>& cache) {
    rocksdb::BlockBasedTableOptions table;
    table.block_cache = cache;
    table.cache_index_and_filter_blocks = true;
    table.pin_l0_filter_and_index_blocks_in_cache = true;
    // In pages of 4 KiB: a whole filter is hundreds of KiB a file, and reading one anew for every
    // key costs a database of a million records almost two thirds of its speed.
    table.index_type = rocksdb::BlockBasedTableOptions::kTwoLevelIndexSearch;
    table.partition_filters = true;
    table.metadata_block_size = 4'096;
    table.pin_top_level_index_and_filter = true;
    table.filter_policy.reset(rocksdb::NewBloomFilterPolicy(bloom_bits_per_key));
    rocksdb::ColumnFamilyOptions out;
    out.table_factory.reset(rocksdb::NewBlockBasedTableFactory(table));
    out.write_buffer_size = column_buffer_bytes;
    out.max_write_buffer_number = 3;
    out.arena_block_size = std::size_t{256} << 10U;
    // Most keys that a block asks for are new (nonces, ids): the filter answers for the skip list.
    out.memtable_whole_key_filtering = true;
    out.memtable_prefix_bloom_size_ratio = memtable_filter_share;
    // Values are hashes, ciphertext or small: compressing them costs time and saves nothing.
    out.compression = rocksdb::kNoCompression;
    out.level_compaction_dynamic_level_bytes = true;
    return out;
}

}  // namespace

Result<std::unique_ptr<Kv>> open_rocks(const std::string& path, const RocksOptions& options) {
    std::error_code made;
    std::filesystem::create_directories(path, made);
    if (made) return Error{Errc::unavailable, "cannot make directory " + path};
    const rocksdb::DBOptions database = database_options(options);
    const auto cache = rocksdb::NewLRUCache(options.cache_bytes);

    std::vector<std::string> names = {rocksdb::kDefaultColumnFamilyName};
    // RocksDB insists on opening every column that exists, also those this caller does not ask for.
    std::vector<std::string> present;
    if (rocksdb::DB::ListColumnFamilies(database, path, &present).ok()) {
        for (const std::string& name : present)
            if (name != rocksdb::kDefaultColumnFamilyName) names.push_back(name);
    }
    for (const Column column : options.columns) names.emplace_back(to_string(column));
    std::sort(names.begin() + 1, names.end());
    names.erase(std::unique(names.begin() + 1, names.end()), names.end());
    names.erase(std::remove(names.begin(), names.end(), to_string(Column::meta)), names.end());

    std::vector<rocksdb::ColumnFamilyDescriptor> descriptors;
    for (const std::string& name : names) descriptors.emplace_back(name, column_options(cache));
    std::vector<rocksdb::ColumnFamilyHandle*> opened;
    rocksdb::DB* raw = nullptr;
    const rocksdb::Status status = rocksdb::DB::Open(database, path, descriptors, &opened, &raw);
    if (!status.ok()) return to_error(status);

    // `meta` lies in RocksDB's default column, which cannot be absent.
    Handles handles{};
    for (std::size_t i = 0; i < opened.size(); ++i) {
        const auto known = [&](std::size_t c) {
            return names[i] == to_string(static_cast<Column>(c));
        };
        std::size_t column = 0;
        while (i != 0 && column < column_count && !known(column)) ++column;
        SALUS_ASSERT(column < column_count);
        handles[column] = opened[i];
    }
    return std::unique_ptr<Kv>(std::make_unique<RocksKv>(std::unique_ptr<rocksdb::DB>(raw), handles,
                                                         options.durability, path));
}

void insecure_for_tests_watch_rocks(RocksWatch watch) {
    rocks_watch() = std::move(watch);
}

}  // namespace salus::store
