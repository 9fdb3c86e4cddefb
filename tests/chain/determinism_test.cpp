#include "chain/node.hpp"
#include "chain/world.hpp"

#include <doctest/doctest.h>

/// The replica line: the same blocks lead to the same bytes, whoever executes them and however.

using namespace salus;
using namespace salus::chain;
using namespace salus::chain::test;

namespace {

/// A seeded history with every kind of outcome, cut into blocks.
std::vector<std::vector<Bytes>> history(std::uint64_t seed) {
    std::vector<Person> people;
    for (std::uint8_t i = 1; i <= 4; ++i) {
        people.emplace_back(i);
    }
    std::vector<std::vector<Bytes>> blocks;
    const auto draw = [&](std::uint64_t below) {
        seed = seed * 6364136223846793005U + 1442695040888963407U;
        return (seed >> 33U) % below;
    };
    const char* methods[] = {"set", "erase", "write_and_fail", "burn", "flood", "unknown"};
    std::vector<Bytes> sent;
    for (int block = 0; block < 12; ++block) {
        std::vector<Bytes> transactions;
        for (std::uint64_t i = 1 + draw(8); i > 0; --i) {
            Person& person = people[draw(people.size())];
            if (draw(6) == 0 && !sent.empty()) {
                transactions.push_back(sent[draw(sent.size())]);
                continue;
            }
            std::vector<ledger::Operation> operations;
            if (draw(3) == 0) {
                operations.push_back(person.enrolment());
            }
            for (std::uint64_t n = 1 + draw(4); n > 0; --n) {
                operations.push_back(toy(methods[draw(6)], draw(20)));
            }
            ledger::TransactionBody body = person.body(operations);
            body.all_or_nothing = draw(2) == 0;
            body.valid_until.value += static_cast<std::int64_t>(draw(300'000));
            transactions.push_back(person.sign(body));
            sent.push_back(transactions.back());
        }
        blocks.push_back(std::move(transactions));
    }
    return blocks;
}

}  // namespace

TEST_CASE("two machines that execute the same blocks stand at the same app hash after each") {
    for (std::uint64_t seed = 1; seed <= 20; ++seed) {
        CAPTURE(seed);
        Machine one;
        Machine two;
        std::int64_t at_ms = 0;
        const auto blocks = history(seed);
        for (const auto& transactions : blocks) {
            at_ms += 30'000;
            const FinalizedBlock a = one.run(transactions, at_ms);
            const FinalizedBlock b = two.run(transactions, at_ms);
            CHECK(a.app_hash == b.app_hash);
            CHECK(a.header == b.header);
            CHECK(a.block == b.block);
        }
    }
}

TEST_CASE("a replica that sees only the accepted transactions computes the same block") {
    for (std::uint64_t seed = 1; seed <= 20; ++seed) {
        CAPTURE(seed);
        Machine proposer;
        Machine late;
        std::int64_t at_ms = 0;
        const auto blocks = history(seed);
        for (const auto& transactions : blocks) {
            at_ms += 30'000;
            const FinalizedBlock first = proposer.run(transactions, at_ms);
            if (first.has_block) {
                const FinalizedBlock again = late.run(first.block.transactions, at_ms);
                CHECK(again.header_hash == first.header_hash);
            }
        }
        CHECK(late.machine->info().app_hash == proposer.machine->info().app_hash);
    }
}

TEST_CASE("a machine that is thrown away and opened again after every block loses nothing") {
    Machine steady;
    Machine restless;
    std::int64_t at_ms = 0;
    const auto blocks = history(5);
    for (const auto& transactions : blocks) {
        at_ms += 30'000;
        steady.run(transactions, at_ms);
        restless.run(transactions, at_ms);
        restless.machine.reset();
        restless.machine = StateMachine::open(toy_genesis(), {.kv = restless.kv.get(),
                                                              .log = restless.log.get(),
                                                              .executor = &restless.executor})
                               .value();
        CHECK(restless.machine->info() == steady.machine->info());
    }
}

TEST_CASE("the state tree holds every pair of the state and nothing else") {
    Machine m;
    std::int64_t at_ms = 0;
    const auto blocks = history(9);
    for (const auto& transactions : blocks) {
        m.run(transactions, at_ms += 30'000);
    }
    ledger::StateTree again = ledger::StateTree::in_memory();
    const KvState state(*m.kv);
    std::vector<ledger::StateChange> all;
    const auto entries = state.scan({}, {}, 1'000'000).value();
    for (const KeyValue& entry : entries) {
        all.push_back(ledger::StateChange::put(entry.key, entry.value));
    }
    CHECK(again.prepare(all).value().root() == m.machine->info().state_root);
}
