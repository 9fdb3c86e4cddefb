#include "base/cbor.hpp"
#include "crypto/hash.hpp"
#include "ledger/receipt.hpp"

namespace salus::ledger {
namespace {

Error broken(const char* what) {
    return Error{Errc::integrity, std::string("bundle: ") + what};
}

Result<LogEntry> read_entry(ByteView bytes) {
    const LogLine line = SALUS_TRY(decode_log_line(bytes));
    if (!std::holds_alternative<LogEntry>(line)) {
        return Error{Errc::malformed, "bundle: the log line is a link, not a transaction"};
    }
    return std::get<LogEntry>(line);
}

/// A whole transaction: the line names its bytes, and the codes lead to the line's operations root.
Status check_transaction(const Bundle& bundle, const LogEntry& entry, BundleCheck& out) {
    const Transaction transaction = SALUS_TRY(decode_transaction(bundle.subject));
    if (transaction.id != entry.id) return broken("the log line names another transaction");
    if (transaction.cose_hash != entry.cose_hash) return broken("the signed bytes are others");
    if (bundle.codes.size() != transaction.operation_hashes.size()) {
        return broken("not one code for each operation");
    }
    if (operations_root(transaction.operation_hashes, bundle.codes) != entry.operations_root) {
        return broken("the codes are not those of the log line");
    }
    out.claims.code = entry.code;
    out.claims.origin = checkpoint_origin(transaction.body.chain_id);
    out.required.push_back(transaction_signature(transaction));
    return done;
}

/// One operation: its hash and code lie under the line's operations root.
Status check_operation(const Bundle& bundle, const LogEntry& entry, BundleCheck& out) {
    SALUS_TRY(decode_operation(bundle.subject));
    if (bundle.operation.count > operations_max) {
        return Error{Errc::out_of_range, "bundle: too many operations"};
    }
    const Bytes outcome =
        encode_operation_outcome(operation_hash(bundle.subject), bundle.operation.code);
    SALUS_TRY(verify_inclusion(merkle_leaf(outcome), bundle.operation.index, bundle.operation.count,
                               bundle.operation.path, entry.operations_root));
    out.claims.code = bundle.operation.code;
    return done;
}

struct Anchor {
    std::uint64_t from = 0;
    std::uint64_t to = 0;
    Digest root;
};

/// docs/contracts/access.md: the args of `anchor`.
Result<Anchor> read_anchor(const Operation& operation) {
    if (operation.contract != "access" || operation.method != "anchor") {
        return Error{Errc::malformed, "bundle: the operation is not an access anchor"};
    }
    cbor::Reader in(operation.args);
    SALUS_TRY(in.map_of(5));
    Anchor anchor;
    SALUS_TRY(in.key(1));
    anchor.from = SALUS_TRY(in.uint());
    SALUS_TRY(in.key(2));
    anchor.to = SALUS_TRY(in.uint());
    SALUS_TRY(in.key(3));
    anchor.root = SALUS_TRY(in.fixed<Digest>());
    return anchor;
}

/// docs/formats/access-receipt.md: a map whose first key is the sequence.
Result<std::uint64_t> read_sequence(ByteView receipt) {
    SALUS_TRY(cbor::check(receipt));
    cbor::Reader in(receipt);
    SALUS_TRY(in.map());
    SALUS_TRY(in.key(1));
    return in.uint();
}

Status check_access(const Bundle& bundle) {
    if (bundle.operation.code != code::success) return broken("the anchor was refused");
    const Operation operation = SALUS_TRY(decode_operation(bundle.subject));
    const Anchor anchor = SALUS_TRY(read_anchor(operation));
    const std::uint64_t sequence = SALUS_TRY(read_sequence(bundle.access_receipt));
    if (anchor.from > anchor.to || sequence < anchor.from || sequence > anchor.to) {
        return broken("the access receipt is not in the anchor's range");
    }
    return verify_inclusion(merkle_leaf(bundle.access_receipt), sequence - anchor.from,
                            anchor.to - anchor.from + 1, bundle.access_path, anchor.root);
}

/// Each opened commitment must stand in what the bundle is about.
Status check_openings(const Bundle& bundle) {
    for (const Opening& opening : bundle.openings) {
        const Digest commitment = crypto::hmac_sha256(opening.salt, opening.value);
        const auto found = std::search(bundle.subject.begin(), bundle.subject.end(),
                                       commitment.bytes.begin(), commitment.bytes.end());
        if (found == bundle.subject.end()) {
            return broken("an opening belongs to no commitment in it");
        }
    }
    return done;
}

/// The note whose signatures count, and that its tree holds the receipt's.
Result<Note> trusted_note(const Bundle& bundle, const Digest& root, std::uint64_t size,
                          const BundleOptions& options) {
    const Note own = SALUS_TRY(parse_note(as_text(bundle.checkpoint)));
    if (own.checkpoint.log_size != size || own.checkpoint.log_root != root) {
        return broken("the path does not lead to the checkpoint's root");
    }
    if (options.checkpoint.empty()) return own;
    Note other = SALUS_TRY(parse_note(options.checkpoint));
    if (other.checkpoint.origin != own.checkpoint.origin) return broken("two logs");
    SALUS_TRY(verify_consistency(size, other.checkpoint.log_size, options.consistency, root,
                                 other.checkpoint.log_root));
    return other;
}

Status check_quorum(const BundleCheck& check, std::span<const VerifierKey> trust) {
    if (is_quorum(check.votes.size(), trust.size())) return done;
    return Error{Errc::authentication, "bundle: the checkpoint is signed by " +
                                           std::to_string(check.votes.size()) + " of " +
                                           std::to_string(trust.size()) + " trusted keys"};
}

Status check_signers(const BundleCheck& check, std::span<const VerifierKey> trust,
                     const PublicKey& receipt_key) {
    const bool known = std::any_of(trust.begin(), trust.end(),
                                   [&](const VerifierKey& key) { return key.key == receipt_key; });
    if (!known) {
        return Error{Errc::authentication, "bundle: the receipt is signed by no trusted key"};
    }
    return check_quorum(check, trust);
}

/// The note that carries the state root. One from elsewhere must be of the very same state: a proof
/// that the log grew says nothing about what the state was.
Result<Note> state_note(const Bundle& bundle, const BundleOptions& options) {
    const Note own = SALUS_TRY(parse_note(as_text(bundle.checkpoint)));
    if (options.checkpoint.empty()) return own;
    Note other = SALUS_TRY(parse_note(options.checkpoint));
    if (other.text != own.text) return broken("its state is not that of the other checkpoint");
    return other;
}

Result<BundleCheck> check_state_bundle(const Bundle& bundle, std::span<const VerifierKey> trust,
                                       const BundleOptions& options) {
    BundleCheck out;
    const Note note = SALUS_TRY(state_note(bundle, options));
    if (bundle.kind == BundleKind::state) {
        out.claims.state = SALUS_TRY(decode_state_claims(bundle.subject));
        SALUS_TRY(check_state_claims(out.claims.state, note.checkpoint.state_root));
    } else {
        const Absence absence = SALUS_TRY(decode_absence(bundle.subject));
        out.claims.absence = SALUS_TRY(check_absence(absence, note.checkpoint, trust));
    }
    out.votes = SALUS_TRY(note_votes(note, trust));
    SALUS_TRY(check_quorum(out, trust));
    out.claims.kind = bundle.kind;
    out.claims.height = note.checkpoint.height;
    out.claims.origin = note.checkpoint.origin;
    out.claims.log_size = note.checkpoint.log_size;
    return out;
}

}  // namespace

Result<BundleCheck> check_bundle(ByteView bytes, std::span<const VerifierKey> trust,
                                 const BundleOptions& options) {
    const Bundle bundle = SALUS_TRY(decode_bundle(bytes));
    if (is_about_state(bundle.kind)) return check_state_bundle(bundle, trust, options);
    const LogEntry entry = SALUS_TRY(read_entry(bundle.log_entry));
    BundleCheck out;
    if (bundle.kind == BundleKind::transaction) {
        SALUS_TRY(check_transaction(bundle, entry, out));
    } else {
        SALUS_TRY(check_operation(bundle, entry, out));
    }
    if (bundle.kind == BundleKind::access) SALUS_TRY(check_access(bundle));
    SALUS_TRY(check_openings(bundle));

    const InclusionReceipt receipt = SALUS_TRY(decode_receipt(bundle.receipt));
    const Digest root = SALUS_TRY(root_from_inclusion(
        merkle_leaf(bundle.log_entry), receipt.position, receipt.log_size, receipt.path));
    out.required.push_back(
        {receipt.kid, receipt_sig_structure(receipt.kid, root), receipt.signature});
    const Note note = SALUS_TRY(trusted_note(bundle, root, receipt.log_size, options));
    out.votes = SALUS_TRY(note_votes(note, trust));
    SALUS_TRY(check_signers(out, trust, receipt.kid));

    if (!out.claims.origin.empty() && out.claims.origin != note.checkpoint.origin) {
        return broken("the transaction is of another chain");
    }
    out.claims.kind = bundle.kind;
    out.claims.position = LogPosition{receipt.position};
    out.claims.id = entry.id;
    out.claims.height = entry.height;
    out.claims.time = entry.time;
    out.claims.origin = note.checkpoint.origin;
    out.claims.log_size = receipt.log_size;
    return out;
}

}  // namespace salus::ledger
