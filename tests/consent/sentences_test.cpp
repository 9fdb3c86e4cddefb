#include "consent/sentences.hpp"

#include "consent/dates.hpp"
#include "consent/tables.hpp"

#include <doctest/doctest.h>

using namespace salus;
using namespace salus::consent;

namespace {

std::string name(const std::string& reference) {
    return reference == "Practitioner/a" ? "Dr Ames" : reference;
}

}  // namespace

TEST_CASE("each rule is a sentence that can be read alone") {
    Directive d{"c", "patient-privacy", {}};
    Node root{1, true, {}, notify};
    root.own.actors =
        std::vector<Actor>{{"Practitioner/a", {}}, {"Organization/h", {"urn:r|nurse"}}};
    root.own.actions = Items{token(consent_action, "access")};
    root.own.purposes = Items{token(act_reason, "TREAT"), token(act_reason, "HPAYMT")};
    root.own.period = Period{day_of(2024, 1, 1) * 86'400'000, day_of(2025, 1, 1) * 86'400'000};
    Node but{2, false, {}, 0};
    but.own.labels = Items{token(confidentiality, "R"), token(act_code, "HIV")};
    Node inner{3, true, {}, 0};
    inner.own.data = Data{{}, {"Practitioner/a"}, {}, {}};
    d.nodes = {root, but, inner};
    const auto out = sentences(d, name);
    REQUIRE(out.size() == 3);
    CHECK(out[0] ==
          "Dr Ames or Organization/h as nurse (urn:r) may open everything of mine for treatment or "
          "billing, from 2024-01-01, until 2024-12-31 (UTC). I am told at once.");
    CHECK(out[1] ==
          "  Except: Dr Ames or Organization/h as nurse (urn:r) may not open everything of mine "
          "marked restricted or HIV for treatment or billing, from 2024-01-01, until 2024-12-31 "
          "(UTC).");
    CHECK(out[2].starts_with("    But: Dr Ames"));
    CHECK(out[2].find("written by Dr Ames") != std::string::npos);
    CHECK(text_of(d, name) == out[0] + "\n" + out[1] + "\n" + out[2]);
}

TEST_CASE("a rule without actors is about everybody, or nobody") {
    Directive d{"c", "patient-privacy", {Node{1, false, {}, 0}}};
    CHECK(text_of(d, name) == "Nobody may do anything with everything of mine for any purpose.");
    d.nodes[0].permit = true;
    CHECK(text_of(d, name) == "Everybody may do anything with everything of mine for any purpose.");
}

TEST_CASE("what cannot be compared is said to be unclear") {
    Directive d{"c", "patient-privacy", {Node{1, true, {}, 0}}};
    d.nodes[0].own.actors = std::vector<Actor>{{}};
    CHECK(text_of(d, name).starts_with("somebody not named clearly may"));
}
