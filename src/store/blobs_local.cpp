#include "store/blob_packs.hpp"
#include "store/blobs.hpp"

#include <algorithm>
#include <map>
#include <mutex>
#include <set>

namespace salus::store {
namespace {

constexpr std::string_view journal_name = "journal";
constexpr std::uint64_t journal_bytes_max = std::uint64_t{64} << 20U;
constexpr std::uint8_t key_blob = 'b';
constexpr std::uint8_t key_about = 'a';
constexpr std::size_t about_bytes = 16;  // mark (pack, offset), total bytes

Bytes blob_key(const Digest& digest) {
    Bytes key(1 + Digest::size_bytes, key_blob);
    std::copy(digest.bytes.begin(), digest.bytes.end(), key.begin() + 1);
    return key;
}

/// The index names exactly one record per digest. Whatever could leave a second copy behind (a
/// crash or a failed write between the pack and the index) ends in `stopped_` and is repaired by
/// the next opening.
class LocalBlobs final : public Blobs {
  public:
    LocalBlobs(Env& env, std::string directory, Kv& index, Packs packs,
               std::size_t packed_bytes_max)
        : env_(env),
          directory_(std::move(directory)),
          index_(index),
          packs_(std::move(packs)),
          packed_bytes_max_(packed_bytes_max) {}

    Status load() {
        PackMark mark;
        const auto about = SALUS_TRY(index_.get(Column::blobs, Bytes{key_about}));
        if (about) {
            if (about->size() != about_bytes)
                return Error{Errc::integrity, "the blob index is not of its form"};
            mark = {read_be32(about->data()), read_be32(about->data() + 4)};
            total_ = read_be64(about->data() + 8);
        }
        const BlobJournal journal = SALUS_TRY(read_journal());
        // Before the records are read: a crash may have torn the headers that are named here.
        SALUS_TRY(packs_.erase(journal.erasures));
        SALUS_TRY(index_from(mark));
        SALUS_TRY(forget(journal.erasures));
        SALUS_TRY(adopt_own_files());
        if (journal.compacting) SALUS_TRY(empty_pack(*journal.compacting));
        return finish_journal();
    }

    Status put_batch(std::span<const NewBlob> batch) override {
        const std::lock_guard lock(mutex_);
        SALUS_TRY(check_running());
        std::vector<NewRecord> fresh;
        std::set<Digest> named;
        for (const NewBlob& blob : batch) {
            if (blob.bytes.size() > blob_bytes_max)
                return Error{Errc::out_of_range, "a blob is longer than 256 MiB"};
            if (!named.insert(blob.digest).second) continue;
            const auto location = SALUS_TRY(locate(blob.digest));
            if (location && SALUS_TRY(packs_.is_live(blob.digest, *location))) continue;
            fresh.push_back({blob.digest, blob.bytes, blob.bytes.size(), BlobPlace::packed});
        }
        auto stored = store(fresh);
        if (!stored.ok()) give_back(fresh);
        return stored;
    }

    Result<Bytes> get(const Digest& digest) override {
        const std::lock_guard lock(mutex_);
        return packs_.read(digest, SALUS_TRY(need(digest)));
    }

    Result<Bytes> get_range(const Digest& digest, std::uint64_t offset,
                            std::uint64_t length) override {
        const std::lock_guard lock(mutex_);
        return packs_.read_range(digest, SALUS_TRY(need(digest)), offset, length);
    }

    Result<bool> has(const Digest& digest) override {
        const std::lock_guard lock(mutex_);
        const auto location = SALUS_TRY(locate(digest));
        if (!location) return false;
        return packs_.is_live(digest, *location);
    }

    Result<std::uint64_t> size_of(const Digest& digest) override {
        const std::lock_guard lock(mutex_);
        const BlobLocation location = SALUS_TRY(need(digest));
        if (!SALUS_TRY(packs_.is_live(digest, location)))
            return Error{Errc::not_found, "no such blob"};
        return location.length;
    }

    Status remove_batch(std::span<const Digest> digests) override {
        const std::lock_guard lock(mutex_);
        SALUS_TRY(check_running());
        BlobJournal journal;
        std::set<Digest> named;
        for (const Digest& digest : digests) {
            if (!named.insert(digest).second) continue;
            if (const auto location = SALUS_TRY(locate(digest)))
                journal.erasures.push_back({digest, *location});
        }
        if (journal.erasures.empty()) return done;
        SALUS_TRY(write_journal(journal));
        const auto erase = [&]() -> Status {
            SALUS_TRY(packs_.erase(journal.erasures));
            SALUS_TRY(forget(journal.erasures));
            return finish_journal();
        };
        return stop_on_error(erase());
    }

    Result<std::vector<Digest>> list(const Digest& after, std::size_t limit) override {
        const std::lock_guard lock(mutex_);
        std::vector<Digest> out;
        auto it = index_.scan(Column::blobs, {.prefix = {key_blob}, .from = blob_key(after)});
        for (; it->valid() && out.size() < limit; it->next()) {
            const Digest digest = SALUS_TRY(Digest::from(it->key().subspan(1)));
            if (digest > after || after.is_zero()) out.push_back(digest);
        }
        SALUS_TRY(it->status());
        return out;
    }

    Result<std::uint64_t> total_bytes() override {
        const std::lock_guard lock(mutex_);
        return total_;
    }

    Result<std::uint64_t> compact() override {
        const std::lock_guard lock(mutex_);
        SALUS_TRY(check_running());
        std::uint64_t freed = 0;
        const std::vector<std::uint32_t> numbers = packs_.numbers();
        for (const std::uint32_t number : numbers) {
            if (number == numbers.back() || !SALUS_TRY(is_mostly_dead(number))) continue;
            SALUS_TRY(write_journal({.erasures = {}, .compacting = number}));
            auto emptied = empty_pack(number);
            SALUS_TRY(stop_on_error(emptied.ok() ? finish_journal() : Status{emptied.error()}));
            freed += *emptied;
        }
        return freed;
    }

  private:
    Result<std::optional<BlobLocation>> locate(const Digest& digest) {
        const auto stored = SALUS_TRY(index_.get(Column::blobs, blob_key(digest)));
        if (!stored) return std::optional<BlobLocation>{};
        return std::optional{SALUS_TRY(decode_location(*stored))};
    }

    Result<BlobLocation> need(const Digest& digest) {
        const auto location = SALUS_TRY(locate(digest));
        if (!location) return Error{Errc::not_found, "no such blob"};
        return *location;
    }

    Status check_running() const {
        if (stopped_)
            return Error{Errc::unavailable,
                         "the blob store stopped after a failed write; open it again"};
        return done;
    }

    Status stop_on_error(Status status) {
        if (!status.ok()) stopped_ = true;
        return status;
    }

    Status store(std::span<NewRecord> records) {
        for (NewRecord& record : records) {
            if (record.length <= packed_bytes_max_) continue;
            SALUS_TRY(packs_.write_own_file(record.digest, record.payload));
            record.payload = {};
            record.place = BlobPlace::own_file;
        }
        return append(records);
    }

    // The space of files whose record could not be written. Where that fails, the next opening
    // adopts them.
    void give_back(std::span<const NewRecord> records) {
        for (const NewRecord& record : records) {
            if (stopped_ || packs_.stopped() || record.place != BlobPlace::own_file) continue;
            const auto location = locate(record.digest);
            if (location.ok() && !*location)
                static_cast<void>(packs_.erase_own_file(record.digest));
        }
    }

    // Records and their index entries; those that became durable are indexed even when a later one
    // failed.
    Status append(std::span<const NewRecord> records) {
        if (records.empty()) return done;
        const Packs::Appended appended = packs_.append(records);
        WriteBatch changes;
        for (std::size_t i = 0; i < appended.done_through; ++i) {
            const auto& [digest, payload, length, place] = records[i];
            if (!SALUS_TRY(locate(digest))) total_ += length;
            changes.put(Column::blobs, blob_key(digest), encode_location(appended.locations[i]));
        }
        if (!changes.empty()) SALUS_TRY(stop_on_error(save(changes)));
        return appended.status;
    }

    Status save(WriteBatch& changes) {
        Bytes about;
        append_be32(about, packs_.end().pack);
        append_be32(about, packs_.end().offset);
        append_be64(about, total_);
        changes.put(Column::blobs, Bytes{key_about}, about);
        return index_.write(changes);
    }

    // Records that were written after the index last heard of any.
    Status index_from(PackMark mark) {
        std::map<Digest, BlobLocation> found;
        std::vector<BlobJournal::Erasure> second_copies;
        std::vector<BlobJournal::Erasure> erased;
        SALUS_TRY(packs_.recover(mark, [&](const BlobRecord& record, const BlobLocation& location) {
            if (record.erased) {
                erased.push_back({record.digest, location});
                return Status{done};
            }
            const auto before = found.find(record.digest);
            if (before != found.end()) second_copies.push_back({record.digest, before->second});
            found[record.digest] = location;
            return Status{done};
        }));
        WriteBatch changes;
        for (const auto& [digest, location] : found) {
            const auto known = SALUS_TRY(locate(digest));
            if (known && *known != location) second_copies.push_back({digest, *known});
            if (!known) total_ += location.length;
            changes.put(Column::blobs, blob_key(digest), encode_location(location));
        }
        SALUS_TRY(packs_.erase_records(second_copies));
        if (!changes.empty()) SALUS_TRY(save(changes));
        return forget(erased);
    }

    // A file whose record was not written before a crash was promised to nobody, but it is whole.
    Status adopt_own_files() {
        std::vector<NewRecord> orphans;
        for (const Digest& digest : SALUS_TRY(packs_.own_files())) {
            if (SALUS_TRY(locate(digest))) continue;
            orphans.push_back(
                {digest, {}, SALUS_TRY(packs_.own_file_length(digest)), BlobPlace::own_file});
        }
        return append(orphans);
    }

    Status forget(std::span<const BlobJournal::Erasure> erasures) {
        WriteBatch changes;
        for (const BlobJournal::Erasure& erasure : erasures) {
            const auto location = SALUS_TRY(locate(erasure.digest));
            if (!location || *location != erasure.location) continue;
            changes.del(Column::blobs, blob_key(erasure.digest));
            total_ -= std::min(total_, location->length);
        }
        return changes.empty() ? Status{done} : save(changes);
    }

    Result<bool> is_mostly_dead(std::uint32_t number) {
        std::uint64_t dead = 0;
        std::uint64_t all = 0;
        SALUS_TRY(packs_.walk(number, [&](const BlobRecord& record, const BlobLocation&) {
            const std::uint64_t bytes = record_bytes(record.place, record.length);
            all += bytes;
            if (record.erased) dead += bytes;
            return Status{done};
        }));
        return dead * 2 > all;
    }

    // Moves what is alive to the newest pack, then destroys the file. May be repeated after a
    // crash.
    Result<std::uint64_t> empty_pack(std::uint32_t number) {
        const auto& numbers = packs_.numbers();
        if (!std::binary_search(numbers.begin(), numbers.end(), number)) return std::uint64_t{0};
        std::vector<std::pair<Digest, BlobLocation>> alive;
        const auto note = [&](const BlobRecord& record, const BlobLocation& location) -> Status {
            const auto known = SALUS_TRY(locate(record.digest));
            if (!record.erased && known && *known == location)
                alive.emplace_back(record.digest, location);
            return done;
        };
        SALUS_TRY(packs_.walk(number, note));
        for (const auto& [digest, location] : alive) {
            Bytes bytes;
            if (location.place == BlobPlace::packed)
                bytes = SALUS_TRY(packs_.read(digest, location));
            const NewRecord moved{digest, bytes, location.length, location.place};
            SALUS_TRY(append({&moved, 1}));
        }
        // The index must not point into a file that is gone, whatever a crash takes from it.
        SALUS_TRY(index_.flush());
        return packs_.discard(number);
    }

    std::string journal_path() const { return directory_ + "/" + std::string(journal_name); }

    Result<BlobJournal> read_journal() {
        if (!env_.exists(journal_path())) return BlobJournal{};
        const Bytes bytes = SALUS_TRY(read_file(env_, journal_path(), journal_bytes_max));
        auto journal = decode_journal(bytes);
        if (!journal.ok()) return Error{Errc::integrity, journal.error().detail};
        return journal;
    }

    Status write_journal(const BlobJournal& journal) {
        return write_file_atomically(env_, journal_path(), encode_journal(journal));
    }

    Status finish_journal() {
        if (!env_.exists(journal_path())) return done;
        SALUS_TRY(index_.flush());
        SALUS_TRY(env_.remove(journal_path()));
        return env_.sync_directory(directory_);
    }

    std::mutex mutex_;
    Env& env_;
    std::string directory_;
    Kv& index_;
    Packs packs_;
    std::size_t packed_bytes_max_;
    std::uint64_t total_ = 0;
    bool stopped_ = false;
};

}  // namespace

Result<std::unique_ptr<Blobs>> open_local_blobs(Env& env, const std::string& directory, Kv& index,
                                                LocalBlobsOptions options) {
    Packs packs = SALUS_TRY(Packs::open(env, directory, options));
    auto blobs = std::make_unique<LocalBlobs>(env, directory, index, std::move(packs),
                                              options.packed_bytes_max);
    SALUS_TRY(blobs->load());
    return std::unique_ptr<Blobs>(std::move(blobs));
}

}  // namespace salus::store
