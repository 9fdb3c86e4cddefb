#pragma once

#include "base/env.hpp"
#include "store/blob_format.hpp"
#include "store/blobs.hpp"

#include <functional>
#include <memory>
#include <string>
#include <vector>

/// The files of the local blob store, without any index.
namespace salus::store {

/// Position from which records have not been indexed yet.
struct PackMark {
    std::uint32_t pack = 0;
    std::uint32_t offset = pack_header_bytes;
    auto operator<=>(const PackMark&) const = default;
};

/// A record to append; `payload` is empty for one whose bytes lie in a file of their own.
struct NewRecord {
    Digest digest;
    ByteView payload = {};
    std::uint64_t length = 0;
    BlobPlace place = BlobPlace::packed;
};

/// Pack files and files of single large blobs. Threads: one at a time.
class Packs {
  public:
    static Result<Packs> open(Env& env, std::string directory, LocalBlobsOptions options);

    using Visit = std::function<Status(const BlobRecord&, const BlobLocation&)>;
    /// Every record from `from` on, erased ones too; zeroes what a crash tore in the newest pack.
    Status recover(PackMark from, const Visit& visit);
    /// Every record of one pack, headers only.
    Status walk(std::uint32_t pack, const Visit& visit);

    /// Writes the file of one large blob, durable when this returns; its record is appended
    /// afterwards.
    Status write_own_file(const Digest& digest, ByteView bytes);
    Status erase_own_file(const Digest& digest) { return erase_file(own_path(digest)); }
    /// Digests of all such files; remains of unfinished ones are destroyed.
    Result<std::vector<Digest>> own_files();
    /// Bytes of a file of its own. Errors: not_found, integrity.
    Result<std::uint64_t> own_file_length(const Digest& digest);

    /// Writes records in one stroke per pack and syncs each. `done_through` of them are durable
    /// afterwards, also when it fails.
    struct Appended {
        std::vector<BlobLocation> locations;
        std::size_t done_through = 0;
        Status status = done;
    };
    Appended append(std::span<const NewRecord> records);
    /// Whether the record there is this digest's and not erased. Errors: integrity, unavailable.
    Result<bool> is_live(const Digest& digest, const BlobLocation& location);
    Result<Bytes> read(const Digest& digest, const BlobLocation& location);
    Result<Bytes> read_range(const Digest& digest, const BlobLocation& location,
                             std::uint64_t offset, std::uint64_t length);
    /// Overwrites blobs wherever they lie, each pack synced once. May be repeated.
    Status erase(std::span<const BlobJournal::Erasure> erasures);
    /// The same for what lies in packs only: a large blob keeps its file.
    Status erase_records(std::span<const BlobJournal::Erasure> erasures);
    /// Zeroes and removes a whole pack file. Returns its size; 0 when it is gone already.
    Result<std::uint64_t> discard(std::uint32_t pack);

    [[nodiscard]] const std::vector<std::uint32_t>& numbers() const noexcept { return numbers_; }
    /// After the newest record.
    [[nodiscard]] PackMark end() const noexcept;
    /// A write failed such that only the next opening can tell what is on the disk.
    [[nodiscard]] bool stopped() const noexcept { return stopped_; }

  private:
    struct Pack {
        PackHeader header;
        std::unique_ptr<File> file;
    };
    Packs(Env& env, std::string directory, LocalBlobsOptions options);
    Status load();
    Status roll();
    Status drop_unbegun(std::uint32_t number, File& file, const Error& error);
    Result<std::uint32_t> recover_pack(Pack& pack, std::uint32_t from, bool newest,
                                       const Visit& visit);
    Status zero(File& file, std::uint64_t from, std::uint64_t to);
    Result<Pack*> pack(std::uint32_t number);
    Result<Pack> open_pack(std::uint32_t number);
    Status erase_file(const std::string& path);
    Result<Pack> open_own_file(const Digest& digest);
    Status append_all(std::span<const NewRecord> records, Appended& out);
    Status flush_records(Bytes& pending);
    /// The file that holds the payload, where it starts there, and its record.
    struct Found {
        std::unique_ptr<File> own;
        File* file = nullptr;
        std::uint64_t payload_at = 0;
        BlobRecord record;
    };
    Result<Found> find(const Digest& digest, const BlobLocation& location);
    [[nodiscard]] std::string path_of(std::uint32_t number) const;
    [[nodiscard]] std::string own_path(const Digest& digest) const;

    Env* env_;
    std::string directory_;
    LocalBlobsOptions options_;
    std::vector<std::uint32_t> numbers_;  ///< ascending; compaction leaves gaps
    std::uint32_t next_number_ = 0;
    std::uint32_t tail_ = 0;  ///< in the newest pack, once recovered
    bool stopped_ = false;
    std::vector<Pack> open_;
    std::size_t open_next_ = 0;
};

}  // namespace salus::store
