#pragma once

#include "ledger/absence.hpp"
#include "ledger/block.hpp"
#include "ledger/checkpoint.hpp"
#include "ledger/merkle.hpp"
#include "ledger/signature.hpp"

#include <optional>
#include <span>
#include <vector>

/// Receipts that a patient can check without a node: docs/formats/receipt.md. This header is the
/// part without signatures of its own (also for wasm32); receipt_sign.hpp signs and verifies
/// natively.
namespace salus::ledger {

/// COSE Receipt of inclusion (RFC 9942, RFC9162_SHA256) of one log line, signed over the log's
/// root.
struct InclusionReceipt {
    PublicKey kid;
    std::uint64_t log_size = 0;
    std::uint64_t position = 0;
    std::vector<Digest> path;
    Signature signature;
    bool operator==(const InclusionReceipt&) const = default;
};
/// What the member signs for a root.
Bytes receipt_sig_structure(const PublicKey& kid, const Digest& root);
Bytes encode_receipt(const InclusionReceipt& receipt);
Result<InclusionReceipt> decode_receipt(ByteView bytes);

enum class BundleKind : std::uint8_t {
    transaction = 1,
    operation = 2,
    access = 3,
    state = 4,    ///< what some keys of state are, or that they are absent
    absence = 5,  ///< that somebody had no access at some time
};
/// Whether it speaks of the checkpoint's state, and not of a line of the log.
constexpr bool is_about_state(BundleKind kind) noexcept {
    return kind == BundleKind::state || kind == BundleKind::absence;
}

/// Where an operation stands in its envelope.
struct OperationPath {
    std::uint32_t code = 0;
    std::uint64_t index = 0;
    std::uint64_t count = 0;
    std::vector<Digest> path;
    bool operator==(const OperationPath&) const = default;
};

/// Opens a commitment that stands in the subject: commitment = HMAC-SHA256(salt, value).
struct Opening {
    Bytes salt;
    Bytes value;
    bool operator==(const Opening&) const = default;
};

struct Bundle {
    BundleKind kind = BundleKind::transaction;
    Bytes subject;                     ///< COSE_Sign1 (transaction), an operation's CBOR, a list of
                                       ///< state claims, or an absence
    std::vector<std::uint32_t> codes;  ///< transaction: one for each operation
    OperationPath operation;           ///< operation, access
    Bytes access_receipt;              ///< access: docs/formats/access-receipt.md
    std::vector<Digest> access_path;   ///< access: from the receipt to the anchor's root
    Bytes log_entry;
    Bytes receipt;     ///< encode_receipt
    Bytes checkpoint;  ///< signed note
    std::vector<Opening> openings;
    bool operator==(const Bundle&) const = default;
};

/// Errors: out_of_range — bundle_bytes_max, openings_max.
Result<Bytes> encode_bundle(const Bundle& bundle);
/// Also checks the hash at the end: integrity when it differs.
Result<Bundle> decode_bundle(ByteView bytes);

/// A bundle about state: encode_state_claims or encode_absence, and the note whose state it is.
Result<Bytes> make_state_bundle(BundleKind kind, Bytes subject, ByteView checkpoint);

/// What a bundle says once its signatures hold. Of those about state, height is the checkpoint's,
/// and position, id, time and code are zero.
struct BundleClaims {
    BundleKind kind = BundleKind::transaction;
    LogPosition position;
    Digest id;
    BlockHeight height;
    UnixMillis time;
    std::uint32_t code = 0;  ///< of the transaction, or of the operation
    std::string origin;
    std::uint64_t log_size = 0;
    std::vector<StateClaim> state;         ///< state
    std::optional<AbsenceAnswer> absence;  ///< absence; its answers may be no
};

/// A bundle whose hashes all fit; true when every `required` check and a quorum of `votes` hold.
struct BundleCheck {
    BundleClaims claims;
    std::vector<SignatureCheck> required;  ///< the receipt's; for a transaction also the account's
    std::vector<Vote>
        votes;  ///< checkpoint signatures of trusted keys; a false one refuses the bundle
};

struct BundleOptions {
    /// A checkpoint the verifier has from elsewhere: then its signatures count, and its root must
    /// be the receipt's (same size) or follow from it by `consistency` (larger).
    std::string_view checkpoint;
    std::span<const Digest> consistency;
};

/// Everything about a bundle but the signatures.
/// Errors: malformed; integrity — a hash, path, root or opening does not fit; authentication — not
/// more than 2/3 of `trust` signed the checkpoint, or the receipt is signed by none of them.
Result<BundleCheck> check_bundle(ByteView bytes, std::span<const VerifierKey> trust,
                                 const BundleOptions& options = {});

}  // namespace salus::ledger
