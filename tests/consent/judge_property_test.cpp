#include "base/cbor.hpp"
#include "consent/ir.hpp"
#include "consent/random_case.hpp"
#include "contracts/consent_judge.hpp"
#include "crypto/hash.hpp"

#include <doctest/doctest.h>

#include "consent_native.hpp"
#include <algorithm>
#include <map>

using namespace salus;
using namespace salus::consent;
using namespace salus::consent::testing;
using contracts::ConsentAnswer;
using contracts::ConsentJudge;

namespace {

ConsentJudge make_judge(ConsentJudge::Engine engine) {
    auto judge = ConsentJudge::create(contracts::shipped_contracts(), engine);
    REQUIRE(judge.ok());
    return std::move(*judge);
}

std::vector<Directive> some_directives(Random& random, std::size_t at_most = 4) {
    std::vector<Directive> out;
    for (std::size_t left = random.below(at_most); left > 0; --left)
        out.push_back(random_directive(random));
    return out;
}

void put_all(ConsentJudge& judge, const std::vector<Directive>& directives) {
    judge.clear();
    for (const Directive& directive : directives) {
        const Status put = judge.put(directive);
        INFO((put.ok() ? std::string() : put.error().detail));
        REQUIRE(put.ok());
    }
}

Verdict ask(ConsentJudge& judge, const Question& question) {
    auto answer = judge.decide(question);
    INFO((answer.ok() ? std::string() : answer.error().detail));
    REQUIRE(answer.ok());
    return {answer->decision, std::move(answer->directives), answer->obligations};
}

struct Count {
    std::map<Decision, int> decisions;
    int cases = 0;
};

/// The contract against the reference, and the residual against both.
void compare(ConsentJudge::Engine engine, std::uint64_t seed, int rounds, int questions,
             Count& count) {
    CAPTURE(seed);
    Random random(seed);
    ConsentJudge judge = make_judge(engine);
    for (int round = 0; round < rounds; ++round) {
        const std::vector<Directive> directives = some_directives(random);
        put_all(judge, directives);
        for (int i = 0; i < questions; ++i) {
            const Question question = random_question(random);
            const Verdict expected = decide(directives, question);
            CAPTURE(round);
            REQUIRE(ask(judge, question) == expected);
            ++count.decisions[expected.decision];
            ++count.cases;
        }
    }
}

/// A label for the native build: any function of kind and name does.
ObjectId label(std::string_view kind, std::string_view name) {
    const Digest digest = crypto::sha256({as_bytes(kind), as_bytes("/"), as_bytes(name)});
    ObjectId out;
    std::copy_n(digest.bytes.begin(), out.bytes.size(), out.bytes.begin());
    return out;
}

void put_native(const std::vector<Directive>& directives) {
    salus_oracle::clear();
    for (std::size_t i = 0; i < directives.size(); ++i) {
        const auto ir = encode_ir(directives[i], label);
        REQUIRE(ir.ok());
        ObjectId id;
        id.bytes[15] = static_cast<std::uint8_t>(i);
        cbor::Writer args;
        args.map(5).uint(1).bytes(id.view()).uint(2).bytes(*ir).uint(3).bytes(Digest{}.view());
        args.uint(4).bytes(Digest{}.view()).uint(5).null();
        REQUIRE(salus_oracle::call("put", args.view()).code == 0);
    }
}

Verdict ask_native(const Question& question) {
    const auto args = encode_question(*AccountId::from(Bytes(16, 0x70)), question, label);
    REQUIRE(args.ok());
    const auto outcome = salus_oracle::call("decide", *args);
    REQUIRE(outcome.code == 0);
    const auto answer = decode_answer(outcome.data);
    REQUIRE(answer.ok());
    Verdict out{answer->decision, {}, answer->obligations};
    for (const ObjectId& id : answer->directives) out.directives.push_back(id.bytes[15]);
    return out;
}

}  // namespace

TEST_CASE("the contract's source decides on this machine as its module does on chain") {
    Random random(31'000);
    for (int round = 0; round < 5'000; ++round) {
        const std::vector<Directive> directives = some_directives(random);
        put_native(directives);
        for (int i = 0; i < 20; ++i) {
            const Question question = random_question(random);
            REQUIRE(ask_native(question) == decide(directives, question));
        }
    }
}

TEST_CASE("the contract decides nested rules as the reference does, on 100,000 random cases") {
    Count count;
    compare(ConsentJudge::Engine::compiled, 31'000, 5'000, 20, count);
    CHECK(count.cases == 100'000);
    for (const Decision one : {Decision::deny, Decision::permit, Decision::not_applicable})
        CHECK(count.decisions[one] > 10'000);
}

TEST_CASE("the interpreter decides nested rules so too") {
    Count count;
    compare(ConsentJudge::Engine::interpreter, 31'002, 50, 10, count);
    CHECK(count.cases == 500);
}

TEST_CASE("a record passes the residual exactly when the decision about it permits") {
    Random random(31'003);
    int passed = 0;
    for (int round = 0; round < 3'000; ++round) {
        const std::vector<Directive> directives = some_directives(random);
        Question question = random_question(random);
        const Filter filter = residual(directives, question);
        for (int i = 0; i < 10; ++i) {
            question.record = random_record(random);
            const bool permits = decide(directives, question).decision == Decision::permit;
            CAPTURE(to_json(filter));
            REQUIRE((passes(filter, question.record) == Tri::yes) == permits);
            passed += permits ? 1 : 0;
        }
    }
    CHECK(passed > 3'000);
}

TEST_CASE("without a directive nothing applies and nothing passes") {
    Random random(31'004);
    for (int i = 0; i < 500; ++i) {
        const Question question = random_question(random);
        REQUIRE(decide({}, question) == Verdict{});
        REQUIRE(residual({}, question) == Filter::constant(false));
    }
}

TEST_CASE("the order of directives changes no decision") {
    Random random(31'005);
    for (int i = 0; i < 2'000; ++i) {
        std::vector<Directive> directives = some_directives(random, 5);
        const Question question = random_question(random);
        const Verdict before = decide(directives, question);
        std::reverse(directives.begin(), directives.end());
        Verdict after = decide(directives, question);
        for (std::size_t& place : after.directives) place = directives.size() - 1 - place;
        std::reverse(after.directives.begin(), after.directives.end());
        REQUIRE(before == after);
    }
}

TEST_CASE("one more directive that only denies never yields a permit") {
    Random random(31'006);
    for (int i = 0; i < 2'000; ++i) {
        std::vector<Directive> directives = some_directives(random);
        const Question question = random_question(random);
        const Decision before = decide(directives, question).decision;
        Directive forbid = random_directive(random);
        for (Node& node : forbid.nodes) node.permit = false;
        directives.push_back(forbid);
        const Decision after = decide(directives, question).decision;
        REQUIRE((after == before || after == Decision::deny));
    }
}

TEST_CASE("to know less of a record never yields a permit") {
    Random random(31'007);
    for (int i = 0; i < 5'000; ++i) {
        const std::vector<Directive> directives = some_directives(random);
        Question question = random_question(random);
        const Decision before = decide(directives, question).decision;
        switch (random.below(6)) {
            case 0:
                question.record.labels.reset();
                break;
            case 1:
                question.record.type.reset();
                break;
            case 2:
                question.record.authors.reset();
                break;
            case 3:
                question.record.authored.reset();
                break;
            case 4:
                // Who asks as an organisation is one of its names; as a person, the only one.
                if (question.actor && question.actor->starts_with("Practitioner/"))
                    question.actor.reset();
                break;
            default:
                question.purpose.reset();
        }
        const Decision after = decide(directives, question).decision;
        if (after == Decision::permit) REQUIRE(before == Decision::permit);
    }
}

TEST_CASE("the limits of a directive are 64 rules, four deep, and 256 entries in a list") {
    ConsentJudge judge = make_judge(ConsentJudge::Engine::compiled);
    const auto rules = [&](std::size_t count) {
        Directive out{"", "patient-privacy", {}};
        for (std::size_t i = 0; i < count; ++i)
            out.nodes.push_back({i == 0 ? 1U : 2U, true, {}, 0});
        return out;
    };
    CHECK(judge.put(rules(1)).ok());
    CHECK(judge.put(rules(63)).ok());
    CHECK(judge.put(rules(64)).ok());
    CHECK_FALSE(judge.put(rules(65)).ok());
    CHECK_FALSE(judge.put(rules(0)).ok());
    const auto deep = [&](std::size_t depth) {
        Directive out{"", "patient-privacy", {}};
        for (std::size_t i = 1; i <= depth; ++i) out.nodes.push_back({i, true, {}, 0});
        return out;
    };
    CHECK(judge.put(deep(3)).ok());
    CHECK(judge.put(deep(4)).ok());
    CHECK_FALSE(judge.put(deep(5)).ok());
    const auto items = [&](std::size_t count) {
        Directive out = rules(1);
        out.nodes[0].own.codes.emplace();
        for (std::size_t i = 0; i < count; ++i)
            out.nodes[0].own.codes->push_back("urn:x|" + std::to_string(i));
        return out;
    };
    CHECK(judge.put(items(255)).ok());
    CHECK(judge.put(items(256)).ok());
    CHECK_FALSE(judge.put(items(257)).ok());
}
