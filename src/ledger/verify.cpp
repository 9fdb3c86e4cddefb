#include "ledger/verify.hpp"

#include "ledger/block_check.hpp"
#include "ledger/block_store.hpp"
#include "ledger/checkpoint_sign.hpp"
#include "ledger/limits.hpp"
#include "ledger/signature_native.hpp"
#include "ledger/witness.hpp"

#include <algorithm>

namespace salus::ledger {
namespace {

/// What a crash may leave of a file that was being replaced.
constexpr std::string_view unfinished = ".new";

/// A signed note beside the log, or from outside: it must be the checkpoint of exactly one block.
struct StoredNote {
    std::string file;  ///< empty: from outside
    std::string name;  ///< in sentences
    Note note;
    /// All that may have signed it besides members; empty: whoever likes.
    std::vector<VerifierKey> cosigners;
    bool met = false;
};

/// One pass over a ledger directory. Whatever is wrong ends up in `report.first_bad`; an error that
/// the visitor returns is only the signal to stop, unless `first_bad` is still empty.
class Verification {
  public:
    Verification(Env& env, std::string directory, const VerifyOptions& options)
        : env_(env), directory_(std::move(directory)), options_(options) {}

    Result<LedgerReport> run();

  private:
    Status bad(std::string file, std::uint64_t offset, const Error& error);
    Status on_segment(const store::SegmentHeader& header);
    Status on_entry(const store::Entry& entry);
    Status take_entry(const store::Entry& entry);
    Status take_genesis(const store::Entry& entry);
    Status finish_genesis();
    Status take_base(const store::Entry& entry);
    Status take_block(const Bytes& payload);
    Status check_signatures_of(const BlockParts& parts) const;
    Status compare_notes(const BlockParts& parts, const std::vector<Member>& members);
    Status compare_note(StoredNote& stored, const BlockParts& parts,
                        const std::vector<Member>& members);
    Result<std::vector<Member>> members_of(const Block& block) const;
    Status load_notes();
    Status load_checkpoint();
    Status load_cosigned();
    Status check_files();
    void finish(const store::LogReport& log);
    void finish_notes();

    Env& env_;
    std::string directory_;
    const VerifyOptions& options_;
    LedgerReport report_;
    std::vector<StoredNote> notes_;
    GenesisEntry genesis_entry_;
    std::optional<Genesis> genesis_;
    std::optional<BlockChecker> checker_;
    std::optional<Digest> first_chain_;
    std::optional<BlockHeight> height_;  ///< of the block at hand
};

Error broken(const std::string& what) {
    return Error{Errc::integrity, what};
}

Status Verification::bad(std::string file, std::uint64_t offset, const Error& error) {
    report_.first_bad = FirstBad{error.detail, std::move(file), offset, height_};
    return error;
}

/// A segment names the block before it; the first names the genesis.
Status Verification::on_segment(const store::SegmentHeader& header) {
    if (!first_chain_) {
        first_chain_ = header.chain;
        return done;
    }
    if (header.chain == report_.header_hash) return done;
    height_.reset();
    return bad(store::segment_name(header.number), 0,
               broken("the segment does not continue the chain"));
}

Status Verification::on_entry(const store::Entry& entry) {
    height_.reset();
    const Status taken = take_entry(entry);
    if (taken || report_.first_bad) return taken;
    return bad(store::segment_name(entry.at.segment), entry.at.offset, taken.error());
}

Status Verification::take_entry(const store::Entry& entry) {
    switch (static_cast<LedgerEntry>(entry.type)) {
        case LedgerEntry::genesis:
            return take_genesis(entry);
        case LedgerEntry::code:
            if (!genesis_ || checker_) return broken("a code outside the genesis");
            genesis_entry_.codes.push_back(entry.payload);
            return entry.ends_batch ? finish_genesis() : Status(done);
        case LedgerEntry::base:
            return take_base(entry);
        case LedgerEntry::block:
            if (!checker_) return broken("a block before the genesis");
            return take_block(entry.payload);
    }
    return broken("an entry of unknown type");
}

Status Verification::take_genesis(const store::Entry& entry) {
    if (genesis_) return broken("a second genesis");
    genesis_ = SALUS_TRY(decode_genesis(entry.payload));
    genesis_entry_.genesis = entry.payload;
    return entry.ends_batch ? finish_genesis() : Status(done);
}

Status Verification::finish_genesis() {
    SALUS_TRY(check_codes(*genesis_, genesis_entry_.codes));
    const Digest hash = genesis_hash(genesis_entry_.genesis);
    if (first_chain_ != hash) return broken("the first segment does not name the genesis");
    report_.chain_id = genesis_->chain_id;
    report_.header_hash = hash;
    checker_.emplace(genesis_->chain_id, hash);
    if (options_.on_genesis) SALUS_TRY(options_.on_genesis(*genesis_, genesis_entry_));
    return done;
}

Status Verification::take_base(const store::Entry& entry) {
    if (!genesis_ || checker_ || !entry.ends_batch) return broken("a snapshot out of its place");
    SALUS_TRY(finish_genesis());
    const SnapshotBase base = SALUS_TRY(check_manifest(entry.payload));
    if (base.genesis_digest != report_.header_hash) return broken("a snapshot of another genesis");
    checker_->begin_at(base.header, base.log);
    report_.base = report_.height = base.header.height;
    report_.log_size = base.header.log_size;
    report_.log_root = base.header.log_root;
    report_.header_hash = base.header_hash;
    return options_.on_base ? options_.on_base(base) : Status(done);
}

Result<std::vector<Member>> Verification::members_of(const Block& block) const {
    const BlockHeader header = SALUS_TRY(decode_header(block.header));
    return options_.members ? options_.members(header.height) : genesis_->config.members;
}

Status Verification::take_block(const Bytes& payload) {
    const Block block = SALUS_TRY(decode_block(payload));
    if (const Result<BlockHeader> header = decode_header(block.header)) height_ = header->height;
    const std::vector<Member> members = SALUS_TRY(members_of(block));
    const BlockParts parts = SALUS_TRY(checker_->check(block, members));
    SALUS_TRY(check_signatures_of(parts));
    SALUS_TRY(compare_notes(parts, members));
    if (options_.on_block) {
        SALUS_TRY(options_.on_block(
            {block, parts.header, parts.header_hash, parts.transactions, parts.results}));
    }
    report_.height = parts.header.height;
    ++report_.blocks;
    report_.transactions += parts.transactions.size();
    report_.log_size = parts.header.log_size;
    report_.log_root = parts.header.log_root;
    report_.header_hash = parts.header_hash;
    return done;
}

Status Verification::check_signatures_of(const BlockParts& parts) const {
    return options_.signatures ? options_.signatures(parts.checks) : check_signatures(parts.checks);
}

Status Verification::compare_notes(const BlockParts& parts, const std::vector<Member>& members) {
    for (StoredNote& stored : notes_) {
        if (stored.note.checkpoint.log_size != parts.header.log_size) continue;
        SALUS_TRY(compare_note(stored, parts, members));
    }
    return done;
}

/// The note is its block's, signed by who sealed it; what others signed there must hold too, and
/// where the cosigners are known nobody else may have signed.
Status Verification::compare_note(StoredNote& stored, const BlockParts& parts,
                                  const std::vector<Member>& members) {
    const auto wrong = [&](const Error& error) { return bad(stored.file, 0, error); };
    if (stored.note.text != parts.note.text) {
        return wrong(broken("the " + stored.name + " is not that of its block"));
    }
    std::vector<VerifierKey> keys;
    for (const Member& member : members) {
        keys.push_back(member_key(report_.chain_id, member.organisation, member.signing_key));
        keys.push_back(keys.back());
        keys.back().algorithm = NoteAlgorithm::cosignature_v1;
    }
    const Result<std::size_t> signed_count = count_signatures(stored.note, keys);
    if (!signed_count) return wrong(signed_count.error());
    if (*signed_count == 0) {
        return wrong(broken("the " + stored.name + " is signed by no member"));
    }
    const std::vector<VerifierKey>& others =
        stored.cosigners.empty() ? options_.witnesses : stored.cosigners;
    const Result<std::size_t> witnessed = count_signatures(stored.note, others);
    if (!witnessed) return wrong(witnessed.error());
    // Another member may stand among the cosigners: its signature is one, not two.
    std::vector<VerifierKey> strangers = stored.cosigners;
    std::erase_if(strangers, [&](const VerifierKey& key) {
        return std::find(keys.begin(), keys.end(), key) != keys.end();
    });
    const Result<std::size_t> strange_count = count_signatures(stored.note, strangers);
    if (!strange_count) return wrong(strange_count.error());
    const bool complete =
        stored.cosigners.empty() ||
        (*witnessed == stored.cosigners.size() &&
         *strange_count + *signed_count == stored.note.signatures.size());
    if (!complete) return wrong(broken("a cosignature that is not of the witness named for it"));
    stored.met = true;
    return done;
}

Status Verification::load_notes() {
    if (options_.outside) {
        notes_.push_back({"", "checkpoint from outside", *options_.outside, {}, false});
    }
    SALUS_TRY(load_checkpoint());
    return report_.first_bad ? Status(done) : load_cosigned();
}

Status Verification::load_checkpoint() {
    const std::string file(checkpoint_file_name);
    if (!env_.exists(directory_ + "/" + file)) return done;
    const Result<Bytes> bytes = read_file(env_, directory_ + "/" + file, note_bytes_max);
    if (!bytes && bytes.error().code == Errc::unavailable) return bytes.error();
    const Result<Note> note = bytes ? parse_note(as_text(*bytes)) : Result<Note>(bytes.error());
    if (note) {
        notes_.push_back({file, "newest checkpoint", *note, {}, false});
    } else {
        static_cast<void>(bad(file, 0, note.error()));
    }
    return done;
}

Status Verification::load_cosigned() {
    const std::string file(cosigned_file_name);
    if (!env_.exists(directory_ + "/" + file)) return done;
    const Result<Bytes> bytes = read_file(env_, directory_ + "/" + file, keyed_note_bytes_max);
    if (!bytes && bytes.error().code == Errc::unavailable) return bytes.error();
    const Result<KeyedNote> keyed =
        bytes ? parse_keyed_note(as_text(*bytes)) : Result<KeyedNote>(bytes.error());
    if (keyed && keyed->note) {
        notes_.push_back({file, "cosigned checkpoint", *keyed->note, keyed->keys, false});
    } else {
        static_cast<void>(bad(file, 0, keyed ? broken("it holds no note") : keyed.error()));
    }
    return done;
}

/// Nothing else lies in a ledger directory; a stranger's file would be a byte that nobody checked.
Status Verification::check_files() {
    const std::vector<std::string> names = SALUS_TRY(env_.list(directory_));
    for (const std::string& name : names) {
        const std::string_view whole =
            name.ends_with(unfinished)
                ? std::string_view(name).substr(0, name.size() - unfinished.size())
                : std::string_view(name);
        if (store::segment_number(name) || whole == checkpoint_file_name ||
            whole == cosigned_file_name || report_.first_bad) {
            continue;
        }
        static_cast<void>(bad(name, 0, broken("a file that does not belong to a ledger")));
    }
    return done;
}

void Verification::finish_notes() {
    height_.reset();
    const std::string newest(checkpoint_file_name);
    const bool there = std::any_of(notes_.begin(), notes_.end(),
                                   [&](const StoredNote& one) { return one.file == newest; });
    // A crash may come between the first block and the first checkpoint; no second block is written
    // before it.
    if (!there && report_.blocks > 1) {
        static_cast<void>(bad(newest, 0,
                              broken("the newest checkpoint is missing: a log has one from its "
                                     "second block on")));
        return;
    }
    for (const StoredNote& stored : notes_) {
        if (stored.met) continue;
        const bool shorter = stored.note.checkpoint.log_size > report_.log_size;
        static_cast<void>(bad(stored.file, 0,
                              broken(shorter ? "the log is shorter than the " + stored.name
                                             : "the " + stored.name + " is that of no block")));
        return;
    }
}

void Verification::finish(const store::LogReport& log) {
    if (log.torn_tail) report_.torn_tail = log.torn_tail->bytes;
    if (report_.first_bad) return;
    if (log.first_bad) {
        // The bytes say no height any more: it is the block after the last one that fits.
        std::optional<BlockHeight> height;
        if (checker_) height = BlockHeight{report_.height.value + 1};
        report_.first_bad =
            FirstBad{log.first_bad->what, log.first_bad->file, log.first_bad->offset, height};
        return;
    }
    if (!checker_) {
        report_.first_bad = FirstBad{"no whole genesis", store::segment_name(0), 0, {}};
        return;
    }
    finish_notes();
}

Result<LedgerReport> Verification::run() {
    const store::LogVisitor visitor = {
        .segment = [this](const store::SegmentHeader& header) { return on_segment(header); },
        .entry = [this](const store::Entry& entry) { return on_entry(entry); }};
    SALUS_TRY(load_notes());
    if (report_.first_bad) return report_;
    const Result<store::LogReport> log = store::scan_all(env_, directory_, visitor);
    if (!log) {
        if (report_.first_bad) return report_;
        return log.error();
    }
    finish(*log);
    SALUS_TRY(check_files());
    return report_;
}

}  // namespace

Result<LedgerReport> verify_ledger(Env& env, const std::string& directory,
                                   const VerifyOptions& options) {
    return Verification(env, directory, options).run();
}

}  // namespace salus::ledger
