#include "ledger/kat.hpp"

#include "ledger/receipt_sign.hpp"
#include "ledger/state_proof.hpp"

#include "fixture.hpp"

using namespace salus;
using namespace salus::ledger;
using namespace salus::ledger::test;

namespace {

json::Value list_of(const std::vector<Digest>& hashes) {
    json::Array out;
    for (const Digest& hash : hashes) out.emplace_back(to_hex(hash.view()));
    return json::Value(std::move(out));
}

}  // namespace

TEST_CASE("kat answers rfc9162 inclusion and consistency, and refuses size 0") {
    std::vector<Digest> leaves;
    for (std::uint64_t i = 0; i < 7; ++i) leaves.push_back(merkle_leaf(args_of(i)));
    const auto inclusion = [&](std::uint64_t index, std::uint64_t size) {
        return ledger_kat("rfc9162.inclusion",
                          json::Object{{"leaf_hash", to_hex(leaves[3].view())},
                                       {"index", index},
                                       {"size", size},
                                       {"path", list_of(must(merkle_inclusion(leaves, 3)))},
                                       {"root", to_hex(merkle_root(leaves).view())}});
    };
    CHECK(inclusion(3, 7).ok());
    CHECK_FALSE(inclusion(2, 7).ok());
    CHECK_FALSE(inclusion(3, 0).ok());
    const auto consistency = [&](std::uint64_t size) {
        const std::vector<Digest> roots = {merkle_root(std::span(leaves).first(5)),
                                           merkle_root(leaves)};
        return ledger_kat("rfc9162.consistency",
                          json::Object{{"size1", size},
                                       {"size2", 7},
                                       {"roots", list_of(roots)},
                                       {"path", list_of(must(merkle_consistency(leaves, 5)))}});
    };
    CHECK(consistency(5).ok());
    CHECK_FALSE(consistency(4).ok());
    CHECK_FALSE(consistency(0).ok());
    CHECK(code_of(ledger_kat("rfc9162.inclusion", json::Object{})) == Errc::malformed);
    CHECK(ledger_kat("nothing", json::Object{}).error().detail == "unknown op");
    CHECK(is_ledger_kat("receipt.verify"));
    CHECK_FALSE(is_ledger_kat("sha256"));
}

TEST_CASE("kat verifies a receipt bundle") {
    ChainBuilder chain;
    const Block block = chain.next();
    const BundleSource source{chain.log(),      LogPosition{1},        block.transactions[0],
                              block.results[0], chain.header().height, chain.header().time,
                              block.checkpoint};
    const std::string bundle = to_hex(must(make_bundle(source, key_of(member_key_seed))));
    const Member& member = chain.genesis().config.members[0];
    const std::string trust =
        write_verifier_key(member_key("test", member.organisation, member.signing_key));
    const json::Value answer =
        must(ledger_kat("receipt.verify", json::Object{{"bundle", bundle}, {"trust", trust}}));
    CHECK(must(json::need_uint(answer, "position")) == 1);
    CHECK(ledger_kat("receipt.verify",
                     json::Object{{"bundle", bundle}, {"trust", json::Array{trust}}})
              .ok());
    CHECK_FALSE(
        ledger_kat("receipt.verify", json::Object{{"bundle", bundle + "00"}, {"trust", trust}})
            .ok());
}

TEST_CASE("kat answers state membership and absence") {
    const Bytes key = to_bytes("c/record/x");
    const Bytes value = to_bytes("v");
    const StateLeaf leaf{crypto::sha256(key), crypto::sha256(value)};
    const std::string root = to_hex(state_leaf_hash(leaf).view());
    StateProof proof;
    proof.kind = StateProofKind::present;
    const auto ask = [&](const Bytes& asked, json::Value with) {
        return ledger_kat("state.membership",
                          json::Object{{"key", to_hex(asked)},
                                       {"value", std::move(with)},
                                       {"proof", to_hex(encode_state_proof(proof))},
                                       {"root", root}});
    };
    CHECK(ask(key, to_hex(value)).ok());
    CHECK_FALSE(ask(key, to_hex(key)).ok());
    CHECK_FALSE(ask(key, nullptr).ok());
    proof.kind = StateProofKind::absent_other;
    proof.other = leaf;
    CHECK(ask(to_bytes("c/record/y"), nullptr).ok());
    CHECK_FALSE(ask(key, nullptr).ok());
}
