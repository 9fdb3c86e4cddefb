#include "vault/asks.hpp"

#include "base/env.hpp"

#include <doctest/doctest.h>

/// AccessAsks for access as the custodian keeps them: docs/formats/vault.md.

using namespace salus;
using namespace salus::vault;

namespace {

constexpr std::int64_t made_ms = 1'790'000'000'000;

template <class Id>
Id id(std::uint8_t byte) {
    return Id::from(Bytes(16, byte)).value();
}

AccessAsk ask(std::uint8_t number, std::int64_t made = made_ms) {
    AccessAsk out;
    out.id = id<ObjectId>(number);
    out.asker = id<AccountId>(0xa1);
    out.patient = id<AccountId>(0xb1);
    out.to_patient = Bytes(80, 1);
    out.to_asker = Bytes(80, 2);
    out.made = {made};
    return out;
}

struct Kept {
    std::unique_ptr<store::Kv> kv = store::memory_kv();
    AccessAsks asks{*kv};
};

}  // namespace

TEST_CASE("an ask waits for seven days to the millisecond, then it has expired") {
    const AccessAsk made = ask(1);
    CHECK(made.state_at({made_ms + ask_life_ms - 1}) == AskState::open);
    CHECK(made.state_at({made_ms + ask_life_ms}) == AskState::expired);
    CHECK(made.state_at({made_ms + ask_life_ms + 1}) == AskState::expired);
}

TEST_CASE("both sides find an ask, the newest first, and nobody else does") {
    Kept kept;
    REQUIRE(kept.asks.add(ask(1)).ok());
    REQUIRE(kept.asks.add(ask(2, made_ms + 5)).ok());
    for (const auto& list : {kept.asks.of_asker(id<AccountId>(0xa1)).value(),
                             kept.asks.to_patient(id<AccountId>(0xb1)).value()}) {
        REQUIRE(list.size() == 2);
        CHECK(list[0].id == id<ObjectId>(2));
        CHECK(list[1].to_patient == Bytes(80, 1));
        CHECK(list[1].to_asker == Bytes(80, 2));
    }
    CHECK(kept.asks.of_asker(id<AccountId>(0xb1)).value().empty());
    CHECK(kept.asks.to_patient(id<AccountId>(0xa1)).value().empty());
}

TEST_CASE("an answer is kept with its time and sharing, and is the only one") {
    Kept kept;
    REQUIRE(kept.asks.add(ask(1)).ok());
    const auto directive = id<ObjectId>(0xd1);
    const UnixMillis now{made_ms + 10};
    REQUIRE(kept.asks.end(id<ObjectId>(1), AskState::narrowed, directive, now).ok());
    const AccessAsk answered = kept.asks.get(id<ObjectId>(1)).value();
    CHECK(answered.state == AskState::narrowed);
    CHECK(answered.answered == now);
    CHECK(answered.directive == directive);
    CHECK(answered.state_at({made_ms + 2 * ask_life_ms}) == AskState::narrowed);
    const auto again = kept.asks.end(id<ObjectId>(1), AskState::refused, std::nullopt, now);
    REQUIRE_FALSE(again.ok());
    CHECK(again.error().code == Errc::denied);
}

TEST_CASE("an expired ask takes no answer") {
    Kept kept;
    REQUIRE(kept.asks.add(ask(1)).ok());
    const auto late = kept.asks.end(id<ObjectId>(1), AskState::allowed, id<ObjectId>(0xd1),
                                    {made_ms + ask_life_ms});
    REQUIRE_FALSE(late.ok());
    CHECK(late.error().code == Errc::denied);
}

TEST_CASE("three asks wait for one person and no fourth, until one is answered") {
    Kept kept;
    for (std::uint8_t i = 1; i <= 3; ++i) REQUIRE(kept.asks.add(ask(i)).ok());
    const Status fourth = kept.asks.add(ask(4));
    REQUIRE_FALSE(fourth.ok());
    CHECK(fourth.error().code == Errc::exhausted);
    REQUIRE(kept.asks.end(id<ObjectId>(2), AskState::refused, std::nullopt, {made_ms + 1}).ok());
    CHECK(kept.asks.add(ask(4, made_ms + 2)).ok());
}

TEST_CASE("a hundred asks of one person wait and no more") {
    Kept kept;
    for (std::uint8_t i = 0; i < asks_open_of_one_max; ++i) {
        AccessAsk made = ask(i);
        made.patient = id<AccountId>(i);
        REQUIRE(kept.asks.add(made).ok());
    }
    const Status one_more = kept.asks.add(ask(200));
    REQUIRE_FALSE(one_more.ok());
    CHECK(one_more.error().code == Errc::exhausted);
}

TEST_CASE("a sealed ask has 1 to 8,192 bytes in either copy") {
    Kept kept;
    std::uint8_t number = 1;
    for (const std::size_t size : {std::size_t{0}, ask_blob_bytes_max + 1}) {
        AccessAsk bad = ask(number);
        bad.to_patient.resize(size);
        CHECK(kept.asks.add(bad).error().code == Errc::out_of_range);
        bad = ask(number);
        bad.to_asker.resize(size);
        CHECK(kept.asks.add(bad).error().code == Errc::out_of_range);
    }
    for (const std::size_t size : {std::size_t{1}, ask_blob_bytes_max}) {
        AccessAsk good = ask(number++);
        good.to_patient.resize(size);
        CHECK(kept.asks.add(good).ok());
    }
}

TEST_CASE("an ask is kept for ninety days and then forgotten when the same asker asks again") {
    Kept kept;
    REQUIRE(kept.asks.add(ask(1)).ok());
    REQUIRE(kept.asks.add(ask(2, made_ms + ask_kept_ms - 1)).ok());
    CHECK(kept.asks.get(id<ObjectId>(1)).ok());
    REQUIRE(kept.asks.add(ask(3, made_ms + ask_kept_ms)).ok());
    CHECK(kept.asks.get(id<ObjectId>(1)).error().code == Errc::not_found);
    CHECK(kept.asks.to_patient(id<AccountId>(0xb1)).value().size() == 2);
}

TEST_CASE("the same id is taken once") {
    Kept kept;
    REQUIRE(kept.asks.add(ask(1)).ok());
    CHECK(kept.asks.add(ask(1, made_ms + 1)).error().code == Errc::already_exists);
}
