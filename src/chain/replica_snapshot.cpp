#include "chain/replica.hpp"
#include "chain/snapshot.hpp"

namespace salus::chain {

Result<SnapshotInfo> Replica::make_snapshot(const std::string& directory) const {
    ledger::SnapshotManifest manifest;
    manifest.genesis = genesis_entry_.genesis;
    std::unique_ptr<store::KvReader> state;
    std::string note;
    ViewHead head;
    {
        // One moment of state, log and checkpoint; what follows takes as long as it takes.
        const std::lock_guard lock(view_mutex_);
        head = machine_->info();
        if (newest_note_.empty()) {
            return Error{Errc::not_found, "a snapshot stands behind a block, and there is none"};
        }
        state = kv_->snapshot();
        note = newest_note_;
        manifest.edge = log_tree_->frontier().hashes();
        manifest.first_path = SALUS_TRY(log_tree_->inclusion(0, head.log_size));
        manifest.transactions = head.transactions;
    }
    manifest.header = SALUS_TRY(block(head.height)).header;
    const std::string snapshot = snapshot_directory(directory, head.height);
    SnapshotInfo info = SALUS_TRY(write_snapshot(env_, snapshot, *state, std::move(manifest)));
    SALUS_TRY(write_file_atomically(env_, snapshot + "/" + std::string(snapshot_note_name),
                                    as_bytes(note)));
    return info;
}

}  // namespace salus::chain
