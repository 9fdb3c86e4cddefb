#include "ledger/checkpoint_sign.hpp"

#include "ledger/signature_native.hpp"

namespace salus::ledger {
namespace {

NoteSignature sign_as(NoteAlgorithm algorithm, std::string_view text, std::string_view name,
                      const crypto::SigningKey& key, std::uint64_t unix_seconds) {
    const VerifierKey verifier{std::string(name), algorithm, crypto::public_key(key)};
    const Bytes message = note_message(algorithm, text, unix_seconds);
    return note_signature(verifier, crypto::sign(key, message), unix_seconds);
}

}  // namespace

NoteSignature sign_checkpoint(std::string_view text, std::string_view name,
                              const crypto::SigningKey& key) {
    return sign_as(NoteAlgorithm::ed25519, text, name, key, 0);
}

NoteSignature cosign_checkpoint(std::string_view text, std::string_view name,
                                const crypto::SigningKey& key, std::uint64_t unix_seconds) {
    return sign_as(NoteAlgorithm::cosignature_v1, text, name, key, unix_seconds);
}

std::string seal_checkpoint(const Checkpoint& checkpoint, std::string_view name,
                            const crypto::SigningKey& key) {
    const std::string text = checkpoint_text(checkpoint);
    const std::array<NoteSignature, 1> signatures = {sign_checkpoint(text, name, key)};
    return write_note(text, signatures);
}

Result<std::size_t> count_signatures(const Note& note, std::span<const VerifierKey> keys) {
    const std::vector<Vote> votes = SALUS_TRY(note_votes(note, keys));
    for (const Vote& vote : votes) SALUS_TRY(check_signature(vote.check));
    return votes.size();
}

Status check_quorum(const Note& note, std::span<const VerifierKey> keys) {
    const std::size_t signed_count = SALUS_TRY(count_signatures(note, keys));
    if (!is_quorum(signed_count, keys.size())) {
        return Error{Errc::authentication, "checkpoint: signed by " + std::to_string(signed_count) +
                                               " of " + std::to_string(keys.size())};
    }
    return done;
}

Status check_signed_by(const Note& note, const VerifierKey& key) {
    return check_quorum(note, std::span(&key, 1));
}

}  // namespace salus::ledger
