#include "ledger/consistency_sign.hpp"
#include "ledger/receipt_sign.hpp"

#include "fixture.hpp"

using namespace salus;
using namespace salus::ledger;
using namespace salus::ledger::test;

namespace {

/// A log of seven blocks, three lines each.
struct World {
    World() {
        for (int i = 0; i < 7; ++i) chain.next();
    }
    TreeHead head(std::uint64_t size) { return {size, must(chain.log().root_at(size))}; }
    std::vector<VerifierKey> trust() const {
        const Member& member = chain.genesis().config.members[0];
        return {member_key("test", member.organisation, member.signing_key)};
    }
    Bytes receipt(std::uint64_t from, std::uint64_t to) {
        return must(sign_consistency(chain.log(), from, to, key_of(member_key_seed)));
    }
    Errc refusal(const Bytes& receipt, const TreeHead& older, const TreeHead& newer) const {
        return code_of(verify_consistency_receipt(receipt, older, newer, trust()));
    }
    ChainBuilder chain;
};

}  // namespace

TEST_CASE("a consistency receipt leads from every size to every larger one") {
    World world;
    const std::uint64_t size = world.chain.log().size();
    REQUIRE(size == 21);
    for (std::uint64_t from = 1; from < size; ++from) {
        for (std::uint64_t to = from + 1; to <= size; ++to) {
            const Bytes receipt = world.receipt(from, to);
            const auto path = must(verify_consistency_receipt(receipt, world.head(from),
                                                              world.head(to), world.trust()));
            CHECK_FALSE(path.empty());
            CHECK(encode_consistency(must(decode_consistency(receipt))) == receipt);
        }
    }
}

TEST_CASE("no proof leads from nothing, from a size to itself, or beyond the log") {
    World world;
    const auto key = key_of(member_key_seed);
    for (const auto& [from, to] :
         std::vector<std::pair<std::uint64_t, std::uint64_t>>{{0, 5}, {5, 5}, {6, 5}, {5, 22}}) {
        CHECK(code_of(sign_consistency(world.chain.log(), from, to, key)) == Errc::out_of_range);
    }
    ConsistencyReceipt receipt = must(decode_consistency(world.receipt(3, 9)));
    receipt.old_size = 9;
    CHECK(code_of(decode_consistency(encode_consistency(receipt))) == Errc::out_of_range);
    receipt.old_size = 0;
    CHECK(code_of(decode_consistency(encode_consistency(receipt))) == Errc::out_of_range);
}

TEST_CASE("any flipped bit of a consistency receipt is found") {
    World world;
    const Bytes good = world.receipt(6, 15);
    for (std::size_t at = 0; at < good.size(); ++at) {
        for (unsigned bit = 0; bit < 8; ++bit) {
            Bytes bytes = good;
            bytes[at] = static_cast<std::uint8_t>(bytes[at] ^ (1U << bit));
            CHECK_FALSE(
                verify_consistency_receipt(bytes, world.head(6), world.head(15), world.trust())
                    .ok());
        }
    }
}

TEST_CASE("the verifier says which two heads are meant, the receipt does not") {
    World world;
    const Bytes receipt = world.receipt(6, 15);
    CHECK(world.refusal(receipt, world.head(9), world.head(15)) == Errc::integrity);
    CHECK(world.refusal(receipt, world.head(6), world.head(18)) == Errc::integrity);
    TreeHead forged = world.head(6);
    forged.root.bytes[0] ^= 1;
    CHECK(world.refusal(receipt, forged, world.head(15)) == Errc::integrity);
    const Bytes stranger = must(sign_consistency(world.chain.log(), 6, 15, key_of(0x77)));
    CHECK(world.refusal(stranger, world.head(6), world.head(15)) == Errc::authentication);
    const Bytes inclusion =
        must(sign_receipt(world.chain.log(), LogPosition{5}, 15, key_of(member_key_seed)));
    CHECK(world.refusal(inclusion, world.head(6), world.head(15)) == Errc::malformed);
}

TEST_CASE("a log with another history has no proof from the first") {
    World world;
    ChainBuilder other;
    for (int i = 0; i < 3; ++i) other.next();
    other.next(1);
    for (int i = 0; i < 4; ++i) other.next();
    const std::uint64_t size = other.log().size();
    const Bytes receipt = must(sign_consistency(other.log(), 12, size, key_of(member_key_seed)));
    CHECK(world.refusal(receipt, world.head(12), {size, other.log().root()}) == Errc::integrity);
}

TEST_CASE("a path has at most 64 nodes") {
    World world;
    ConsistencyReceipt receipt = must(decode_consistency(world.receipt(6, 15)));
    for (const std::size_t nodes : {proof_path_max - 1, proof_path_max}) {
        receipt.path.assign(nodes, Digest{});
        CHECK(decode_consistency(encode_consistency(receipt)).ok());
    }
    receipt.path.assign(proof_path_max + 1, Digest{});
    CHECK(code_of(decode_consistency(encode_consistency(receipt))) == Errc::malformed);
}

TEST_CASE("a bundle is checked against a later checkpoint with a consistency receipt") {
    ChainBuilder chain;
    const Block first = chain.next();
    const BlockHeader header = chain.header();
    const BundleSource source{chain.log(),      LogPosition{1}, first.transactions[0],
                              first.results[0], header.height,  header.time,
                              first.checkpoint};
    const Bytes bundle = must(make_bundle(source, key_of(member_key_seed)));
    chain.next();
    const Block last = chain.next();
    const Member& member = chain.genesis().config.members[0];
    const std::vector<VerifierKey> trust = {
        member_key("test", member.organisation, member.signing_key)};
    const Bytes receipt = must(sign_consistency(chain.log(), 3, 9, key_of(member_key_seed)));
    const TreeHead later = head_of(must(parse_note(as_text(last.checkpoint))).checkpoint);
    const TreeHead then = head_of(must(parse_note(as_text(first.checkpoint))).checkpoint);
    const auto path = must(verify_consistency_receipt(receipt, then, later, trust));
    CHECK(verify_bundle(bundle, trust, {as_text(last.checkpoint), path}).ok());
    CHECK(code_of(verify_bundle(bundle, trust, {as_text(last.checkpoint), {}})) == Errc::integrity);
}
