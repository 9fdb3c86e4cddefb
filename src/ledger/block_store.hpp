#pragma once

#include "base/env.hpp"
#include "ledger/block.hpp"
#include "ledger/checkpoint.hpp"
#include "ledger/genesis.hpp"
#include "store/segment_log.hpp"

#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace salus::ledger {

/// Entry types of the segment log: docs/formats/block.md, "Storage".
enum class LedgerEntry : std::uint8_t { genesis = 1, code = 2, block = 3 };

inline constexpr std::string_view checkpoint_file_name = "checkpoint";

/// Where a block lies and which positions of the log are its own.
struct BlockPlace {
    BlockHeight height;
    std::uint64_t log_begin = 0;  ///< position of its link
    std::uint64_t log_end = 0;    ///< log size after it
    store::Position at;
    Digest header_hash;
    bool operator==(const BlockPlace&) const = default;
};

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
        /// Index file outside the ledger directory; empty: blocks are scanned once at opening. May
        /// be deleted.
        std::string index_path;
        bool read_only = false;
        std::uint32_t segment_bytes = store::segment_bytes_default;
    };

    /// Writes genesis and codes into an empty directory. Errors: already_exists; as check_codes;
    /// unavailable.
    static Result<BlockStore> create(Env& env, const std::string& directory,
                                     const GenesisEntry& genesis, const Options& options);
    /// Errors: not_found — no genesis; integrity — damage, a broken link, a log shorter than its
    /// checkpoint.
    static Result<BlockStore> open(Env& env, const std::string& directory, const Options& options);

    /// One batch, one sync: durable when this returns.
    /// Errors: integrity — header, previous hash, log size or height do not follow; out_of_range;
    /// unavailable.
    Status append(const Block& block);

    [[nodiscard]] const GenesisEntry& genesis_entry() const noexcept { return genesis_entry_; }
    [[nodiscard]] const Genesis& genesis() const noexcept { return genesis_; }
    [[nodiscard]] const Digest& genesis_digest() const noexcept { return genesis_digest_; }

    [[nodiscard]] const std::vector<BlockPlace>& places() const noexcept { return places_; }
    [[nodiscard]] std::uint64_t transactions() const noexcept;
    /// 0 before the first block.
    [[nodiscard]] BlockHeight height() const noexcept;
    /// Header hash of the newest block, the genesis hash before the first.
    [[nodiscard]] const Digest& tip() const noexcept;

    /// Errors: not_found; integrity — the bytes are not those that were indexed.
    Result<Block> block(BlockHeight height);
    /// The block whose range holds a log position. Errors: not_found.
    Result<BlockPlace> place_of(LogPosition position) const;
    Result<BlockPlace> place_of(BlockHeight height) const;
    /// Blocks from `from` on, in order, until the end or the first error.
    Status for_each(BlockHeight from,
                    const std::function<Status(const BlockPlace&, const Block&)>& visit);

    /// The newest checkpoint note (own, with cosignatures), atomically. Errors: malformed;
    /// integrity — it is older than the one there; unavailable.
    Status write_checkpoint(std::string_view note);
    /// Errors: not_found — none yet; malformed.
    Result<Note> read_checkpoint();

    [[nodiscard]] const std::optional<store::TornTail>& torn_tail() const noexcept {
        return log_.torn_tail();
    }

  private:
    BlockStore(Env& env, std::string directory, Options options, store::SegmentLog log);
    Status load_genesis();
    Status load_blocks();
    Status admit(const store::Entry& entry);
    Status load_index();
    Status check_index_tail();
    Status save_place(const BlockPlace& place);
    Status check_checkpoint();

    Env* env_;
    std::string directory_;
    Options options_;
    store::SegmentLog log_;
    GenesisEntry genesis_entry_;
    Genesis genesis_;
    Digest genesis_digest_;
    std::vector<BlockPlace> places_;
    std::optional<BlockHeader> last_;
    store::Position next_;  ///< where scanning goes on
    std::unique_ptr<File> index_;
    std::size_t indexed_ = 0;  ///< places that the index file holds
};

}  // namespace salus::ledger
