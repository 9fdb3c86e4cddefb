#include "contracts/consent_kat.hpp"

#include <doctest/doctest.h>

#include <fstream>
#include <string>

using namespace salus;

TEST_CASE("the examples of IHE Privacy Consent on FHIR mean what the profile says") {
    auto judge = contracts::ConsentJudge::create(contracts::shipped_contracts());
    REQUIRE(judge.ok());
    std::ifstream file(std::string(SALUS_SOURCE_DIR) + "/tests/vectors/ihe-pcf/cases.jsonl");
    std::string line;
    int cases = 0;
    while (std::getline(file, line)) {
        auto in = json::parse(line);
        REQUIRE(in.ok());
        CAPTURE(json::need_text(*in, "id").value());
        const auto out = contracts::consent_kat("consent.decide", *in, *judge);
        REQUIRE(out.ok());
        CHECK(json::need_text(*out, "decision").value() == json::need_text(*in, "want").value());
        ++cases;
    }
    CHECK(cases == 74);
}
