#include "ledger/receipt.hpp"

#include "base/cbor.hpp"
#include "crypto/hash.hpp"

namespace salus::ledger {
namespace {

// RFC 9942 §4: header parameters vds and vdp; proof type -1 is inclusion; RFC9162_SHA256 is 1.
constexpr std::uint64_t label_algorithm = 1;
constexpr std::uint64_t label_kid = 4;
constexpr std::uint64_t label_vds = 395;
constexpr std::uint64_t label_vdp = 396;
constexpr std::int64_t algorithm_eddsa = -8;
constexpr std::int64_t proof_inclusion = -1;
constexpr std::uint64_t vds_rfc9162_sha256 = 1;
constexpr std::uint64_t tag_sign1 = 18;

Error wrong(const char* what) {
    return Error{Errc::malformed, std::string("receipt: ") + what};
}

Bytes receipt_protected(const PublicKey& kid) {
    cbor::Writer out;
    out.map(3).uint(label_algorithm).integer(algorithm_eddsa).uint(label_kid).bytes(kid.view());
    out.uint(label_vds).uint(vds_rfc9162_sha256);
    return out.take();
}

Result<PublicKey> decode_protected(ByteView bytes) {
    cbor::Reader in(bytes);
    SALUS_TRY(in.map_of(3));
    SALUS_TRY(in.key(label_algorithm));
    if (SALUS_TRY(in.integer()) != algorithm_eddsa) return wrong("the algorithm is not EdDSA");
    SALUS_TRY(in.key(label_kid));
    const PublicKey kid = SALUS_TRY(in.fixed<PublicKey>());
    SALUS_TRY(in.key(label_vds));
    if (SALUS_TRY(in.uint()) != vds_rfc9162_sha256) return wrong("the tree is not RFC9162_SHA256");
    SALUS_TRY(in.end());
    return kid;
}

Status decode_inclusion(ByteView bytes, InclusionReceipt& into) {
    cbor::Reader in(bytes);
    SALUS_TRY(in.array_of(3));
    into.log_size = SALUS_TRY(in.uint());
    into.position = SALUS_TRY(in.uint());
    const std::size_t nodes = SALUS_TRY(in.array());
    if (nodes > proof_path_max) return wrong("the path is too long");
    for (std::size_t i = 0; i < nodes; ++i) into.path.push_back(SALUS_TRY(in.fixed<Digest>()));
    return in.end();
}

}  // namespace

Bytes receipt_sig_structure(const PublicKey& kid, const Digest& root) {
    cbor::Writer out;
    out.array(4).text("Signature1").bytes(receipt_protected(kid)).bytes({}).bytes(root.view());
    return out.take();
}

Bytes encode_receipt(const InclusionReceipt& receipt) {
    cbor::Writer proof;
    proof.array(3).uint(receipt.log_size).uint(receipt.position).array(receipt.path.size());
    for (const Digest& node : receipt.path) proof.bytes(node.view());
    cbor::Writer out;
    out.tag(tag_sign1).array(4).bytes(receipt_protected(receipt.kid));
    out.map(1).uint(label_vdp).map(1).integer(proof_inclusion).array(1).bytes(proof.view());
    out.null().bytes(receipt.signature.view());
    return out.take();
}

Result<InclusionReceipt> decode_receipt(ByteView bytes) {
    cbor::Reader in(bytes);
    SALUS_TRY(in.tag(tag_sign1));
    SALUS_TRY(in.array_of(4));
    InclusionReceipt receipt;
    const ByteView header = SALUS_TRY(in.bytes());
    receipt.kid = SALUS_TRY(decode_protected(header));
    SALUS_TRY(in.map_of(1));
    SALUS_TRY(in.key(label_vdp));
    SALUS_TRY(in.map_of(1));
    if (SALUS_TRY(in.integer()) != proof_inclusion) return wrong("not a proof of inclusion");
    SALUS_TRY(in.array_of(1));
    const ByteView proof = SALUS_TRY(in.bytes());
    SALUS_TRY(decode_inclusion(proof, receipt));
    SALUS_TRY(in.null());
    receipt.signature = SALUS_TRY(in.fixed<Signature>());
    SALUS_TRY(in.end());
    return receipt;
}

}  // namespace salus::ledger
