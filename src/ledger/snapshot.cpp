#include "ledger/snapshot.hpp"

#include "base/cbor.hpp"
#include "crypto/hash.hpp"
#include "ledger/checkpoint_sign.hpp"
#include "ledger/limits.hpp"

#include <algorithm>
#include <bit>

namespace salus::ledger {
namespace {

constexpr std::size_t header_bytes_max = 512;
constexpr std::size_t zeros_at_once = 4'096;

Error wrong(const std::string& what) {
    return Error{Errc::integrity, "snapshot: " + what};
}

void write_digests(cbor::Writer& out, const std::vector<Digest>& digests) {
    out.array(digests.size());
    for (const Digest& digest : digests) out.bytes(digest.view());
}

Result<std::vector<Digest>> read_digests(cbor::Reader& in, std::size_t max) {
    const std::size_t count = SALUS_TRY(in.array());
    if (count > max) return Error{Errc::out_of_range, "snapshot: a list is too long"};
    std::vector<Digest> digests;
    digests.reserve(count);
    for (std::size_t i = 0; i < count; ++i) digests.push_back(SALUS_TRY(in.fixed<Digest>()));
    return digests;
}

Status check_counts(const SnapshotManifest& manifest) {
    if (manifest.chunks.empty() || manifest.chunks.size() > snapshot_chunks_max ||
        manifest.edge.size() > proof_path_max || manifest.first_path.size() > proof_path_max) {
        return Error{Errc::out_of_range, "snapshot: a list is empty or too long"};
    }
    return done;
}

}  // namespace

Result<Bytes> encode_manifest(const SnapshotManifest& manifest) {
    SALUS_TRY(check_counts(manifest));
    cbor::Writer out;
    out.map(8).uint(1).uint(snapshot_format).uint(2).bytes(manifest.genesis);
    out.uint(3).bytes(manifest.header).uint(4);
    write_digests(out, manifest.edge);
    out.uint(5);
    write_digests(out, manifest.first_path);
    out.uint(6).uint(manifest.transactions).uint(7).uint(manifest.keys).uint(8);
    write_digests(out, manifest.chunks);
    Bytes bytes = out.take();
    if (bytes.size() > snapshot_manifest_bytes_max) {
        return Error{Errc::out_of_range, "snapshot: the manifest is longer than 1 MiB"};
    }
    return bytes;
}

Result<SnapshotManifest> decode_manifest(ByteView bytes) {
    if (bytes.size() > snapshot_manifest_bytes_max) {
        return Error{Errc::out_of_range, "snapshot: the manifest is longer than 1 MiB"};
    }
    cbor::Reader in(bytes);
    SnapshotManifest manifest;
    SALUS_TRY(in.map_of(8));
    SALUS_TRY(in.key(1));
    if (SALUS_TRY(in.uint()) != snapshot_format) {
        return Error{Errc::out_of_range, "snapshot: unknown format"};
    }
    SALUS_TRY(in.key(2));
    manifest.genesis = to_bytes(SALUS_TRY(in.bytes()));
    SALUS_TRY(in.key(3));
    manifest.header = to_bytes(SALUS_TRY(in.bytes_max(header_bytes_max)));
    SALUS_TRY(in.key(4));
    manifest.edge = SALUS_TRY(read_digests(in, proof_path_max));
    SALUS_TRY(in.key(5));
    manifest.first_path = SALUS_TRY(read_digests(in, proof_path_max));
    SALUS_TRY(in.key(6));
    manifest.transactions = SALUS_TRY(in.uint());
    SALUS_TRY(in.key(7));
    manifest.keys = SALUS_TRY(in.uint());
    SALUS_TRY(in.key(8));
    manifest.chunks = SALUS_TRY(read_digests(in, snapshot_chunks_max));
    SALUS_TRY(in.end());
    SALUS_TRY(check_counts(manifest));
    return manifest;
}

Result<SnapshotBase> check_manifest(ByteView bytes) {
    SnapshotBase base;
    base.manifest = SALUS_TRY(decode_manifest(bytes));
    base.genesis = SALUS_TRY(decode_genesis(base.manifest.genesis));
    base.genesis_digest = genesis_hash(base.manifest.genesis);
    base.header = SALUS_TRY(decode_header(base.manifest.header));
    base.header_hash = header_hash(base.manifest.header);
    // Until a configuration can change, the genesis' is the one in force.
    if (config_root(base.genesis.config) != base.header.config_root) {
        return wrong("the configuration is not that of the header");
    }
    const Result<Frontier> log = Frontier::from(base.header.log_size, base.manifest.edge);
    if (!log || log->root() != base.header.log_root) {
        return wrong("the edge of the log does not lead to the header's root");
    }
    base.log = *log;
    const Digest first = merkle_leaf(encode_log_link(base.genesis_digest));
    if (!verify_inclusion(first, 0, base.header.log_size, base.manifest.first_path,
                          base.header.log_root)) {
        return wrong("the log does not begin with this genesis");
    }
    return base;
}

Status check_trusted(const SnapshotBase& base, const Note& checkpoint,
                     std::span<const VerifierKey> trusted) {
    Checkpoint expected = checkpoint_of(base.genesis.chain_id, base.header, base.header_hash);
    expected.extensions = checkpoint.checkpoint.extensions;
    if (checkpoint.checkpoint != expected) {
        return wrong("the checkpoint is of another height or chain");
    }
    return check_quorum(checkpoint, trusted);
}

std::vector<std::pair<std::uint64_t, Digest>> known_nodes(const SnapshotBase& base) {
    const std::uint64_t size = base.header.log_size;
    std::vector<std::pair<std::uint64_t, Digest>> nodes;
    std::uint64_t from = 0;
    for (const Digest& hash : base.manifest.edge) {
        const auto level = static_cast<unsigned>(std::bit_width(size - from)) - 1;
        nodes.emplace_back(node_place(level, from >> level), hash);
        from += std::uint64_t{1} << level;
    }
    // Entry 0 and, where they are full, its siblings [2^k, 2^(k+1)).
    nodes.emplace_back(node_place(0, 0), merkle_leaf(encode_log_link(base.genesis_digest)));
    for (unsigned level = 0; level < base.manifest.first_path.size(); ++level) {
        if ((std::uint64_t{2} << level) > size) break;
        nodes.emplace_back(node_place(level, 1), base.manifest.first_path[level]);
    }
    std::sort(nodes.begin(), nodes.end());
    nodes.erase(std::unique(nodes.begin(), nodes.end()), nodes.end());
    return nodes;
}

Status seed_nodes(NodeStore& store, const SnapshotBase& base) {
    SALUS_TRY(store.truncate(0));
    const std::vector<Digest> zeros(zeros_at_once);
    const auto fill_to = [&](std::uint64_t place) -> Status {
        while (store.size() < place) {
            const auto count = std::min<std::uint64_t>(zeros.size(), place - store.size());
            SALUS_TRY(store.append(std::span(zeros).first(static_cast<std::size_t>(count))));
        }
        return done;
    };
    for (const auto& [place, hash] : known_nodes(base)) {
        SALUS_TRY(fill_to(place));
        SALUS_TRY(store.append({&hash, 1}));
    }
    return fill_to(nodes_of(base.header.log_size));
}

Result<SnapshotPairs> decode_chunk(ByteView chunk) {
    if (chunk.size() > snapshot_pair_bytes_max) {
        return Error{Errc::out_of_range, "snapshot: a chunk is too long"};
    }
    cbor::Reader in(chunk);
    SnapshotPairs pairs;
    while (!in.at_end()) {
        const ByteView key = SALUS_TRY(in.bytes());
        const ByteView value = SALUS_TRY(in.bytes());
        if (!pairs.empty() && as_text(pairs.back().first) >= as_text(key)) {
            return Error{Errc::malformed, "snapshot: keys do not ascend"};
        }
        pairs.emplace_back(key, value);
    }
    if (chunk.size() > snapshot_chunk_bytes_max && pairs.size() > 1) {
        return Error{Errc::out_of_range, "snapshot: a chunk is longer than 1 MiB"};
    }
    return pairs;
}

}  // namespace salus::ledger
