#include "chain/snapshot.hpp"

#include "base/cbor.hpp"
#include "chain/genesis_state.hpp"
#include "crypto/hash.hpp"
#include "ledger/block_store.hpp"
#include "ledger/limits.hpp"

#include <algorithm>
#include <charconv>

namespace salus::chain {

namespace {

using store::Column;

constexpr std::string_view manifest_name = "manifest";
constexpr std::size_t changes_at_once = 10'000;

std::string chunk_path(const std::string& snapshot, std::uint32_t index) {
    const std::string digits = std::to_string(index);
    return snapshot + "/chunk-" + std::string(5 - std::min<std::size_t>(5, digits.size()), '0') +
           digits;
}

SnapshotInfo info_of(const ledger::SnapshotManifest& manifest, BlockHeight height, Bytes bytes) {
    return {.height = height,
            .chunks = static_cast<std::uint32_t>(manifest.chunks.size()),
            .hash = crypto::sha256(bytes),
            .manifest = std::move(bytes)};
}

/// Cuts pairs into chunks of at most 1 MiB and writes each as it is full.
class ChunkWriter {
  public:
    ChunkWriter(Env& env, const std::string& directory, ledger::SnapshotManifest& manifest)
        : env_(env), directory_(directory), manifest_(manifest) {}

    Status add(ByteView key, ByteView value) {
        cbor::Writer pair;
        pair.bytes(key).bytes(value);
        if (!chunk_.empty() &&
            chunk_.size() + pair.view().size() > ledger::snapshot_chunk_bytes_max) {
            SALUS_TRY(flush());
        }
        append(chunk_, pair.view());
        ++manifest_.keys;
        return done;
    }
    Status flush() {
        if (manifest_.chunks.size() == ledger::snapshot_chunks_max) {
            return Error{Errc::out_of_range, "the state is larger than a snapshot may be"};
        }
        const auto index = static_cast<std::uint32_t>(manifest_.chunks.size());
        SALUS_TRY(write_chunk(env_, directory_, index, chunk_));
        manifest_.chunks.push_back(crypto::sha256(chunk_));
        chunk_.clear();
        return done;
    }

  private:
    Env& env_;
    const std::string& directory_;
    ledger::SnapshotManifest& manifest_;
    Bytes chunk_;
};

Status clear_view(store::Kv& view) {
    for (const Column column :
         {Column::meta, Column::state, Column::seen, Column::index, Column::tree}) {
        SALUS_TRY(view.clear(column));
    }
    return done;
}

/// Marks of the seen-set once more, by account and nonce alone.
Status fill_seen(store::Kv& view) {
    store::WriteBatch batch;
    const auto it = view.scan(Column::state, {.prefix = to_bytes(seen_prefix), .from = {}});
    for (; it->valid(); it->next()) {
        batch.put(Column::seen, seen_index_part(it->key()), {});
        if (batch.size() == changes_at_once) {
            SALUS_TRY(view.write(batch));
            batch.clear();
        }
    }
    SALUS_TRY(it->status());
    return view.write(batch);
}

}  // namespace

std::string snapshot_directory(const std::string& directory, BlockHeight height) {
    return directory + "/" + std::to_string(height.value);
}

Result<Bytes> read_manifest(Env& env, const std::string& snapshot) {
    return read_file(env, snapshot + "/" + std::string(manifest_name),
                     ledger::snapshot_manifest_bytes_max);
}

Result<Bytes> read_chunk(Env& env, const std::string& snapshot, std::uint32_t index) {
    return read_file(env, chunk_path(snapshot, index), ledger::snapshot_pair_bytes_max);
}

Status write_manifest(Env& env, const std::string& snapshot, ByteView manifest) {
    return write_file_atomically(env, snapshot + "/" + std::string(manifest_name), manifest);
}

Status write_chunk(Env& env, const std::string& snapshot, std::uint32_t index, ByteView chunk) {
    return write_file_atomically(env, chunk_path(snapshot, index), chunk);
}

Result<SnapshotInfo> write_snapshot(Env& env, const std::string& directory,
                                    const store::KvReader& state,
                                    ledger::SnapshotManifest manifest) {
    if (read_manifest(env, directory).ok()) {
        return Error{Errc::already_exists, "there is a snapshot in " + directory};
    }
    SALUS_TRY(env.make_directories(directory));
    ChunkWriter chunks(env, directory, manifest);
    const auto it = state.scan(Column::state, {});
    for (; it->valid(); it->next()) SALUS_TRY(chunks.add(it->key(), it->value()));
    SALUS_TRY(it->status());
    SALUS_TRY(chunks.flush());
    Bytes bytes = SALUS_TRY(ledger::encode_manifest(manifest));
    SALUS_TRY(write_manifest(env, directory, bytes));
    const ledger::BlockHeader header = SALUS_TRY(ledger::decode_header(manifest.header));
    return info_of(manifest, header.height, std::move(bytes));
}

Result<std::vector<SnapshotInfo>> list_snapshots(Env& env, const std::string& directory) {
    std::vector<SnapshotInfo> found;
    if (!env.exists(directory)) return found;
    for (const std::string& name : SALUS_TRY(env.list(directory))) {
        std::uint64_t height = 0;
        const auto [end, code] = std::from_chars(name.data(), name.data() + name.size(), height);
        if (code != std::errc{} || end != name.data() + name.size()) continue;
        auto bytes = read_manifest(env, directory + "/" + name);
        if (!bytes) continue;  // begun, or going
        const auto manifest = ledger::decode_manifest(*bytes);
        if (!manifest) continue;
        found.push_back(info_of(*manifest, BlockHeight{height}, std::move(*bytes)));
    }
    std::sort(found.begin(), found.end(),
              [](const auto& a, const auto& b) { return a.height > b.height; });
    return found;
}

Result<SnapshotRestore> SnapshotRestore::offer(store::Kv& view, ByteView manifest,
                                               const Digest& app_hash) {
    ledger::SnapshotBase base = SALUS_TRY(ledger::check_manifest(manifest));
    if (ledger::app_hash(base.header) != app_hash) {
        return Error{Errc::integrity, "the snapshot has another app hash than the trusted one"};
    }
    SALUS_TRY(clear_view(view));
    ledger::StateTree tree = SALUS_TRY(ledger::StateTree::open(view));
    return SnapshotRestore(view, std::move(base), std::move(tree));
}

Status SnapshotRestore::apply(std::uint32_t index, ByteView chunk) {
    const auto& chunks = base_.manifest.chunks;
    if (index >= chunks.size()) {
        return Error{Errc::out_of_range, "the snapshot has no chunk " + std::to_string(index)};
    }
    if (applied_.contains(index)) {
        return Error{Errc::already_exists,
                     "chunk " + std::to_string(index) + " was applied before"};
    }
    if (crypto::sha256(chunk) != chunks[index]) {
        return Error{Errc::integrity,
                     "chunk " + std::to_string(index) + " is not the one of the manifest"};
    }
    const ledger::SnapshotPairs pairs = SALUS_TRY(ledger::decode_chunk(chunk));
    store::WriteBatch batch;
    std::vector<std::pair<ByteView, std::optional<ByteView>>> leaves;
    for (const auto& [key, value] : pairs) {
        batch.put(Column::state, key, value);
        leaves.emplace_back(key, value);
    }
    const ledger::StateTreeUpdate update = SALUS_TRY(tree_.prepare(leaves));
    tree_.stage(update, batch);
    SALUS_TRY(view_->write(batch));
    tree_.commit(update);
    applied_.insert(index);
    keys_ += pairs.size();
    return done;
}

Status SnapshotRestore::finish() {
    if (!complete()) {
        return Error{Errc::integrity,
                     std::to_string(base_.manifest.chunks.size() - applied_.size()) +
                         " chunks of the snapshot are missing"};
    }
    if (tree_.root() != base_.header.state_root || keys_ != base_.manifest.keys ||
        tree_.leaves() != keys_) {
        return Error{Errc::integrity, "the snapshot's state is not that of its header"};
    }
    SALUS_TRY(fill_seen(*view_));
    store::WriteBatch batch;
    put_view_head(batch, {.height = base_.header.height,
                          .time = base_.header.time,
                          .header_hash = base_.header_hash,
                          .state_root = base_.header.state_root,
                          .app_hash = ledger::app_hash(base_.header),
                          .log_size = base_.header.log_size,
                          .transactions = base_.manifest.transactions});
    SALUS_TRY(view_->write(batch));
    return view_->flush();
}

Result<ledger::GenesisEntry> SnapshotRestore::genesis_entry() const {
    ledger::GenesisEntry entry;
    entry.genesis = base_.manifest.genesis;
    for (const ledger::ContractCode& contract : base_.genesis.config.contracts) {
        auto code = SALUS_TRY(view_->get(Column::state, code_key(contract.code_hash)));
        if (!code) {
            return Error{Errc::not_found, "the state lacks a code that the genesis names"};
        }
        entry.codes.push_back(std::move(*code));
    }
    return entry;
}

Result<SnapshotRestore> restore_view(Env& env, const std::string& snapshot, store::Kv& view,
                                     const Digest& app_hash) {
    const Bytes manifest = SALUS_TRY(read_manifest(env, snapshot));
    SnapshotRestore restore = SALUS_TRY(SnapshotRestore::offer(view, manifest, app_hash));
    for (std::uint32_t index = 0; !restore.complete(); ++index) {
        const Bytes chunk = SALUS_TRY(read_chunk(env, snapshot, index));
        SALUS_TRY(restore.apply(index, chunk));
    }
    SALUS_TRY(restore.finish());
    return restore;
}

Result<SnapshotInfo> restore_data_dir(Env& env, const RestoreOptions& options, store::Kv& view) {
    const std::string ledger_directory = options.data_dir + "/ledger";
    if (env.exists(ledger_directory)) {
        // One that was begun without its genesis is nobody's.
        const auto there = ledger::BlockStore::open(
            env, ledger_directory,
            {.index_path = {}, .read_only = true, .segment_bytes = options.segment_bytes});
        if (there.ok()) {
            return Error{Errc::already_exists, "there is a ledger in " + options.data_dir};
        }
        if (there.error().code != Errc::not_found) return there.error();
    }
    // Nothing is written before the snapshot is known to be the chain's.
    Bytes manifest = SALUS_TRY(read_manifest(env, options.snapshot));
    const ledger::SnapshotBase base = SALUS_TRY(ledger::check_manifest(manifest));
    const ledger::Note note = SALUS_TRY(ledger::parse_note(options.checkpoint));
    SALUS_TRY(ledger::check_trusted(base, note, options.trusted));

    const std::string own = options.data_dir + "/" + std::string(own_snapshot_name);
    SALUS_TRY(env.make_directories(own));
    SnapshotRestore restore =
        SALUS_TRY(SnapshotRestore::offer(view, manifest, ledger::app_hash(base.header)));
    for (std::uint32_t index = 0; !restore.complete(); ++index) {
        const Bytes chunk = SALUS_TRY(read_chunk(env, options.snapshot, index));
        SALUS_TRY(restore.apply(index, chunk));
        SALUS_TRY(write_chunk(env, own, index, chunk));
    }
    SALUS_TRY(restore.finish());
    SALUS_TRY(write_manifest(env, own, manifest));
    const ledger::GenesisEntry genesis = SALUS_TRY(restore.genesis_entry());
    SALUS_TRY(ledger::BlockStore::create_at(
        env, ledger_directory, genesis, manifest,
        {.index_path = {}, .read_only = false, .segment_bytes = options.segment_bytes}));
    SALUS_TRY(env.sync_directory(options.data_dir));
    return info_of(base.manifest, base.header.height, std::move(manifest));
}

}  // namespace salus::chain
