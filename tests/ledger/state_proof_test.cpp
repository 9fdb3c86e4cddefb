#include "base/cbor.hpp"
#include "crypto/hash.hpp"
#include "ledger/state_tree.hpp"

#include <doctest/doctest.h>

using namespace salus;
using namespace salus::ledger;

namespace {

StateTree tree_of(std::initializer_list<std::pair<std::string_view, std::string_view>> pairs) {
    StateTree tree = StateTree::in_memory();
    std::vector<StateChange> changes;
    for (const auto& [key, value] : pairs)
        changes.push_back(StateChange::put(as_bytes(key), as_bytes(value)));
    const auto update = tree.prepare(std::move(changes));
    SALUS_ASSERT(update.ok());
    tree.commit(*update);
    return tree;
}

}  // namespace

TEST_CASE("the worked example of docs/formats/state-proof.md is what the tree computes") {
    const StateTree tree = tree_of({{"alpha", "1"}, {"beta", "2"}, {"gamma", "3"}});
    CHECK(to_hex(tree.root().view()) ==
          "649eb8e016a3cbfce000060bea32c5004ec16a152493a8b2e324fb8745805f42");
    const auto proof_of = [&](std::string_view key) {
        return to_hex(encode_state_proof(*tree.prove(as_bytes(key))));
    };
    CHECK(proof_of("alpha") ==
          "8300834058207af2c25e19e7db0e33ec4fb7f95b2accb6f344946fefedb3847a7fda5c707ae55820"
          "1ef77851b70b16f62e58ab9e428ee859db15daa245264cfa5e7a49af3053e304f6");
    CHECK(proof_of("delta") ==
          "830181582033863cfa524018c7a25cd471ecf6a3f7e74ae0592bf5cdced98794939be9f1f6f6");
    CHECK(proof_of("theta") ==
          "8302834058207af2c25e19e7db0e33ec4fb7f95b2accb6f344946fefedb3847a7fda5c707ae55820"
          "1ef77851b70b16f62e58ab9e428ee859db15daa245264cfa5e7a49af3053e3048258208ed3f6ad68"
          "5b959ead7022518e1af76cd816f8e8ec7ccdda1ed4018e8f2223f858206b86b273ff34fce19d6b80"
          "4eff5a3f5747ada4eaa22f1d49c01e52ddb7875b4b");
}

TEST_CASE("any changed byte of a proof is refused") {
    const StateTree tree = tree_of({{"a", "1"}, {"b", "2"}, {"c", "3"}, {"d", "4"}, {"e", "5"}});
    for (const std::string_view key : {"a", "f", "g", "h", "i", "j"}) {
        const Bytes bytes = encode_state_proof(*tree.prove(as_bytes(key)));
        const std::optional<ByteView> value =
            key == "a" ? std::optional{as_bytes("1")} : std::nullopt;
        REQUIRE(verify_state(as_bytes(key), value, bytes, tree.root()).ok());
        for (std::size_t at = 0; at < bytes.size(); ++at) {
            for (unsigned bit = 0; bit < 8; ++bit) {
                Bytes changed = bytes;
                changed[at] = static_cast<std::uint8_t>(changed[at] ^ 1U << bit);
                CHECK_FALSE(verify_state(as_bytes(key), value, changed, tree.root()).ok());
            }
            CHECK_FALSE(
                verify_state(as_bytes(key), value, ByteView{bytes}.first(at), tree.root()).ok());
        }
        Bytes longer = bytes;
        longer.push_back(0);
        CHECK_FALSE(verify_state(as_bytes(key), value, longer, tree.root()).ok());
    }
}

TEST_CASE("a proof decodes to what was encoded, and back to the same bytes") {
    StateProof proof;
    for (std::size_t depth = 0; depth <= state_depth_max; ++depth) {
        for (const auto kind : {StateProofKind::present, StateProofKind::absent_empty,
                                StateProofKind::absent_other}) {
            proof.kind = kind;
            proof.other = {};
            if (kind == StateProofKind::absent_other) proof.other.key_hash.bytes.fill(7);
            const Bytes bytes = encode_state_proof(proof);
            CHECK(bytes.size() <= state_proof_bytes_max);
            CHECK(cbor::check(bytes).ok());
            const auto decoded = decode_state_proof(bytes);
            REQUIRE(decoded.ok());
            CHECK(*decoded == proof);
            CHECK(encode_state_proof(*decoded) == bytes);
        }
        Digest sibling;
        sibling.bytes[0] = static_cast<std::uint8_t>(depth % 3);  // every third is empty
        proof.siblings.push_back(sibling);
    }
}

TEST_CASE(
    "proofs deeper than a hash, of unknown kind or with a spelled-out empty sibling are refused") {
    const auto code_of = [](cbor::Writer& out) {
        const auto decoded = decode_state_proof(out.view());
        return decoded.ok() ? Errc{} : decoded.error().code;
    };
    const auto with_depth = [&](std::size_t depth) {
        cbor::Writer out;
        out.array(3).uint(0).array(depth);
        for (std::size_t i = 0; i < depth; ++i) out.bytes({});
        out.null();
        return code_of(out);
    };
    CHECK(with_depth(state_depth_max - 1) == Errc{});
    CHECK(with_depth(state_depth_max) == Errc{});
    CHECK(with_depth(state_depth_max + 1) == Errc::out_of_range);
    cbor::Writer kind;
    kind.array(3).uint(3).array(0).null();
    CHECK(code_of(kind) == Errc::malformed);
    cbor::Writer zero;
    zero.array(3).uint(0).array(1).bytes(Digest{}.view()).null();
    CHECK(code_of(zero) == Errc::malformed);
    cbor::Writer other;
    other.array(3).uint(0).array(0).array(2).bytes(Digest{}.view()).bytes(Digest{}.view());
    CHECK(code_of(other) == Errc::malformed);
    CHECK(decode_state_proof(Bytes(state_proof_bytes_max + 1, 0)).error().code ==
          Errc::out_of_range);

    StateProof deep;
    deep.siblings.resize(state_depth_max + 1);
    CHECK(verify_state_present({}, {}, deep, {}).error().code == Errc::out_of_range);
    CHECK(verify_state_absent({}, deep, {}).error().code == Errc::out_of_range);
}

TEST_CASE("a lying prover cannot show a present key as absent") {
    const StateTree tree = tree_of({{"a", "1"}, {"b", "2"}, {"c", "3"}});
    const StateProof honest = *tree.prove(as_bytes("a"));
    StateProof lie = honest;
    lie.kind = StateProofKind::absent_empty;
    CHECK_FALSE(verify_state_absent(as_bytes("a"), lie, tree.root()).ok());
    // The key's own leaf as "another one".
    lie.kind = StateProofKind::absent_other;
    lie.other = {crypto::sha256(as_bytes("a")), crypto::sha256(as_bytes("1"))};
    CHECK_FALSE(verify_state_absent(as_bytes("a"), lie, tree.root()).ok());
    // A real leaf of the tree, but from another place.
    for (const std::string_view key : {"b", "c"}) {
        StateProof moved = *tree.prove(as_bytes(key));
        moved.kind = StateProofKind::absent_other;
        moved.other = {crypto::sha256(as_bytes(key)),
                       crypto::sha256(key == "b" ? as_bytes("2") : as_bytes("3"))};
        CHECK_FALSE(verify_state_absent(as_bytes("a"), moved, tree.root()).ok());
    }
    // Cutting the path short at an inner node.
    for (std::size_t depth = 0; depth < honest.siblings.size(); ++depth) {
        StateProof cut = honest;
        cut.siblings.resize(depth);
        CHECK_FALSE(verify_state_present(as_bytes("a"), as_bytes("1"), cut, tree.root()).ok());
        cut.kind = StateProofKind::absent_empty;
        CHECK_FALSE(verify_state_absent(as_bytes("a"), cut, tree.root()).ok());
    }
    CHECK(verify_state_absent(as_bytes("a"), {}, {}).ok());  // in the empty tree all are absent
    CHECK_FALSE(verify_state_absent(as_bytes("a"), {}, tree.root()).ok());
}
