#pragma once

#include "base/bytes.hpp"

#include <cstdint>
#include <optional>
#include <vector>

/// Proofs that a key has a value in a state tree, or that it is absent:
/// docs/formats/state-proof.md. Needs hashes only, so it runs in a browser too.
///
/// The tree: a key lies where the bits of its hash lead; a subtree with one leaf is that leaf.
///   leaf = H(0x00 ‖ H(key) ‖ H(value))   inner = H(0x01 ‖ left ‖ right)   empty = 32 zero bytes
/// These are the rules of `SmtSpec` of ICS-23.
namespace salus::ledger {

/// Bits of a key's hash, the deepest that a leaf can lie.
inline constexpr std::size_t state_depth_max = 256;
inline constexpr std::size_t state_proof_bytes_max = 9'216;

struct StateLeaf {
    Digest key_hash;
    Digest value_hash;
    bool operator==(const StateLeaf&) const = default;
};

Digest state_leaf_hash(const StateLeaf& leaf);
Digest state_inner_hash(const Digest& left, const Digest& right);
/// The direction at this depth: the bit of the hash, most significant first. True: right.
inline bool state_bit(const Digest& key_hash, std::size_t depth) noexcept {
    return (unsigned{key_hash.bytes[depth / 8]} >> (7U - depth % 8) & 1U) != 0;
}

enum class StateProofKind : std::uint8_t {
    present = 0,       ///< the key's own leaf lies at the end of the path
    absent_empty = 1,  ///< nothing lies there
    absent_other = 2,  ///< the only leaf there is another key's
};

struct StateProof {
    StateProofKind kind = StateProofKind::absent_empty;
    std::vector<Digest> siblings;  ///< from the root downwards; zero where the sibling is empty
    StateLeaf other;               ///< absent_other only
    bool operator==(const StateProof&) const = default;
};

Bytes encode_state_proof(const StateProof& proof);
/// Errors: malformed; out_of_range — too long or too deep.
Result<StateProof> decode_state_proof(ByteView bytes);

/// Whether `key` has exactly `value` under `root`. Errors: integrity.
Status verify_state_present(ByteView key, ByteView value, const StateProof& proof,
                            const Digest& root);
/// Whether `key` has no value under `root`. Errors: integrity.
Status verify_state_absent(ByteView key, const StateProof& proof, const Digest& root);
/// Either, from bytes: no value asks for absence. Errors: malformed, out_of_range, integrity.
Status verify_state(ByteView key, std::optional<ByteView> value, ByteView proof,
                    const Digest& root);

}  // namespace salus::ledger
