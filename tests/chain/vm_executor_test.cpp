#include "chain/vm_executor.hpp"

#include "chain/genesis_state.hpp"
#include "chain/node.hpp"
#include "chain/verify.hpp"
#include "chain/world.hpp"

#include <doctest/doctest.h>

#include <thread>

/// The shipped contracts under the state machine and the engine.

using namespace salus;
using namespace salus::chain;
using namespace salus::chain::test;

namespace code = salus::ledger::code;

namespace {

std::unique_ptr<VmExecutor> machine_executor(
    contracts::EngineChoice engine = contracts::EngineChoice::compiled_when_shipped) {
    return std::make_unique<VmExecutor>(contracts::ContractVm::Options{
        .shipped = contracts::shipped_contracts(), .engine = engine});
}

std::unique_ptr<Node> open_shipped(SimEnv& env, std::unique_ptr<ContractExecutor> executor) {
    NodeConfig config;
    config.data_dir = "/data";
    config.chain_id = chain_id;
    config.in_memory_view = true;
    for (const contracts::ShippedContract& contract : contracts::shipped_contracts()) {
        config.contracts.push_back(
            {.name = std::string(contract.name), .module = to_bytes(contract.module)});
    }
    auto node = Node::open(env, config, std::move(executor));
    INFO((node.ok() ? std::string() : node.error().detail));
    REQUIRE(node.ok());
    return std::move(*node);
}

ObjectId object(std::uint8_t number) {
    ObjectId id;
    id.bytes.fill(number);
    return id;
}

Bytes id_map(std::initializer_list<ByteView> ids) {
    cbor::Writer writer;
    writer.map(ids.size());
    std::uint64_t key = 0;
    for (const ByteView id : ids) {
        writer.uint(++key).bytes(id);
    }
    return writer.take();
}

ledger::Operation consent_put(std::uint8_t directive, std::uint8_t actor) {
    cbor::Writer ir;
    ir.map(8).uint(1).uint(1).uint(2).uint(1).uint(3).array(1).bytes(object(actor).view());
    ir.uint(4).array(1).uint(0).uint(5).array(1).text("TREAT").uint(6).array(1).text("access");
    ir.uint(7).uint(0).uint(8).uint(static_cast<std::uint64_t>(start_ms) + 1'000'000);
    cbor::Writer args;
    args.map(5).uint(1).bytes(object(directive).view()).uint(2).bytes(ir.view());
    args.uint(3).bytes(Digest{}.view()).uint(4).bytes(Digest{}.view()).uint(5).null();
    return {.contract = "consent", .method = "put", .args = args.take(), .payload = {}};
}

std::uint64_t decision(const Node& node, const AccountId& patient, std::uint8_t actor) {
    cbor::Writer args;
    args.map(8).uint(1).bytes(patient.view()).uint(2).array(1).bytes(object(actor).view());
    args.uint(3).text("TREAT").uint(4).text("access").uint(5).null().uint(6).null().uint(7).null();
    args.uint(8).uint(static_cast<std::uint64_t>(start_ms) + 5);
    const QueryAnswer answer = node.query("consent", "decide", args.view()).value();
    REQUIRE(answer.code == 0);
    cbor::Reader reader(answer.data);
    REQUIRE(reader.map().ok());
    REQUIRE(reader.key(1).ok());
    return reader.uint().value();
}

}  // namespace

TEST_CASE("a consent is decided by the committed state of the shipped contract") {
    SimEnv env(1);
    const auto node = open_shipped(env, machine_executor());
    Person ada(1);
    REQUIRE(node->submit_and_wait(ada.enrol()).value().code == 0);
    CHECK(decision(*node, ada.account, 9) == 2);
    REQUIRE(node->submit_and_wait(ada.sign(ada.body({consent_put(50, 9)}))).value().code == 0);
    CHECK(decision(*node, ada.account, 9) == 1);
    CHECK(decision(*node, ada.account, 8) == 2);
    const auto twice =
        node->submit_and_wait(ada.sign(ada.body({consent_put(50, 9), consent_put(51, 9)}))).value();
    REQUIRE(twice.codes.size() == 2);
    CHECK(twice.codes[0] >= code::contract_first);
    CHECK(twice.codes[1] == 0);
}

TEST_CASE("a key that was rotated away signs nothing any more") {
    SimEnv env(1);
    const auto node = open_shipped(env, machine_executor());
    Person ada(1);
    const Person next(7);
    REQUIRE(node->submit_and_wait(ada.enrol()).value().code == 0);
    cbor::Writer args;
    const auto key = crypto::public_key(next.key);
    args.map(3).uint(1).bytes(key.view()).uint(2).bytes(key.view()).uint(3).uint(2);
    const ledger::Operation rotate{
        .contract = "registry", .method = "rotate", .args = args.take(), .payload = {}};
    REQUIRE(node->submit_and_wait(ada.sign(ada.body({rotate}))).value().code == 0);
    CHECK(node->submit_and_wait(ada.sign(ada.body({consent_put(1, 1)}))).value().code ==
          code::unknown_account);
    const Bytes with_new =
        ledger::sign_transaction(ada.body({consent_put(1, 1)}), next.key).value();
    CHECK(node->submit_and_wait(with_new).value().code == 0);
}

TEST_CASE("an account that deactivates itself is refused by the state machine") {
    SimEnv env(1);
    const auto node = open_shipped(env, machine_executor());
    Person ada(1);
    REQUIRE(node->submit_and_wait(ada.enrol()).value().code == 0);
    const ledger::Operation leave{.contract = "registry",
                                  .method = "deactivate",
                                  .args = id_map({ada.account.view()}),
                                  .payload = {}};
    REQUIRE(node->submit_and_wait(ada.sign(ada.body({leave}))).value().code == 0);
    CHECK(node->submit_and_wait(ada.sign(ada.body({consent_put(1, 1)}))).value().code ==
          code::unknown_account);
}

TEST_CASE("a record names its detached payload") {
    SimEnv env(1);
    const auto node = open_shipped(env, machine_executor());
    Person ada(1);
    REQUIRE(node->submit_and_wait(ada.enrol()).value().code == 0);
    cbor::Writer collection;
    collection.map(4)
        .uint(1)
        .bytes(object(5).view())
        .uint(2)
        .bytes(object(6).view())
        .uint(3)
        .uint(0)
        .uint(4)
        .bytes(Digest{}.view());
    cbor::Writer record;
    record.array(4).bytes(object(7).view()).bytes(object(5).view()).uint(1).bytes(Digest{}.view());
    const ledger::Operation make{
        .contract = "record", .method = "collection_put", .args = collection.take(), .payload = {}};
    ledger::Operation put{
        .contract = "record", .method = "put", .args = record.take(), .payload = {}};
    const auto without = node->submit_and_wait(ada.sign(ada.body({make, put}))).value();
    REQUIRE(without.codes.size() == 2);
    CHECK(without.codes[0] == 0);
    CHECK(without.codes[1] >= code::contract_first);
    put.payload =
        ledger::DetachedPayload{.digest = crypto::sha256(as_bytes("body")), .size_bytes = 4};
    CHECK(node->submit_and_wait(ada.sign(ada.body({put}))).value().code == 0);
}

TEST_CASE("unknown contracts and methods have code 7") {
    SimEnv env(1);
    const auto node = open_shipped(env, machine_executor());
    Person ada(1);
    REQUIRE(node->submit_and_wait(ada.enrol()).value().code == 0);
    CHECK(node->submit_and_wait(ada.sign(ada.body({toy("set", 1)}))).value().code ==
          code::unknown_method);
    const auto unknown =
        node
            ->submit_and_wait(ada.sign(ada.body(
                {{.contract = "consent", .method = "nothing", .args = {0xF6}, .payload = {}}})))
            .value();
    CHECK((unknown.code == code::unknown_method || unknown.code == 102));
    CHECK(node->query("nowhere", "get", Bytes{0xF6}).value().code == code::unknown_method);
}

TEST_CASE("the node's own account may act for its organisation") {
    SimEnv env(1);
    const auto node = open_shipped(env, machine_executor());
    Person ada(1);
    REQUIRE(node->submit_and_wait(ada.enrol()).value().code == 0);
    cbor::Writer args;
    args.map(6)
        .uint(1)
        .bytes(object(1).view())
        .uint(2)
        .bytes(ada.account.view())
        .uint(3)
        .text("officer");
    args.uint(4).bytes(node->organisation().view()).uint(5).bytes(Digest{}.view());
    args.uint(6).uint(static_cast<std::uint64_t>(start_ms) + 1'000'000);
    const ledger::Operation issue{
        .contract = "registry", .method = "credential_issue", .args = args.take(), .payload = {}};
    CHECK(node->submit_own({issue}).value().code == 0);
}

TEST_CASE("interpreted and compiled contracts lead to the same headers") {
    SimEnv env(1);
    {
        const auto node = open_shipped(env, machine_executor());
        Person ada(1);
        REQUIRE(node->submit_and_wait(ada.enrol()).value().code == 0);
        for (std::uint8_t i = 1; i < 6; ++i) {
            REQUIRE(
                node->submit_and_wait(ada.sign(ada.body({consent_put(i, i), consent_put(i, i)})))
                    .ok());
        }
    }
    const auto interpreter = machine_executor(contracts::EngineChoice::interpreter_only);
    const auto report = verify_data_dir(env, "/data", *interpreter).value();
    INFO((report.first_bad ? report.first_bad->what : std::string()));
    CHECK(report.ok());
    CHECK(report.transactions == 6);
}

TEST_CASE("queries run beside blocks, each on one committed state") {
    SimEnv env(1);
    const auto node = open_shipped(env, machine_executor());
    Person ada(1);
    REQUIRE(node->submit_and_wait(ada.enrol()).value().code == 0);
    std::atomic<bool> stop = false;
    std::atomic<bool> ever_wrong = false;
    std::vector<std::thread> askers;
    for (int i = 0; i < 2; ++i) {
        askers.emplace_back([&] {
            std::uint64_t last = 2;
            while (!stop) {
                const std::uint64_t now = decision(*node, ada.account, 30);
                // Once permitted, always permitted: nobody revokes here.
                ever_wrong = ever_wrong || (last == 1 && now != 1);
                last = now;
            }
        });
    }
    for (std::uint8_t i = 1; i < 60; ++i) {
        REQUIRE(node->submit_and_wait(ada.sign(ada.body({consent_put(i, i)}))).value().code == 0);
    }
    stop = true;
    for (std::thread& asker : askers) {
        asker.join();
    }
    CHECK_FALSE(ever_wrong);
}
