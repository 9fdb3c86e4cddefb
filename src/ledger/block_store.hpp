#pragma once

#include "base/env.hpp"
#include "ledger/block.hpp"
#include "ledger/block_index.hpp"
#include "ledger/checkpoint.hpp"
#include "ledger/genesis.hpp"
#include "ledger/snapshot.hpp"
#include "store/segment_log.hpp"

#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace salus::ledger {

/// Entry types of the segment log: docs/formats/block.md, "On disk".
enum class LedgerEntry : std::uint8_t { genesis = 1, code = 2, block = 3, base = 4 };

inline constexpr std::string_view checkpoint_file_name = "checkpoint";

/// The chain on disk: genesis, codes and blocks in a segment log, the newest checkpoint beside it.
/// It stores what it is given in order and checks links, so a block that does not follow the last
/// one cannot get in; it executes nothing.
///
///     create(genesis) ──▶ empty ──append──▶ height h ──append──▶ height > h …
///
/// Threads: one at a time.
class BlockStore {
  public:
    struct Options {
        /// Index file outside the ledger directory; empty: all blocks are scanned at opening. May
        /// be deleted.
        std::string index_path;
        bool read_only = false;
        std::uint32_t segment_bytes = store::segment_bytes_default;
    };

    /// Writes genesis and codes into an empty directory. Errors: already_exists; as check_codes;
    /// unavailable.
    static Result<BlockStore> create(Env& env, const std::string& directory,
                                     const GenesisEntry& genesis, Options options);
    /// The same for a log that begins behind a snapshot, whose manifest is checked and trusted.
    static Result<BlockStore> create_at(Env& env, const std::string& directory,
                                        const GenesisEntry& genesis, ByteView manifest,
                                        Options options);
    /// Errors: not_found — no genesis; integrity — damage, a broken link, a log shorter than its
    /// checkpoint.
    static Result<BlockStore> open(Env& env, const std::string& directory, Options options);

    /// One batch, one sync: durable when this returns. Once a second the block's own checkpoint
    /// also becomes the checkpoint file. Errors: integrity — header, previous hash, log size or
    /// height do not follow; out_of_range; unavailable.
    Status append(const Block& block);

    [[nodiscard]] const GenesisEntry& genesis_entry() const noexcept { return genesis_entry_; }
    [[nodiscard]] const Genesis& genesis() const noexcept { return genesis_; }
    [[nodiscard]] const Digest& genesis_digest() const noexcept { return genesis_digest_; }

    /// The snapshot that this log begins behind, if it does.
    [[nodiscard]] const std::optional<SnapshotBase>& base() const noexcept { return base_; }

    [[nodiscard]] const std::vector<BlockPlace>& places() const noexcept { return places_; }
    [[nodiscard]] std::uint64_t log_size() const noexcept;
    [[nodiscard]] std::uint64_t transactions() const noexcept {
        const std::uint64_t before = base_ ? base_->header.log_size : 0;
        return log_size() - before - places_.size() + (base_ ? base_->manifest.transactions : 0);
    }
    /// 0, or the snapshot's, before the first block.
    [[nodiscard]] BlockHeight height() const noexcept;
    /// Header hash of the newest block; before the first, of the snapshot or of the genesis.
    [[nodiscard]] const Digest& tip() const noexcept;
    [[nodiscard]] const std::optional<BlockHeader>& last_header() const noexcept { return last_; }

    /// Errors: not_found; integrity — the bytes are not those that were indexed.
    Result<Block> block(BlockHeight height);
    Result<Block> block_at(const BlockPlace& place);
    /// The block whose range holds a log position, or the one at a height. Errors: not_found.
    [[nodiscard]] Result<BlockPlace> place_of(LogPosition position) const;
    [[nodiscard]] Result<BlockPlace> place_of(BlockHeight height) const;
    /// Blocks from height `from` on, in order, until the end or the first error.
    Status for_each(BlockHeight from,
                    const std::function<Status(const BlockPlace&, const Block&)>& visit);

    /// Makes `note` (own, with cosignatures) the newest checkpoint, atomically. Signatures are the
    /// caller's to check. Errors: malformed; integrity — it is older than the one there, or not of
    /// this log; unavailable.
    Status write_checkpoint(std::string_view note);
    /// The last block's own checkpoint becomes the file, when the file is older. Call it before
    /// stopping.
    Status flush_checkpoint();
    /// Errors: not_found — none yet.
    [[nodiscard]] Result<Note> read_checkpoint() const;

    [[nodiscard]] const std::optional<store::TornTail>& torn_tail() const noexcept {
        return log_.torn_tail();
    }

  private:
    BlockStore(Env& env, std::string directory, Options options, store::SegmentLog log);
    static Result<store::SegmentLog> open_log(Env& env, const std::string& directory,
                                              const Options& options);
    static Result<BlockStore> make(Env& env, const std::string& directory,
                                   std::vector<store::NewEntry> batch, const Digest& chain,
                                   Options options);
    Result<store::Position> load_genesis();
    Status take_base(const Bytes& manifest);
    Status load_index();
    Status load_blocks(store::Position after);
    Status admit(const store::Entry& entry);
    Result<BlockPlace> next_place(const Block& block, BlockHeader& header) const;
    Status load_checkpoint();
    Status check_note_place(const Checkpoint& checkpoint) const;
    [[nodiscard]] std::string checkpoint_path() const;

    Env* env_;
    std::string directory_;
    Options options_;
    store::SegmentLog log_;
    GenesisEntry genesis_entry_;
    Genesis genesis_;
    Digest genesis_digest_;
    std::optional<SnapshotBase> base_;
    std::vector<BlockPlace> places_;
    std::optional<BlockHeader> last_;
    Bytes last_note_;  ///< the newest block's own checkpoint
    std::optional<BlockIndex> index_;
    std::optional<Note> checkpoint_;
    std::int64_t checkpoint_written_ns_ = 0;
};

}  // namespace salus::ledger
