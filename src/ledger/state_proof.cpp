#include "ledger/state_proof.hpp"

#include "base/cbor.hpp"
#include "crypto/hash.hpp"

namespace salus::ledger {
namespace {

constexpr std::uint8_t leaf_prefix[1] = {0};
constexpr std::uint8_t inner_prefix[1] = {1};
constexpr std::uint64_t kind_max = 2;

Status check_path(const Digest& key_hash, Digest node, const StateProof& proof,
                  const Digest& root) {
    for (std::size_t depth = proof.siblings.size(); depth-- > 0;) {
        const Digest& sibling = proof.siblings[depth];
        node = state_bit(key_hash, depth) ? state_inner_hash(sibling, node)
                                          : state_inner_hash(node, sibling);
    }
    if (node != root) return Error{Errc::integrity, "the state proof leads to another root"};
    return done;
}

bool share_path(const Digest& a, const Digest& b, std::size_t depth) {
    for (std::size_t i = 0; i < depth; ++i)
        if (state_bit(a, i) != state_bit(b, i)) return false;
    return true;
}

Status check_depth(const StateProof& proof) {
    if (proof.siblings.size() > state_depth_max)
        return Error{Errc::out_of_range, "a state proof has at most 256 siblings"};
    return done;
}

}  // namespace

Digest state_leaf_hash(const StateLeaf& leaf) {
    return crypto::sha256({leaf_prefix, leaf.key_hash.view(), leaf.value_hash.view()});
}

Digest state_inner_hash(const Digest& left, const Digest& right) {
    return crypto::sha256({inner_prefix, left.view(), right.view()});
}

// docs/formats/state-proof.md: [kind, [* sibling], null / [key hash, value hash]].
Bytes encode_state_proof(const StateProof& proof) {
    SALUS_ASSERT(proof.siblings.size() <= state_depth_max);
    cbor::Writer out;
    out.array(3).uint(static_cast<std::uint64_t>(proof.kind)).array(proof.siblings.size());
    for (const Digest& sibling : proof.siblings)
        out.bytes(sibling.is_zero() ? ByteView{} : sibling.view());
    if (proof.kind == StateProofKind::absent_other) {
        out.array(2).bytes(proof.other.key_hash.view()).bytes(proof.other.value_hash.view());
    } else {
        out.null();
    }
    return out.take();
}

Result<StateProof> decode_state_proof(ByteView bytes) {
    if (bytes.size() > state_proof_bytes_max)
        return Error{Errc::out_of_range, "a state proof is too long"};
    cbor::Reader in(bytes);
    StateProof proof;
    SALUS_TRY(in.array_of(3));
    const std::uint64_t kind = SALUS_TRY(in.uint());
    if (kind > kind_max) return Error{Errc::malformed, "a state proof of an unknown kind"};
    proof.kind = static_cast<StateProofKind>(kind);
    const std::size_t depth = SALUS_TRY(in.array());
    if (depth > state_depth_max)
        return Error{Errc::out_of_range, "a state proof has at most 256 siblings"};
    for (std::size_t i = 0; i < depth; ++i) {
        const ByteView sibling = SALUS_TRY(in.bytes());
        if (sibling.empty()) {
            proof.siblings.emplace_back();
            continue;
        }
        proof.siblings.push_back(SALUS_TRY(Digest::from(sibling)));
        if (proof.siblings.back().is_zero())
            return Error{Errc::malformed, "an empty sibling is written with no bytes"};
    }
    if (proof.kind == StateProofKind::absent_other) {
        SALUS_TRY(in.array_of(2));
        proof.other.key_hash = SALUS_TRY(in.fixed<Digest>());
        proof.other.value_hash = SALUS_TRY(in.fixed<Digest>());
    } else {
        SALUS_TRY(in.null());
    }
    SALUS_TRY(in.end());
    return proof;
}

Status verify_state_present(ByteView key, ByteView value, const StateProof& proof,
                            const Digest& root) {
    SALUS_TRY(check_depth(proof));
    if (proof.kind != StateProofKind::present)
        return Error{Errc::integrity, "the state proof says that the key is absent"};
    const StateLeaf leaf{crypto::sha256(key), crypto::sha256(value)};
    return check_path(leaf.key_hash, state_leaf_hash(leaf), proof, root);
}

Status verify_state_absent(ByteView key, const StateProof& proof, const Digest& root) {
    SALUS_TRY(check_depth(proof));
    if (proof.kind == StateProofKind::present)
        return Error{Errc::integrity, "the state proof says that the key is present"};
    const Digest key_hash = crypto::sha256(key);
    if (proof.kind == StateProofKind::absent_empty) return check_path(key_hash, {}, proof, root);
    // Another key's leaf proves absence only where both keys would have to lie.
    if (proof.other.key_hash == key_hash)
        return Error{Errc::integrity, "the other leaf of the state proof is the key's own"};
    if (!share_path(proof.other.key_hash, key_hash, proof.siblings.size()))
        return Error{Errc::integrity, "the other leaf of the state proof lies elsewhere"};
    return check_path(key_hash, state_leaf_hash(proof.other), proof, root);
}

Status verify_state(ByteView key, std::optional<ByteView> value, ByteView proof,
                    const Digest& root) {
    const StateProof decoded = SALUS_TRY(decode_state_proof(proof));
    return value ? verify_state_present(key, *value, decoded, root)
                 : verify_state_absent(key, decoded, root);
}

}  // namespace salus::ledger
