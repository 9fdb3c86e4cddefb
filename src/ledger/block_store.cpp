#include "ledger/block_store.hpp"

#include "base/log.hpp"
#include "ledger/limits.hpp"

#include <algorithm>

namespace salus::ledger {
namespace {

constexpr std::int64_t checkpoint_interval_ns = 1'000'000'000;

Error broken(const std::string& what) {
    return Error{Errc::integrity, "block store: " + what};
}

std::uint8_t type_of(LedgerEntry type) {
    return static_cast<std::uint8_t>(type);
}

}  // namespace

BlockStore::BlockStore(Env& env, std::string directory, Options options, store::SegmentLog log)
    : env_(&env),
      directory_(std::move(directory)),
      options_(std::move(options)),
      log_(std::move(log)) {}

Result<store::SegmentLog> BlockStore::open_log(Env& env, const std::string& directory,
                                               const Options& options) {
    const store::SegmentLogOptions log_options{.segment_bytes = options.segment_bytes};
    if (options.read_only) return store::SegmentLog::open_read_only(env, directory, log_options);
    return store::SegmentLog::open(env, directory, log_options);
}

Result<BlockStore> BlockStore::create(Env& env, const std::string& directory,
                                      const GenesisEntry& genesis, Options options) {
    const Genesis decoded = SALUS_TRY(decode_genesis(genesis.genesis));
    SALUS_TRY(check_codes(decoded, genesis.codes));
    std::vector<store::NewEntry> batch = {{type_of(LedgerEntry::genesis), genesis.genesis}};
    for (const Bytes& code : genesis.codes) batch.push_back({type_of(LedgerEntry::code), code});
    return make(env, directory, std::move(batch), genesis_hash(genesis.genesis),
                std::move(options));
}

Result<BlockStore> BlockStore::create_at(Env& env, const std::string& directory,
                                         const GenesisEntry& genesis, ByteView manifest,
                                         Options options) {
    const SnapshotBase base = SALUS_TRY(check_manifest(manifest));
    if (base.manifest.genesis != genesis.genesis) return broken("a snapshot of another genesis");
    SALUS_TRY(check_codes(base.genesis, genesis.codes));
    std::vector<store::NewEntry> batch = {{type_of(LedgerEntry::genesis), genesis.genesis}};
    for (const Bytes& code : genesis.codes) batch.push_back({type_of(LedgerEntry::code), code});
    batch.push_back({type_of(LedgerEntry::base), manifest});
    return make(env, directory, std::move(batch), base.genesis_digest, std::move(options));
}

Result<BlockStore> BlockStore::make(Env& env, const std::string& directory,
                                    std::vector<store::NewEntry> batch, const Digest& chain,
                                    Options options) {
    SALUS_TRY(env.make_directories(directory));
    store::SegmentLog log = SALUS_TRY(open_log(env, directory, options));
    if (log.next_sequence() != 0) {
        return Error{Errc::already_exists, "block store: there is a chain already"};
    }
    SALUS_TRY(log.append(batch, chain));
    BlockStore store(env, directory, std::move(options), std::move(log));
    const store::Position after = SALUS_TRY(store.load_genesis());
    SALUS_TRY(store.load_index());
    SALUS_TRY(store.load_blocks(after));
    return store;
}

Result<BlockStore> BlockStore::open(Env& env, const std::string& directory, Options options) {
    store::SegmentLog log = SALUS_TRY(open_log(env, directory, options));
    BlockStore store(env, directory, std::move(options), std::move(log));
    const store::Position after = SALUS_TRY(store.load_genesis());
    SALUS_TRY(store.load_index());
    SALUS_TRY(store.load_blocks(after));
    SALUS_TRY(store.load_checkpoint());
    return store;
}

/// Returns the position of the last entry of the genesis batch.
Result<store::Position> BlockStore::load_genesis() {
    store::SegmentLog::Cursor cursor = log_.cursor();
    std::optional<store::Entry> entry = SALUS_TRY(cursor.next());
    if (!entry) return Error{Errc::not_found, "block store: no genesis"};
    if (entry->type != type_of(LedgerEntry::genesis)) {
        return broken("the first entry is no genesis");
    }
    genesis_entry_.genesis = std::move(entry->payload);
    genesis_ = SALUS_TRY(decode_genesis(genesis_entry_.genesis));
    genesis_digest_ = genesis_hash(genesis_entry_.genesis);
    store::Position last = entry->at;
    while (genesis_entry_.codes.size() < genesis_.config.contracts.size()) {
        entry = SALUS_TRY(cursor.next());
        if (!entry || entry->type != type_of(LedgerEntry::code)) {
            return broken("a code of the genesis is missing");
        }
        genesis_entry_.codes.push_back(std::move(entry->payload));
        last = entry->at;
    }
    SALUS_TRY(check_codes(genesis_, genesis_entry_.codes));
    if (entry->ends_batch) return last;
    entry = SALUS_TRY(cursor.next());
    if (!entry || entry->type != type_of(LedgerEntry::base)) {
        return broken("the genesis' batch ends in something else");
    }
    SALUS_TRY(take_base(entry->payload));
    return entry->at;
}

Status BlockStore::take_base(const Bytes& manifest) {
    base_ = SALUS_TRY(check_manifest(manifest));
    if (base_->genesis_digest != genesis_digest_) return broken("a snapshot of another genesis");
    last_ = base_->header;
    return done;
}

/// Takes the index's places when its last one is what the log holds there; otherwise none.
Status BlockStore::load_index() {
    if (options_.index_path.empty() || options_.read_only) return done;
    index_ = SALUS_TRY(BlockIndex::open(*env_, options_.index_path));
    places_ = index_->take();
    if (places_.empty()) return done;
    const Result<Block> newest = block_at(places_.back());
    const Result<BlockHeader> header =
        newest ? decode_header(newest->header) : Result<BlockHeader>(newest.error());
    if (header && header->log_size == places_.back().log_end &&
        header->height == places_.back().height) {
        last_ = *header;
        last_note_ = newest->checkpoint;
        return done;
    }
    places_.clear();
    return index_->cut(0);
}

Status BlockStore::load_blocks(store::Position after) {
    store::SegmentLog::Cursor cursor = log_.cursor(places_.empty() ? after : places_.back().at);
    SALUS_TRY(cursor.next());  // the entry that is known
    while (true) {
        const std::optional<store::Entry> entry = SALUS_TRY(cursor.next());
        if (!entry) return done;
        SALUS_TRY(admit(*entry));
    }
}

Status BlockStore::admit(const store::Entry& entry) {
    if (entry.type != type_of(LedgerEntry::block)) return broken("an entry that is no block");
    const Block block = SALUS_TRY(decode_block(entry.payload));
    BlockHeader header;
    BlockPlace place = SALUS_TRY(next_place(block, header));
    place.at = entry.at;
    if (index_) SALUS_TRY(index_->append(place));
    places_.push_back(place);
    last_ = header;
    last_note_ = block.checkpoint;
    return done;
}

/// docs/formats/block.md: the rules by which a block follows what is there.
Result<BlockPlace> BlockStore::next_place(const Block& block, BlockHeader& header) const {
    header = SALUS_TRY(decode_header(block.header));
    if (last_) {
        SALUS_TRY(check_link(*last_, header));
    } else if (header.previous != genesis_digest_) {
        return broken("the first block does not name the genesis");
    }
    BlockPlace place;
    place.height = header.height;
    place.log_begin = log_size();
    place.log_end = header.log_size;
    place.header_hash = header_hash(block.header);
    if (place.log_end != place.log_begin + 1 + block.transactions.size()) {
        return broken("the log size is not that of the transactions");
    }
    return place;
}

Status BlockStore::append(const Block& block) {
    if (options_.read_only) return Error{Errc::denied, "block store: opened for reading"};
    // A log has its checkpoint file from the second block on: one that is missing was taken away.
    if (!checkpoint_) SALUS_TRY(flush_checkpoint());
    const Bytes bytes = SALUS_TRY(encode_block(block));
    BlockHeader header;
    BlockPlace place = SALUS_TRY(next_place(block, header));
    const std::array<store::NewEntry, 1> batch = {{{type_of(LedgerEntry::block), bytes}}};
    const std::vector<store::Position> at = SALUS_TRY(log_.append(batch, tip()));
    place.at = at.front();
    places_.push_back(place);
    last_ = header;
    last_note_ = block.checkpoint;
    // The block is committed; an index that cannot be written is rebuilt at the next opening.
    if (index_ && !index_->append(place)) index_.reset();
    const bool due = env_->steady_ns() - checkpoint_written_ns_ >= checkpoint_interval_ns;
    if (!checkpoint_ || due) {
        // Neither does this undo the commit; the next block tries again.
        const Status flushed = flush_checkpoint();
        if (!flushed) log::warn("checkpoint not written", {{"error", flushed.error().detail}});
    }
    return done;
}

std::uint64_t BlockStore::log_size() const noexcept {
    if (!places_.empty()) return places_.back().log_end;
    return base_ ? base_->header.log_size : 0;
}

BlockHeight BlockStore::height() const noexcept {
    if (!places_.empty()) return places_.back().height;
    return base_ ? base_->header.height : BlockHeight{};
}

const Digest& BlockStore::tip() const noexcept {
    if (!places_.empty()) return places_.back().header_hash;
    return base_ ? base_->header_hash : genesis_digest_;
}

Result<Block> BlockStore::block(BlockHeight height) {
    const BlockPlace place = SALUS_TRY(place_of(height));
    return block_at(place);
}

Result<Block> BlockStore::block_at(const BlockPlace& place) {
    const store::Entry entry = SALUS_TRY(log_.read(place.at));
    if (entry.type != type_of(LedgerEntry::block)) return broken("an entry that is no block");
    Block block = SALUS_TRY(decode_block(entry.payload));
    if (header_hash(block.header) != place.header_hash) {
        return broken("another block than was indexed");
    }
    return block;
}

Result<BlockPlace> BlockStore::place_of(BlockHeight height) const {
    const auto found = std::ranges::lower_bound(places_, height, {}, &BlockPlace::height);
    if (found == places_.end() || found->height != height) {
        return Error{Errc::not_found, "no block of height " + std::to_string(height.value)};
    }
    return *found;
}

Result<BlockPlace> BlockStore::place_of(LogPosition position) const {
    const auto found = std::ranges::upper_bound(places_, position.value, {}, &BlockPlace::log_end);
    if (found == places_.end() || found->log_begin > position.value) {
        return Error{Errc::not_found, "no log position " + std::to_string(position.value)};
    }
    return *found;
}

Status BlockStore::for_each(BlockHeight from,
                            const std::function<Status(const BlockPlace&, const Block&)>& visit) {
    const auto first = std::ranges::lower_bound(places_, from, {}, &BlockPlace::height);
    const auto begin = static_cast<std::size_t>(first - places_.begin());
    for (std::size_t i = begin; i < places_.size(); ++i) {
        const BlockPlace place = places_[i];
        const Block block = SALUS_TRY(block_at(place));
        SALUS_TRY(visit(place, block));
    }
    return done;
}

std::string BlockStore::checkpoint_path() const {
    return directory_ + "/" + std::string(checkpoint_file_name);
}

/// A checkpoint of this log names one of its blocks.
Status BlockStore::check_note_place(const Checkpoint& checkpoint) const {
    if (checkpoint.origin != checkpoint_origin(genesis_.chain_id)) {
        return broken("the checkpoint is of another log");
    }
    if (checkpoint.log_size > log_size()) {
        return broken("the log of " + std::to_string(log_size()) +
                      " lines is shorter than its checkpoint of " +
                      std::to_string(checkpoint.log_size));
    }
    const auto found =
        std::ranges::lower_bound(places_, checkpoint.height, {}, &BlockPlace::height);
    if (found == places_.end() || found->header_hash != checkpoint.header_hash ||
        found->log_end != checkpoint.log_size) {
        return broken("the checkpoint names no block of the log");
    }
    return done;
}

Status BlockStore::load_checkpoint() {
    if (env_->exists(checkpoint_path())) {
        const Bytes bytes = SALUS_TRY(read_file(*env_, checkpoint_path(), note_bytes_max));
        checkpoint_ = SALUS_TRY(parse_note(as_text(bytes)));
        SALUS_TRY(check_note_place(checkpoint_->checkpoint));
    }
    return options_.read_only ? Status(done) : flush_checkpoint();
}

Status BlockStore::write_checkpoint(std::string_view text) {
    if (options_.read_only) return Error{Errc::denied, "block store: opened for reading"};
    Note note = SALUS_TRY(parse_note(text));
    SALUS_TRY(check_note_place(note.checkpoint));
    if (checkpoint_ && note.checkpoint.log_size < checkpoint_->checkpoint.log_size) {
        return broken("the checkpoint is older than the one there");
    }
    SALUS_TRY(write_file_atomically(*env_, checkpoint_path(), as_bytes(text)));
    checkpoint_ = std::move(note);
    checkpoint_written_ns_ = env_->steady_ns();
    return done;
}

Status BlockStore::flush_checkpoint() {
    if (places_.empty()) return done;
    if (checkpoint_ && checkpoint_->checkpoint.log_size >= last_->log_size) return done;
    return write_checkpoint(as_text(last_note_));
}

Result<Note> BlockStore::read_checkpoint() const {
    if (!checkpoint_) return Error{Errc::not_found, "block store: no checkpoint yet"};
    return *checkpoint_;
}

}  // namespace salus::ledger
