#include "ledger/consistency_sign.hpp"

#include "ledger/receipt.hpp"
#include "ledger/signature_native.hpp"

namespace salus::ledger {

Result<Bytes> sign_consistency(LogTree& log, std::uint64_t old_size, std::uint64_t new_size,
                               const crypto::SigningKey& key) {
    if (old_size >= new_size) {
        return Error{Errc::out_of_range, "consistency: a proof leads from a size to a larger one"};
    }
    ConsistencyReceipt receipt;
    receipt.kid = crypto::public_key(key);
    receipt.old_size = old_size;
    receipt.new_size = new_size;
    receipt.path = SALUS_TRY(log.consistency(old_size, new_size));
    const Digest root = SALUS_TRY(log.root_at(new_size));
    receipt.signature = crypto::sign(key, receipt_sig_structure(receipt.kid, root));
    return encode_consistency(receipt);
}

Result<std::vector<Digest>> verify_consistency_receipt(ByteView receipt, const TreeHead& older,
                                                       const TreeHead& newer,
                                                       std::span<const VerifierKey> trust) {
    SALUS_TRY(check_signature(SALUS_TRY(check_consistency(receipt, older, newer, trust))));
    return SALUS_TRY(decode_consistency(receipt)).path;
}

}  // namespace salus::ledger
