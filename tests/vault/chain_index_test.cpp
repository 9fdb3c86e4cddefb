#include "vault/chain_index.hpp"

#include "base/cbor.hpp"
#include "base/sim_env.hpp"
#include "crypto/sign.hpp"
#include "ledger/transaction_sign.hpp"
#include "vault/access_log.hpp"

#include <doctest/doctest.h>

/// What the index learns from blocks, and only from operations that were done.

using namespace salus;
using namespace salus::vault;

namespace {

ObjectId object(std::uint8_t number) {
    ObjectId id;
    id.bytes.fill(number);
    return id;
}
AccountId account(std::uint8_t number) {
    AccountId id;
    id.bytes.fill(number);
    return id;
}
Digest digest(std::uint8_t number) {
    Digest d;
    d.bytes.fill(number);
    return d;
}

ledger::Operation operation(std::string contract, std::string method, cbor::Writer& args) {
    return {std::move(contract), std::move(method), args.take(), {}};
}
ledger::Operation put(std::uint8_t record, std::uint8_t body) {
    cbor::Writer args;
    args.array(4).bytes(object(record).view()).bytes(object(1).view()).uint(1);
    args.bytes(Digest{}.view());
    ledger::Operation out = operation("record", "put", args);
    out.payload = ledger::DetachedPayload{digest(body), 10};
    return out;
}
ledger::Operation amend(std::uint8_t old_record, std::uint8_t record, std::uint8_t body) {
    cbor::Writer args;
    args.map(5).uint(1).bytes(object(old_record).view()).uint(2).bytes(object(record).view());
    args.uint(3).uint(1).uint(4).bytes(Digest{}.view()).uint(5).text("typo");
    ledger::Operation out = operation("record", "amend", args);
    out.payload = ledger::DetachedPayload{digest(body), 10};
    return out;
}
ledger::Operation claim(std::uint8_t old_record, std::uint8_t record, std::uint8_t body) {
    cbor::Writer args;
    args.map(6).uint(1).bytes(object(old_record).view()).uint(2).bytes(Bytes(32, 1));
    args.uint(3).bytes(object(record).view()).uint(4).bytes(object(1).view());
    args.uint(5).uint(1).uint(6).bytes(Digest{}.view());
    ledger::Operation out = operation("record", "claim", args);
    out.payload = ledger::DetachedPayload{digest(body), 10};
    return out;
}
ledger::Operation erase(std::initializer_list<std::uint8_t> records) {
    cbor::Writer args;
    args.map(2).uint(1).array(records.size());
    for (const std::uint8_t r : records) args.bytes(object(r).view());
    args.uint(2).bytes(Digest{}.view());
    return operation("record", "erase", args);
}
ledger::Operation collection_put(std::uint8_t collection) {
    cbor::Writer args;
    args.map(4).uint(1).bytes(object(collection).view()).uint(2).bytes(object(0).view());
    args.uint(3).uint(0).uint(4).bytes(Digest{}.view());
    return operation("record", "collection_put", args);
}
ledger::Operation anchor(std::uint64_t from, std::uint64_t to) {
    cbor::Writer args;
    args.map(5).uint(1).uint(from).uint(2).uint(to).uint(3).bytes(digest(8).view());
    args.uint(4).bytes(Digest{}.view()).uint(5).bytes(Digest{}.view());
    return operation("access", "anchor", args);
}

ledger::Operation consent_put(std::uint8_t directive, std::optional<std::uint8_t> supersedes) {
    cbor::Writer args;
    args.map(5).uint(1).bytes(object(directive).view()).uint(2).bytes(Bytes(3, 7));
    args.uint(3).bytes(Digest{}.view()).uint(4).bytes(Digest{}.view()).uint(5);
    supersedes ? args.bytes(object(*supersedes).view()) : args.null();
    return operation("consent", "put", args);
}
ledger::Operation consent_revoke(std::uint8_t directive) {
    cbor::Writer args;
    args.map(4).uint(1).bytes(object(directive).view()).uint(2).text("patient");
    args.uint(3).array(0).uint(4).bytes(Digest{}.view());
    return operation("consent", "revoke", args);
}

struct Fixture {
    /// One block of one transaction; `codes` of its operations, all 0 when left out.
    Digest follow(std::uint8_t by, std::vector<ledger::Operation> operations,
                  std::vector<std::uint32_t> codes = {}) {
        ++height;
        ledger::TransactionBody body;
        body.chain_id = "salus-test";
        body.account = account(by);
        body.nonce.bytes[0] = static_cast<std::uint8_t>(height);
        body.valid_until = {1'000'000};
        body.operations = std::move(operations);
        const auto key = crypto::random_key<crypto::SigningKey>(env);
        const Bytes envelope = ledger::sign_transaction(body, key).value();
        ledger::TransactionResult result;
        codes.resize(body.operations.size());
        for (const std::uint32_t code : codes) result.operations.push_back({code, 0, {}});
        result.code = ledger::transaction_code(result.operations);
        ledger::BlockHeader header;
        header.height = {height};
        header.time = {static_cast<std::int64_t>(height) * 1'000};
        header.log_size = 2 * height;
        const ledger::Block block{
            ledger::encode_header(header), {envelope}, {ledger::encode_result(result).value()}, {}};
        REQUIRE(index.follow(block, {2 * (height - 1)}).ok());
        return ledger::decode_transaction(envelope)->id;
    }
    SimEnv env{1};
    std::unique_ptr<store::Kv> kv = store::memory_kv();
    ChainIndex index{*kv, account(99)};
    std::uint64_t height = 0;
};

}  // namespace

TEST_CASE("a record's place, its author and its collection are found") {
    Fixture f;
    CHECK(f.index.height()->value == 0);
    const Digest id = f.follow(5, {collection_put(1), put(10, 20), put(11, 21)});
    CHECK(f.index.height()->value == 1);
    CHECK(f.index.collections_of(account(5)).value() == std::vector{object(1)});
    CHECK(f.index.collections_of(account(6))->empty());
    const auto place = f.index.place(object(11)).value();
    REQUIRE(place);
    CHECK(place->transaction == id);
    CHECK(place->operation == 2);
    CHECK(place->height.value == 1);
    CHECK(place->time.value == 1'000);
    CHECK(place->position.value == 1);
    CHECK_FALSE(f.index.place(object(12))->has_value());
    CHECK(f.index.written_by(account(5), 10)->size() == 2);
    CHECK(f.index.written_by(account(5), 1)->size() == 1);
}

TEST_CASE("an operation that was refused or undone leaves no trace") {
    Fixture f;
    f.follow(5, {collection_put(1), put(10, 20), erase({10})}, {9, 101, 9});
    CHECK(f.index.collections_of(account(5))->empty());
    CHECK_FALSE(f.index.place(object(10))->has_value());
    CHECK(f.index.to_erase()->empty());
    CHECK(f.index.height()->value == 1);
}

TEST_CASE("amended and claimed records have places too") {
    Fixture f;
    f.follow(5, {put(10, 20)});
    f.follow(5, {amend(10, 11, 21)});
    f.follow(6, {claim(11, 12, 22)});
    CHECK(f.index.place(object(11)).value()->height.value == 2);
    CHECK(f.index.place(object(12)).value()->height.value == 3);
    CHECK(f.index.written_by(account(6), 10).value() == std::vector{object(12)});
}

TEST_CASE("erased and claimed records wait until they are struck off") {
    Fixture f;
    f.follow(5, {put(10, 20), put(11, 21), put(12, 22)});
    CHECK(f.index.to_erase()->empty());
    f.follow(5, {erase({10, 11})});
    f.follow(6, {claim(12, 13, 23)});
    CHECK(f.index.to_erase().value() == std::vector{object(10), object(11), object(12)});
    REQUIRE(f.index.erased({{object(10), digest(20)}, {object(12), digest(22)}}).ok());
    CHECK(f.index.to_erase().value() == std::vector{object(11)});
}

TEST_CASE("ended consents wait until they are struck off, whether revoked or superseded") {
    using Ended = ChainIndex::Ended;
    Fixture f;
    f.follow(5, {consent_put(30, {}), consent_put(31, {})});
    CHECK(f.index.to_close()->empty());
    f.follow(5, {consent_revoke(30), consent_put(32, 31), consent_revoke(33)}, {0, 0, 101});
    const Ended first{account(5), object(30)};
    const Ended second{account(5), object(31)};
    CHECK(f.index.to_close().value() == std::vector{first, second});
    REQUIRE(f.index.closed({first}).ok());
    CHECK(f.index.to_close().value() == std::vector{second});
}

TEST_CASE("a body that another record has is known to have a second owner") {
    Fixture f;
    f.follow(5, {put(10, 20)});
    f.follow(6, {put(11, 20), put(12, 21)});
    CHECK(f.index.is_named_outside(digest(20), {object(10)}).value());
    CHECK(f.index.is_named_outside(digest(20), {object(11)}).value());
    CHECK_FALSE(f.index.is_named_outside(digest(20), {object(10), object(11)}).value());
    CHECK_FALSE(f.index.is_named_outside(digest(21), {object(12)}).value());
    REQUIRE(f.index.erased({{object(11), digest(20)}}).ok());
    CHECK_FALSE(f.index.is_named_outside(digest(20), {object(10)}).value());
}

TEST_CASE("this node's anchors are noted, others' and empty ones are not") {
    Fixture f;
    std::unique_ptr<AccessLog> log = AccessLog::open(f.env, "/access", *f.kv).value();
    f.follow(98, {anchor(1, 7)});
    CHECK_FALSE(log->anchor_of(1)->has_value());
    const Digest id = f.follow(99, {anchor(1, 3)});
    f.follow(99, {anchor(4, 3)});
    const auto noted = log->anchor_of(2).value();
    REQUIRE(noted);
    CHECK(noted->to == 3);
    CHECK(noted->root == digest(8));
    CHECK(noted->transaction == id);
    CHECK(noted->height.value == 2);
    CHECK_FALSE(log->anchor_of(4)->has_value());
}

TEST_CASE("the record that an operation makes is named by the operation alone") {
    CHECK(record_made_by(put(10, 20)).value() == object(10));
    CHECK(record_made_by(amend(10, 11, 21)).value() == object(11));
    CHECK(record_made_by(claim(10, 12, 21)).value() == object(12));
    CHECK_FALSE(record_made_by(erase({10}))->has_value());
    ledger::Operation foreign = put(10, 20);
    foreign.contract = "consent";
    CHECK_FALSE(record_made_by(foreign)->has_value());
    ledger::Operation broken = put(10, 20);
    broken.args = {0x80};
    CHECK_FALSE(record_made_by(broken).ok());
}
