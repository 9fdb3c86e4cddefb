#include "ledger/cose.hpp"

#include "base/cbor.hpp"
#include "ledger/limits.hpp"

namespace salus::ledger {
namespace {

// RFC 9052 §3.1 header labels and RFC 9053 §2.2 algorithm.
constexpr std::uint64_t label_algorithm = 1;
constexpr std::uint64_t label_kid = 4;
constexpr std::int64_t algorithm_eddsa = -8;
constexpr std::uint64_t tag_sign1 = 18;

Result<PublicKey> decode_protected(ByteView bytes) {
    cbor::Reader header(bytes);
    SALUS_TRY(header.map_of(2));
    SALUS_TRY(header.key(label_algorithm));
    if (SALUS_TRY(header.integer()) != algorithm_eddsa) {
        return Error{Errc::malformed, "cose: the algorithm is not EdDSA"};
    }
    SALUS_TRY(header.key(label_kid));
    const PublicKey kid = SALUS_TRY(header.fixed<PublicKey>());
    SALUS_TRY(header.end());
    return kid;
}

}  // namespace

Bytes cose_protected(const PublicKey& kid) {
    cbor::Writer out;
    out.map(2).uint(label_algorithm).integer(algorithm_eddsa).uint(label_kid).bytes(kid.view());
    return out.take();
}

Bytes cose_sig_structure(std::string_view label, const PublicKey& kid, ByteView payload) {
    cbor::Writer out;
    out.array(4).text("Signature1").bytes(cose_protected(kid)).bytes(as_bytes(label));
    out.bytes(payload);
    return out.take();
}

Bytes cose_assemble(ByteView payload, const PublicKey& kid, const Signature& signature) {
    cbor::Writer out;
    out.tag(tag_sign1).array(4).bytes(cose_protected(kid)).map(0);
    out.bytes(payload).bytes(signature.view());
    return out.take();
}

Result<CoseSign1> cose_decode(ByteView message) {
    if (message.size() > cose_bytes_max) {
        return Error{Errc::out_of_range,
                     "cose: message of " + std::to_string(message.size()) + " bytes"};
    }
    cbor::Reader in(message);
    SALUS_TRY(in.tag(tag_sign1));
    SALUS_TRY(in.array_of(4));
    CoseSign1 out;
    const ByteView header = SALUS_TRY(in.bytes());
    out.kid = SALUS_TRY(decode_protected(header));
    SALUS_TRY(in.map_of(0));
    out.payload = to_bytes(SALUS_TRY(in.bytes()));
    out.signature = SALUS_TRY(in.fixed<Signature>());
    SALUS_TRY(in.end());
    return out;
}

SignatureCheck cose_signature(std::string_view label, const CoseSign1& message) {
    return {message.kid, cose_sig_structure(label, message.kid, message.payload),
            message.signature};
}

}  // namespace salus::ledger
