#include "ledger/signature_native.hpp"

#include "crypto/sign.hpp"

namespace salus::ledger {

Status check_signature(const SignatureCheck& check) {
    if (!crypto::verify(check.key, check.message, check.signature)) {
        return Error{Errc::authentication,
                     "signature is not that of key " + to_hex(check.key.view())};
    }
    return done;
}

Status check_signatures(std::span<const SignatureCheck> checks) {
    for (const SignatureCheck& check : checks) SALUS_TRY(check_signature(check));
    return done;
}

}  // namespace salus::ledger
