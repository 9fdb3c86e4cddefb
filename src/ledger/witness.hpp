#pragma once

#include "base/env.hpp"
#include "crypto/sign.hpp"
#include "ledger/checkpoint.hpp"
#include "ledger/merkle.hpp"

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

/// A witness of a log: docs/formats/checkpoint.md, "Witness". The rules are C2SP tlog-witness's.
namespace salus::ledger {

/// In the ledger directory: the newest checkpoint that a witness cosigned, as a KeyedNote.
inline constexpr std::string_view cosigned_file_name = "cosigned";

/// A note together with keys that its reader needs: what a witness remembers of a log (the log's
/// keys), and what a node keeps of its witnesses (theirs).
struct KeyedNote {
    std::vector<VerifierKey> keys;  ///< at least 1
    std::optional<Note> note;
    bool operator==(const KeyedNote&) const = default;
};
std::string write_keyed_note(const KeyedNote& keyed);
/// Errors: malformed; out_of_range. write_keyed_note of the answer is the input, to the byte.
Result<KeyedNote> parse_keyed_note(std::string_view text);

/// A checkpoint with the proof that it continues the one that the witness saw last.
struct Submission {
    std::uint64_t old_size = 0;  ///< 0: the witness has seen nothing
    std::vector<Digest> path;
    Note note;
    bool operator==(const Submission&) const = default;
};
/// Body of C2SP `add-checkpoint`.
std::string write_submission(const Submission& submission);
/// Errors: malformed; out_of_range — more than submission_path_max nodes.
Result<Submission> parse_submission(std::string_view body);

/// Whether a witness with this memory cosigns.
///
/// Errors: not_found — another log; authentication — not signed by more than 2/3 of the log's keys;
///         out_of_range — an old size above the checkpoint's; already_exists — another old size
///         than the one remembered; integrity — the checkpoint forks from what was seen.
Status judge(const KeyedNote& memory, const Submission& submission);

/// A cosigner's key file: one line `PRIVATE+KEY+name+hash+base64(0x04 ‖ seed)`.
struct WitnessKey {
    std::string name;
    crypto::SigningKey key;
    [[nodiscard]] VerifierKey verifier() const;
};
/// Errors: not_found; malformed; unavailable.
Result<WitnessKey> read_witness_key(Env& env, const std::string& path);
/// Draws a key and writes the file, readable for its owner only. Errors: malformed — no key name;
/// unavailable.
Result<WitnessKey> make_witness_key(Env& env, const std::string& path, std::string_view name);

/// One log's witness: a key, and a file that remembers.
///
///     nothing seen ──add(old 0)──▶ remembers n ──add(old n, n ≤ m)──▶ remembers m …
///                                       │ a fork, a step back
///                                       ▼ refused; what was remembered stays
///
/// Threads: one at a time.
class Witness {
  public:
    /// Errors: malformed — the state file is damaged; unavailable.
    static Result<Witness> open(Env& env, WitnessKey key, std::string state_path);

    [[nodiscard]] VerifierKey verifier() const { return key_.verifier(); }
    /// Nothing: the log is not known yet.
    [[nodiscard]] const std::optional<KeyedNote>& memory() const noexcept { return memory_; }
    /// Fixes the log's keys, durably. Errors: denied — others are fixed already; unavailable.
    Status trust(std::vector<VerifierKey> log_keys);
    /// Judges, remembers durably, then cosigns with the time of `env`. Errors: as judge; denied —
    /// no log's keys are fixed; unavailable.
    Result<NoteSignature> add(const Submission& submission);
    /// The remembered note with a cosignature of now. Errors: not_found — none.
    [[nodiscard]] Result<std::string> cosigned() const;

  private:
    Witness(Env& env, WitnessKey key, std::string state_path)
        : env_(&env), key_(std::move(key)), state_path_(std::move(state_path)) {}
    [[nodiscard]] NoteSignature cosign(std::string_view text) const;

    Env* env_;
    WitnessKey key_;
    std::string state_path_;
    std::optional<KeyedNote> memory_;
};

/// The note with these signatures added; one of the same key takes the place of the one there.
Note with_signatures(Note note, std::span<const NoteSignature> signatures);

}  // namespace salus::ledger
