#include "vault/consent_view.hpp"

#include "base/cbor.hpp"

#include <doctest/doctest.h>

/// Labels against answers of another implementation, and what the contracts say as C++.
/// The expected values: Python's hmac.new(key, kind + b"\0" + id, "sha256").hexdigest()[:32].

using namespace salus;
using namespace salus::vault;

namespace {

Bytes label_key() {
    Bytes key(32);
    for (std::size_t i = 0; i < key.size(); ++i) key[i] = static_cast<std::uint8_t>(i);
    return key;
}
ObjectId object(std::uint8_t number) {
    ObjectId id;
    id.bytes.fill(number);
    return id;
}

}  // namespace

TEST_CASE("people, organisations and roles have the labels that others compute too") {
    AccountId person;
    person.bytes.fill(0xA1);
    CHECK(to_hex(person_label(label_key(), person).view()) == "76a3f34ea857ef5f13caa6aca3097b47");
    CHECK(to_hex(organisation_label(label_key(), object(0xB2)).view()) ==
          "98918601780c93bf6622a18ba040c55d");
    CHECK(to_hex(role_label(label_key(), "clinician", object(0xB2)).view()) ==
          "93e200e8f324b03e588a93d780acc32c");
    CHECK(person_label(Bytes(32, 9), person) != person_label(label_key(), person));
}

TEST_CASE("a directive covers what its scope names") {
    RecordState record;
    record.collection = object(1);
    Label category;
    category.bytes.fill(3);
    DirectiveState d;
    d.scope_kind = 0;
    CHECK(d.covers(object(2), record, category));
    d.scope_kind = 1;
    CHECK_FALSE(d.covers(object(2), record, category));
    d.scope = {object(9), object(1)};
    CHECK(d.covers(object(2), record, category));
    d.scope_kind = 2;
    CHECK_FALSE(d.covers(object(2), record, category));
    CHECK(d.covers(object(9), record, category));
    d.scope_kind = 3;
    CHECK_FALSE(d.covers(object(2), record, category));
    d.scope = {object(3)};
    CHECK(d.covers(object(2), record, category));
    d.scope_kind = 4;
    CHECK_FALSE(d.covers(object(3), record, category));
}

TEST_CASE("a directive lives from its first moment to the one before its last") {
    DirectiveState d;
    d.from = {10};
    d.until = {20};
    CHECK_FALSE(d.live_at({9}));
    CHECK(d.live_at({10}));
    CHECK(d.live_at({19}));
    CHECK_FALSE(d.live_at({20}));
    d.revoked = UnixMillis{15};
    CHECK_FALSE(d.live_at({12}));
}

TEST_CASE("an answer of another form is no answer") {
    const auto saying = [](Bytes answer) -> Ask {
        return [answer](std::string_view, std::string_view, ByteView) -> Result<Bytes> {
            return answer;
        };
    };
    const Bytes null = cbor::Writer{}.null().take();
    CHECK(record_state(saying(null), object(1)).error().code == Errc::not_found);
    CHECK(collection_state(saying(null), object(1)).error().code == Errc::not_found);
    CHECK(account_state(saying(null), {}).error().code == Errc::not_found);
    CHECK(directive_state(saying(null), {}, object(1)).error().code == Errc::not_found);
    const Bytes text = cbor::Writer{}.text("hello").take();
    CHECK(record_state(saying(text), object(1)).error().code == Errc::malformed);
    CHECK(credentials(saying(text), {}).error().code == Errc::malformed);
    CHECK(decide(saying(text), {}).error().code == Errc::malformed);
    CHECK(decide(saying({}), {}).error().code == Errc::malformed);
}

TEST_CASE("only a permit permits") {
    const auto decided = [](std::uint64_t decision) {
        const Bytes answer = cbor::Writer{}
                                 .map(4)
                                 .uint(1)
                                 .uint(decision)
                                 .uint(2)
                                 .array(0)
                                 .uint(3)
                                 .uint(0)
                                 .uint(4)
                                 .integer(5)
                                 .take();
        return decide([answer](auto, auto, auto) -> Result<Bytes> { return answer; }, {});
    };
    CHECK_FALSE(decided(0)->permitted);
    CHECK(decided(1)->permitted);
    CHECK_FALSE(decided(2)->permitted);
    CHECK_FALSE(decided(3).ok());
}
