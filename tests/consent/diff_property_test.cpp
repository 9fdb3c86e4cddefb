#include "consent/diff.hpp"
#include "consent/random_case.hpp"

#include <doctest/doctest.h>

#include <algorithm>

using namespace salus;
using namespace salus::consent;
using namespace salus::consent::testing;

namespace {

Directive permit_for(const char* purpose) {
    Directive out{"c", "patient-privacy", {Node{1, true, {}, 0}}};
    out.nodes[0].own.purposes = Items{token(act_reason, purpose)};
    out.nodes[0].own.actors = std::vector<Actor>{{"Practitioner/a", {}}};
    return out;
}

/// A small directive: the diff of large ones asks more kinds of question than a test has time for.
Directive small_directive(Random& random) {
    Directive out = random_directive(random);
    out.nodes.resize(std::min<std::size_t>(out.nodes.size(), 2));
    for (Node& node : out.nodes) {
        node.own.sources.reset();
        node.own.collections.reset();
        node.own.categories.reset();
    }
    return out;
}

}  // namespace

TEST_CASE("a change says what it newly allows and what it newly blocks, each by an example") {
    const std::vector<Directive> before{permit_for("TREAT")};
    std::vector<Directive> after{permit_for("TREAT"), permit_for("HPAYMT")};
    Node except{2, false, {}, 0};
    except.own.labels = Items{token(confidentiality, "R")};
    after[0].nodes.push_back(except);
    const auto found = diff(before, after, base_time);
    REQUIRE(found.ok());
    REQUIRE(found->changes.size() == 2);
    const auto& blocked = found->changes[0].allows ? found->changes[1] : found->changes[0];
    const auto& allowed = found->changes[0].allows ? found->changes[0] : found->changes[1];
    CHECK(allowed.example.purpose == token(act_reason, "HPAYMT"));
    CHECK(allowed.example.actor == "Practitioner/a");
    CHECK(change_words(blocked).starts_with(
        "newly blocked: Practitioner/a to open for treatment, from 2023-11-14: for example "));
    CHECK(decide(before, blocked.example).decision == Decision::permit);
    CHECK(decide(after, blocked.example).decision != Decision::permit);
}

TEST_CASE("the same directives, in another order or twice, differ in nothing") {
    const std::vector<Directive> one{permit_for("TREAT"), permit_for("HRESCH")};
    const std::vector<Directive> other{one[1], one[0], one[1]};
    const auto found = diff(one, other, base_time);
    REQUIRE(found.ok());
    CHECK(found->changes.empty());
}

TEST_CASE(
    "no random question is answered otherwise where the diff is empty, and examples are real") {
    Random random(32'001);
    int empty = 0;
    int changed = 0;
    for (int round = 0; round < 150; ++round) {
        const std::vector<Directive> before{small_directive(random)};
        std::vector<Directive> after = before;
        if (random.one_in(3)) after.push_back(before.front());
        if (random.one_in(2)) after.front().nodes.back().permit ^= true;
        const auto found = diff(before, after, base_time);
        if (!found.ok()) continue;
        for (const Change& change : found->changes) {
            const bool was = decide(before, change.example).decision == Decision::permit;
            const bool is = decide(after, change.example).decision == Decision::permit;
            REQUIRE(was != is);
            REQUIRE(is == change.allows);
        }
        (found->changes.empty() ? empty : changed) += 1;
        for (int i = 0; i < 300 && found->changes.empty(); ++i) {
            Question question = random_question(random);
            // The diff asks of askers who are known.
            if (!question.actor || !question.organizations || !question.groups || !question.roles ||
                !question.purpose || question.actor->starts_with("Org") ||
                question.actor->starts_with("Group") ||
                question.actor->starts_with("PractitionerR"))
                continue;
            const bool was = decide(before, question).decision == Decision::permit;
            REQUIRE(was == (decide(after, question).decision == Decision::permit));
        }
    }
    CHECK(empty > 20);
    CHECK(changed > 20);
}
