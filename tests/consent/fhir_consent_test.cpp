#include "consent/fhir_consent.hpp"

#include "consent/case.hpp"
#include "consent/dates.hpp"
#include "consent/tables.hpp"

#include <doctest/doctest.h>

using namespace salus;
using namespace salus::consent;

namespace {

/// A consent around a root provision.
std::string consent_of(std::string_view provision, std::string_view more = {}) {
    return R"({"resourceType":"Consent","id":"c","status":"active")" + std::string(more) +
           R"(,"provision":)" + std::string(provision) + "}";
}

Result<std::optional<Directive>> read(const std::string& text) {
    const auto value = json::parse(text);
    REQUIRE(value.ok());
    return read_consent(*value);
}

Directive must(const std::string& text) {
    auto out = read(text);
    INFO((out.ok() ? std::string() : out.error().detail));
    REQUIRE(out.ok());
    REQUIRE(out->has_value());
    return std::move(**out);
}

/// The decision about a question with these consents.
std::string decide(const std::string& consents, const std::string& request,
                   std::string_view policy = "deny") {
    const auto in = json::parse(R"({"consents":[)" + consents + R"(],"implicit_policy":")" +
                                std::string(policy) + R"(","request":)" + request + "}");
    REQUIRE(in.ok());
    const auto asked = read_case(*in);
    INFO((asked.ok() ? std::string() : asked.error().detail));
    REQUIRE(asked.ok());
    return std::string(
        to_string(conclude(*asked, consent::decide(asked->directives, asked->question)).decision));
}

constexpr const char* treat =
    R"({"system":"http://terminology.hl7.org/CodeSystem/v3-ActReason","code":"TREAT"})";

std::string request(std::string_view resource = R"({"type":"Observation","id":"1"})") {
    return R"({"actor":"Practitioner/a","purpose":"TREAT","now":"2024-05-05T10:00:00Z","resource":)" +
           std::string(resource) + "}";
}

}  // namespace

TEST_CASE("a consent binds while its status is active") {
    const std::string provision = R"({"type":"permit"})";
    CHECK(must(consent_of(provision)).nodes.size() == 1);
    for (const char* status : {"draft", "proposed", "rejected", "inactive", "entered-in-error"}) {
        const auto out = read(R"({"resourceType":"Consent","status":")" + std::string(status) +
                              R"(","provision":{"type":"permit"}})");
        REQUIRE(out.ok());
        CHECK_FALSE(out->has_value());
    }
    CHECK_FALSE(read(R"({"resourceType":"Consent","status":"signed"})").ok());
    CHECK_FALSE(read(R"({"resourceType":"Consent"})").ok());
    CHECK_FALSE(read(R"({"resourceType":"Patient","status":"active"})").ok());
}

TEST_CASE("a consent to a treatment or an advance directive says nothing of data") {
    for (const char* scope : {"treatment", "adr"}) {
        const auto out = read(consent_of(
            R"({"type":"permit"})",
            R"(,"scope":{"coding":[{"system":"s","code":")" + std::string(scope) + R"("}]})"));
        REQUIRE(out.ok());
        CHECK_FALSE(out->has_value());
    }
    CHECK(must(consent_of(R"({"type":"permit"})",
                          R"(,"scope":{"coding":[{"system":"s","code":"research"}]})"))
              .scope == "research");
}

TEST_CASE("what is not understood is refused, for it might narrow what is permitted") {
    CHECK_FALSE(read(consent_of(R"({"type":"permit","resourceType":[]})")).ok());
    CHECK_FALSE(read(consent_of(R"({"type":"permit","modifierExtension":[{}]})")).ok());
    CHECK_FALSE(read(consent_of(R"({"type":"permit"})", R"(,"implicitRules":"urn:x")")).ok());
    CHECK_FALSE(read(consent_of(R"({"type":"permit"})", R"(,"decision":"permit")")).ok());
    CHECK_FALSE(read(consent_of(R"({"type":"maybe"})")).ok());
    CHECK_FALSE(read(consent_of(R"({"period":{}})")).ok());
    CHECK_FALSE(read(consent_of(R"({"type":"permit","data":[{"meaning":"near"}]})")).ok());
    CHECK_FALSE(read(consent_of(R"({"type":"permit","dataPeriod":{"start":"2022-13"}})")).ok());
    CHECK_FALSE(
        read(consent_of(R"({"type":"permit","period":{"start":"2023","end":"2022"}})")).ok());
    CHECK(read(consent_of(R"({"type":"permit","extension":[{}],"_type":{},"id":"x"})")).ok());
}

TEST_CASE("a rule without a type has that of the rule above") {
    const Directive d = must(consent_of(R"({"type":"deny","provision":[{},{"type":"permit"}]})"));
    REQUIRE(d.nodes.size() == 3);
    CHECK_FALSE(d.nodes[1].permit);
    CHECK(d.nodes[2].permit);
    CHECK(d.nodes[2].depth == 2);
}

TEST_CASE("rules are at most four deep and 64") {
    const auto nested = [](int depth) {
        std::string out = R"({"type":"permit"})";
        for (int i = 1; i < depth; ++i) out = R"({"type":"permit","provision":[)" + out + "]}";
        return consent_of(out);
    };
    CHECK(read(nested(3)).ok());
    CHECK(read(nested(4)).ok());
    CHECK_FALSE(read(nested(5)).ok());
    const auto many = [](int count) {
        std::string out = R"({"type":"permit","provision":[)";
        for (int i = 1; i < count; ++i) out += i == 1 ? "{}" : ",{}";
        return consent_of(out + "]}");
    };
    CHECK(read(many(63)).ok());
    CHECK(read(many(64)).ok());
    CHECK_FALSE(read(many(65)).ok());
}

TEST_CASE("an actor is named by reference, by role, or by both") {
    const Directive d = must(consent_of(R"({"type":"permit","actor":[
        {"role":{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/v3-ParticipationType",
                            "code":"IRCP"}]},"reference":{"reference":"Practitioner/a/_history/2"}},
        {"role":{"coding":[{"system":"urn:r","code":"nurse"}]},
         "reference":{"reference":"Organization/h"}},
        {"role":{"coding":[{"system":"urn:r","code":"nurse"}]}},
        {"role":{"text":"the nurse"},"reference":{"display":"Sister Mary"}}]})"));
    REQUIRE(d.nodes[0].own.actors.has_value());
    const auto& actors = *d.nodes[0].own.actors;
    REQUIRE(actors.size() == 4);
    CHECK(actors[0] == Actor{"Practitioner/a", {}});
    CHECK(actors[1] == Actor{"Organization/h", {"urn:r|nurse"}});
    CHECK(actors[2] == Actor{"", {"urn:r|nurse"}});
    CHECK(actors[3] == Actor{});
}

TEST_CASE("an actor who is custodian or author says whose data it is") {
    const Directive d = must(consent_of(R"({"type":"deny","actor":[
        {"role":{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/v3-ParticipationType",
                            "code":"CST"}]},"reference":{"reference":"Organization/h"}}]})"));
    CHECK_FALSE(d.nodes[0].own.actors.has_value());
    REQUIRE(d.nodes[0].own.sources.has_value());
    CHECK(d.nodes[0].own.sources->custodians == Items{"Organization/h"});
}

TEST_CASE("labels that say how data is handled come with the permission") {
    const Directive d =
        must(consent_of(R"({"type":"permit","period":{"end":"2030"},"securityLabel":[
        {"system":"http://terminology.hl7.org/CodeSystem/v3-ActCode","code":"NORDSCLCD"},
        {"system":"http://terminology.hl7.org/CodeSystem/v3-ActCode","code":"REDACT"}]})"));
    CHECK(d.nodes[0].obligations == (redact | no_redisclose | expire));
    CHECK_FALSE(d.nodes[0].own.labels.has_value());
}

TEST_CASE("a partial date is the whole month or year, and a period includes its end") {
    const std::string until =
        consent_of(R"({"type":"permit","period":{"start":"2023-11","end":"2024-05"}})");
    const auto at = [&](std::string_view now) {
        return decide(until, R"({"purpose":"TREAT","now":")" + std::string(now) + R"("})");
    };
    CHECK(at("2023-10-31T23:59:59Z") == "deny");
    CHECK(at("2023-11-01T00:00:00Z") == "permit");
    CHECK(at("2024-05-31T23:59:59.999Z") == "permit");
    CHECK(at("2024-06-01T00:00:00Z") == "deny");
    CHECK(at("2024-05-31T23:30:00-05:00") == "deny");
    CHECK(days_of("2024-02").value() == Days{day_of(2024, 2, 1), day_of(2024, 2, 29)});
    CHECK(days_of("2023").value() == Days{day_of(2023, 1, 1), day_of(2023, 12, 31)});
    for (const char* bad : {"", "24", "2024-2", "2024-02-30", "2024-02-01T", "2024-02-01T25:00:00Z",
                            "2024-02-01T10:00:00+1", "2024-02-01 10:00", "0000"})
        CHECK_FALSE(days_of(bad).ok());
    CHECK(iso_day(day_of(2024, 2, 29)) == "2024-02-29");
    CHECK(iso_day(0) == "1970-01-01");
    CHECK(iso_day(day_of(1912, 6, 23)) == "1912-06-23");
}

TEST_CASE("a record's partial date lies in a period, outside, or it is unknown") {
    const std::string permit =
        consent_of(R"({"type":"permit","dataPeriod":{"start":"2022-03","end":"2022-09"}})");
    const auto about = [&](std::string_view authored) {
        return decide(permit, request(R"({"authored":")" + std::string(authored) + R"("})"));
    };
    CHECK(about("2022-03-01") == "permit");
    CHECK(about("2022-09-30T23:59:59Z") == "permit");
    CHECK(about("2022-04") == "permit");
    CHECK(about("2022") == "not_applicable");
    CHECK(about("2022-10-01") == "not_applicable");
    const std::string deny = consent_of(
        R"({"type":"permit","provision":[{"type":"deny","dataPeriod":{"start":"2022-03","end":"2022-09"}}]})");
    CHECK(decide(deny, request(R"({"authored":"2022"})")) == "deny");
    CHECK(decide(deny, request(R"({"authored":"2021"})")) == "permit");
    CHECK(decide(deny, request("{}")) == "deny");
}

TEST_CASE("a rule's purpose covers what lies below it, and treatment does not cover break-glass") {
    const std::string permit =
        consent_of(R"({"type":"permit","purpose":[)" + std::string(treat) + "]}");
    const auto purpose = [&](std::string_view code) {
        return decide(permit, R"({"now":"2024-05-05","purpose":")" + std::string(code) + R"("})");
    };
    CHECK(purpose("TREAT") == "permit");
    CHECK(purpose("ETREAT") == "permit");
    CHECK(purpose("ERTREAT") == "permit");
    CHECK(purpose("BTG") == "not_applicable");
    CHECK(purpose("HPAYMT") == "not_applicable");
    CHECK(purpose("PurposeOfUse") == "not_applicable");
    CHECK(purpose("http://other.example|TREAT") == "not_applicable");
    CHECK(decide(permit, R"({"now":"2024-05-05"})") == "not_applicable");
}

TEST_CASE("a permit of a level covers the lower ones, and a deny of a level only that") {
    const auto rule = [](std::string_view type, std::string_view level) {
        return R"({"type":")" + std::string(type) +
               R"(","securityLabel":[{"system":"http://terminology.hl7.org/CodeSystem/v3-Confidentiality","code":")" +
               std::string(level) + R"("}]})";
    };
    const auto labelled = [](std::string_view level) {
        return request(R"({"labels":["http://terminology.hl7.org/CodeSystem/v3-Confidentiality|)" +
                       std::string(level) + R"("]})");
    };
    const std::string permit = consent_of(rule("permit", "R"));
    CHECK(decide(permit, labelled("R")) == "permit");
    CHECK(decide(permit, labelled("N")) == "permit");
    CHECK(decide(permit, labelled("V")) == "not_applicable");
    const std::string deny =
        consent_of(R"({"type":"permit","provision":[)" + rule("deny", "R") + "]}");
    CHECK(decide(deny, labelled("R")) == "deny");
    CHECK(decide(deny, labelled("N")) == "permit");
}

TEST_CASE("the implicit policy is asked where no directive is in force") {
    CHECK(decide("", request()) == "deny");
    CHECK(decide("", request(), "treatment") == "permit");
    CHECK(decide("", request(), "tpo") == "permit");
    const std::string other = consent_of(R"({"type":"permit","class":[{"system":
        "http://hl7.org/fhir/resource-types","code":"Condition"}]})");
    CHECK(decide(other, request(), "treatment") == "not_applicable");
    CHECK(decide(R"({"resourceType":"Consent","status":"active"})", request(), "treatment") ==
          "not_applicable");
    // One about research leaves treatment to the policy.
    const std::string research = consent_of(
        R"({"type":"permit"})", R"(,"scope":{"coding":[{"code":"research","system":"s"}]})");
    CHECK(decide(research, request(), "treatment") == "permit");
    CHECK(decide(research, request(), "deny") == "deny");
}

TEST_CASE("a consent that cannot be read makes the answer indeterminate, unless another denies") {
    const std::string unclear = consent_of(R"({"period":{}})");
    const std::string permit = consent_of(R"({"type":"permit"})");
    const std::string deny = consent_of(R"({"type":"deny"})");
    CHECK(decide(unclear, request()) == "indeterminate");
    CHECK(decide(unclear + "," + permit, request()) == "indeterminate");
    CHECK(decide(unclear + "," + deny, request()) == "deny");
}

TEST_CASE("a consent that opts out without rules forbids everything") {
    const std::string out = R"({"resourceType":"Consent","status":"active","policyRule":{"coding":[
        {"system":"http://terminology.hl7.org/CodeSystem/v3-ActCode","code":"OPTOUT"}]}})";
    CHECK(decide(out, request(), "treatment") == "deny");
}

TEST_CASE("a question may come with what law says") {
    const auto with_law = [](const std::string& law) {
        const auto in = json::parse(R"({"consents":[)" + consent_of(R"({"type":"permit"})") +
                                    R"(],"law":)" + law + R"(,"request":)" + request() + "}");
        REQUIRE(in.ok());
        return read_case(*in);
    };
    const auto verdict = [&](const std::string& law) {
        const auto asked = with_law(law);
        REQUIRE(asked.ok());
        return std::string(to_string(
            conclude(*asked, consent::decide(asked->directives, asked->question)).decision));
    };
    CHECK(verdict("{}") == "permit");
    CHECK(verdict(R"({"forbids":[)" + consent_of(R"({"type":"deny"})") + "]}") == "deny");
    CHECK(verdict(R"({"selves":["Practitioner/a"],"break_glass":true})") == "permit");
    CHECK_FALSE(with_law(R"({"forbids":[{"resourceType":"Consent"}]})").ok());
    CHECK_FALSE(with_law(R"({"break_glass":1})").ok());
    CHECK_FALSE(with_law("[]").ok());
}
