#pragma once

#include "crypto/sign.hpp"
#include "ledger/checkpoint.hpp"

namespace salus::ledger {

/// A member's signature of the text (algorithm 0x01). `name` is the key's name.
NoteSignature sign_checkpoint(std::string_view text, std::string_view name,
                              const crypto::SigningKey& key);
/// A witness's cosignature (algorithm 0x04) with its time.
NoteSignature cosign_checkpoint(std::string_view text, std::string_view name,
                                const crypto::SigningKey& key, std::uint64_t unix_seconds);

/// The note that a sealing member stores with its block.
std::string seal_checkpoint(const Checkpoint& checkpoint, std::string_view name,
                            const crypto::SigningKey& key);

/// How many of `keys` signed. Errors: malformed; authentication — a signature of a known key is
/// wrong.
Result<std::size_t> count_signatures(const Note& note, std::span<const VerifierKey> keys);
/// Errors: as count_signatures; authentication — not more than 2/3 of `keys` signed.
Status check_quorum(const Note& note, std::span<const VerifierKey> keys);
/// Errors: authentication — `key` did not sign, or wrongly.
Status check_signed_by(const Note& note, const VerifierKey& key);

}  // namespace salus::ledger
