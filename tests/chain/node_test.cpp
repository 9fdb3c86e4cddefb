#include "chain/node.hpp"

#include "chain/world.hpp"
#include "ledger/receipt_sign.hpp"

#include <doctest/doctest.h>

#include <atomic>
#include <cstdlib>
#include <filesystem>
#include <mutex>
#include <set>

using namespace salus;
using namespace salus::chain;
using namespace salus::chain::test;

namespace code = salus::ledger::code;

namespace {

/// A real directory that goes away with the test.
struct Directory {
    Directory() {
        std::string pattern =
            (std::filesystem::temp_directory_path() / "salus-node-XXXXXX").string();
        path = ::mkdtemp(pattern.data());
    }
    ~Directory() { std::filesystem::remove_all(path); }
    std::string path;
};

NodeConfig config_for(const std::string& directory) {
    NodeConfig config;
    config.data_dir = directory;
    config.contracts = toy_contracts();
    config.chain_id = chain_id;
    return config;
}

std::unique_ptr<Node> open_node(Env& env, const std::string& directory, bool in_memory = false) {
    NodeConfig config = config_for(directory);
    config.in_memory_view = in_memory;
    auto node = Node::open(env, config, toy_executor());
    INFO((node.ok() ? std::string() : node.error().detail));
    REQUIRE(node.ok());
    return std::move(*node);
}

/// A person whose transactions are valid now, by the machine's clock.
struct Today : Person {
    explicit Today(std::uint8_t number) : Person(number) {}
    Bytes now(std::vector<ledger::Operation> operations) {
        ledger::TransactionBody out = body(std::move(operations));
        out.valid_until = UnixMillis{machine_env().now().value + 60'000};
        return sign(out);
    }
    Bytes set_now(std::uint64_t value) { return now({toy("set", value)}); }
};

}  // namespace

TEST_CASE("an empty directory becomes a chain of its own that answers with durable outcomes") {
    const Directory directory;
    const auto node = open_node(machine_env(), directory.path);
    CHECK(node->status().head.height.value == 0);
    CHECK(node->status().members.size() == 1);
    Today ada(1);
    const auto enrolled = node->submit_and_wait(ada.now({ada.enrolment()})).value();
    CHECK(enrolled.code == 0);
    CHECK(enrolled.position.value == 1);
    CHECK(enrolled.height.value == 1);
    CHECK(enrolled.previous == node->status().genesis);
    const auto set = node->submit_and_wait(ada.set_now(7)).value();
    CHECK(set.codes == std::vector<std::uint32_t>{0});
    CHECK(set.previous == enrolled.header_hash);
    CHECK(node->query("toy", "get", cbor_uint(7)).value().data == cbor_uint(7));
    CHECK(node->outcome(set.id).value() == set);
}

TEST_CASE(
    "the same transaction submitted again has the same outcome, also under another signature") {
    const Directory directory;
    const auto node = open_node(machine_env(), directory.path);
    Today ada(1);
    const Bytes enrol = ada.now({ada.enrolment()});
    const auto first = node->submit_and_wait(enrol).value();
    CHECK(node->submit_and_wait(enrol).value() == first);
    CHECK(node->status().head.height.value == 1);
    std::promise<TransactionOutcome> one;
    std::promise<TransactionOutcome> two;
    const Bytes set = ada.set_now(1);
    REQUIRE(node->submit(set, [&](const auto& outcome) { one.set_value(outcome.value()); }).ok());
    REQUIRE(node->submit(set, [&](const auto& outcome) { two.set_value(outcome.value()); }).ok());
    CHECK(one.get_future().get() == two.get_future().get());
}

TEST_CASE("refusals say their code and are not in the log") {
    const Directory directory;
    const auto node = open_node(machine_env(), directory.path);
    Today ada(1);
    const auto malformed = node->submit_and_wait(to_bytes("hello")).value();
    CHECK(malformed.code == code::malformed);
    CHECK_FALSE(malformed.in_log());
    CHECK(node->submit_and_wait(ada.set_now(1)).value().code == code::unknown_account);
    CHECK(node->status().head.height.value == 0);
    CHECK(node->outcome(Digest{}).error().code == Errc::not_found);
    CHECK(node->submit_and_wait(Bytes(ledger::transaction_bytes_max + 1)).error().code ==
          Errc::out_of_range);
}

TEST_CASE(
    "a receipt of a transaction, and of one operation, verifies offline under the node's key") {
    const Directory directory;
    const auto node = open_node(machine_env(), directory.path);
    Today ada(1);
    node->submit_and_wait(ada.now({ada.enrolment()})).value();
    const auto set =
        node->submit_and_wait(ada.now({toy("set", 1), toy("write_and_fail", 2)})).value();
    node->submit_and_wait(ada.set_now(3)).value();
    const std::vector<ledger::VerifierKey> trust = {
        ledger::parse_verifier_key(node->verifier_keys().at(0)).value()};
    const auto whole = ledger::verify_bundle(node->replica().receipt(set.id, {}).value(), trust);
    REQUIRE(whole.ok());
    CHECK(whole->id == set.id);
    CHECK(whole->position == set.position);
    const auto second = ledger::verify_bundle(node->replica().receipt(set.id, 1).value(), trust);
    REQUIRE(second.ok());
    CHECK(second->code == 123);
}

TEST_CASE("a node that is opened again goes on where it stopped") {
    const Directory directory;
    Today ada(1);
    ViewHead before;
    {
        const auto node = open_node(machine_env(), directory.path);
        node->submit_and_wait(ada.now({ada.enrolment()})).value();
        node->submit_and_wait(ada.set_now(1)).value();
        before = node->status().head;
    }
    const auto node = open_node(machine_env(), directory.path);
    CHECK(node->status().head == before);
    CHECK(node->replica().recovery().replayed_blocks == 0);
    CHECK_FALSE(node->replica().recovery().view_rebuilt);
    CHECK(node->query("toy", "get", cbor_uint(1)).value().data == cbor_uint(1));
    CHECK(node->submit_and_wait(ada.set_now(2)).value().height.value == 3);
}

TEST_CASE("a view that is deleted is rebuilt from the log with the same app hash") {
    const Directory directory;
    Today ada(1);
    ViewHead before;
    {
        const auto node = open_node(machine_env(), directory.path);
        node->submit_and_wait(ada.now({ada.enrolment()})).value();
        for (std::uint64_t i = 0; i < 20; ++i) {
            node->submit_and_wait(ada.set_now(i)).value();
        }
        before = node->status().head;
    }
    std::filesystem::remove_all(directory.path + "/view");
    std::filesystem::remove_all(directory.path + "/index");
    const auto node = open_node(machine_env(), directory.path);
    CHECK(node->status().head == before);
    CHECK(node->replica().recovery().view_rebuilt);
    CHECK(node->replica().recovery().replayed_blocks == 21);
}

TEST_CASE("a view that is ahead of the log is rebuilt") {
    const Directory directory;
    const Directory older;
    Today ada(1);
    {
        const auto node = open_node(machine_env(), directory.path);
        node->submit_and_wait(ada.now({ada.enrolment()})).value();
    }
    std::filesystem::copy(directory.path + "/ledger", older.path + "/ledger",
                          std::filesystem::copy_options::recursive);
    {
        const auto node = open_node(machine_env(), directory.path);
        node->submit_and_wait(ada.set_now(1)).value();
    }
    std::filesystem::remove_all(directory.path + "/ledger");
    std::filesystem::copy(older.path + "/ledger", directory.path + "/ledger",
                          std::filesystem::copy_options::recursive);
    const auto node = open_node(machine_env(), directory.path);
    CHECK(node->status().head.height.value == 1);
    CHECK(node->replica().recovery().view_rebuilt);
    CHECK(node->query("toy", "get", cbor_uint(1)).value().data == absent);
    CHECK(node->submit_and_wait(ada.set_now(2)).value().height.value == 2);
}

TEST_CASE("one data directory serves one process at a time") {
    const Directory directory;
    const auto node = open_node(machine_env(), directory.path);
    const auto second = Node::open(machine_env(), config_for(directory.path), toy_executor());
    REQUIRE_FALSE(second.ok());
    CHECK(second.error().code == Errc::already_exists);
}

TEST_CASE("a ledger without its keys is refused, not given new ones") {
    const Directory directory;
    {
        const auto node = open_node(machine_env(), directory.path);
    }
    std::filesystem::remove_all(directory.path + "/keys");
    const auto again = Node::open(machine_env(), config_for(directory.path), toy_executor());
    REQUIRE_FALSE(again.ok());
    CHECK(again.error().code == Errc::denied);
}

TEST_CASE("a node acts under its own account") {
    const Directory directory;
    const auto node = open_node(machine_env(), directory.path);
    const auto own = node->submit_own({toy("set", 4)}).value();
    CHECK(own.code == 0);
    CHECK(node->newest_entries(1).value().at(0).account == node->account());
}

TEST_CASE("the log is listed oldest first, from its end or from a position") {
    const Directory directory;
    const auto node = open_node(machine_env(), directory.path);
    Today ada(1);
    node->submit_and_wait(ada.now({ada.enrolment()})).value();
    for (std::uint64_t i = 0; i < 4; ++i) {
        node->submit_and_wait(ada.set_now(i)).value();
    }
    const auto newest = node->newest_entries(2).value();
    REQUIRE(newest.size() == 2);
    CHECK(newest[0].height.value == 4);
    CHECK(newest[1].height.value == 5);
    CHECK(newest[1].contract == "toy");
    CHECK(newest[1].method == "set");
    CHECK(node->newest_entries(100).value().size() == 5);
    const auto from = node->entries(newest[0].position, 100).value();
    REQUIRE(from.size() == 2);
    CHECK(from[0].id == newest[0].id);
    CHECK(node->entries(LogPosition{1'000}, 5).value().empty());
    CHECK(node->entries_of(BlockHeight{5}).value().at(0).id == newest[1].id);
    CHECK(node->entries_of(BlockHeight{6}).error().code == Errc::not_found);
}

TEST_CASE("listeners hear of every block in order, before the outcomes of its transactions") {
    const Directory directory;
    const auto node = open_node(machine_env(), directory.path);
    std::atomic<std::uint64_t> heard = 0;
    bool in_order = true;
    node->on_commit([&](const CommittedBlock& block) {
        in_order = in_order && block.height.value == heard + 1 && block.transactions == 1;
        heard = block.height.value;
    });
    Today ada(1);
    const auto first = node->submit_and_wait(ada.now({ada.enrolment()})).value();
    CHECK(heard == first.height.value);
    const auto second = node->submit_and_wait(ada.set_now(1)).value();
    CHECK(heard == second.height.value);
    CHECK(in_order);
}

TEST_CASE("a full queue refuses, and everything it took gets an outcome") {
    const Directory directory;
    NodeConfig config = config_for(directory.path);
    config.engine.queue_transactions_max = 3;
    const auto node = Node::open(machine_env(), config, toy_executor()).value();
    Today ada(1);
    node->submit_and_wait(ada.now({ada.enrolment()})).value();
    std::vector<Bytes> many;
    for (std::uint64_t i = 0; i < 200; ++i) {
        many.push_back(ada.set_now(i));
    }
    std::atomic<std::size_t> outcomes = 0;
    std::size_t taken = 0;
    for (const Bytes& envelope : many) {
        const Status submitted = node->submit(envelope, [&](const auto&) { ++outcomes; });
        taken += submitted.ok() ? 1U : 0U;
        CHECK((submitted.ok() || submitted.error().code == Errc::exhausted));
    }
    CHECK(taken < 200);
    REQUIRE(node->close().ok());
    CHECK(outcomes == taken);
    CHECK(node->submit(many[0], [](const auto&) {}).error().code == Errc::unavailable);
}

TEST_CASE("transactions that queue together share blocks, and each keeps its own outcome") {
    const Directory directory;
    const auto node = open_node(machine_env(), directory.path);
    Today ada(1);
    node->submit_and_wait(ada.now({ada.enrolment()})).value();
    std::vector<Bytes> many;
    for (std::uint64_t i = 0; i < 500; ++i) {
        many.push_back(ada.set_now(i));
    }
    std::mutex mutex;
    std::set<std::uint64_t> positions;
    for (const Bytes& envelope : many) {
        REQUIRE(node->submit(envelope,
                             [&](const Result<TransactionOutcome>& outcome) {
                                 const std::lock_guard lock(mutex);
                                 positions.insert(outcome.value().position.value);
                             })
                    .ok());
    }
    REQUIRE(node->close().ok());
    CHECK(positions.size() == 500);
    CHECK(node->status().head.height.value < 500);
    CHECK(node->status().head.transactions == 501);
}
