#include "vault/access_log.hpp"

#include "base/cbor.hpp"
#include "base/sim_env.hpp"
#include "crypto/hash.hpp"
#include "ledger/merkle.hpp"
#include "store/lagging_kv.hpp"

#include <doctest/doctest.h>

/// The file of access receipts: gap-free, chained, anchored range by range.

using namespace salus;
using namespace salus::vault;

namespace {

AccountId account(std::uint8_t number) {
    AccountId id;
    id.bytes.fill(number);
    return id;
}

AccessReceipt receipt(std::uint8_t patient, std::int64_t time = 1'000) {
    AccessReceipt r;
    r.request_hash.bytes.fill(9);
    r.actor = account(200);
    r.patient = account(patient);
    r.records = {ObjectId{{1}}, ObjectId{{2}}};
    r.purpose = "TREAT";
    r.permitted = true;
    r.directives = {ObjectId{{3}}};
    r.reason = Reason::permitted;
    r.height = {7};
    r.block_time = {time - 1};
    r.node_time = {time};
    return r;
}

struct Fixture {
    explicit Fixture(std::uint64_t seed = 1) : env(seed) { reopen(); }
    void reopen() {
        log.reset();
        auto opened = AccessLog::open(env, "/access", *index);
        REQUIRE(opened.ok());
        log = std::move(*opened);
    }
    void append(std::size_t count, std::uint8_t patient = 1) {
        std::vector<AccessLog::Draft> drafts(count);
        for (AccessLog::Draft& d : drafts) d = {receipt(patient), to_bytes("request")};
        REQUIRE(log->append(std::move(drafts)).ok());
    }
    void anchor() {
        const AccessLog::Range range = log->unanchored().value();
        Anchor anchor{range.from, range.to, range.root, range.relation_root, {}, {5}};
        anchor.transaction.bytes.fill(static_cast<std::uint8_t>(range.to));
        REQUIRE(log->anchored(anchor).ok());
    }
    SimEnv env;
    std::unique_ptr<store::Kv> index = store::memory_kv();
    std::unique_ptr<AccessLog> log;
};

std::vector<std::uint64_t> sequences(const std::vector<AccessReceipt>& receipts) {
    std::vector<std::uint64_t> out;
    for (const AccessReceipt& r : receipts) out.push_back(r.sequence);
    return out;
}

using Numbers = std::vector<std::uint64_t>;

}  // namespace

TEST_CASE("a receipt reads back as it was written, and only in its one encoding") {
    AccessReceipt r = receipt(4);
    r.sequence = 12;
    r.previous.bytes.fill(3);
    const Bytes bytes = encode(r);
    CHECK(encode(decode_access_receipt(bytes).value()) == bytes);
    Bytes longer = bytes;
    longer.push_back(0);
    CHECK_FALSE(decode_access_receipt(longer).ok());
    CHECK_FALSE(decode_access_receipt(ByteView(bytes).first(bytes.size() - 1)).ok());
    r.records.assign(1'000, ObjectId{});
    CHECK(decode_access_receipt(encode(r)).ok());
    r.records.emplace_back();
    CHECK(decode_access_receipt(encode(r)).error().code == Errc::out_of_range);
}

TEST_CASE("each receipt names the hash of the one before it") {
    Fixture f;
    f.append(2);
    f.append(1);
    CHECK(f.log->read(1)->previous.is_zero());
    CHECK(f.log->read(2)->previous == receipt_hash(f.log->read(1).value()));
    CHECK(f.log->read(3)->previous == receipt_hash(f.log->read(2).value()));
    CHECK(f.log->read(4).error().code == Errc::not_found);
}

TEST_CASE("the file is replayed when it is opened, with or without its index") {
    Fixture f;
    f.append(5);
    f.anchor();
    f.append(2);
    const Digest last = receipt_hash(f.log->read(7).value());
    f.reopen();
    CHECK(f.log->next_sequence() == 8);
    CHECK(f.log->unanchored()->from == 6);
    f.log.reset();
    f.index = store::memory_kv();
    f.reopen();
    CHECK(f.log->next_sequence() == 8);
    CHECK(receipt_hash(f.log->read(7).value()) == last);
    CHECK(f.log->unanchored()->from == 1);  // anchors come back from the chain, not from the file
    f.append(1);
    CHECK(f.log->read(8)->previous == last);
}

TEST_CASE("a link that does not fit stops the opening") {
    const auto opening_after = [](const AccessReceipt& second) {
        SimEnv env(1);
        {
            auto log =
                store::SegmentLog::open(env, "/access", {.segment_bytes = 8U << 20U}).value();
            AccessReceipt first = receipt(1);
            first.sequence = 1;
            for (const AccessReceipt& r : {first, second}) {
                const Bytes payload =
                    cbor::Writer{}.array(3).bytes(encode(r)).bytes({}).array(0).take();
                const store::NewEntry entry{1, payload};
                REQUIRE(log.append({&entry, 1}, Digest{}).ok());
            }
        }
        const auto index = store::memory_kv();
        return AccessLog::open(env, "/access", *index);
    };
    AccessReceipt first = receipt(1);
    first.sequence = 1;
    AccessReceipt second = receipt(1);
    second.sequence = 2;
    second.previous = receipt_hash(first);
    CHECK(opening_after(second).ok());
    second.previous.bytes[0] ^= 1;
    CHECK(opening_after(second).error().code == Errc::integrity);
    second.previous.bytes[0] ^= 1;
    second.sequence = 3;
    CHECK(opening_after(second).error().code == Errc::integrity);
    second.sequence = 1;
    CHECK(opening_after(second).error().code == Errc::integrity);
}

TEST_CASE("a patient's openings come newest first, page by page, and are theirs alone") {
    Fixture f;
    f.append(3, 1);
    f.append(2, 2);
    f.append(2, 1);
    const auto page = [&](std::uint8_t patient, std::uint64_t before, std::size_t count) {
        return sequences(f.log->of_patient(account(patient), before, count).value());
    };
    CHECK(page(1, 0, 10) == Numbers{7, 6, 3, 2, 1});
    CHECK(page(1, 0, 2) == Numbers{7, 6});
    CHECK(page(1, 6, 2) == Numbers{3, 2});
    CHECK(page(1, 2, 2) == Numbers{1});
    CHECK(page(1, 1, 2) == Numbers{});
    CHECK(page(1, 1'000, 1) == Numbers{7});
    CHECK(page(2, 0, 10) == Numbers{5, 4});
    CHECK(page(3, 0, 10) == Numbers{});
    CHECK(sequences(f.log->newest(0, 3).value()) == Numbers{7, 6, 5});
    CHECK(sequences(f.log->newest(3, 9).value()) == Numbers{2, 1});
}

TEST_CASE("an anchor covers at most 1,024 receipts") {
    Fixture f;
    CHECK_FALSE(f.log->oldest_unanchored()->has_value());
    const AccessLog::Range none = f.log->unanchored().value();
    CHECK(none.from == 1);
    CHECK(none.to == 0);
    CHECK(none.root == crypto::sha256(ByteView{}));
    for (const std::size_t more : {1'023U, 1U, 1U}) {
        f.append(more);
        const AccessLog::Range range = f.log->unanchored().value();
        CHECK(range.from == 1);
        CHECK(range.to == std::min<std::uint64_t>(f.log->next_sequence() - 1, 1'024));
        CHECK(f.log->oldest_unanchored()->value().value == 1'000);
    }
    f.anchor();
    CHECK(f.log->unanchored()->from == 1'025);
    CHECK(f.log->unanchored()->to == 1'025);
    CHECK(f.log->anchored({1'027, 1'030, {}, {}, {}, {}}).error().code == Errc::integrity);
    CHECK(f.log->anchored({1'025, 1'024, {}, {}, {}, {}}).ok());  // empty: nothing changes
    CHECK(f.log->unanchored()->from == 1'025);
}

TEST_CASE("every receipt of a range has a path to its anchor's root") {
    for (const std::size_t size : {1U, 2U, 3U, 7U, 8U, 33U}) {
        Fixture f;
        f.append(4);
        f.anchor();
        f.append(size);
        CHECK(f.log->proof(5).error().code == Errc::not_found);
        f.anchor();
        for (std::uint64_t s = 5; s < 5 + size; ++s) {
            const AccessLog::Proof proof = f.log->proof(s).value();
            CHECK(proof.anchor.from == 5);
            const Digest leaf = ledger::merkle_leaf(proof.receipt);
            CHECK(ledger::verify_inclusion(leaf, s - 5, size, proof.path, proof.anchor.root).ok());
        }
        CHECK(f.log->proof(2)->anchor.to == 4);
        CHECK(f.log->proof(5 + size).error().code == Errc::not_found);
    }
}

TEST_CASE("the newest anchor of the chain is held against the file") {
    Fixture f;
    f.append(6);
    const Digest root = f.log->unanchored()->root;
    const auto adopt = [&](const Anchor& anchor) {
        const auto index = store::memory_kv();
        const auto log = AccessLog::open(f.env, "/access", *index).value();
        store::WriteBatch batch;
        AccessLog::index_anchor(batch, anchor);
        REQUIRE(index->write(batch).ok());
        return log->adopt_anchors();
    };
    f.log.reset();
    CHECK(adopt({1, 6, root, {}, {}, {}}).ok());
    CHECK(adopt({1, 6, Digest{}, {}, {}, {}}).error().code == Errc::integrity);
    CHECK(adopt({1, 7, root, {}, {}, {}}).error().code == Errc::integrity);
    Digest other;
    other.bytes.fill(1);
    CHECK(adopt({1, 6, root, other, {}, {}}).error().code == Errc::integrity);
}

TEST_CASE("a disk that fails releases nothing, and the file goes on after it is mended") {
    Fixture f;
    f.append(1);
    f.env.fail_operation(0, 2);
    CHECK_FALSE(f.log->append({{receipt(1), {}}}).ok());
    f.env.heal();
    f.reopen();
    const std::uint64_t next = f.log->next_sequence();
    CHECK((next == 2 || next == 3));
    f.append(1);
    CHECK(f.log->next_sequence() == next + 1);
}

TEST_CASE("after a failure openings go on without a restart, and none of them is ever lost") {
    for (std::uint64_t seed = 1; seed <= 8; ++seed) {
        // Each operation of an append in turn: the write, the sync, the index; seed decides what of
        // a failed sync reached the disk.
        for (std::uint64_t operation = 0; operation < 2; ++operation) {
            CAPTURE(seed);
            CAPTURE(operation);
            Fixture f(seed);
            f.append(2);
            f.env.fail_operation(operation, 3);
            CHECK_FALSE(f.log->append({{receipt(1), {}}, {receipt(1), {}}}).ok());
            CHECK(f.log->next_sequence() == 3);
            f.env.heal();
            f.append(1, 4);
            const std::uint64_t next = f.log->next_sequence();
            // What failed is absent, or whole as an opening that was permitted and not delivered.
            CHECK((next == 4 || next == 6));
            CHECK(f.log->read(next - 1).value().patient == account(4));
            CHECK(f.log->read(next - 1).value().previous ==
                  receipt_hash(f.log->read(next - 2).value()));
            f.anchor();
            const auto after = f.env.crash(seed);
            const auto index = store::memory_kv();
            const auto opened = AccessLog::open(*after, "/access", *index);
            REQUIRE(opened.ok());
            CHECK((*opened)->next_sequence() == next);
            CHECK((*opened)->read(next - 1).value().patient == account(4));
        }
    }
}

TEST_CASE("a full disk ends openings, and room on it begins them again") {
    Fixture f;
    f.env.fill_disk_after(9U << 20U);  // one file of receipts, and no second one
    std::size_t written = 0;
    constexpr std::size_t many = 400;
    const auto one = [&] { return f.log->append({{receipt(1), Bytes(65'536, 7)}}); };
    while (written < many && one().ok()) ++written;
    REQUIRE(written < many);
    CHECK(one().error().code == Errc::unavailable);
    CHECK(f.log->next_sequence() == written + 1);
    f.env.heal();
    REQUIRE(one().ok());
    CHECK(f.log->next_sequence() == written + 2);
    f.reopen();
    CHECK(f.log->next_sequence() == written + 2);
}

TEST_CASE("an index that cannot be written releases nothing, and is made whole afterwards") {
    Fixture f;
    auto lagging = std::make_unique<store::test::LaggingKv>();
    store::test::LaggingKv& kv = *lagging;
    f.index = std::move(lagging);
    f.reopen();
    f.append(1);
    kv.fail_writes = true;
    CHECK_FALSE(f.log->append({{receipt(2), {}}}).ok());
    CHECK(f.log->next_sequence() == 2);
    kv.fail_writes = false;
    f.append(1, 3);
    CHECK(f.log->next_sequence() == 4);
    CHECK(f.log->read(2).value().patient == account(2));
    CHECK(f.log->read(3).value().patient == account(3));
}
