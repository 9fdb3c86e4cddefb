#pragma once

#include "base/env.hpp"
#include "store/kv.hpp"
#include "store/limits.hpp"

#include <memory>
#include <span>
#include <string>
#include <vector>

/// Ciphertext bodies by the digest that their owner computed. Deletable, unlike everything in the
/// log.
namespace salus::store {

struct NewBlob {
    Digest digest;
    ByteView bytes;
};

/// Local disk by default; another store (S3) implements the same. It cannot check a digest (no hash
/// lives on this floor): whoever gets a blob compares it. Accidental damage is found by check sums.
///
/// Sizes:   a blob ≤ 256 MiB; larger objects are cut into chunks by their owner.
/// Threads: any; calls take turns.
class Blobs {
  public:
    virtual ~Blobs() = default;
    /// All durable when this returns, with one sync for those that share a pack. A digest that is
    /// there already is left as it is. After an error some of the batch may be there: putting it
    /// again is right.
    /// Errors: out_of_range — a blob is too long; unavailable — the disk.
    virtual Status put_batch(std::span<const NewBlob> batch) = 0;
    Status put(const Digest& digest, ByteView bytes) {
        const NewBlob one{digest, bytes};
        return put_batch({&one, 1});
    }
    /// Errors: not_found; integrity — damaged on the disk; unavailable.
    virtual Result<Bytes> get(const Digest& digest) = 0;
    /// Bytes [offset, offset + length), fewer at the end; their check sum is not looked at.
    /// Errors: not_found; out_of_range — offset beyond the end; integrity; unavailable.
    virtual Result<Bytes> get_range(const Digest& digest, std::uint64_t offset,
                                    std::uint64_t length) = 0;
    virtual Result<bool> has(const Digest& digest) = 0;
    /// Errors: not_found.
    virtual Result<std::uint64_t> size_of(const Digest& digest) = 0;
    /// Overwrites the bytes with zeros and syncs: they cannot be had from this store's files when
    /// this returns. (Snapshots, backups and spare cells of an SSD are outside its reach.) Absent
    /// digests are passed over. A crash in between is finished by the next opening.
    virtual Status remove_batch(std::span<const Digest> digests) = 0;
    Status remove(const Digest& digest) { return remove_batch({&digest, 1}); }
    /// Up to `limit` digests greater than `after`, ascending. Start with the zero digest.
    virtual Result<std::vector<Digest>> list(const Digest& after, std::size_t limit) = 0;
    /// Sum of the lengths of all blobs.
    virtual Result<std::uint64_t> total_bytes() = 0;
    /// Gives space of removed blobs back. Returns the bytes of files that are gone.
    virtual Result<std::uint64_t> compact() = 0;
};

struct LocalBlobsOptions {
    std::uint32_t pack_bytes = segment_bytes_default;
    std::size_t packed_bytes_max = packed_blob_bytes_max;  ///< larger: a file of its own
};

/// Packs and files in `directory`; where each blob lies in `Column::blobs` of `index`, which must
/// outlive the store, may lag behind after a crash, and is rebuilt when empty.
/// Errors: integrity — damage that a crash does not explain; unavailable.
/// Format: docs/formats/blob-pack.md.
Result<std::unique_ptr<Blobs>> open_local_blobs(Env& env, const std::string& directory, Kv& index,
                                                LocalBlobsOptions options = {});

/// For tests and the simulator.
std::unique_ptr<Blobs> memory_blobs();

}  // namespace salus::store
