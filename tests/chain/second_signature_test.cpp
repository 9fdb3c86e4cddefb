#include "ledger/second_signature.hpp"

#include "chain/node.hpp"
#include "chain/verify.hpp"
#include "chain/world.hpp"

#include <doctest/doctest.h>

#include <atomic>
#include <cstdlib>
#include <filesystem>
#include <future>

using namespace salus;
using namespace salus::chain;
using namespace salus::chain::test;
using ledger::test::second_signature;

namespace code = salus::ledger::code;

namespace {

NodeConfig config() {
    NodeConfig out;
    out.data_dir = "/data";
    out.contracts = toy_contracts();
    out.chain_id = chain_id;
    out.in_memory_view = true;
    out.segment_bytes = 1U << 16U;
    return out;
}

std::unique_ptr<Node> open_node(SimEnv& env) {
    return Node::open(env, config(), toy_executor()).value();
}

struct Directory {
    Directory() {
        std::string pattern =
            (std::filesystem::temp_directory_path() / "salus-second-XXXXXX").string();
        path = ::mkdtemp(pattern.data());
    }
    ~Directory() { std::filesystem::remove_all(path); }
    std::string path;
};

}  // namespace

TEST_CASE("the id of a transaction is of its body: another signature changes the envelope only") {
    Person ada(1);
    const Bytes one = ada.set(1);
    const auto first = ledger::decode_transaction(one).value();
    const auto second = ledger::decode_transaction(second_signature(one, ada.key)).value();
    CHECK(first.id == second.id);
    CHECK(first.body == second.body);
    CHECK(first.signature != second.signature);
    CHECK(first.cose_hash != second.cose_hash);
}

TEST_CASE("within one block the second signature of a body is a replay") {
    Machine m;
    Person ada(1);
    REQUIRE(m.code_of(ada.enrol()) == 0);
    const Bytes one = ada.set(1);
    const Bytes two = second_signature(one, ada.key);
    const FinalizedBlock both = m.run({one, two});
    CHECK(both.verdicts[0].code == 0);
    CHECK(both.verdicts[1].code == code::replayed);
    REQUIRE(both.block.transactions.size() == 1);
    CHECK(both.block.transactions[0] == one);
    // The other one first: then that is the one in the log.
    const Bytes three = ada.set(2);
    const Bytes four = second_signature(three, ada.key);
    const FinalizedBlock turned = m.run({four, three});
    CHECK(turned.block.transactions == std::vector<Bytes>{four});
}

TEST_CASE("the next block, check_tx and a machine opened again know the body by the seen-set") {
    Machine m;
    Person ada(1);
    REQUIRE(m.code_of(ada.enrol()) == 0);
    const Bytes one = ada.set(1);
    REQUIRE(m.code_of(one) == 0);
    const Bytes two = second_signature(one, ada.key);
    const Digest before = m.machine->info().app_hash;
    CHECK(m.code_of(two) == code::replayed);
    CHECK(m.machine->check_tx(m.machine->prepare(two), UnixMillis{start_ms}).value() ==
          code::replayed);
    // Nothing is remembered but what state holds: no cache of signatures, no envelope.
    m.machine = StateMachine::open(toy_genesis(),
                                   {.kv = m.kv.get(), .log = m.log.get(), .executor = &m.executor})
                    .value();
    CHECK(m.code_of(two) == code::replayed);
    CHECK(m.code_of(second_signature(one, ada.key, 9)) == code::replayed);
    CHECK(m.machine->info().app_hash == before);
}

TEST_CASE("a body in flight twice under two signatures has one outcome and one place") {
    SimEnv env(1);
    const auto node = open_node(env);
    Person ada(1);
    REQUIRE(node->submit_and_wait(ada.enrol()).value().code == 0);
    std::vector<std::promise<TransactionOutcome>> promises(4);
    const Bytes one = ada.set(1);
    for (std::size_t i = 0; i < promises.size(); ++i) {
        const Bytes envelope =
            i == 0 ? one : second_signature(one, ada.key, static_cast<std::uint8_t>(i));
        REQUIRE(node->submit(envelope,
                             [&promises, i](const auto& outcome) {
                                 promises[i].set_value(outcome.value());
                             })
                    .ok());
    }
    const TransactionOutcome first = promises[0].get_future().get();
    CHECK(first.code == 0);
    for (std::size_t i = 1; i < promises.size(); ++i) {
        CHECK(promises[i].get_future().get() == first);
    }
    CHECK(node->status().head.transactions == 2);
}

TEST_CASE("submitted later, and after a restart, the second signature has the first's outcome") {
    SimEnv env(1);
    Person ada(1);
    const Bytes one = ada.set(1);
    const Bytes two = second_signature(one, ada.key);
    TransactionOutcome first;
    {
        const auto node = open_node(env);
        // The nonce of `one` is the earlier: an account's nonces have no order.
        REQUIRE(node->submit_and_wait(ada.enrol()).value().code == 0);
        first = node->submit_and_wait(one).value();
        REQUIRE(first.code == 0);
        CHECK(node->submit_and_wait(two).value() == first);
        CHECK(node->status().head.transactions == 2);
    }
    // The view lies in memory here: it is replayed from the log.
    const auto node = open_node(env);
    CHECK(node->replica().recovery().replayed_blocks == 2);
    CHECK(node->submit_and_wait(two).value() == first);
    CHECK(node->submit_and_wait(one).value() == first);
    CHECK(node->status().head.transactions == 2);
    // What is proved is the envelope that came first.
    CHECK(node->replica().transaction(first.id).value().envelope == one);
    REQUIRE(node->close().ok());
    ToyExecutor executor;
    const auto report = verify_data_dir(env, "/data", executor, {}).value();
    CHECK(report.ok());
    CHECK(report.transactions == 2);
}

TEST_CASE("a view on disk knows the body after a restart without replay") {
    const Directory directory;
    NodeConfig on_disk = config();
    on_disk.data_dir = directory.path;
    on_disk.in_memory_view = false;
    Env& env = machine_env();
    Person ada(1);
    const auto now = [&](std::vector<ledger::Operation> operations) {
        ledger::TransactionBody body = ada.body(std::move(operations));
        body.valid_until = UnixMillis{env.now().value + 60'000};
        return ada.sign(body);
    };
    const Bytes one = now({toy("set", 1)});
    TransactionOutcome first;
    {
        const auto node = Node::open(env, on_disk, toy_executor()).value();
        REQUIRE(node->submit_and_wait(now({ada.enrolment()})).value().code == 0);
        first = node->submit_and_wait(one).value();
        REQUIRE(first.code == 0);
    }
    const auto node = Node::open(env, on_disk, toy_executor()).value();
    CHECK(node->replica().recovery().replayed_blocks == 0);
    CHECK(node->submit_and_wait(second_signature(one, ada.key)).value() == first);
    CHECK(node->status().head.transactions == 2);
}

TEST_CASE("a wrong second signature is refused, whatever the state of the first") {
    SimEnv env(1);
    const auto node = open_node(env);
    Person ada(1);
    REQUIRE(node->submit_and_wait(ada.enrol()).value().code == 0);
    const Bytes one = ada.set(1);
    Bytes wrong = second_signature(one, ada.key);
    wrong.back() ^= 1U;
    CHECK(node->submit_and_wait(wrong).value().code == code::bad_signature);
    CHECK(node->submit_and_wait(one).value().code == 0);
    CHECK(node->submit_and_wait(wrong).value().code == code::bad_signature);
}
