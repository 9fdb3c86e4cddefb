#include "ledger/receipt_sign.hpp"

#include "fixture.hpp"

using namespace salus;
using namespace salus::ledger;
using namespace salus::ledger::test;

namespace {

/// Three blocks; the receipts are about the second transaction of the second one.
struct World {
    explicit World(std::size_t members = 1) : chain(genesis_of(members)) {
        chain.next();
        subject = chain.next(3, 3);
        subject_header = chain.header();
        last = chain.next();
    }
    BundleSource source() {
        return {chain.log(),        LogPosition{5},        subject.transactions[1],
                subject.results[1], subject_header.height, subject_header.time,
                last.checkpoint};
    }
    std::vector<VerifierKey> trust() const {
        std::vector<VerifierKey> keys;
        for (const Member& member : chain.genesis().config.members) {
            keys.push_back(member_key("test", member.organisation, member.signing_key));
        }
        return keys;
    }
    ChainBuilder chain;
    Block subject;
    BlockHeader subject_header;
    Block last;
};

/// Signs the last checkpoint with the first `count` members.
Bytes cosigned(World& world, std::size_t count) {
    const Note note = must(parse_note(as_text(world.last.checkpoint)));
    std::vector<NoteSignature> signatures;
    const std::vector<VerifierKey> keys = world.trust();
    for (std::size_t i = 0; i < count; ++i) {
        const auto seed = static_cast<std::uint8_t>(member_key_seed + i);
        signatures.push_back(sign_checkpoint(note.text, keys[i].name, key_of(seed)));
    }
    return to_bytes(write_note(note.text, signatures));
}

/// The bundle with one field changed and its end hash made to fit again.
template <class Change>
Bytes forged(const Bytes& bytes, const Change& change) {
    Bundle bundle = must(decode_bundle(bytes));
    change(bundle);
    return must(encode_bundle(bundle));
}

}  // namespace

TEST_CASE("a bundle shows a transaction to somebody who has only keys") {
    World world;
    const Bytes bundle = must(make_bundle(world.source(), key_of(member_key_seed)));
    const BundleClaims claims = must(verify_bundle(bundle, world.trust()));
    CHECK(claims.position == LogPosition{5});
    CHECK(claims.height == BlockHeight{2});
    CHECK(claims.time == world.subject_header.time);
    CHECK(claims.id == must(decode_transaction(world.subject.transactions[1])).id);
    CHECK(claims.code == 103);
    CHECK(claims.origin == "salus/test");
    CHECK(must(encode_bundle(must(decode_bundle(bundle)))) == bundle);
}

TEST_CASE("a bundle shows one operation with its outcome, without its neighbours") {
    World world;
    for (std::size_t i = 0; i < 3; ++i) {
        const Bytes bundle =
            must(make_operation_bundle(world.source(), i, key_of(member_key_seed)));
        const BundleClaims claims = must(verify_bundle(bundle, world.trust()));
        CHECK(claims.kind == BundleKind::operation);
        CHECK(claims.code == (i == 1 ? 103U : 0U));
        const Bytes lie = forged(bundle, [](Bundle& b) { b.operation.code ^= 103U; });
        CHECK(code_of(verify_bundle(lie, world.trust())) == Errc::integrity);
    }
    CHECK(code_of(make_operation_bundle(world.source(), 3, key_of(member_key_seed))) ==
          Errc::out_of_range);
}

TEST_CASE("any changed, missing or added byte of a bundle is refused") {
    World world;
    const Bytes good = must(make_bundle(world.source(), key_of(member_key_seed)));
    const std::vector<VerifierKey> trust = world.trust();
    const auto refused = [&](const Bytes& bytes) {
        const Result<BundleClaims> result = verify_bundle(bytes, trust);
        return !result.ok() &&
               (result.error().code == Errc::malformed || result.error().code == Errc::integrity ||
                result.error().code == Errc::out_of_range);
    };
    for (std::size_t at = 0; at < good.size(); ++at) {
        Bytes bytes = good;
        for (unsigned bit = 0; bit < 8; ++bit) {
            bytes[at] = static_cast<std::uint8_t>(good[at] ^ (1U << bit));
            CHECK(refused(bytes));
        }
        bytes = good;
        bytes.erase(bytes.begin() + static_cast<std::ptrdiff_t>(at));
        CHECK(refused(bytes));
        bytes = good;
        bytes.insert(bytes.begin() + static_cast<std::ptrdiff_t>(at), 0x40);
        CHECK(refused(bytes));
        bytes = good;
        bytes.resize(at);
        CHECK(refused(bytes));
    }
    Bytes longer = good;
    longer.push_back(0);
    CHECK(refused(longer));
}

TEST_CASE("a forger who makes the end hash fit again is still refused") {
    World world;
    const Bytes good = must(make_bundle(world.source(), key_of(member_key_seed)));
    const std::vector<VerifierKey> trust = world.trust();
    const auto code = [&](auto change) {
        return code_of(verify_bundle(forged(good, change), trust));
    };
    CHECK(code([&](Bundle& b) { b.subject = world.subject.transactions[0]; }) == Errc::integrity);
    CHECK(code([](Bundle& b) { b.subject.back() ^= 1; }) == Errc::integrity);
    CHECK(code([](Bundle& b) { b.codes[0] = 7; }) == Errc::integrity);
    CHECK(code([](Bundle& b) { b.codes.pop_back(); }) == Errc::integrity);
    CHECK(code([](Bundle& b) { b.log_entry[5] ^= 1; }) == Errc::integrity);
    CHECK(code([](Bundle& b) { b.log_entry = encode_log_link(Digest{}); }) == Errc::malformed);
    CHECK(code([](Bundle& b) { b.receipt.back() ^= 1; }) == Errc::authentication);
    CHECK(code([&](Bundle& b) { b.checkpoint = world.subject.checkpoint; }) == Errc::integrity);
    CHECK(code([](Bundle& b) {
              InclusionReceipt receipt = must(decode_receipt(b.receipt));
              receipt.position -= 1;
              b.receipt = encode_receipt(receipt);
          }) == Errc::integrity);
    CHECK(code([](Bundle& b) {
              InclusionReceipt receipt = must(decode_receipt(b.receipt));
              receipt.kid = crypto::public_key(key_of(0x77));
              b.receipt = encode_receipt(receipt);
          }) == Errc::authentication);
}

TEST_CASE("more than two thirds of the trusted keys must have signed the checkpoint") {
    World world(4);
    for (std::size_t count = 1; count <= 4; ++count) {
        const Bytes note = cosigned(world, count);
        BundleSource source = world.source();
        source.checkpoint = note;
        const Bytes bundle = must(make_bundle(source, key_of(member_key_seed)));
        const Result<BundleClaims> result = verify_bundle(bundle, world.trust());
        CHECK(result.ok() == (count >= 3));
        if (!result.ok()) CHECK(result.error().code == Errc::authentication);
    }
}

TEST_CASE("a changed cosignature of a key nobody here knows is refused by the end hash") {
    World world(2);
    const Bytes note = cosigned(world, 2);
    BundleSource source = world.source();
    source.checkpoint = note;
    const Bytes bundle = must(make_bundle(source, key_of(member_key_seed)));
    const std::vector<VerifierKey> first = {world.trust()[0]};
    CHECK(verify_bundle(bundle, first).ok());
    Bytes bad = bundle;
    bad[bad.size() - 34 - 1 - 30] ^= 1;  // inside the second signature line
    CHECK_FALSE(verify_bundle(bad, first).ok());
}

TEST_CASE("a checkpoint from elsewhere must hold the receipt's tree") {
    World world;
    BundleSource source = world.source();
    source.checkpoint = world.subject.checkpoint;
    const Bytes bundle = must(make_bundle(source, key_of(member_key_seed)));
    const std::vector<VerifierKey> trust = world.trust();
    CHECK(verify_bundle(bundle, trust,
                        {.checkpoint = as_text(world.subject.checkpoint), .consistency = {}})
              .ok());
    CHECK_FALSE(verify_bundle(bundle, trust,
                              {.checkpoint = as_text(world.last.checkpoint), .consistency = {}})
                    .ok());
    const std::vector<Digest> path = must(
        world.chain.log().consistency(world.subject_header.log_size, world.chain.log().size()));
    CHECK(verify_bundle(bundle, trust,
                        {.checkpoint = as_text(world.last.checkpoint), .consistency = path})
              .ok());
}

TEST_CASE("an opening must belong to a commitment in the subject") {
    World world;
    const Bytes salt(32, 9);
    const Bytes value = to_bytes("label and manifest hash");
    const Opening stray{salt, value};
    const Bytes bundle =
        must(make_bundle(world.source(), key_of(member_key_seed), std::span(&stray, 1)));
    CHECK(code_of(verify_bundle(bundle, world.trust())) == Errc::integrity);

    cbor::Writer args;
    args.array(1).bytes(crypto::hmac_sha256(salt, value).view());
    TransactionBody body = body_of(1);
    body.operations[0].args = args.take();
    const Bytes envelope = must(sign_transaction(body, key_of(account_key)));
    LogTree log = must(LogTree::open(memory_node_store()));
    must(log.append(merkle_leaf(encode_log_link(Digest{}))));
    TransactionResult result;
    result.operations.resize(1);
    const Transaction transaction = must(decode_transaction(envelope));
    const LogEntry entry = log_entry_of(transaction, result, BlockHeight{1}, UnixMillis{5});
    must(log.append(merkle_leaf(encode_log_entry(entry))));
    Checkpoint checkpoint;
    checkpoint.origin = "salus/test";
    checkpoint.log_size = 2;
    checkpoint.log_root = log.root();
    const std::string note = seal_checkpoint(
        checkpoint, member_key_name("test", filled<ObjectId>(0)), key_of(member_key_seed));
    const Bytes result_bytes = must(encode_result(result));
    const BundleSource source{log,           LogPosition{1}, envelope, result_bytes, BlockHeight{1},
                              UnixMillis{5}, as_bytes(note)};
    const Bytes opened = must(make_bundle(source, key_of(member_key_seed), std::span(&stray, 1)));
    CHECK(verify_bundle(opened, world.trust()).ok());
}

TEST_CASE("a bundle shows one access receipt under its anchor") {
    std::vector<Bytes> receipts;
    std::vector<Digest> leaves;
    for (std::uint64_t i = 11; i <= 15; ++i) {
        cbor::Writer receipt;
        receipt.map(2).uint(1).uint(i).uint(2).bytes(Digest{}.view());
        receipts.push_back(receipt.take());
        leaves.push_back(merkle_leaf(receipts.back()));
    }
    cbor::Writer args;
    args.map(5).uint(1).uint(11).uint(2).uint(15).uint(3).bytes(merkle_root(leaves).view());
    args.uint(4).bytes(Digest{}.view()).uint(5).bytes(Digest{}.view());
    TransactionBody body = body_of(1);
    body.operations[0] = {"access", "anchor", args.take(), std::nullopt};
    const Bytes envelope = must(sign_transaction(body, key_of(account_key)));
    TransactionResult result;
    result.operations.resize(1);
    const Bytes result_bytes = must(encode_result(result));
    LogTree log = must(LogTree::open(memory_node_store()));
    must(log.append(merkle_leaf(encode_log_link(Digest{}))));
    must(log.append(merkle_leaf(encode_log_entry(
        log_entry_of(must(decode_transaction(envelope)), result, BlockHeight{1}, UnixMillis{5})))));
    Checkpoint checkpoint;
    checkpoint.origin = "salus/test";
    checkpoint.log_size = 2;
    checkpoint.log_root = log.root();
    const std::string note = seal_checkpoint(
        checkpoint, member_key_name("test", filled<ObjectId>(0)), key_of(member_key_seed));
    const BundleSource source{log,           LogPosition{1}, envelope, result_bytes, BlockHeight{1},
                              UnixMillis{5}, as_bytes(note)};
    const std::vector<VerifierKey> trust = World().trust();
    for (std::size_t i = 0; i < receipts.size(); ++i) {
        const Bytes bundle =
            must(make_access_bundle(source, 0, receipts, i, key_of(member_key_seed)));
        CHECK(must(verify_bundle(bundle, trust)).kind == BundleKind::access);
        const Bytes lie =
            forged(bundle, [&](Bundle& b) { b.access_receipt = receipts[(i + 1) % 5]; });
        CHECK(code_of(verify_bundle(lie, trust)) == Errc::integrity);
    }
}
