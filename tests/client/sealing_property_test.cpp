#include "base/cbor.hpp"
#include "client/sealing.hpp"
#include "crypto/hash.hpp"

#include <doctest/doctest.h>

#include "client_world.hpp"

using namespace salus;
using namespace salus::client;

namespace {

struct World {
    explicit World(std::uint64_t seed)
        : env(seed), owner(test_account(env)), collection(test_collection(env, owner)) {}
    SimEnv env;
    AccountKeys owner;
    CollectionFacts collection;
};

Result<Bytes> open_by(const World& w, const ReleasedRecord& record,
                      const CollectionFacts& collection, const crypto::KeyId& author) {
    const auto pair = w.owner.collection(w.collection.id, record.epoch);
    return open_item(record, pair.private_half,
                     record_context(std::string(test_chain), collection, record, author));
}

}  // namespace

TEST_CASE("what is sealed to a collection opens by its private half, whatever its length") {
    World w(1);
    for (const std::size_t size : {0U, 1U, 247U, 248U, 249U, 5'000U, 70'000U}) {
        Bytes plaintext(size);
        w.env.random(plaintext);
        const auto item = seal_item(w.env, author_of(w.owner), w.collection, plaintext);
        REQUIRE(item.ok());
        const auto opened =
            open_by(w, released(*item, w.collection), w.collection, w.owner.signing_id);
        REQUIRE(opened.ok());
        CHECK(*opened == plaintext);
    }
}

TEST_CASE("a record longer than sixteen MiB is refused before anything is sealed") {
    World w(2);
    const Bytes plaintext((std::size_t{16} << 20U) + 1);
    const auto item = seal_item(w.env, author_of(w.owner), w.collection, plaintext);
    REQUIRE_FALSE(item.ok());
    CHECK(item.error().code == Errc::out_of_range);
}

TEST_CASE("another key, record, collection label, author or epoch opens nothing") {
    World w(3);
    const auto item = seal_item(w.env, author_of(w.owner), w.collection, as_bytes("private"));
    REQUIRE(item.ok());
    const ReleasedRecord good = released(*item, w.collection);
    const auto refused = [](const Result<Bytes>& r) {
        return !r.ok() && r.error().code == Errc::integrity;
    };

    const AccountKeys stranger = test_account(w.env);
    const auto other_key = stranger.collection(w.collection.id, 1);
    CHECK(refused(open_item(
        good, other_key.private_half,
        record_context(std::string(test_chain), w.collection, good, w.owner.signing_id))));
    ReleasedRecord other_record = good;
    other_record.record.bytes[0] ^= 1;
    CHECK(refused(open_by(w, other_record, w.collection, w.owner.signing_id)));
    ReleasedRecord other_epoch = good;
    other_epoch.epoch = 2;
    CHECK(refused(open_by(w, other_epoch, w.collection, w.owner.signing_id)));
    CollectionFacts other_label = w.collection;
    other_label.category.bytes[3] ^= 1;
    CHECK(refused(open_by(w, good, other_label, w.owner.signing_id)));
    CHECK(refused(open_by(w, good, w.collection, stranger.signing_id)));
}

TEST_CASE("a changed bit in wrap or body is found") {
    World w(4);
    const auto item = seal_item(w.env, author_of(w.owner), w.collection, as_bytes("private"));
    REQUIRE(item.ok());
    for (std::size_t i = 8; i < item->body.size(); i += 7) {
        ReleasedRecord changed = released(*item, w.collection);
        changed.body[i] ^= 1;
        CHECK_FALSE(open_by(w, changed, w.collection, w.owner.signing_id).ok());
    }
    for (std::size_t i = 0; i < item->dek_wrap.size(); i += 3) {
        ReleasedRecord changed = released(*item, w.collection);
        changed.dek_wrap[i] ^= 1;
        CHECK_FALSE(open_by(w, changed, w.collection, w.owner.signing_id).ok());
    }
}

TEST_CASE("a writer seals the key to itself as well, and reads its own record back") {
    World w(5);
    const AccountKeys laboratory = test_account(w.env, true);
    Author writer = author_of(laboratory);
    writer.own_kem = laboratory.kem.public_half;
    const auto item = seal_item(w.env, writer, w.collection, as_bytes("5.4 mmol/L"));
    REQUIRE(item.ok());
    REQUIRE_FALSE(item->author_wrap.empty());
    CHECK(open_by(w, released(*item, w.collection), w.collection, laboratory.signing_id).ok());
    ReleasedRecord own = released(*item, w.collection);
    own.dek_wrap = item->author_wrap;
    const auto opened = open_item(
        own, laboratory.kem.private_half,
        record_context(std::string(test_chain), w.collection, own, laboratory.signing_id));
    REQUIRE(opened.ok());
    CHECK(as_text(*opened) == "5.4 mmol/L");
}

TEST_CASE(
    "the operation names the body's digest and size, and its commitment opens by salt and "
    "manifest") {
    World w(6);
    const auto item = seal_item(w.env, author_of(w.owner), w.collection, as_bytes("x"));
    REQUIRE(item.ok());
    REQUIRE(item->put.payload.has_value());
    CHECK(item->put.payload->digest == crypto::sha256(item->body));
    CHECK(item->put.payload->size_bytes == item->body.size());
    const auto manifest = decode_manifest(item->manifest);
    REQUIRE(manifest.ok());
    CHECK(manifest->dek_wrap_digest == crypto::sha256(item->dek_wrap));
    CHECK(encode(*manifest) == item->manifest);

    cbor::Reader args(item->put.args);
    REQUIRE(args.array_of(4).ok());
    REQUIRE(args.skip().ok());
    REQUIRE(args.skip().ok());
    REQUIRE(args.skip().ok());
    const auto commitment = args.fixed<Digest>();
    REQUIRE(commitment.ok());
    CHECK(check_commitment(*commitment, item->salt, *manifest).ok());
    Manifest changed = *manifest;
    changed.epoch = 2;
    CHECK(check_commitment(*commitment, item->salt, changed).error().code == Errc::integrity);
}

TEST_CASE("the manifest page's example") {
    Manifest manifest;
    for (std::uint8_t i = 0; i < 16; ++i) {
        manifest.record.bytes[i] = i;
        manifest.collection.bytes[i] = static_cast<std::uint8_t>(16 + i);
        manifest.author.bytes[i] = static_cast<std::uint8_t>(32 + i);
    }
    manifest.media_type = "application/json";
    manifest.dek_wrap_digest = crypto::sha256(Bytes{1, 2, 3});
    manifest.body_digest = crypto::sha256(Bytes{4, 5, 6});
    CHECK(to_hex(commitment_of(Bytes(32, 7), manifest.record, encode(manifest)).view()) ==
          "0c50dfb025d339d42969efdd3f1765dbc71aa31d1aba991b2004e821bb8d33e9");
    CHECK(decode_manifest(encode(manifest)).value() == manifest);
}

TEST_CASE("a request names one to a thousand records") {
    World w(7);
    const Occasion occasion{std::string(test_chain), UnixMillis{1'000}};
    for (const std::size_t count : {0U, 1U, 999U, 1'000U, 1'001U}) {
        OpenQuestion question{w.owner.account, std::vector<ObjectId>(count), "TREAT"};
        CHECK(access_request(w.env, w.owner, occasion, question).ok() ==
              (count >= 1 && count <= 1'000));
    }
}

TEST_CASE("a node's answer reads back as it was written, and a cut one is refused") {
    cbor::Writer out;
    const ObjectId id{{9}};
    out.array(3)
        .map(4)
        .uint(1)
        .uint(5)
        .uint(2)
        .bytes(Digest{}.view())
        .uint(3)
        .array(1)
        .bytes(id.view());
    out.uint(4).integer(77).array(1).array(3).bytes(id.view()).uint(1).bytes(Bytes{1, 2});
    out.array(1).array(6).bytes(id.view()).bytes(id.view()).uint(1).bytes(Bytes{3}).null().bytes(
        Bytes{4});
    const auto answer = decode_released(out.view());
    REQUIRE(answer.ok());
    CHECK(answer->sequence == 5);
    CHECK(answer->until.value == 77);
    CHECK(answer->directives.size() == 1);
    CHECK(answer->wraps.front().wrap == Bytes{1, 2});
    CHECK_FALSE(answer->records.front().grant_wrap.has_value());
    for (std::size_t size = 0; size < out.view().size(); ++size) {
        CHECK_FALSE(decode_released(ByteView(out.view()).first(size)).ok());
    }
}
