#include "chain/cosignatures.hpp"

#include "base/log.hpp"
#include "ledger/checkpoint_sign.hpp"
#include "ledger/limits.hpp"
#include "ledger/signature_native.hpp"

#include <algorithm>
#include <utility>

namespace salus::chain {

namespace {

Error broken(std::string sentence) {
    return Error{Errc::integrity, std::move(sentence)};
}

std::string lines_of(std::uint64_t count) {
    return std::to_string(count) + " lines";
}

const ledger::NoteSignature* line_of(const ledger::Note& note, const ledger::VerifierKey& key) {
    const std::uint32_t hash = ledger::key_hash(key);
    const auto found = std::find_if(
        note.signatures.begin(), note.signatures.end(),
        [&](const auto& line) { return line.name == key.name && line.key_hash == hash; });
    return found == note.signatures.end() ? nullptr : &*found;
}

}  // namespace

Result<std::unique_ptr<Cosignatures>> Cosignatures::open(Env& env, std::string path,
                                                         const Replica& replica,
                                                         std::vector<ledger::VerifierKey> known) {
    std::unique_ptr<Cosignatures> out(
        new Cosignatures(env, std::move(path), replica, std::move(known)));
    for (const ledger::VerifierKey& key : out->known_) {
        out->seen_.push_back({.name = key.name, .log_size = {}, .time = {}});
    }
    SALUS_TRY(out->load());
    return out;
}

Status Cosignatures::load() {
    if (!env_.exists(path_)) return done;
    const Bytes bytes = SALUS_TRY(read_file(env_, path_, ledger::keyed_note_bytes_max));
    ledger::KeyedNote keyed = SALUS_TRY(ledger::parse_keyed_note(as_text(bytes)));
    if (!keyed.note) return broken("the file of cosignatures holds none");
    // A key without its signature, or with a wrong one, is a file that somebody changed.
    if (SALUS_TRY(ledger::count_signatures(*keyed.note, keyed.keys)) != keyed.keys.size()) {
        return broken("the file of cosignatures names a witness that did not sign");
    }
    SALUS_TRY(check_history(keyed.note->checkpoint));
    note_seen(*keyed.note);
    cosigned_ = std::move(keyed);
    return done;
}

/// The block's own note of exactly this many lines. Errors: integrity — no block ends there.
Result<ledger::Note> Cosignatures::own_note(std::uint64_t log_size) const {
    const ledger::BlockPlace place =
        SALUS_TRY(replica_.block_of(LogPosition{log_size == 0 ? 0 : log_size - 1}));
    if (place.log_end != log_size) return broken("no block ends at " + lines_of(log_size));
    const ledger::Block block = SALUS_TRY(replica_.block(place.height));
    return ledger::parse_note(as_text(block.checkpoint));
}

Status Cosignatures::check_history(const ledger::Checkpoint& checkpoint) const {
    if (checkpoint.origin != ledger::checkpoint_origin(replica_.genesis().chain_id)) {
        return Error{Errc::denied, "the checkpoint is of another log"};
    }
    const std::uint64_t here = replica_.head().log_size;
    if (checkpoint.log_size > here) {
        return broken("this log has " + lines_of(here) + ", and a checkpoint of " +
                      lines_of(checkpoint.log_size) + " was witnessed: the data are an older copy");
    }
    const Digest root = SALUS_TRY(replica_.with_log_tree(
        [&](ledger::LogTree& tree) { return tree.root_at(checkpoint.log_size); }));
    if (root != checkpoint.log_root) {
        return broken("a checkpoint of " + lines_of(checkpoint.log_size) +
                      " was witnessed that is not of this history: the log was forked");
    }
    return done;
}

Status Cosignatures::add(std::string_view text) {
    const ledger::Note note = SALUS_TRY(ledger::parse_note(text));
    const std::lock_guard lock(mutex_);
    const std::size_t signed_count = SALUS_TRY(ledger::count_signatures(note, known_));
    if (signed_count == 0) {
        return Error{Errc::denied, "none of the cosignatures is of a witness that this node knows"};
    }
    if (const Status same = check_history(note.checkpoint); !same) {
        // Whoever knows the witness's key cannot be a liar from outside: somebody must look.
        if (same.error().code == Errc::integrity) {
            alarm_ = same.error().detail;
            log::error("witness-disagrees", {{"reason", alarm_}});
        }
        return same;
    }
    ledger::Note own = SALUS_TRY(own_note(note.checkpoint.log_size));
    if (own.text != note.text) return broken("the cosigned text is not this log's");
    std::vector<ledger::NoteSignature> lines;
    std::vector<ledger::VerifierKey> keys;
    for (const ledger::VerifierKey& key : known_) {
        if (const ledger::NoteSignature* line = line_of(note, key)) {
            lines.push_back(*line);
            keys.push_back(key);
        }
    }
    own = ledger::with_signatures(std::move(own), lines);
    note_seen(own);
    return keep(own, std::move(keys));
}

/// The newest size wins; cosignatures of one size come together.
Status Cosignatures::keep(const ledger::Note& note, std::vector<ledger::VerifierKey> keys) {
    ledger::KeyedNote next{std::move(keys), note};
    if (cosigned_ && cosigned_->note->checkpoint.log_size > note.checkpoint.log_size) return done;
    if (cosigned_ && cosigned_->note->text == note.text) {
        for (const ledger::VerifierKey& key : cosigned_->keys) {
            if (std::find(next.keys.begin(), next.keys.end(), key) != next.keys.end()) continue;
            const std::array<ledger::NoteSignature, 1> line = {*line_of(*cosigned_->note, key)};
            next.note = ledger::with_signatures(std::move(*next.note), line);
            next.keys.push_back(key);
        }
    }
    SALUS_TRY(write_file_atomically(env_, path_, as_bytes(ledger::write_keyed_note(next))));
    cosigned_ = std::move(next);
    return done;
}

/// The time of a cosignature is seconds in front of it (C2SP tlog-cosignature).
void Cosignatures::note_seen(const ledger::Note& note) {
    for (std::size_t i = 0; i < known_.size(); ++i) {
        const ledger::NoteSignature* line = line_of(note, known_[i]);
        if (line == nullptr || line->bytes.size() < 8) continue;
        if (seen_[i].log_size && *seen_[i].log_size > note.checkpoint.log_size) continue;
        if (known_[i].algorithm != ledger::NoteAlgorithm::cosignature_v1) {
            // Another member's own signature carries no time.
            seen_[i].log_size = note.checkpoint.log_size;
            continue;
        }
        const std::uint64_t seconds = read_be64(line->bytes.data());
        seen_[i].log_size = note.checkpoint.log_size;
        seen_[i].time = UnixMillis{static_cast<std::int64_t>(seconds % (1ULL << 50U)) * 1'000};
    }
}

Status Cosignatures::compare(std::string_view text) const {
    const ledger::Note note = SALUS_TRY(ledger::parse_note(text));
    std::vector<ledger::VerifierKey> keys = known_;
    keys.push_back(replica_.verifier_key());
    if (SALUS_TRY(ledger::count_signatures(note, keys)) == 0) {
        return Error{Errc::denied, "nobody signed the checkpoint whom this node knows"};
    }
    return check_history(note.checkpoint);
}

Result<std::string> Cosignatures::newest() const {
    const std::string newest = SALUS_TRY(replica_.checkpoint());
    const std::lock_guard lock(mutex_);
    const bool same = cosigned_ && newest.starts_with(cosigned_->note->text + "\n");
    return same ? ledger::write_note(cosigned_->note->text, cosigned_->note->signatures) : newest;
}

Result<std::string> Cosignatures::cosigned() const {
    const std::lock_guard lock(mutex_);
    if (!cosigned_) return Error{Errc::not_found, "no witness has cosigned this log"};
    return ledger::write_note(cosigned_->note->text, cosigned_->note->signatures);
}

Result<std::string> Cosignatures::covering(LogPosition position) const {
    {
        const std::lock_guard lock(mutex_);
        if (cosigned_ && cosigned_->note->checkpoint.log_size > position.value) {
            return ledger::write_note(cosigned_->note->text, cosigned_->note->signatures);
        }
    }
    return newest();
}

Status Cosignatures::check_final(std::string_view note) const {
    std::vector<ledger::VerifierKey> keys = known_;
    keys.push_back(replica_.verifier_key());
    return ledger::check_quorum(SALUS_TRY(ledger::parse_note(note)), keys);
}

std::vector<WitnessStatus> Cosignatures::witnesses() const {
    const std::lock_guard lock(mutex_);
    return seen_;
}

std::string Cosignatures::alarm() const {
    const std::lock_guard lock(mutex_);
    return alarm_;
}

}  // namespace salus::chain
