#include "ledger/receipt.hpp"

#include "base/cbor.hpp"
#include "crypto/hash.hpp"
#include "ledger/consistency.hpp"

#include <algorithm>

namespace salus::ledger {
namespace {

// RFC 9942 §4 and §5: header parameters vds and vdp; RFC9162_SHA256 is 1, whose proof types are -1
// for inclusion and -2 for consistency.
constexpr std::uint64_t label_algorithm = 1;
constexpr std::uint64_t label_kid = 4;
constexpr std::uint64_t label_vds = 395;
constexpr std::uint64_t label_vdp = 396;
constexpr std::int64_t algorithm_eddsa = -8;
constexpr std::int64_t proof_inclusion = -1;
constexpr std::int64_t proof_consistency = -2;
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

/// What both kinds of proof are: two numbers and a path.
struct Proof {
    std::uint64_t first = 0;
    std::uint64_t second = 0;
    std::vector<Digest> path;
};
struct Receipt {
    PublicKey kid;
    Proof proof;
    Signature signature;
};

Bytes write_receipt(std::int64_t type, const Receipt& receipt) {
    cbor::Writer proof;
    proof.array(3).uint(receipt.proof.first).uint(receipt.proof.second);
    proof.array(receipt.proof.path.size());
    for (const Digest& node : receipt.proof.path) proof.bytes(node.view());
    cbor::Writer out;
    out.tag(tag_sign1).array(4).bytes(receipt_protected(receipt.kid));
    out.map(1).uint(label_vdp).map(1).integer(type).array(1).bytes(proof.view());
    out.null().bytes(receipt.signature.view());
    return out.take();
}

Result<Proof> read_proof(ByteView bytes) {
    cbor::Reader in(bytes);
    SALUS_TRY(in.array_of(3));
    Proof proof;
    proof.first = SALUS_TRY(in.uint());
    proof.second = SALUS_TRY(in.uint());
    const std::size_t nodes = SALUS_TRY(in.array());
    if (nodes > proof_path_max) return wrong("the path is too long");
    for (std::size_t i = 0; i < nodes; ++i) proof.path.push_back(SALUS_TRY(in.fixed<Digest>()));
    SALUS_TRY(in.end());
    return proof;
}

Result<Receipt> read_receipt(std::int64_t type, ByteView bytes) {
    cbor::Reader in(bytes);
    SALUS_TRY(in.tag(tag_sign1));
    SALUS_TRY(in.array_of(4));
    Receipt receipt;
    const ByteView header = SALUS_TRY(in.bytes());
    receipt.kid = SALUS_TRY(decode_protected(header));
    SALUS_TRY(in.map_of(1));
    SALUS_TRY(in.key(label_vdp));
    SALUS_TRY(in.map_of(1));
    if (SALUS_TRY(in.integer()) != type) {
        return wrong(type == proof_inclusion ? "not a proof of inclusion"
                                             : "not a proof of consistency");
    }
    SALUS_TRY(in.array_of(1));
    const ByteView proof = SALUS_TRY(in.bytes());
    receipt.proof = SALUS_TRY(read_proof(proof));
    SALUS_TRY(in.null());
    receipt.signature = SALUS_TRY(in.fixed<Signature>());
    SALUS_TRY(in.end());
    return receipt;
}

}  // namespace

Bytes receipt_sig_structure(const PublicKey& kid, const Digest& root) {
    cbor::Writer out;
    out.array(4).text("Signature1").bytes(receipt_protected(kid)).bytes({}).bytes(root.view());
    return out.take();
}

Bytes encode_receipt(const InclusionReceipt& receipt) {
    return write_receipt(
        proof_inclusion,
        {receipt.kid, {receipt.log_size, receipt.position, receipt.path}, receipt.signature});
}

Result<InclusionReceipt> decode_receipt(ByteView bytes) {
    Receipt receipt = SALUS_TRY(read_receipt(proof_inclusion, bytes));
    return InclusionReceipt{receipt.kid, receipt.proof.first, receipt.proof.second,
                            std::move(receipt.proof.path), receipt.signature};
}

Bytes encode_consistency(const ConsistencyReceipt& receipt) {
    return write_receipt(
        proof_consistency,
        {receipt.kid, {receipt.old_size, receipt.new_size, receipt.path}, receipt.signature});
}

Result<ConsistencyReceipt> decode_consistency(ByteView bytes) {
    Receipt receipt = SALUS_TRY(read_receipt(proof_consistency, bytes));
    if (receipt.proof.first == 0 || receipt.proof.first >= receipt.proof.second) {
        return Error{Errc::out_of_range, "receipt: a proof leads from a size to a larger one"};
    }
    return ConsistencyReceipt{receipt.kid, receipt.proof.first, receipt.proof.second,
                              std::move(receipt.proof.path), receipt.signature};
}

TreeHead head_of(const Checkpoint& checkpoint) {
    return {checkpoint.log_size, checkpoint.log_root};
}

Result<SignatureCheck> check_consistency(ByteView bytes, const TreeHead& older,
                                         const TreeHead& newer,
                                         std::span<const VerifierKey> trust) {
    const ConsistencyReceipt receipt = SALUS_TRY(decode_consistency(bytes));
    if (receipt.old_size != older.size || receipt.new_size != newer.size) {
        return Error{Errc::integrity, "receipt: the proof is between other sizes"};
    }
    SALUS_TRY(verify_consistency(older.size, newer.size, receipt.path, older.root, newer.root));
    const bool known = std::any_of(trust.begin(), trust.end(),
                                   [&](const VerifierKey& key) { return key.key == receipt.kid; });
    if (!known) {
        return Error{Errc::authentication, "receipt: the proof is signed by no trusted key"};
    }
    return SignatureCheck{receipt.kid, receipt_sig_structure(receipt.kid, newer.root),
                          receipt.signature};
}

}  // namespace salus::ledger
