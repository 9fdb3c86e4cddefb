#pragma once

#include "ledger/block.hpp"
#include "ledger/limits.hpp"
#include "ledger/signature.hpp"

#include <span>
#include <string>
#include <string_view>
#include <vector>

/// C2SP tlog-checkpoint in a C2SP signed note: docs/formats/checkpoint.md.
namespace salus::ledger {

struct Checkpoint {
    std::string origin;  ///< salus/<chain_id>
    std::uint64_t log_size = 0;
    Digest log_root;
    BlockHeight height;
    Digest header_hash;
    Digest state_root;
    std::vector<std::string> extensions;  ///< further lines, kept and passed over
    bool operator==(const Checkpoint&) const = default;
};

std::string checkpoint_origin(std::string_view chain_id);
Checkpoint checkpoint_of(std::string_view chain_id, const BlockHeader& header,
                         const Digest& header_hash);

/// The text that is signed, with its last newline.
std::string checkpoint_text(const Checkpoint& checkpoint);
/// Errors: malformed; out_of_range. checkpoint_text(parse(text)) == text for every accepted text.
Result<Checkpoint> parse_checkpoint_text(std::string_view text);

struct NoteSignature {
    std::string name;
    std::uint32_t key_hash = 0;
    Bytes bytes;  ///< Ed25519: 64 bytes; cosignature/v1: be64 seconds ‖ 64 bytes
    bool operator==(const NoteSignature&) const = default;
};

struct Note {
    std::string text;  ///< signed part, with its last newline
    Checkpoint checkpoint;
    std::vector<NoteSignature> signatures;
    bool operator==(const Note&) const = default;
};

std::string write_note(std::string_view text, std::span<const NoteSignature> signatures);
/// Errors: malformed — names the line; out_of_range. write_note of the answer is the input, to the
/// byte.
Result<Note> parse_note(std::string_view note);

enum class NoteAlgorithm : std::uint8_t { ed25519 = 0x01, cosignature_v1 = 0x04 };

/// `name+hash+base64(algorithm ‖ key)` (C2SP signed-note verifier key).
struct VerifierKey {
    std::string name;
    NoteAlgorithm algorithm = NoteAlgorithm::ed25519;
    PublicKey key;
    bool operator==(const VerifierKey&) const = default;
};
std::uint32_t key_hash(const VerifierKey& key);
std::string write_verifier_key(const VerifierKey& key);
Result<VerifierKey> parse_verifier_key(std::string_view text);
/// One key a line; empty lines and lines that begin with '#' are passed over.
/// Errors: malformed — also two lines with one public key; out_of_range — none, or above
/// trust_keys_max.
Result<std::vector<VerifierKey>> parse_trust(std::string_view text);

/// salus/<chain_id>/<organisation hex>.
std::string member_key_name(std::string_view chain_id, const ObjectId& organisation);
VerifierKey member_key(std::string_view chain_id, const ObjectId& organisation,
                       const PublicKey& key);

/// What a signature of `key` signs: the text, or for a cosignature the text under its time.
Bytes note_message(NoteAlgorithm algorithm, std::string_view text, std::uint64_t unix_seconds = 0);
/// A signature line from the 64 bytes.
NoteSignature note_signature(const VerifierKey& key, const Signature& signature,
                             std::uint64_t unix_seconds = 0);

/// The checks to make for those keys that signed. Signatures of other keys are passed over.
/// Errors: malformed — a known key signed twice, or with a wrong number of bytes.
Result<std::vector<Vote>> note_votes(const Note& note, std::span<const VerifierKey> keys);

/// More than two thirds.
constexpr bool is_quorum(std::size_t signed_count, std::size_t of) noexcept {
    return of > 0 && 3 * signed_count > 2 * of;
}

}  // namespace salus::ledger
