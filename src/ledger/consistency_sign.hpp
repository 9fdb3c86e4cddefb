#pragma once

#include "crypto/sign.hpp"
#include "ledger/consistency.hpp"
#include "ledger/log_tree.hpp"

namespace salus::ledger {

/// The member's COSE Receipt that the log at `old_size` is the beginning of the log at `new_size`.
/// Errors: out_of_range — no such sizes, or old_size ≥ new_size; unavailable.
Result<Bytes> sign_consistency(LogTree& log, std::uint64_t old_size, std::uint64_t new_size,
                               const crypto::SigningKey& key);

/// Offline: sizes, path and signature. Gives the path, for `BundleOptions::consistency`.
/// Errors: as check_consistency, and authentication — the signature is wrong.
Result<std::vector<Digest>> verify_consistency_receipt(ByteView receipt, const TreeHead& older,
                                                       const TreeHead& newer,
                                                       std::span<const VerifierKey> trust);

}  // namespace salus::ledger
