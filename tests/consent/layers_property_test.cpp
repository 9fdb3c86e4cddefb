#include "consent/layers.hpp"
#include "consent/random_case.hpp"

#include <doctest/doctest.h>

using namespace salus;
using namespace salus::consent;
using namespace salus::consent::testing;

namespace {

std::vector<Directive> few(Random& random, std::size_t at_most) {
    std::vector<Directive> out;
    for (std::size_t left = random.below(at_most); left > 0; --left)
        out.push_back(random_directive(random));
    return out;
}

Layers random_layers(Random& random) {
    Layers out;
    out.forbids = few(random, 2);
    out.mandates = few(random, 2);
    out.withheld = few(random, 2);
    out.absolute = few(random, 2);
    if (random.one_in(2)) out.selves = {"Practitioner/a"};
    out.break_glass = random.one_in(2);
    if (random.one_in(2)) out.implicit.purposes = {token(act_reason, "TREAT")};
    return out;
}

/// All layers, about directives of which some are in force.
Verdict all_layers(const Layers& layers, const std::vector<Directive>& directives,
                   const Question& question) {
    const Verdict above = above_directives(layers, question);
    if (above.decision != Decision::not_applicable) return above;
    return directives.empty() ? below_directives(layers, question) : decide(directives, question);
}

Directive everything(bool permit) {
    return {"all", "patient-privacy", {Node{1, permit, {}, 0}}};
}

}  // namespace

TEST_CASE("a record passes the filter of all layers exactly when the first that decides permits") {
    Random random(33'001);
    int passed = 0;
    for (int round = 0; round < 3'000; ++round) {
        const Layers layers = random_layers(random);
        const std::vector<Directive> directives = few(random, 3);
        Question question = random_question(random);
        const Filter below = directives.empty()
                                 ? Filter::constant(layers.implicit.permits(question))
                                 : residual(directives, question);
        const Filter filter = around(layers, question, below);
        for (int i = 0; i < 5; ++i) {
            question.record = random_record(random);
            const bool permits =
                all_layers(layers, directives, question).decision == Decision::permit;
            REQUIRE((passes(filter, question.record) == Tri::yes) == permits);
            passed += permits ? 1 : 0;
        }
    }
    CHECK(passed > 1'500);
}

TEST_CASE("one more thing that law forbids never yields a permit") {
    Random random(33'002);
    for (int i = 0; i < 3'000; ++i) {
        Layers layers = random_layers(random);
        const std::vector<Directive> directives = few(random, 3);
        const Question question = random_question(random);
        const Decision before = all_layers(layers, directives, question).decision;
        layers.forbids.push_back(random_directive(random));
        const Decision after = all_layers(layers, directives, question).decision;
        if (after == Decision::permit) REQUIRE(before == Decision::permit);
    }
}

TEST_CASE("what law demands is disclosed with notice, unless law forbids it") {
    Layers layers;
    Question question;
    layers.mandates = {everything(true)};
    CHECK(above_directives(layers, question) == Verdict{Decision::permit, {}, notify});
    layers.forbids = {everything(false)};
    CHECK(above_directives(layers, question).decision == Decision::deny);
}

TEST_CASE("patient and guardian see everything but what law withholds from them") {
    Layers layers;
    layers.selves = {"Patient/p", "RelatedPerson/mother"};
    Question question;
    question.actor = "RelatedPerson/mother";
    CHECK(above_directives(layers, question).decision == Decision::permit);
    // What an adolescent's law keeps from a guardian is left to the directives.
    Directive adolescent = everything(false);
    adolescent.nodes[0].own.actors = std::vector<Actor>{{"RelatedPerson/mother", {}}};
    adolescent.nodes[0].own.labels = Items{token(act_code, "SEX")};
    layers.withheld = {adolescent};
    question.record.labels = Items{token(act_code, "SEX")};
    CHECK(above_directives(layers, question).decision == Decision::not_applicable);
    question.record.labels = Items{token(act_code, "HIV")};
    CHECK(above_directives(layers, question).decision == Decision::permit);
    question.record.labels = Items{token(act_code, "SEX")};
    question.actor = "Patient/p";
    CHECK(above_directives(layers, question).decision == Decision::permit);
    question.actor = "Practitioner/a";
    CHECK(above_directives(layers, question).decision == Decision::not_applicable);
}

TEST_CASE("break-glass opens against a patient's deny, with notice, but nothing absolute") {
    Layers layers;
    Question question;
    question.purpose = token(act_reason, "BTG");
    CHECK(above_directives(layers, question).decision == Decision::not_applicable);
    layers.break_glass = true;
    CHECK(above_directives(layers, question) == Verdict{Decision::permit, {}, notify});
    question.purpose = token(act_reason, "ETREAT");
    CHECK(above_directives(layers, question).decision == Decision::not_applicable);
    question.purpose = token(act_reason, "BTG");
    layers.absolute = {everything(false)};
    layers.absolute[0].nodes[0].own.labels = Items{token(confidentiality, "V")};
    question.record.labels = Items{token(confidentiality, "V")};
    CHECK(above_directives(layers, question).decision == Decision::not_applicable);
    question.record.labels.reset();
    CHECK(above_directives(layers, question).decision == Decision::not_applicable);
    question.record.labels = Items{token(confidentiality, "R")};
    CHECK(above_directives(layers, question).decision == Decision::permit);
}
