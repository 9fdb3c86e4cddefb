#include "ledger/witness.hpp"

#include "ledger/checkpoint_sign.hpp"
#include "ledger/limits.hpp"

#include <algorithm>
#include <charconv>

namespace salus::ledger {
namespace {

constexpr std::string_view old_prefix = "old ";

Error wrong(const char* what) {
    return Error{Errc::malformed, std::string("witness: ") + what};
}

Result<std::string_view> take_line(std::string_view& text) {
    const std::size_t end = text.find('\n');
    if (end == std::string_view::npos) return wrong("a line does not end");
    const std::string_view line = text.substr(0, end);
    text.remove_prefix(end + 1);
    return line;
}

Error fork(const std::string& sentence) {
    return Error{Errc::integrity, sentence};
}

/// The same size again: the whole text must be the one seen, because the header hash and the state
/// root in it are not in the log yet.
Status judge_same_size(const Note& seen, const Note& now) {
    if (seen.checkpoint.log_root != now.checkpoint.log_root) {
        return fork("the log shows another history of " + std::to_string(seen.checkpoint.log_size) +
                    " lines than the one witnessed before");
    }
    if (seen.text != now.text) {
        return fork("the log signed two different checkpoints of " +
                    std::to_string(seen.checkpoint.log_size) + " lines");
    }
    return done;
}

Status judge_step(const Note& seen, const Submission& submission) {
    const Checkpoint& before = seen.checkpoint;
    const Checkpoint& now = submission.note.checkpoint;
    if (submission.old_size != before.log_size) {
        return Error{Errc::already_exists, "the last checkpoint witnessed has " +
                                               std::to_string(before.log_size) + " lines, not " +
                                               std::to_string(submission.old_size)};
    }
    if (now.log_size == before.log_size) {
        if (!submission.path.empty()) return wrong("a path between equal sizes");
        return judge_same_size(seen, submission.note);
    }
    if (!verify_consistency(before.log_size, now.log_size, submission.path, before.log_root,
                            now.log_root)) {
        return fork("the log of " + std::to_string(now.log_size) +
                    " lines does not continue the one of " + std::to_string(before.log_size) +
                    " lines witnessed before");
    }
    return done;
}

}  // namespace

std::string write_keyed_note(const KeyedNote& keyed) {
    std::string text;
    for (const VerifierKey& key : keyed.keys) text += write_verifier_key(key) + "\n";
    text += "\n";
    if (keyed.note) text += write_note(keyed.note->text, keyed.note->signatures);
    return text;
}

Result<KeyedNote> parse_keyed_note(std::string_view text) {
    KeyedNote keyed;
    while (true) {
        const std::string_view line = SALUS_TRY(take_line(text));
        if (line.empty()) break;
        if (keyed.keys.size() == trust_keys_max) {
            return Error{Errc::out_of_range, "witness: too many keys"};
        }
        keyed.keys.push_back(SALUS_TRY(parse_verifier_key(line)));
        if (std::count(keyed.keys.begin(), keyed.keys.end(), keyed.keys.back()) > 1) {
            return wrong("one key twice");
        }
    }
    if (keyed.keys.empty()) return wrong("no key");
    if (!text.empty()) keyed.note = SALUS_TRY(parse_note(text));
    return keyed;
}

std::string write_submission(const Submission& submission) {
    std::string body = std::string(old_prefix) + std::to_string(submission.old_size) + "\n";
    for (const Digest& node : submission.path) body += to_base64(node.view()) + "\n";
    return body + "\n" + write_note(submission.note.text, submission.note.signatures);
}

Result<Submission> parse_submission(std::string_view body) {
    Submission out;
    const std::string_view first = SALUS_TRY(take_line(body));
    if (!first.starts_with(old_prefix)) return wrong("the line 'old' is missing");
    const std::string_view number = first.substr(old_prefix.size());
    const auto [end, error] =
        std::from_chars(number.data(), number.data() + number.size(), out.old_size);
    if (error != std::errc{} || end != number.data() + number.size() ||
        number != std::to_string(out.old_size)) {
        return wrong("the old size is not decimal");
    }
    while (true) {
        const std::string_view line = SALUS_TRY(take_line(body));
        if (line.empty()) break;
        if (out.path.size() == submission_path_max) {
            return Error{Errc::out_of_range, "witness: the proof is too long"};
        }
        const Bytes node = SALUS_TRY(from_base64(line));
        out.path.push_back(SALUS_TRY(Digest::from(node)));
    }
    out.note = SALUS_TRY(parse_note(body));
    return out;
}

Status judge(const KeyedNote& memory, const Submission& submission) {
    const Checkpoint& now = submission.note.checkpoint;
    if (memory.note && memory.note->checkpoint.origin != now.origin) {
        return Error{Errc::not_found, "the checkpoint is of another log"};
    }
    SALUS_TRY(check_quorum(submission.note, memory.keys));
    if (submission.old_size > now.log_size || now.log_size == 0) {
        return Error{Errc::out_of_range, "the old size is above the checkpoint's"};
    }
    if (memory.note) return judge_step(*memory.note, submission);
    if (submission.old_size != 0) {
        return Error{Errc::already_exists, "no checkpoint was witnessed yet"};
    }
    return submission.path.empty() ? Status(done) : Status(wrong("a path from nothing"));
}

Note with_signatures(Note note, std::span<const NoteSignature> signatures) {
    for (const NoteSignature& added : signatures) {
        std::erase_if(note.signatures, [&](const NoteSignature& one) {
            return one.name == added.name && one.key_hash == added.key_hash;
        });
        note.signatures.push_back(added);
    }
    return note;
}

Result<Witness> Witness::open(Env& env, WitnessKey key, std::string state_path) {
    Witness witness(env, std::move(key), std::move(state_path));
    if (env.exists(witness.state_path_)) {
        const Bytes bytes = SALUS_TRY(read_file(env, witness.state_path_, keyed_note_bytes_max));
        witness.memory_ = SALUS_TRY(parse_keyed_note(as_text(bytes)));
    }
    return witness;
}

Status Witness::trust(std::vector<VerifierKey> log_keys) {
    if (memory_) {
        if (memory_->keys == log_keys) return done;
        return Error{Errc::denied, "this witness follows a log with other keys"};
    }
    KeyedNote fresh{std::move(log_keys), std::nullopt};
    SALUS_TRY(write_file_atomically(*env_, state_path_, as_bytes(write_keyed_note(fresh))));
    memory_ = std::move(fresh);
    return done;
}

Result<NoteSignature> Witness::add(const Submission& submission) {
    if (!memory_) return Error{Errc::denied, "this witness follows no log yet"};
    SALUS_TRY(judge(*memory_, submission));
    KeyedNote next{memory_->keys, submission.note};
    // What is signed must be remembered whatever happens: the file is synced first.
    SALUS_TRY(write_file_atomically(*env_, state_path_, as_bytes(write_keyed_note(next))));
    memory_ = std::move(next);
    return cosign(submission.note.text);
}

Result<std::string> Witness::cosigned() const {
    if (!memory_ || !memory_->note) {
        return Error{Errc::not_found, "no checkpoint was witnessed yet"};
    }
    const std::array<NoteSignature, 1> own = {cosign(memory_->note->text)};
    const Note note = with_signatures(*memory_->note, own);
    return write_note(note.text, note.signatures);
}

NoteSignature Witness::cosign(std::string_view text) const {
    const auto seconds =
        static_cast<std::uint64_t>(std::max<std::int64_t>(0, env_->now().value / 1'000));
    return cosign_checkpoint(text, key_.name, key_.key, seconds);
}

}  // namespace salus::ledger
