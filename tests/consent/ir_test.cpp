#include "consent/ir.hpp"

#include "base/cbor.hpp"
#include "consent/fhir_consent.hpp"
#include "consent/tables.hpp"

#include <doctest/doctest.h>

#include <algorithm>

using namespace salus;
using namespace salus::consent;

namespace {

/// The first letters of the name: labels that a reader of the page can follow.
ObjectId plain_label(std::string_view, std::string_view name) {
    ObjectId out;
    std::copy_n(name.begin(), std::min(name.size(), out.bytes.size()), out.bytes.begin());
    return out;
}

Directive example() {
    Directive out{"c1", "patient-privacy", {}};
    Node root{1, true, {}, 0};
    root.own.actors = std::vector<Actor>{{"Practitioner/a", {}}};
    root.own.purposes = Items{token(act_reason, "TREAT")};
    Node exception{2, false, {}, 0};
    exception.own.labels = Items{token(confidentiality, "R")};
    out.nodes = {root, exception};
    return out;
}

}  // namespace

TEST_CASE("the IR of docs/formats/consent-ir.md is written so") {
    const auto ir = encode_ir(example(), plain_label);
    REQUIRE(ir.ok());
    CHECK(cbor::check(*ir).ok());
    CHECK(to_hex(*ir) ==
          "a50102026f70617469656e742d707269766163790300041b0000e677d21fdc00058284010100"
          "a2028183005050726163746974696f6e65722f61000080048165545245415484020000a10581"
          "50687474703a2f2f7465726d696e6f6c6f");
}

TEST_CASE("one meaning has one encoding, in whatever order things are named") {
    Directive one = example();
    Directive other = example();
    one.nodes[0].own.codes = Items{"a|1", "b|2", "", "a|1"};
    other.nodes[0].own.codes = Items{"", "b|2", "a|1"};
    CHECK(encode_ir(one, plain_label).value() == encode_ir(other, plain_label).value());
    one.nodes[0].own.purposes = Items{token(act_reason, "TREAT"), token(act_reason, "HPAYMT")};
    other.nodes[0].own.purposes = Items{token(act_reason, "HPAYMT"), token(act_reason, "TREAT")};
    CHECK(encode_ir(one, plain_label).value() == encode_ir(other, plain_label).value());
}

TEST_CASE("rules out of order have no IR") {
    for (const auto& depths : std::vector<std::vector<std::size_t>>{
             {2}, {1, 1}, {1, 3}, {1, 2, 4}, {1, 2, 3, 4, 5}, {}}) {
        Directive bad{"", "patient-privacy", {}};
        for (const std::size_t depth : depths) bad.nodes.push_back({depth, true, {}, 0});
        CHECK_FALSE(encode_ir(bad, plain_label).ok());
    }
}

TEST_CASE("a directive is at most 16,384 bytes, and an asker has at most 64 names") {
    Directive large = example();
    const auto with = [&](std::size_t codes) {
        large.nodes.resize(1);
        for (std::size_t n = 0; n < 4; ++n) {
            Node node{2, true, {}, 0};
            node.own.codes.emplace();
            for (std::size_t i = 0; i < codes; ++i)
                node.own.codes->push_back(std::to_string(i) + "|" + std::to_string(n));
            large.nodes.push_back(node);
        }
        return encode_ir(large, plain_label).ok();
    };
    CHECK(with(238));
    CHECK_FALSE(with(245));
    Question question;
    const auto asked_by = [&](std::size_t groups) {
        question.groups.emplace();
        for (std::size_t i = 0; i < groups; ++i)
            question.groups->push_back("Group/" + std::to_string(i));
        return encode_question({}, question, plain_label).ok();
    };
    CHECK(asked_by(63));
    CHECK(asked_by(64));
    CHECK_FALSE(asked_by(65));
}

TEST_CASE("an answer of another form is malformed") {
    cbor::Writer out;
    out.map(5).uint(1).uint(1).uint(2).array(1).bytes(ObjectId{}.view()).uint(3).uint(0);
    out.uint(4).integer(7).uint(5).uint(9);
    const Bytes good = out.take();
    const auto answer = decode_answer(good);
    REQUIRE(answer.ok());
    CHECK(answer->decision == Decision::permit);
    CHECK(answer->until == 7);
    CHECK(answer->obligations == (redact | expire));
    for (std::size_t cut = 0; cut < good.size(); ++cut)
        CHECK_FALSE(decode_answer(ByteView(good).first(cut)).ok());
}
