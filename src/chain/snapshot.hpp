#pragma once

#include "base/env.hpp"
#include "chain/view.hpp"
#include "ledger/log_tree.hpp"
#include "ledger/snapshot.hpp"
#include "ledger/state_tree.hpp"
#include "store/kv.hpp"

#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

/// Snapshots on disk and back: docs/formats/snapshot.md. Shaped on ABCI 2.0: ListSnapshots and
/// LoadSnapshotChunk are functions over a directory, OfferSnapshot and ApplySnapshotChunk the life
/// of a SnapshotRestore.
namespace salus::chain {

/// What a member offers to others. `hash` names the whole snapshot, chunks included.
struct SnapshotInfo {
    BlockHeight height;
    std::uint32_t format = ledger::snapshot_format;
    std::uint32_t chunks = 0;
    Digest hash;     ///< SHA-256 of the manifest
    Bytes manifest;  ///< the metadata of ABCI
};

/// Writes the state that `state` shows, chunk by chunk, then the manifest: a directory without one
/// holds no snapshot. `manifest` comes without keys and chunks. Errors: already_exists;
/// unavailable; out_of_range — more chunks than a manifest names.
Result<SnapshotInfo> write_snapshot(Env& env, const std::string& directory,
                                    const store::KvReader& state,
                                    ledger::SnapshotManifest manifest);

/// Whole snapshots below `directory`, one a sub-directory named by its height, newest first.
Result<std::vector<SnapshotInfo>> list_snapshots(Env& env, const std::string& directory);
std::string snapshot_directory(const std::string& directory, BlockHeight height);

/// Errors: not_found; malformed, out_of_range.
Result<Bytes> read_manifest(Env& env, const std::string& snapshot);
Result<Bytes> read_chunk(Env& env, const std::string& snapshot, std::uint32_t index);
Status write_manifest(Env& env, const std::string& snapshot, ByteView manifest);
Status write_chunk(Env& env, const std::string& snapshot, std::uint32_t index, ByteView chunk);

/// Fills an empty view. Nothing in it counts until `finish`, which compares the state root.
///
///     offer ──▶ open ──apply × chunks──▶ complete ──finish──▶ a view at the snapshot's height
///                 │ a wrong chunk: refused, ask another for it
///
/// Threads: one at a time.
class SnapshotRestore {
  public:
    /// Clears the view. `app_hash`: what the caller trusts, from a light client or from a
    /// checkpoint (ledger::check_trusted). Errors: as ledger::check_manifest; integrity — another
    /// app hash; unavailable.
    static Result<SnapshotRestore> offer(store::Kv& view, ByteView manifest,
                                         const Digest& app_hash);

    /// In any order. Errors: out_of_range — no such chunk; already_exists — applied before;
    /// integrity — not the chunk of the manifest; unavailable.
    Status apply(std::uint32_t index, ByteView chunk);
    [[nodiscard]] bool complete() const noexcept {
        return applied_.size() == base_.manifest.chunks.size();
    }
    /// Errors: integrity — chunks are missing, or the state has another root or number of keys.
    Status finish();

    [[nodiscard]] const ledger::SnapshotBase& base() const noexcept { return base_; }
    /// Genesis and the codes it names, found in the state. Errors: not_found.
    [[nodiscard]] Result<ledger::GenesisEntry> genesis_entry() const;

  private:
    SnapshotRestore(store::Kv& view, ledger::SnapshotBase base, ledger::StateTree tree)
        : view_(&view), base_(std::move(base)), tree_(std::move(tree)) {}

    store::Kv* view_;
    ledger::SnapshotBase base_;
    ledger::StateTree tree_;
    std::set<std::uint32_t> applied_;
    std::uint64_t keys_ = 0;
};

/// Fills a view from a snapshot's files. Errors: as SnapshotRestore.
Result<SnapshotRestore> restore_view(Env& env, const std::string& snapshot, store::Kv& view,
                                     const Digest& app_hash);

/// Makes `data_dir` that of a node which begins behind this snapshot: a copy of its files in
/// `data_dir/snapshot`, the view, and last the ledger. Where one is begun and not ended, it is
/// begun again. Errors: already_exists — a ledger is there; authentication — not enough of
/// `trusted` signed `checkpoint`; integrity, malformed — the snapshot; unavailable.
struct RestoreOptions {
    std::string snapshot;
    std::string data_dir;
    std::string checkpoint;  ///< a signed note
    std::vector<ledger::VerifierKey> trusted;
    std::uint32_t segment_bytes = store::segment_bytes_default;
};
Result<SnapshotInfo> restore_data_dir(Env& env, const RestoreOptions& options, store::Kv& view);

inline constexpr std::string_view own_snapshot_name = "snapshot";  ///< in data_dir
inline constexpr std::string_view snapshots_name = "snapshots";    ///< that it offers
inline constexpr std::string_view snapshot_note_name = "checkpoint";

}  // namespace salus::chain
