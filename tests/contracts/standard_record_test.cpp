#include "contracts/support/standard_people.hpp"

#include <doctest/doctest.h>

/// Codes and limits of docs/contracts/record.md. Who may call: standard_callers.

using namespace salus;
using namespace salus::contracts;
using namespace salus::contracts::testing;

namespace {

struct House : StandardWorld {
    House() : StandardWorld(EngineChoice::compiled_when_shipped) { populate(*this); }
    std::uint32_t code(const AccountId& who, std::string_view method, const Bytes& args) {
        return as(who).call("record", method, args).code;
    }
    Bytes get(const ObjectId& record) {
        return query("record", "get", args::one_id(record.view())).data;
    }
    /// 1 live, 2 superseded, 3 erased, 4 claimed.
    std::uint64_t status(const ObjectId& record) {
        const Bytes value = get(record);
        cbor::Reader in(value);
        REQUIRE(in.array_of(9).ok());
        for (int i = 0; i < 7; ++i) {
            REQUIRE(in.skip().ok());
        }
        return in.uint().value();
    }
    std::vector<ObjectId> list(const ObjectId& collection,
                               const std::optional<ObjectId>& after = std::nullopt,
                               std::uint64_t count = 1'000) {
        const Answer answer = query("record", "list", args::page(collection.view(), after, count));
        REQUIRE(answer.code == 0);
        std::vector<ObjectId> ids;
        cbor::Reader in(answer.data);
        for (std::size_t left = in.array().value(); left > 0; --left) {
            ids.push_back(in.fixed<ObjectId>().value());
        }
        return ids;
    }
};

const Bytes malformed = {0xA0};
const ObjectId fresh = object(0xD1);

}  // namespace

TEST_CASE("a collection is made once, with flags that exist") {
    House house;
    const ObjectId id = object(0xC1);
    CHECK(house.code(ada, "collection_put", args::collection_put(id, 4)) == 104);
    CHECK(house.code(ada, "collection_put", args::collection_put(id, 3)) == 0);
    CHECK(house.code(ada, "collection_put", args::collection_put(id)) == 103);
    CHECK(house.code(ben, "collection_put", args::collection_put(id)) == 103);
    CHECK(house.code(ada, "collection_put", malformed) == 100);
    cbor::Writer expected;
    expected.map(6).uint(1).bytes(ada.view()).uint(2).bytes(object(0x77).view()).uint(3).uint(3);
    expected.uint(4).uint(1).uint(5).bytes(digest(0x81).view()).uint(6).uint(42);
    CHECK(house.query("record", "collection", args::one_id(id.view())).data == expected.view());
    CHECK(house.query("record", "collection", args::one_id(fresh.view())).data == nothing());
}

TEST_CASE("a collection's key is rotated to the next epoch and no other") {
    House house;
    CHECK(house.code(ada, "collection_rotate", args::collection_rotate(adas, 1)) == 105);
    CHECK(house.code(ada, "collection_rotate", args::collection_rotate(adas, 3)) == 105);
    CHECK(house.code(ada, "collection_rotate", args::collection_rotate(adas, 2)) == 0);
    CHECK(house.code(ada, "collection_rotate", args::collection_rotate(adas, 2)) == 105);
    CHECK(house.code(ada, "collection_rotate", args::collection_rotate(object(0xC1), 2)) == 101);
    CHECK(house.code(ada, "collection_rotate", malformed) == 100);
    // What is sealed to the old key comes too late.
    CHECK(house.code(writer, "put", args::record_put(fresh, adas, 1)) == 105);
    CHECK(house.code(writer, "put", args::record_put(fresh, adas, 3)) == 105);
    CHECK(house.code(writer, "put", args::record_put(fresh, adas, 2)) == 0);
}

TEST_CASE("a record is new, and brings its sealed body") {
    House house;
    CHECK(house.code(ada, "put", args::record_put(record_ada, adas)) == 103);
    CHECK(house.code(ada, "put", args::record_put(record_ben, adas)) == 103);
    CHECK(house.code(ada, "put", args::record_put(fresh, object(0xC1))) == 101);
    CHECK(house.code(ada, "put", malformed) == 100);
    house.bring(std::nullopt);
    CHECK(house.code(ada, "put", args::record_put(fresh, adas)) == 122);
    CHECK(house.get(fresh) == nothing());
    house.bring(Payload{digest(0xBE), 77});
    CHECK(house.code(writer, "put", args::record_put(fresh, adas)) == 0);
    cbor::Writer expected;
    expected.array(9).bytes(adas.view()).uint(1).bytes(digest(0x83).view());
    expected.bytes(digest(0xBE).view()).uint(77).bytes(writer.view()).uint(42).uint(1).null();
    CHECK(house.get(fresh) == expected.view());
}

TEST_CASE("a writer is enrolled, and writes until the moment named") {
    House house;
    CHECK(house.code(ada, "writer_put", args::writer_put(adas, newcomer)) == 102);
    CHECK(house.code(ada, "writer_put", args::writer_put(adas, left_officer)) == 102);
    CHECK(house.code(ada, "writer_put", args::writer_put(adas, staff, -1)) == 104);
    CHECK(house.code(ada, "writer_put", malformed) == 100);
    CHECK(house.code(ada, "writer_put", args::writer_put(adas, staff, start_time + 10)) == 0);
    const auto may_write = [&](const AccountId& who) {
        const Bytes args = args::two_ids(adas.view(), who.view());
        return cbor::Reader(house.query("record", "may_write", args).data).boolean().value();
    };
    house.at(start_time + 9);
    CHECK(may_write(staff));
    CHECK(house.code(staff, "put", args::record_put(object(0xD1, 1), adas)) == 0);
    house.at(start_time + 10);
    CHECK_FALSE(may_write(staff));
    CHECK(house.code(staff, "put", args::record_put(object(0xD1, 2), adas)) == 101);
    CHECK(may_write(writer));
    CHECK(may_write(ada));
    CHECK_FALSE(may_write(ben));
    CHECK(house.code(ada, "writer_put", args::writer_put(adas, writer, 0)) == 0);
    CHECK_FALSE(may_write(writer));
    CHECK(house.code(writer, "put", args::record_put(object(0xD1, 2), adas)) == 101);
}

TEST_CASE("an amendment takes a live record's place, and says why") {
    House house;
    const auto amend = [&](const ObjectId& old_id, const ObjectId& id,
                           std::string_view reason = "typo", std::uint64_t epoch = 1) {
        return house.code(ada, "amend", args::amend(old_id, id, epoch, reason));
    };
    CHECK(amend(object(0xD9), fresh) == 101);
    CHECK(amend(record_ada, record_writer) == 103);
    CHECK(amend(record_ada, fresh, "typo", 2) == 105);
    CHECK(amend(record_ada, fresh, "") == 100);
    CHECK(amend(record_ada, fresh, std::string(33, 'x')) == 104);
    CHECK(house.code(ada, "amend", malformed) == 100);
    house.bring(std::nullopt);
    CHECK(amend(record_ada, fresh) == 122);
    house.bring_body();
    CHECK(amend(record_ada, fresh, std::string(32, 'x')) == 0);
    CHECK(house.status(record_ada) == 2);
    CHECK(house.list(adas) == std::vector{record_writer, record_former, fresh});
    CHECK(amend(record_ada, object(0xD2)) == 123);
    CHECK(amend(fresh, object(0xD2), std::string(31, 'x')) == 0);
    // The offer went with the record that was replaced.
    CHECK(house.code(ada, "offer", args::offer(record_ada, claim_secret)) == 123);
    CHECK(house.code(ben, "claim",
                     args::claim(record_ada, claim_secret.view(), object(0xD3), bens)) == 123);
}

TEST_CASE("a record is claimed by who shows the secret, once") {
    House house;
    const auto claim = [&](const ObjectId& record, ByteView secret, const ObjectId& id = fresh,
                           std::uint64_t epoch = 1) {
        return house.code(ben, "claim", args::claim(record, secret, id, bens, epoch));
    };
    CHECK(claim(record_ada, digest(1).view()) == 120);
    CHECK(claim(record_writer, claim_secret.view()) == 121);
    CHECK(claim(object(0xD9), claim_secret.view()) == 102);
    CHECK(claim(record_ada, claim_secret.view(), record_ben) == 103);
    CHECK(claim(record_ada, claim_secret.view(), fresh, 2) == 105);
    CHECK(claim(record_ada, claim_secret.view().first(31)) == 100);
    CHECK(claim(record_ada, Bytes(33, 0x5E)) == 100);
    CHECK(house.code(ben, "claim", malformed) == 100);
    house.bring(std::nullopt);
    CHECK(claim(record_ada, claim_secret.view()) == 122);
    house.bring_body();
    CHECK(claim(record_ada, claim_secret.view()) == 0);
    CHECK(claim(record_ada, claim_secret.view(), object(0xD2)) == 123);
    CHECK(house.status(record_ada) == 4);
    CHECK(house.list(adas) == std::vector{record_writer, record_former});
    CHECK(house.list(bens) == std::vector{record_ben, fresh});
    CHECK(house.code(ada, "offer", args::offer(record_ada, claim_secret)) == 123);
    CHECK(house.code(ada, "offer", malformed) == 100);
}

TEST_CASE("a newer offer takes the place of an older one") {
    House house;
    CHECK(house.code(ada, "offer", args::offer(record_ada, digest(1))) == 0);
    CHECK(house.code(ben, "claim", args::claim(record_ada, claim_secret.view(), fresh, bens)) ==
          120);
    CHECK(house.code(ben, "claim", args::claim(record_ada, digest(1).view(), fresh, bens)) == 0);
}

TEST_CASE("one to a hundred records are erased together, each once") {
    House house;
    std::vector<ObjectId> many;
    for (std::uint64_t i = 0; i < 101; ++i) {
        many.push_back(object(0xD2, i));
        REQUIRE(house.code(ada, "put", args::record_put(many.back(), adas)) == 0);
    }
    CHECK(house.code(ada, "erase", args::erase({})) == 100);
    CHECK(house.code(ada, "erase", args::erase(many)) == 104);
    CHECK(house.code(ada, "erase", args::erase({many[0], many[0]})) == 123);
    CHECK(house.status(many[0]) == 1);
    CHECK(house.code(ada, "erase", malformed) == 100);
    const ObjectId last = many.back();
    many.pop_back();
    CHECK(house.code(ada, "erase", args::erase(many)) == 0);
    CHECK(house.status(many[99]) == 3);
    CHECK(house.status(last) == 1);
    CHECK(house.list(adas) == std::vector{record_ada, record_writer, record_former, last});
    CHECK(house.code(ada, "erase", args::erase({many[0]})) == 123);
    CHECK(house.code(ada, "erase", args::erase({last, many[0]})) == 123);
    CHECK(house.code(ada, "amend", args::amend(many[0], object(0xD3))) == 123);
    CHECK(house.code(ada, "put", args::record_put(many[0], adas)) == 103);
}

TEST_CASE("ninety-nine records are erased together") {
    House house;
    std::vector<ObjectId> many;
    for (std::uint64_t i = 0; i < 99; ++i) {
        many.push_back(object(0xD2, i));
        REQUIRE(house.code(ada, "put", args::record_put(many.back(), adas)) == 0);
    }
    CHECK(house.code(ada, "erase", args::erase(many)) == 0);
}

TEST_CASE("what was replaced or claimed can still be erased, and an erased offer is no offer") {
    House house;
    REQUIRE(house.code(ada, "amend", args::amend(record_writer, fresh)) == 0);
    CHECK(house.code(ada, "erase", args::erase({record_writer})) == 0);
    CHECK(house.status(record_writer) == 3);
    CHECK(house.code(ada, "erase", args::erase({record_ada})) == 0);
    CHECK(house.code(ben, "claim",
                     args::claim(record_ada, claim_secret.view(), object(0xD2), bens)) == 123);
}

TEST_CASE("a collection is listed in pages of at most a thousand") {
    House house;
    for (std::uint64_t i = 0; i < 1'001; ++i) {
        REQUIRE(house.code(ben, "put", args::record_put(object(0xD2, i), bens)) == 0);
    }
    const auto code = [&](std::uint64_t count) {
        return house.query("record", "list", args::page(bens.view(), std::nullopt, count)).code;
    };
    CHECK(code(0) == 104);
    CHECK(code(1'001) == 104);
    CHECK(house.list(bens, std::nullopt, 999).size() == 999);
    const std::vector<ObjectId> first = house.list(bens, std::nullopt, 1'000);
    CHECK(first.size() == 1'000);
    CHECK(first.front() == record_ben);
    CHECK(house.list(bens, first.back()) == std::vector{object(0xD2, 999), object(0xD2, 1'000)});
    CHECK(house.list(bens, object(0xD2, 1'000)).empty());
    CHECK(house.query("record", "list", malformed).code == 100);
}
