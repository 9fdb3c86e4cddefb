#include "ledger/cose_sign.hpp"

#include "ledger/signature_native.hpp"

namespace salus::ledger {

Bytes cose_sign1(std::string_view label, ByteView payload, const crypto::SigningKey& key) {
    const PublicKey kid = crypto::public_key(key);
    return cose_assemble(payload, kid, crypto::sign(key, cose_sig_structure(label, kid, payload)));
}

Status cose_check(std::string_view label, const CoseSign1& message) {
    return check_signature(cose_signature(label, message));
}

}  // namespace salus::ledger
