#pragma once

#include "ledger/signature.hpp"

#include <string_view>

/// COSE_Sign1 (RFC 9052 §4.2) as Salus uses it: EdDSA, the key in the protected header, a domain
/// label as external data, so that a signature made for one purpose is none for another.
/// docs/formats/transaction.md.
///
///     18([ bstr .cbor {1: -8, 4: kid}, {}, payload bstr, signature bstr64 ])
namespace salus::ledger {

inline constexpr std::string_view transaction_label = "salus/v1/transaction";
inline constexpr std::string_view access_request_label = "salus/v1/access-request";

struct CoseSign1 {
    PublicKey kid;
    Bytes payload;
    Signature signature;
    bool operator==(const CoseSign1&) const = default;
};

/// The protected header {1: -8, 4: kid}: 38 bytes.
Bytes cose_protected(const PublicKey& kid);

/// What is signed: ["Signature1", protected, label, payload].
Bytes cose_sig_structure(std::string_view label, const PublicKey& kid, ByteView payload);

/// The whole message, once the signature over cose_sig_structure is there.
Bytes cose_assemble(ByteView payload, const PublicKey& kid, const Signature& signature);

/// Strict: one canonical item, this header and no other, an empty unprotected header.
/// Errors: malformed; out_of_range — longer than cose_bytes_max.
Result<CoseSign1> cose_decode(ByteView message);

/// The check that makes a decoded message true under a label.
SignatureCheck cose_signature(std::string_view label, const CoseSign1& message);

}  // namespace salus::ledger
