#include "base/crash_env.hpp"
#include "chain/node.hpp"
#include "chain/world.hpp"

#include <doctest/doctest.h>

#include <map>

/// Power cuts, failing disks and full disks under a node, in a world that repeats.

using namespace salus;
using namespace salus::chain;
using namespace salus::chain::test;

namespace {

NodeConfig sim_config() {
    NodeConfig config;
    config.data_dir = "/data";
    config.contracts = toy_contracts();
    config.chain_id = chain_id;
    config.in_memory_view = true;
    config.segment_bytes = 1U << 20U;
    config.engine.verify_threads = 1;
    return config;
}

Result<std::unique_ptr<Node>> open_sim(Env& env) {
    return Node::open(env, sim_config(), toy_executor());
}

/// What a client was promised, and what the node said of itself then.
struct Promises {
    std::map<std::uint64_t, TransactionOutcome> kept;  ///< by argument of `set`
    std::map<std::uint64_t, Digest> app_hash;          ///< by height
};

/// Submits one after the other until the disk fails or all are through.
Promises drive(Node& node, Person& ada, std::uint64_t count) {
    Promises promises;
    const auto enrolled = node.submit_and_wait(ada.enrol());
    if (!enrolled) {
        return promises;
    }
    for (std::uint64_t i = 0; i < count; ++i) {
        const auto outcome = node.submit_and_wait(ada.set(i));
        if (outcome && outcome->in_log()) {
            promises.kept[i] = *outcome;
            promises.app_hash[node.status().head.height.value] = node.status().head.app_hash;
        }
    }
    return promises;
}

void check_promises(Node& node, const Promises& promises) {
    for (const auto& [argument, outcome] : promises.kept) {
        const auto now = node.outcome(outcome.id);
        CAPTURE(argument);
        INFO((now.ok() ? std::string() : now.error().detail));
        REQUIRE(now.ok());
        CHECK(*now == outcome);
        CHECK(node.query("toy", "get", cbor_uint(argument)).value().data == cbor_uint(argument));
    }
}

}  // namespace

TEST_CASE("after a power cut at any moment everything acknowledged is there") {
    // Counts the disk operations of an undisturbed run, then fails the disk from each of them on,
    // cuts the power and opens what is left.
    std::uint64_t operations = 0;
    std::uint64_t opened_after = 0;
    {
        SimEnv env(1);
        Person ada(1);
        const auto node = open_sim(env).value();
        opened_after = env.operations();
        drive(*node, ada, 6);
        operations = env.operations();
    }
    REQUIRE(operations > opened_after);
    for (std::uint64_t at = 0; at <= operations; ++at) {
        CAPTURE(at);
        SimEnv env(1);
        Person ada(1);
        env.fail_operation(at, 1'000'000);
        Promises promises;
        if (const auto node = open_sim(env)) {
            promises = drive(**node, ada, 6);
        }
        const auto after = env.crash(at + 77);
        const auto node = open_sim(*after);
        INFO((node.ok() ? std::string() : node.error().detail));
        REQUIRE(node.ok());
        check_promises(**node, promises);
        Person bob(2);
        CHECK((*node)->submit_and_wait(bob.enrol()).value().code == 0);
    }
}

TEST_CASE("the machine may stop at each numbered point, and everything acknowledged is there") {
    std::size_t reached = 0;
    for (const CrashPoint& point : crash_points()) {
        for (const std::uint64_t count : {1U, 2U, 5U}) {
            CAPTURE(point.name);
            CAPTURE(count);
            SimEnv disk(point.number);
            CrashEnv env(disk, {std::string(point.name), count},
                         [&] { disk.fail_operation(0, 1'000'000); });
            Person ada(1);
            Promises promises;
            if (const auto node = open_sim(env)) {
                promises = drive(**node, ada, 6);
            }
            reached += env.stopped() ? 1U : 0U;
            const auto after = disk.crash(count);
            const auto node = open_sim(*after);
            INFO((node.ok() ? std::string() : node.error().detail));
            REQUIRE(node.ok());
            check_promises(**node, promises);
            Person bob(2);
            CHECK((*node)->submit_and_wait(bob.enrol()).value().code == 0);
        }
    }
    // Keys, segments, blocks and checkpoints: what a node without databases writes.
    CHECK(reached >= 25);
}

TEST_CASE("a block that was synced but not acknowledged answers when it is submitted again") {
    SimEnv env(3);
    Person ada(1);
    const Bytes enrol = ada.enrol();
    TransactionOutcome first;
    {
        const auto node = open_sim(env).value();
        first = node->submit_and_wait(enrol).value();
    }
    const auto after = env.crash(9);
    const auto node = open_sim(*after).value();
    CHECK(node->replica().recovery().replayed_blocks == 1);
    CHECK(node->submit_and_wait(enrol).value() == first);
}

TEST_CASE("a disk error acknowledges nothing, and the node goes on when the disk is well again") {
    for (std::uint64_t skip = 0; skip < 4; ++skip) {
        CAPTURE(skip);
        SimEnv env(5);
        Person ada(1);
        const auto node = open_sim(env).value();
        REQUIRE(node->submit_and_wait(ada.enrol()).ok());
        const Bytes set = ada.set(1);
        env.fail_operation(skip, 1);
        const auto failed = node->submit_and_wait(set);
        env.heal();
        if (!failed) {
            CHECK(failed.error().code == Errc::unavailable);
        }
        const auto again = node->submit_and_wait(set);
        REQUIRE(again.ok());
        CHECK(again->code == 0);
        CHECK(node->submit_and_wait(ada.set(2)).value().code == 0);
        CHECK(node->query("toy", "get", cbor_uint(1)).value().data == cbor_uint(1));
    }
}

TEST_CASE("a full disk refuses without losing anything, and space that returns is used") {
    SimEnv env(7);
    Person ada(1);
    const auto node = open_sim(env).value();
    REQUIRE(node->submit_and_wait(ada.enrol()).ok());
    env.fill_disk_after(0);
    std::uint64_t refused = 0;
    Promises promises;
    // The preallocated segment takes blocks for a while; the next one does not come.
    for (std::uint64_t i = 0; i < 60 && refused < 3; ++i) {
        cbor::Writer filler;
        filler.bytes(Bytes(50'000, 1));
        const ledger::TransactionBody body = ada.body(
            {toy("set", i),
             {.contract = "consent", .method = "put", .args = filler.take(), .payload = {}}});
        const auto outcome = node->submit_and_wait(ada.sign(body));
        if (outcome) {
            REQUIRE(outcome->code == 0);
            promises.kept[i] = *outcome;
        } else {
            CHECK(outcome.error().code == Errc::unavailable);
            ++refused;
        }
    }
    CHECK(refused == 3);
    CHECK_FALSE(promises.kept.empty());
    check_promises(*node, promises);
    env.heal();
    CHECK(node->submit_and_wait(ada.set(1'000)).value().code == 0);
    const auto after = env.crash(1);
    check_promises(*open_sim(*after).value(), promises);
}

TEST_CASE("a clock that is set back does not take block time with it") {
    SimEnv env(11);
    Person ada(1);
    const auto node = open_sim(env).value();
    env.advance_ms(10'000);
    const auto first = node->submit_and_wait(ada.enrol()).value();
    env.set_time(UnixMillis{start_ms - 50'000});
    const auto second = node->submit_and_wait(ada.set(1)).value();
    CHECK(second.time == first.time);
}

TEST_CASE("a flipped bit in the log is found when the node is opened") {
    SimEnv env(13);
    Person ada(1);
    {
        const auto node = open_sim(env).value();
        drive(*node, ada, 5);
    }
    const std::string file = "/data/ledger/" + env.list("/data/ledger").value().back();
    REQUIRE(env.flip_bit(file, 700, 3).ok());
    const auto node = open_sim(env);
    REQUIRE_FALSE(node.ok());
    CHECK(node.error().code == Errc::integrity);
}
