#include "cometbft/engine.hpp"

#include "chain/world.hpp"
#include "cometbft/bundle.hpp"
#include "cometbft/mock_comet.hpp"
#include "ledger/result_code.hpp"

#include <doctest/doctest.h>

#include <filesystem>
#include <future>

/// The engine against its own protocol, spoken by a stand-in that makes blocks when told to.

using namespace salus;
using namespace salus::chain;
using namespace salus::chain::test;
using namespace salus::cometbft;
using salus::cometbft::test::MockComet;

namespace {

struct Folder {
    Folder() {
        std::string pattern =
            (std::filesystem::temp_directory_path() / "salus-comet-XXXXXX").string();
        REQUIRE(::mkdtemp(pattern.data()) != nullptr);
        path = pattern;
    }
    ~Folder() { std::filesystem::remove_all(path); }
    std::string path;
};

/// A node whose blocks come from the stand-in.
struct World {
    explicit World(SimEnv& e, const std::string& folder) : env(e) {
        NodeConfig config;
        config.data_dir = "/data";
        config.contracts = toy_contracts();
        config.chain_id = chain_id;
        config.in_memory_view = true;
        config.segment_bytes = 1U << 20U;
        config.make_engine = [folder](Env& own, Replica& replica) {
            return Result<std::unique_ptr<Engine>>(
                CometEngine::start(own, replica, {.directory = folder, .program = {}, .limits = {}})
                    .value());
        };
        node = Node::open(env, std::move(config), toy_executor()).value();
        comet = std::make_unique<MockComet>(folder);
    }
    ~World() {
        CHECK(node->close().ok());
        comet.reset();
    }
    using Waited = std::future<Result<TransactionOutcome>>;
    Waited submit(Bytes envelope) {
        auto promise = std::make_shared<std::promise<Result<TransactionOutcome>>>();
        Waited future = promise->get_future();
        REQUIRE(node->submit(std::move(envelope),
                             [promise](const auto& outcome) { promise->set_value(outcome); })
                    .ok());
        return future;
    }
    std::int64_t now() { return env.now().value; }
    /// A block of what the mempool holds, at the next height.
    abci::Response block(const std::vector<std::string>& txs) {
        auto finalized = comet->finalize(txs, ++height, now());
        REQUIRE(finalized.has_finalize_block());
        REQUIRE(comet->commit().has_commit());
        comet->forget();
        return finalized;
    }

    SimEnv& env;
    std::unique_ptr<Node> node;
    std::unique_ptr<MockComet> comet;
    std::int64_t height = 0;
};

bool ready(World::Waited& future) {
    return future.wait_for(std::chrono::seconds(0)) == std::future_status::ready;
}

std::string text_of(const Bytes& bytes) {
    return {bytes.begin(), bytes.end()};
}

}  // namespace

TEST_CASE("an outcome is given when the block is committed, and not before") {
    SimEnv env(1);
    const Folder folder;
    World world(env, folder.path);
    Person ada(1);
    auto outcome = world.submit(ada.enrol());
    const auto pooled = world.comet->mempool_of(1);
    CHECK_FALSE(ready(outcome));
    const auto finalized = world.comet->finalize(pooled, ++world.height, world.now());
    CHECK(finalized.finalize_block().tx_results(0).code() == 0);
    CHECK_FALSE(ready(outcome));
    CHECK(world.node->status().head.height.value == 0);
    REQUIRE(world.comet->commit().has_commit());
    const auto result = outcome.get();
    REQUIRE(result.ok());
    CHECK(result->height.value == 1);
    CHECK(result->code == 0);
    CHECK(finalized.finalize_block().app_hash() ==
          std::string(as_text(world.node->status().head.app_hash.view())));
    CHECK(world.node->status().engine == "cometbft");
}

TEST_CASE("what the mempool forgot is offered again") {
    SimEnv env(2);
    const Folder folder;
    World world(env, folder.path);
    Person ada(1);
    auto outcome = world.submit(ada.enrol());
    world.comet->mempool_of(1);
    world.comet->forget();
    env.advance_ms(resubmit_after_ms);
    world.block(world.comet->mempool_of(1));
    CHECK(outcome.get()->height.value == 1);
}

TEST_CASE("a node that falls offers again what no block had brought") {
    SimEnv env(3);
    const Folder folder;
    Person ada(1);
    {
        World world(env, folder.path);
        auto outcome = world.submit(ada.enrol());
        world.comet->mempool_of(1);
        CHECK(world.node->close().ok());
        CHECK(outcome.get().error().code == Errc::unavailable);
    }
    World world(env, folder.path);
    world.block(world.comet->mempool_of(1));
    // And the same bytes, handed in again, have the outcome of the log.
    CHECK(world.submit(Person(1).enrol()).get()->height.value == 1);
}

TEST_CASE("a refusal by check_tx is an outcome with its code") {
    SimEnv env(4);
    const Folder folder;
    World world(env, folder.path);
    Person stranger(9);
    CHECK(world.submit(stranger.set(1)).get()->code == ledger::code::unknown_account);
    CHECK(world.submit({1, 2, 3}).get()->code == ledger::code::malformed);
    CHECK(world.node->status().head.height.value == 0);
}

TEST_CASE("a block's transaction that is refused in it takes no place in the log") {
    SimEnv env(5);
    const Folder folder;
    World world(env, folder.path);
    Person ada(1);
    auto outcome = world.submit(ada.enrol());
    const auto pooled = world.comet->mempool_of(1);
    Person stranger(9);
    const auto finalized =
        world.block({pooled[0], pooled[0], text_of(stranger.set(1)), "no transaction"});
    CHECK(outcome.get()->code == 0);
    const auto& results = finalized.finalize_block().tx_results();
    CHECK(results.at(0).code() == 0);
    CHECK(results.at(1).code() == ledger::code::replayed);
    CHECK(results.at(2).code() == ledger::code::unknown_account);
    CHECK(results.at(3).code() == ledger::code::malformed);
    CHECK(world.node->status().head.transactions == 1);
}

TEST_CASE("what waits when its time is over is refused as expired") {
    SimEnv env(6);
    const Folder folder;
    World world(env, folder.path);
    Person ada(1);
    Person bob(2);
    auto never = world.submit(ada.enrol());
    world.comet->mempool_of(1);
    env.advance_ms(61'000);
    ledger::TransactionBody later = bob.body({bob.enrolment()});
    later.valid_until = UnixMillis{start_ms + 120'000};
    world.block({text_of(bob.sign(later))});
    CHECK(never.get()->code == ledger::code::expired);
}

TEST_CASE("an empty block makes no block here and moves no hash") {
    SimEnv env(7);
    const Folder folder;
    World world(env, folder.path);
    Person ada(1);
    auto outcome = world.submit(ada.enrol());
    const auto first = world.block(world.comet->mempool_of(1));
    const auto second = world.block({});
    CHECK(second.finalize_block().app_hash() == first.finalize_block().app_hash());
    CHECK(world.node->status().head.height.value == 1);
    // Heights are the engine's, and may skip.
    world.block({text_of(Person(2).enrol())});
    CHECK(world.node->status().head.height.value == 3);
    CHECK(world.node->replica().block(BlockHeight{2}).error().code == Errc::not_found);
}

TEST_CASE("info says where the application stands, and what it is behind is replayed") {
    SimEnv env(8);
    const Folder folder;
    World world(env, folder.path);
    CHECK(world.comet->info().last_block_height() == 0);
    const auto begun = world.comet->init_chain(std::string(chain_id));
    CHECK(begun.init_chain().app_hash() ==
          std::string(as_text(world.node->status().head.app_hash.view())));
    const std::vector<std::string> txs{text_of(Person(1).enrol())};
    const auto once = world.comet->finalize(txs, 1, world.now());
    // The engine fell between finalize and commit: it asks, and sends the block again.
    CHECK(world.comet->info().last_block_height() == 0);
    CHECK(world.comet->consensus
              .call([] {
                  abci::Request request;
                  request.mutable_commit();
                  return request;
              }())
              .has_exception());
    MockComet::Connection again(folder.path);
    abci::Request request;
    auto& block = *request.mutable_finalize_block();
    MockComet::date(block, 1, world.now());
    block.add_txs(txs[0]);
    const auto twice = again.call(request);
    CHECK(twice.finalize_block().app_hash() == once.finalize_block().app_hash());
    abci::Request commit;
    commit.mutable_commit();
    CHECK(again.call(commit).has_commit());
    abci::Request info;
    info.mutable_info();
    const auto stands = again.call(info).info();
    CHECK(stands.last_block_height() == 1);
    CHECK(stands.last_block_app_hash() == once.finalize_block().app_hash());
}

TEST_CASE("preparing and processing move nothing, however often") {
    SimEnv env(9);
    const Folder folder;
    World world(env, folder.path);
    const std::vector<std::string> txs{text_of(Person(1).enrol()), "no transaction"};
    for (int i = 0; i < 3; ++i) {
        const auto proposed = world.comet->prepare(txs, 1, world.now());
        REQUIRE(proposed.size() == 1);
        CHECK(proposed[0] == txs[0]);
        CHECK(world.comet->process(proposed, 1, world.now()) == 1);
        CHECK(world.comet->process(txs, 1, world.now()) == 2);
    }
    CHECK(world.block({txs[0]}).finalize_block().tx_results(0).code() == 0);
}

TEST_CASE("a bundle is executed envelope by envelope, and proposed whole or not at all") {
    SimEnv env(15);
    const Folder folder;
    World world(env, folder.path);
    const std::string good =
        text_of(bundle(std::vector<Bytes>{Person(1).enrol(), Person(2).enrol()}));
    const std::string bad = text_of(bundle(std::vector<Bytes>{Person(3).enrol(), {0x00}}));
    const auto proposed = world.comet->prepare({bad, good}, 1, world.now());
    REQUIRE(proposed.size() == 1);
    CHECK(proposed[0] == good);
    CHECK(world.comet->process(proposed, 1, world.now()) == 1);
    CHECK(world.comet->process({good, bad}, 1, world.now()) == 2);
    const auto block = world.block({good, good});
    CHECK(block.finalize_block().tx_results_size() == 2);
    CHECK(block.finalize_block().tx_results(0).code() == 0);
    CHECK(block.finalize_block().tx_results(1).code() == ledger::code::replayed);
    CHECK(world.node->status().head.transactions == 2);
}

TEST_CASE("a header that lags the clock gets no transactions, so that the next one is fresh") {
    SimEnv env(10);
    const Folder folder;
    World world(env, folder.path);
    const std::vector<std::string> txs{text_of(Person(1).enrol())};
    CHECK(world.comet->prepare(txs, 1, world.now() - proposal_lag_ms_max).size() == 1);
    CHECK(world.comet->prepare(txs, 1, world.now() - proposal_lag_ms_max - 1).empty());
}

TEST_CASE("answers come in the order of the requests, and with Flush at the latest") {
    SimEnv env(11);
    const Folder folder;
    World world(env, folder.path);
    MockComet::Connection connection(folder.path);
    for (int i = 0; i < 100; ++i) {
        abci::Request request;
        request.mutable_echo()->set_message(std::to_string(i));
        connection.send(request);
    }
    connection.flush();
    for (int i = 0; i < 100; ++i) {
        const auto answer = connection.receive();
        REQUIRE(answer.has_value());
        CHECK(answer->echo().message() == std::to_string(i));
    }
    CHECK(connection.receive()->has_flush());
}

TEST_CASE("bytes that are no request, and a length beyond the limit, end the connection") {
    SimEnv env(12);
    const Folder folder;
    World world(env, folder.path);
    {
        MockComet::Connection connection(folder.path);
        connection.send_bytes({0xFF, 0xFF, 0xFF});
        CHECK(connection.receive()->has_exception());
        CHECK_FALSE(connection.receive().has_value());
    }
    MockComet::Connection connection(folder.path);
    Bytes length;
    for (std::size_t rest = message_bytes_max + 1; rest != 0; rest >>= 7U) {
        length.push_back(static_cast<std::uint8_t>((rest & 0x7FU) | (rest >= 0x80U ? 0x80U : 0U)));
    }
    connection.send_raw(length);
    CHECK_FALSE(connection.receive().has_value());
    // The others go on.
    CHECK(world.comet->info().data() == "salus");
}

TEST_CASE("an engine with another chain's genesis is refused") {
    SimEnv env(13);
    const Folder folder;
    World world(env, folder.path);
    CHECK(world.comet->init_chain("another-chain").has_exception());
}

TEST_CASE(
    "a disk that fails at commit is an exception, and the block comes again when it is well") {
    SimEnv env(14);
    const Folder folder;
    World world(env, folder.path);
    const std::vector<std::string> txs{text_of(Person(1).enrol())};
    const auto once = world.comet->finalize(txs, 1, world.now());
    env.fail_operation(0, 1'000'000);
    CHECK(world.comet->commit().has_exception());
    env.heal();
    MockComet::Connection again(folder.path);
    abci::Request info;
    info.mutable_info();
    const auto stands = again.call(info).info();
    if (stands.last_block_height() == 0) {
        abci::Request request;
        MockComet::date(*request.mutable_finalize_block(), 1, world.now());
        request.mutable_finalize_block()->add_txs(txs[0]);
        CHECK(again.call(request).finalize_block().app_hash() == once.finalize_block().app_hash());
        abci::Request commit;
        commit.mutable_commit();
        CHECK(again.call(commit).has_commit());
    }
    CHECK(world.node->status().head.height.value == 1);
}
