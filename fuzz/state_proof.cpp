/// Proofs of presence and absence, leaves and entries of the relation tree, pages of the state
/// tree, and a tree driven by the input against a std::map: what is there is provable, what is not
/// is provably absent, and never the reverse.

#include "ledger/state_proof.hpp"

#include "ledger/relation.hpp"
#include "ledger/state_page.hpp"
#include "ledger/state_tree.hpp"
#include "support/laws.hpp"

#include <map>

using namespace salus;
using namespace salus::ledger;

namespace {

void tree_against_map(fuzz::Draw draw) {
    StateTree tree = StateTree::in_memory();
    std::map<Bytes, Bytes> model;
    while (!draw.empty() && model.size() < 24) {
        const Bytes key = to_bytes(draw.bytes(1));
        if (draw.coin()) {
            const Bytes value = to_bytes(draw.bytes(draw.below(4)));
            const auto update = tree.prepare({{StateChange::put(key, value)}}).value();
            tree.commit(update);
            model[key] = value;
        } else {
            const auto update = tree.prepare({{StateChange::remove(key)}}).value();
            tree.commit(update);
            model.erase(key);
        }
    }
    for (unsigned k = 0; k < 256; k += 5) {
        const Bytes key{static_cast<std::uint8_t>(k)};
        const StateProof proof = tree.prove(key).value();
        const auto found = model.find(key);
        const bool present =
            verify_state_present(key, found == model.end() ? Bytes{} : found->second, proof,
                                 tree.root())
                .ok();
        SALUS_ASSERT(present == (found != model.end()));
        SALUS_ASSERT(verify_state_absent(key, proof, tree.root()).ok() == (found == model.end()));
    }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const ByteView input(data, size);
    fuzz::check_codec(input, [](ByteView b) { return decode_state_proof(b); }, encode_state_proof);
    fuzz::check_codec(input, [](ByteView b) { return decode_relation(b); }, encode_relation);
    fuzz::check_codec(
        input, [](ByteView b) { return decode_relation_entry(b); }, encode_relation_entry);
    if (const auto page = StatePage::decode(input); page.ok()) {
        SALUS_ASSERT(page->encode() == to_bytes(input));
    }
    // No bytes prove anything under a root that nobody knows a tree of.
    Digest root;
    root.bytes.fill(0x5A);
    SALUS_ASSERT(!verify_state(as_bytes("key"), std::nullopt, input, root).ok());
    SALUS_ASSERT(!verify_state(as_bytes("key"), as_bytes("value"), input, root).ok());
    if (size <= 128) tree_against_map(fuzz::Draw(input));
    return 0;
}
