#include "vault/records.hpp"

#include <doctest/doctest.h>

using namespace salus;
using namespace salus::vault;

namespace {

AccountId account(std::uint8_t number) {
    AccountId id;
    id.bytes.fill(number);
    return id;
}
ObjectId object(std::uint8_t number) {
    ObjectId id;
    id.bytes.fill(number);
    return id;
}
Digest digest(std::uint8_t number) {
    Digest d;
    d.bytes.fill(number);
    return d;
}

Grant grant(std::uint8_t directive, std::uint8_t from, std::uint8_t to) {
    return {object(directive),
            account(from),
            account(to),
            to_bytes("card"),
            {5},
            {{0, object(50), 1, to_bytes("collection key")},
             {1, object(60), 1, to_bytes("record key")}}};
}

struct Fixture {
    std::unique_ptr<store::Kv> kv = store::memory_kv();
    RecordVault vault{*kv};
};

}  // namespace

TEST_CASE("a record's keys are kept, and forgotten on demand") {
    Fixture f;
    REQUIRE(f.vault
                .put_records({{object(1), to_bytes("wrap"), Bytes(32, 7), {}},
                              {object(2), to_bytes("other"), Bytes(32, 8), to_bytes("author")}})
                .ok());
    CHECK(f.vault.record(object(1))->dek_wrap == to_bytes("wrap"));
    CHECK(f.vault.record(object(2))->author_wrap == to_bytes("author"));
    CHECK(f.vault.record(object(3)).error().code == Errc::not_found);
    REQUIRE(f.vault.forget_records({object(1), object(3)}).ok());
    CHECK(f.vault.record(object(1)).error().code == Errc::not_found);
    CHECK(f.vault.record(object(2)).ok());
    REQUIRE(f.vault.drop_records({object(2)}).ok());
    CHECK_FALSE(f.vault.record(object(2)).ok());
}

TEST_CASE("a grant is found by who gave it and by who got it") {
    Fixture f;
    REQUIRE(f.vault.put_grant(grant(1, 10, 20)).ok());
    REQUIRE(f.vault.put_grant(grant(2, 10, 21)).ok());
    REQUIRE(f.vault.put_grant(grant(3, 11, 20)).ok());
    CHECK(f.vault.grants_of(account(10))->size() == 2);
    CHECK(f.vault.grants_to(account(20))->size() == 2);
    CHECK(f.vault.grants_to(account(10))->empty());
    CHECK(f.vault.grant(account(10), object(1))->card == to_bytes("card"));
    CHECK(f.vault.grant(account(11), object(1)).error().code == Errc::not_found);
    REQUIRE(f.vault.forget_grant(account(10), object(1)).ok());
    CHECK(f.vault.grants_of(account(10))->size() == 1);
    CHECK(f.vault.grants_to(account(20))->size() == 1);
    CHECK(f.vault.forget_grant(account(10), object(1)).error().code == Errc::not_found);
}

TEST_CASE("a revoked grant keeps its name and loses its keys, for good") {
    Fixture f;
    REQUIRE(f.vault.put_grant(grant(1, 10, 20)).ok());
    REQUIRE(f.vault.add_wraps(account(10), object(1), {{0, object(50), 2, to_bytes("next")}}).ok());
    CHECK(f.vault.grant(account(10), object(1))->wraps.size() == 3);
    REQUIRE(f.vault.drop_wraps(account(10), object(1)).ok());
    CHECK(f.vault.grant(account(10), object(1))->wraps.empty());
    CHECK(f.vault.grants_to(account(20))->size() == 1);
    CHECK(f.vault.add_wraps(account(10), object(1), {{0, object(50), 3, to_bytes("late")}})
              .error()
              .code == Errc::not_found);
    CHECK(f.vault.drop_wraps(account(10), object(9)).error().code == Errc::not_found);
}

TEST_CASE("an erased record's key leaves grants and offers too") {
    Fixture f;
    REQUIRE(f.vault.put_grant(grant(1, 10, 20)).ok());
    REQUIRE(f.vault.put_offer(object(60), digest(1), to_bytes("claim key")).ok());
    REQUIRE(f.vault.put_offer(object(61), digest(2), to_bytes("claim key")).ok());
    REQUIRE(f.vault.forget_records({object(60), object(50)}).ok());
    const auto wraps = f.vault.grant(account(10), object(1))->wraps;
    REQUIRE(wraps.size() == 1);
    CHECK(wraps[0].kind == 0);  // a collection of the same id is no record
    CHECK_FALSE(f.vault.offer(digest(1)).ok());
    CHECK(f.vault.offer(digest(2)).ok());
}

TEST_CASE("an offer is found by the hash of its secret") {
    Fixture f;
    REQUIRE(f.vault.put_offer(object(1), digest(1), to_bytes("claim key")).ok());
    CHECK(f.vault.offer(digest(1))->record == object(1));
    CHECK(f.vault.offer(digest(1))->claim_wrap == to_bytes("claim key"));
    CHECK(f.vault.offer(digest(2)).error().code == Errc::not_found);
    REQUIRE(f.vault.drop_offer(digest(1)).ok());
    CHECK_FALSE(f.vault.offer(digest(1)).ok());
}

TEST_CASE("the organisation's key is kept for each member") {
    Fixture f;
    REQUIRE(f.vault.put_organisation_wrap(account(1), account(2), to_bytes("wrap")).ok());
    CHECK(f.vault.organisation_wrap(account(1), account(2)).value() == to_bytes("wrap"));
    CHECK_FALSE(f.vault.organisation_wrap(account(1), account(3))->has_value());
}
