#pragma once

#include "ledger/signature.hpp"

#include <span>

namespace salus::ledger {

/// Errors: authentication — the signature is not the key's under libsodium's rule. Threads: any.
Status check_signature(const SignatureCheck& check);
/// All of them; the first that fails is the error.
Status check_signatures(std::span<const SignatureCheck> checks);

}  // namespace salus::ledger
