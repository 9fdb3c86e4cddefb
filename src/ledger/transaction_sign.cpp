#include "ledger/transaction_sign.hpp"

#include "ledger/signature_native.hpp"

namespace salus::ledger {

Result<Bytes> sign_transaction(const TransactionBody& body, const crypto::SigningKey& key) {
    const Bytes payload = SALUS_TRY(encode_body(body));
    const PublicKey kid = crypto::public_key(key);
    return assemble(payload, kid, crypto::sign(key, sig_structure(payload, kid)));
}

Status check_signature(const Transaction& transaction) {
    return check_signature(transaction_signature(transaction));
}

}  // namespace salus::ledger
