#include "ledger/absence.hpp"

#include "absence_world.hpp"

using namespace salus;
using namespace salus::ledger;
using namespace salus::ledger::test;

namespace {

UnixMillis at(std::int64_t hours) {
    return UnixMillis{day_from.value + hours * 3'600'000};
}
GrantInterval grant(std::int64_t begin, std::int64_t until,
                    std::optional<UnixMillis> revoked = std::nullopt) {
    return {filled<ObjectId>(0xD1), at(begin), at(until), revoked};
}
AbsenceAnswer answer_of(AbsenceWorld& world) {
    const BundleClaims claims = must(verify_bundle(world.bundle(), world.trust()));
    CHECK(claims.kind == BundleKind::absence);
    CHECK(claims.height == BlockHeight{4});
    REQUIRE(claims.absence);
    return *claims.absence;
}
Errc refusal_of(AbsenceWorld& world) {
    return code_of(verify_bundle(world.bundle(), world.trust()));
}

}  // namespace

TEST_CASE("somebody without a consent and an opening had no access, and a stranger can check it") {
    AbsenceWorld world;
    const AbsenceAnswer answer = answer_of(world);
    CHECK(answer.not_permitted);
    CHECK(answer.not_opened);
    CHECK(answer.nodes == 3);
    REQUIRE(answer.labels.size() == 3);
    CHECK(answer.labels[0].name.label == world.person());
    CHECK(answer.labels[1].name.label == world.house());
    CHECK(answer.labels[2].name.role == "clinician");
    CHECK(answer.patient == world.patient);
    CHECK(answer.from == day_from);
}

TEST_CASE("a consent of the person, the organisation or the role on that day is a yes") {
    for (const int which : {0, 1, 2}) {
        AbsenceWorld world;
        const Label label = which == 0 ? world.person() : which == 1 ? world.house() : world.role();
        world.intervals[label] = {grant(-48, -24), grant(10, 11)};
        const AbsenceAnswer answer = answer_of(world);
        CHECK_FALSE(answer.not_permitted);
        CHECK(answer.not_opened);
        CHECK(answer.labels[static_cast<std::size_t>(which)].permitted);
    }
}

TEST_CASE("a consent that ended before the day, began after it or was revoked before it is a no") {
    AbsenceWorld world;
    world.intervals[world.person()] = {grant(-48, 0), grant(24, 48), grant(-48, 48, at(0))};
    CHECK(answer_of(world).not_permitted);
    world.intervals[world.person()] = {grant(-48, 48, UnixMillis{at(0).value + 1})};
    CHECK_FALSE(answer_of(world).not_permitted);
    world.intervals[world.person()] = {grant(23, 48)};
    CHECK_FALSE(answer_of(world).not_permitted);
}

TEST_CASE("a role that was not held that day lends nobody its consents") {
    AbsenceWorld world;
    world.intervals[world.house()] = {grant(-48, 48)};
    CHECK_FALSE(answer_of(world).not_permitted);
    world.history[0].revoked = day_from;
    const AbsenceAnswer answer = answer_of(world);
    CHECK(answer.not_permitted);
    CHECK(answer.labels.size() == 1);
    world.history.clear();
    CHECK(answer_of(world).labels.size() == 1);
}

TEST_CASE("an opening before or after the day leaves the day empty, one within it does not") {
    AbsenceWorld world;
    world.openings[world.person()] = {{3, at(-5)}};
    CHECK(answer_of(world).not_opened);
    world.openings[world.person()] = {{3, at(-5)}, {4, at(24)}};
    CHECK(answer_of(world).not_opened);
    world.openings[world.person()] = {{4, at(24)}, {5, at(25)}};
    CHECK(answer_of(world).not_opened);
    world.openings[world.person()] = {{2, at(-5)}, {3, at(0)}, {4, at(25)}};
    CHECK_FALSE(answer_of(world).not_opened);
    CHECK(answer_of(world).not_permitted);  // the two are said separately
    world.openings[world.person()] = {{2, at(-5)}, {3, UnixMillis{day_until.value - 1}}};
    CHECK_FALSE(answer_of(world).not_opened);
}

TEST_CASE("an opening by somebody else of the organisation is shown and is not the person's") {
    AbsenceWorld world;
    world.openings[world.house()] = {{3, at(12)}};
    const AbsenceAnswer answer = answer_of(world);
    CHECK(answer.not_opened);
    CHECK(answer.labels[1].opened == Opened::yes);
    CHECK(answer.labels[2].opened == Opened::no);
}

TEST_CASE("whoever withholds the entries around the day has proven nothing") {
    AbsenceWorld world;
    world.openings[world.person()] = {{2, at(-5)}, {4, at(25)}};
    world.show_places = false;
    const AbsenceAnswer answer = answer_of(world);
    CHECK(answer.labels[0].opened == Opened::unknown);
    CHECK_FALSE(answer.not_opened);
    world.show_places = true;
    world.change = [](Absence& a) {
        for (RelationClaim& c : a.nodes[0].claims)
            if (!c.places.empty()) c.places.erase(c.places.begin());
    };
    CHECK(answer_of(world).labels[0].opened == Opened::unknown);
}

TEST_CASE("a day that no anchor has passed by a minute yet cannot be proven") {
    AbsenceWorld world;
    world.anchored.value -= 1;
    CHECK(refusal_of(world) == Errc::out_of_range);
    world.anchored.value += 1;
    CHECK(answer_of(world).not_opened);
}

TEST_CASE("without any anchor nothing dates the state, and nothing is proven") {
    AbsenceWorld world;
    world.anchors = false;
    CHECK(refusal_of(world) == Errc::out_of_range);
}

TEST_CASE("another label key, a key left out, a value changed: no such proof is accepted") {
    AbsenceWorld world;
    world.intervals[world.person()] = {grant(-48, 48)};
    world.change = [](Absence& a) { a.label_key.assign(32, 0x4C); };
    CHECK(refusal_of(world) == Errc::integrity);
    for (std::size_t i = 0; i < 11; ++i) {
        world.change = [i](Absence& a) {
            REQUIRE(a.claims.size() == 11);
            a.claims.erase(a.claims.begin() + static_cast<std::ptrdiff_t>(i));
        };
        CHECK(refusal_of(world) == Errc::malformed);
        world.change = [i](Absence& a) {
            StateClaim& claim = a.claims[i];
            if (claim.value) {
                claim.value->back() ^= 1;
            } else {
                claim.value = Bytes{0x80};
            }
        };
        CHECK(refusal_of(world) == Errc::integrity);
        world.change = [i](Absence& a) { a.claims[i].value.reset(); };
        const auto hidden = verify_bundle(world.bundle(), world.trust());
        CHECK((hidden.ok() == false || hidden->absence->labels.size() == 3));
    }
    world.change = [](Absence& a) { std::swap(a.claims[0], a.claims[1]); };
    CHECK(refusal_of(world) == Errc::malformed);
    world.openings[world.person()] = {{2, at(5)}};
    world.change = [](Absence& a) { a.nodes.clear(); };
    CHECK(refusal_of(world) == Errc::malformed);
    world.change = [](Absence& a) { a.nodes[0].claims.erase(a.nodes[0].claims.begin()); };
    CHECK(refusal_of(world) == Errc::malformed);
    world.change = [](Absence& a) {
        for (RelationClaim& c : a.nodes[0].claims) c.value.reset();
    };
    CHECK(refusal_of(world) == Errc::integrity);
    world.change = [](Absence& a) { a.grantee = a.patient; };
    CHECK(refusal_of(world) == Errc::malformed);
    world.change = [](Absence& a) { a.until = a.from; };
    CHECK(refusal_of(world) == Errc::out_of_range);
}

TEST_CASE("an absence is encoded one way only") {
    AbsenceWorld world;
    world.openings[world.person()] = {{2, at(-5)}, {4, at(25)}};
    const Bundle bundle = must(decode_bundle(world.bundle()));
    const Absence absence = must(decode_absence(bundle.subject));
    CHECK(encode_absence(absence) == bundle.subject);
    CHECK(must(encode_bundle(bundle)) == world.bundle());
}

TEST_CASE("any changed byte of a proof of absence is refused") {
    AbsenceWorld world;
    world.openings[world.person()] = {{2, at(-5)}, {4, at(25)}};
    const Bytes good = world.bundle();
    const auto trust = world.trust();
    for (std::size_t i = 0; i < good.size(); ++i) {
        Bytes bytes = good;
        bytes[i] ^= static_cast<std::uint8_t>(1U << (i % 8));
        CHECK_FALSE(check_bundle(bytes, trust).ok());
    }
}
