#pragma once

#include "ledger/block.hpp"
#include "ledger/checkpoint.hpp"
#include "ledger/genesis.hpp"
#include "ledger/log_tree.hpp"

#include <utility>
#include <vector>

/// State at one height in chunks, and what proves it: docs/formats/snapshot.md. Pure.
namespace salus::ledger {

inline constexpr std::uint32_t snapshot_format = 1;
inline constexpr std::size_t snapshot_chunk_bytes_max = std::size_t{1} << 20U;
/// A chunk with one pair alone may have more: a contract's module is a value.
inline constexpr std::size_t snapshot_pair_bytes_max = code_bytes_max + 8'192;
inline constexpr std::size_t snapshot_chunks_max = 16'384;
inline constexpr std::size_t snapshot_manifest_bytes_max = std::size_t{1} << 20U;

/// What a snapshot says of itself. Two members make the same bytes of the same height.
struct SnapshotManifest {
    Bytes genesis;                   ///< encoded
    Bytes header;                    ///< encoded, of the newest block
    std::vector<Digest> edge;        ///< of the log at the header's size: Frontier::hashes
    std::vector<Digest> first_path;  ///< of log entry 0, which names the genesis
    /// In the log before it. Said, not proven: a counter that `status` shows.
    std::uint64_t transactions = 0;
    std::uint64_t keys = 0;
    std::vector<Digest> chunks;  ///< SHA-256 of each
    bool operator==(const SnapshotManifest&) const = default;
};

/// Errors: out_of_range — limits.
Result<Bytes> encode_manifest(const SnapshotManifest& manifest);
/// Errors: malformed, out_of_range.
Result<SnapshotManifest> decode_manifest(ByteView bytes);

/// What follows from a manifest whose parts agree.
struct SnapshotBase {
    SnapshotManifest manifest;
    Genesis genesis;
    Digest genesis_digest;
    BlockHeader header;
    Digest header_hash;
    Frontier log;
};
/// Genesis, header, config root, edge of the log and path of its first entry fit each other. That
/// the header is the chain's is for the caller to know: by a checkpoint, or by its app hash.
/// Errors: malformed, out_of_range, integrity — names the part.
Result<SnapshotBase> check_manifest(ByteView bytes);

/// The header of a manifest is the one a checkpoint names, and more than two thirds of `trusted`
/// signed that. Errors: integrity; authentication — too few; malformed.
Status check_trusted(const SnapshotBase& base, const Note& checkpoint,
                     std::span<const VerifierKey> trusted);

/// Nodes of the log's tree that a node needs to go on behind a snapshot, and to prove entry 0 and
/// everything newer: by place, ascending.
std::vector<std::pair<std::uint64_t, Digest>> known_nodes(const SnapshotBase& base);
/// Makes an empty store that of a log which begins with this snapshot; nodes that nobody knows here
/// are zero, and reading one is `not_found`. Errors: unavailable.
Status seed_nodes(NodeStore& store, const SnapshotBase& base);

/// Pairs of a chunk, ascending by key. Errors: malformed; out_of_range.
using SnapshotPairs = std::vector<std::pair<ByteView, ByteView>>;
Result<SnapshotPairs> decode_chunk(ByteView chunk);

}  // namespace salus::ledger
