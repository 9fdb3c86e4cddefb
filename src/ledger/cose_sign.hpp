#pragma once

#include "crypto/sign.hpp"
#include "ledger/cose.hpp"

namespace salus::ledger {

/// Signs `payload` under `label` and returns the whole COSE_Sign1.
Bytes cose_sign1(std::string_view label, ByteView payload, const crypto::SigningKey& key);

/// Errors: authentication — the signature is not that of `message.kid` under `label`.
Status cose_check(std::string_view label, const CoseSign1& message);

}  // namespace salus::ledger
