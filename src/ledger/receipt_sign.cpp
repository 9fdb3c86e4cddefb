#include "ledger/receipt_sign.hpp"

#include "base/cbor.hpp"
#include "ledger/signature_native.hpp"

namespace salus::ledger {
namespace {

/// A source whose parts have been found to belong together.
struct Parts {
    Transaction transaction;
    TransactionResult result;
    Bundle bundle;                 ///< entry, receipt and checkpoint are in
    std::vector<Digest> outcomes;  ///< leaves of the operations tree
};

Result<Parts> gather(const BundleSource& source, const crypto::SigningKey& key) {
    Parts parts;
    parts.transaction = SALUS_TRY(decode_transaction(source.transaction));
    parts.result = SALUS_TRY(decode_result(source.result));
    const auto& hashes = parts.transaction.operation_hashes;
    if (hashes.size() != parts.result.operations.size()) {
        return Error{Errc::malformed, "bundle: the result is another transaction's"};
    }
    for (std::size_t i = 0; i < hashes.size(); ++i) {
        const std::uint32_t code = parts.result.operations[i].code;
        parts.bundle.codes.push_back(code);
        parts.outcomes.push_back(merkle_leaf(encode_operation_outcome(hashes[i], code)));
    }
    parts.bundle.log_entry =
        encode_log_entry(log_entry_of(parts.transaction, parts.result, source.height, source.time));
    const Digest leaf = SALUS_TRY(source.log.leaf(source.position.value));
    if (leaf != merkle_leaf(parts.bundle.log_entry)) {
        return Error{Errc::malformed, "bundle: another line stands at this position"};
    }
    const Note note = SALUS_TRY(parse_note(as_text(source.checkpoint)));
    parts.bundle.checkpoint = to_bytes(source.checkpoint);
    parts.bundle.receipt =
        SALUS_TRY(sign_receipt(source.log, source.position, note.checkpoint.log_size, key));
    return parts;
}

Status place_operation(Parts& parts, std::size_t operation) {
    if (operation >= parts.outcomes.size()) {
        return Error{Errc::out_of_range, "bundle: no operation " + std::to_string(operation)};
    }
    parts.bundle.subject =
        SALUS_TRY(encode_operation(parts.transaction.body.operations[operation]));
    parts.bundle.operation.code = parts.bundle.codes[operation];
    parts.bundle.operation.index = operation;
    parts.bundle.operation.count = parts.outcomes.size();
    parts.bundle.operation.path = SALUS_TRY(merkle_inclusion(parts.outcomes, operation));
    parts.bundle.codes.clear();
    return done;
}

}  // namespace

Result<Bytes> sign_receipt(LogTree& log, LogPosition position, std::uint64_t log_size,
                           const crypto::SigningKey& key) {
    InclusionReceipt receipt;
    receipt.kid = crypto::public_key(key);
    receipt.log_size = log_size;
    receipt.position = position.value;
    receipt.path = SALUS_TRY(log.inclusion(position.value, log_size));
    const Digest root = SALUS_TRY(log.root_at(log_size));
    receipt.signature = crypto::sign(key, receipt_sig_structure(receipt.kid, root));
    return encode_receipt(receipt);
}

Result<Bytes> make_bundle(const BundleSource& source, const crypto::SigningKey& key,
                          std::span<const Opening> openings) {
    Parts parts = SALUS_TRY(gather(source, key));
    parts.bundle.kind = BundleKind::transaction;
    parts.bundle.subject = to_bytes(source.transaction);
    parts.bundle.openings.assign(openings.begin(), openings.end());
    return encode_bundle(parts.bundle);
}

Result<Bytes> make_operation_bundle(const BundleSource& source, std::size_t operation,
                                    const crypto::SigningKey& key,
                                    std::span<const Opening> openings) {
    Parts parts = SALUS_TRY(gather(source, key));
    parts.bundle.kind = BundleKind::operation;
    SALUS_TRY(place_operation(parts, operation));
    parts.bundle.openings.assign(openings.begin(), openings.end());
    return encode_bundle(parts.bundle);
}

Result<Bytes> make_access_bundle(const BundleSource& source, std::size_t operation,
                                 std::span<const Bytes> receipts, std::size_t receipt,
                                 const crypto::SigningKey& key) {
    Parts parts = SALUS_TRY(gather(source, key));
    parts.bundle.kind = BundleKind::access;
    SALUS_TRY(place_operation(parts, operation));
    std::vector<Digest> leaves;
    for (const Bytes& bytes : receipts) leaves.push_back(merkle_leaf(bytes));
    parts.bundle.access_path = SALUS_TRY(merkle_inclusion(leaves, receipt));
    parts.bundle.access_receipt = receipts[receipt];
    return encode_bundle(parts.bundle);
}

Result<BundleClaims> verify_bundle(ByteView bytes, std::span<const VerifierKey> trust,
                                   const BundleOptions& options) {
    const BundleCheck check = SALUS_TRY(check_bundle(bytes, trust, options));
    SALUS_TRY(check_signatures(check.required));
    for (const Vote& vote : check.votes) SALUS_TRY(check_signature(vote.check));
    return check.claims;
}

}  // namespace salus::ledger
