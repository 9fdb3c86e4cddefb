#include "client/consent_ir.hpp"
#include "client/limits.hpp"
#include "client/sentence.hpp"
#include "crypto/hash.hpp"

#include <doctest/doctest.h>

using namespace salus;
using namespace salus::client;

namespace {

ConsentIr plain_ir() {
    ConsentIr ir;
    ir.actors = {Label{{1}}};
    ir.purposes = {"TREAT"};
    ir.actions = {"access"};
    ir.from = UnixMillis{1'000};
    ir.until = UnixMillis{2'000};
    return ir;
}

ObjectId numbered(std::size_t i) {
    ObjectId id;
    id.bytes[0] = static_cast<std::uint8_t>(i >> 8U);
    id.bytes[1] = static_cast<std::uint8_t>(i);
    return id;
}

}  // namespace

TEST_CASE("a directive reads back as it was written") {
    ConsentIr ir = plain_ir();
    CHECK(decode_ir(encode(ir).value()).value() == ir);
    ir.permit = false;
    ir.scope = {ScopeKind::collections, {numbered(1), numbered(2)}};
    ir.purposes = {"TREAT", "HRESCH"};
    CHECK(decode_ir(encode(ir).value()).value() == ir);
}

TEST_CASE("the order in which people or collections were chosen does not change the directive") {
    ConsentIr a = plain_ir();
    a.scope = {ScopeKind::collections, {numbered(2), numbered(1), numbered(2)}};
    ConsentIr b = plain_ir();
    b.scope = {ScopeKind::collections, {numbered(1), numbered(2)}};
    CHECK(encode(a).value() == encode(b).value());
}

TEST_CASE("every list of a directive holds one to its limit") {
    struct Limit {
        ScopeKind kind;
        std::size_t max;
    };
    for (const Limit& limit : {Limit{ScopeKind::collections, ir_collections_max},
                               Limit{ScopeKind::records, ir_records_max},
                               Limit{ScopeKind::categories, ir_categories_max}}) {
        for (const std::size_t count :
             {std::size_t{0}, std::size_t{1}, limit.max - 1, limit.max, limit.max + 1}) {
            ConsentIr ir = plain_ir();
            ir.scope.kind = limit.kind;
            for (std::size_t i = 0; i < count; ++i) ir.scope.ids.push_back(numbered(i));
            CHECK(encode(ir).ok() == (count >= 1 && count <= limit.max));
        }
    }
    for (const std::size_t count : {std::size_t{0}, ir_purposes_max, ir_purposes_max + 1}) {
        ConsentIr ir = plain_ir();
        ir.purposes.assign(count, "TREAT");
        CHECK(encode(ir).ok() == (count >= 1 && count <= ir_purposes_max));
    }
}

TEST_CASE("a directive begins before it ends") {
    ConsentIr ir = plain_ir();
    ir.until = ir.from;
    CHECK(encode(ir).error().code == Errc::out_of_range);
    ir.until.value += 1;
    CHECK(encode(ir).ok());
}

TEST_CASE("a cut directive is refused at every length") {
    const Bytes whole = encode(plain_ir()).value();
    for (std::size_t size = 0; size < whole.size(); ++size) {
        CHECK_FALSE(decode_ir(ByteView(whole).first(size)).ok());
    }
}

TEST_CASE("the sentence names who, what, why and how long") {
    SentenceParts parts;
    parts.grantee = "Dr. Ana Silva";
    parts.what = {"Blood results", "Notes", "Medicines"};
    parts.purposes = {"TREAT"};
    parts.actions = {"access"};
    parts.from = UnixMillis{1'795'532'606'832};
    parts.until = UnixMillis{parts.from.value + 30LL * 86'400'000};
    CHECK(consent_sentence(parts) ==
          "Dr. Ana Silva may open my Blood results, Notes and Medicines for treatment, from 24 "
          "November 2026 until "
          "24 December 2026 (UTC).");
    parts.permit = false;
    parts.grantee_kind = GranteeKind::organisation;
    parts.grantee = "St. Mary Hospital";
    parts.everything = true;
    parts.purposes = {"HRESCH", "HPAYMT"};
    parts.actions = {"access", "write"};
    CHECK(consent_sentence(parts) ==
          "Everybody at St. Mary Hospital who has its key may not open and add to everything of "
          "mine for medical research and billing, from 24 November 2026 until 24 December 2026 "
          "(UTC).");
    CHECK(text_hash(consent_sentence(parts)) == crypto::sha256(as_bytes(consent_sentence(parts))));
}

TEST_CASE("the sentence of one record names it and its day") {
    SentenceParts parts;
    parts.grantee = "Dr. Ana Silva";
    parts.what = {record_words("Walks again", UnixMillis{1'795'532'606'832})};
    parts.purposes = {"TREAT"};
    parts.actions = {"access"};
    parts.from = UnixMillis{1'795'532'606'832};
    parts.until = UnixMillis{parts.from.value + 30LL * 86'400'000};
    CHECK(consent_sentence(parts) ==
          "Dr. Ana Silva may open my single record “Walks again” of 24 November 2026 for "
          "treatment, from 24 November 2026 until 24 December 2026 (UTC).");
}

TEST_CASE("the sentence of the right to add says that nothing may be read") {
    SentenceParts parts;
    parts.grantee = "Northgate Laboratory";
    parts.what = {"Blood results"};
    parts.purposes = {"TREAT"};
    parts.actions = {"write"};
    parts.from = UnixMillis{1'795'532'606'832};
    parts.until = UnixMillis{parts.from.value + 30LL * 86'400'000};
    CHECK(consent_sentence(parts) ==
          "Northgate Laboratory may add to my Blood results for treatment, from 24 November 2026 "
          "until 24 December 2026 (UTC). Northgate Laboratory may not read my records.");
}

TEST_CASE("two directives that differ in any part have different sentences") {
    SentenceParts base;
    base.grantee = "A";
    base.what = {"x"};
    base.purposes = {"TREAT"};
    base.actions = {"access"};
    base.until = UnixMillis{86'400'000};
    for (int field = 0; field < 6; ++field) {
        SentenceParts other = base;
        if (field == 0) other.permit = false;
        if (field == 1) other.grantee = "B";
        if (field == 2) other.what = {"y"};
        if (field == 3) other.purposes = {"HRESCH"};
        if (field == 4) other.actions = {"write"};
        if (field == 5) other.until = UnixMillis{2 * 86'400'000};
        CHECK(consent_sentence(other) != consent_sentence(base));
    }
}

TEST_CASE("dates are those of the calendar") {
    CHECK(iso_date(UnixMillis{0}) == "1970-01-01");
    CHECK(iso_date(UnixMillis{-1}) == "1969-12-31");
    CHECK(iso_date(UnixMillis{951'782'400'000}) == "2000-02-29");
    CHECK(iso_date(UnixMillis{951'868'800'000}) == "2000-03-01");
    CHECK(iso_date(UnixMillis{4'107'542'399'999}) == "2100-02-28");
    CHECK(iso_date(UnixMillis{4'107'542'400'000}) == "2100-03-01");
    CHECK(plain_date(UnixMillis{1'767'225'600'000}) == "1 January 2026");
}
