#include "ledger/verify.hpp"

#include "ledger/block_check.hpp"
#include "ledger/block_store.hpp"
#include "ledger/checkpoint_sign.hpp"
#include "ledger/limits.hpp"
#include "ledger/signature_native.hpp"

namespace salus::ledger {
namespace {

constexpr std::string_view unfinished_checkpoint = "checkpoint.new";

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
    Status take_block(const Bytes& payload);
    Status check_signatures_of(const BlockParts& parts) const;
    Status compare_checkpoint(const BlockParts& parts, const std::vector<Member>& members);
    Result<std::vector<Member>> members_of(const Block& block) const;
    Status load_checkpoint();
    Status check_files();
    void finish(const store::LogReport& log);
    void finish_checkpoint();

    Env& env_;
    std::string directory_;
    const VerifyOptions& options_;
    LedgerReport report_;
    std::optional<Note> checkpoint_;
    bool checkpoint_met_ = false;
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
    SALUS_TRY(compare_checkpoint(parts, members));
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

/// The checkpoint file must be the checkpoint of exactly one block, signed by who sealed it; what
/// other members signed there must hold too.
Status Verification::compare_checkpoint(const BlockParts& parts,
                                        const std::vector<Member>& members) {
    if (!checkpoint_ || checkpoint_->checkpoint.log_size != parts.header.log_size) return done;
    if (checkpoint_->text != parts.note.text) {
        return bad(std::string(checkpoint_file_name), 0,
                   broken("the newest checkpoint is not that of its block"));
    }
    std::vector<VerifierKey> keys;
    for (const Member& member : members) {
        keys.push_back(member_key(report_.chain_id, member.organisation, member.signing_key));
        keys.push_back(keys.back());
        keys.back().algorithm = NoteAlgorithm::cosignature_v1;
    }
    const Result<std::size_t> witnessed = count_signatures(*checkpoint_, options_.witnesses);
    if (!witnessed) return bad(std::string(checkpoint_file_name), 0, witnessed.error());
    const Result<std::size_t> signed_count = count_signatures(*checkpoint_, keys);
    if (!signed_count) return bad(std::string(checkpoint_file_name), 0, signed_count.error());
    if (*signed_count == 0) {
        return bad(std::string(checkpoint_file_name), 0,
                   broken("the newest checkpoint is signed by no member"));
    }
    checkpoint_met_ = true;
    return done;
}

Status Verification::load_checkpoint() {
    const std::string path = directory_ + "/" + std::string(checkpoint_file_name);
    if (!env_.exists(path)) return done;
    const Result<Bytes> bytes = read_file(env_, path, note_bytes_max);
    if (!bytes && bytes.error().code == Errc::unavailable) return bytes.error();
    const Result<Note> note = bytes ? parse_note(as_text(*bytes)) : Result<Note>(bytes.error());
    if (!note) {
        static_cast<void>(bad(std::string(checkpoint_file_name), 0, note.error()));
        return done;
    }
    checkpoint_ = *note;
    return done;
}

/// Nothing else lies in a ledger directory; a stranger's file would be a byte that nobody checked.
Status Verification::check_files() {
    const std::vector<std::string> names = SALUS_TRY(env_.list(directory_));
    for (const std::string& name : names) {
        if (store::segment_number(name) || name == checkpoint_file_name ||
            name == unfinished_checkpoint || report_.first_bad) {
            continue;
        }
        static_cast<void>(bad(name, 0, broken("a file that does not belong to a ledger")));
    }
    return done;
}

void Verification::finish_checkpoint() {
    const std::string file(checkpoint_file_name);
    height_.reset();
    if (!checkpoint_) {
        // A crash may come between the first block and the first checkpoint, never later.
        if (report_.blocks > 1) {
            static_cast<void>(bad(file, 0, broken("the newest checkpoint is missing")));
        }
        return;
    }
    if (checkpoint_met_) return;
    const bool shorter = checkpoint_->checkpoint.log_size > report_.log_size;
    static_cast<void>(bad(file, 0,
                          broken(shorter ? "the log is shorter than its newest checkpoint"
                                         : "the newest checkpoint is that of no block")));
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
    finish_checkpoint();
}

Result<LedgerReport> Verification::run() {
    const store::LogVisitor visitor = {
        .segment = [this](const store::SegmentHeader& header) { return on_segment(header); },
        .entry = [this](const store::Entry& entry) { return on_entry(entry); }};
    SALUS_TRY(load_checkpoint());
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
