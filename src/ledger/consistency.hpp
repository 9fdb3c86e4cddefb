#pragma once

#include "ledger/checkpoint.hpp"
#include "ledger/merkle.hpp"
#include "ledger/signature.hpp"

#include <span>
#include <vector>

/// COSE Receipt of consistency: docs/formats/receipt.md. This part also compiles to wasm32;
/// consistency_sign.hpp signs and verifies natively.
namespace salus::ledger {

/// That the log of `old_size` lines is the beginning of the log of `new_size` lines (RFC 9942,
/// RFC9162_SHA256), signed over the newer root. Both sizes are at least 1 and differ, so the path
/// is never empty.
struct ConsistencyReceipt {
    PublicKey kid;
    std::uint64_t old_size = 0;
    std::uint64_t new_size = 0;
    std::vector<Digest> path;
    Signature signature;
    bool operator==(const ConsistencyReceipt&) const = default;
};
Bytes encode_consistency(const ConsistencyReceipt& receipt);
/// Errors: malformed; out_of_range — sizes that no proof leads between.
Result<ConsistencyReceipt> decode_consistency(ByteView bytes);

/// A size of a log and its root there.
struct TreeHead {
    std::uint64_t size = 0;
    Digest root;
    bool operator==(const TreeHead&) const = default;
};
TreeHead head_of(const Checkpoint& checkpoint);

/// Everything but the signature, which is the answer. The verifier says what both heads are: a
/// receipt that chose its own older head would prove nothing.
/// Errors: malformed; integrity — other sizes, or the path does not lead from one root to the
/// other; authentication — signed by none of `trust`.
Result<SignatureCheck> check_consistency(ByteView receipt, const TreeHead& older,
                                         const TreeHead& newer, std::span<const VerifierKey> trust);

}  // namespace salus::ledger
