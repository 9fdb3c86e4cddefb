#pragma once

#include "crypto/sign.hpp"
#include "ledger/transaction.hpp"

namespace salus::ledger {

/// The signed envelope. Errors: as encode_body and assemble.
Result<Bytes> sign_transaction(const TransactionBody& body, const crypto::SigningKey& key);

/// Errors: authentication — the signature is not `transaction.kid`'s. ~55 µs. Threads: any; pure.
Status check_signature(const Transaction& transaction);

}  // namespace salus::ledger
