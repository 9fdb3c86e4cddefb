#include "cometbft/home.hpp"

#include "base/json.hpp"
#include "base/sim_env.hpp"
#include "cometbft/consortium.hpp"
#include "crypto/hash.hpp"

#include <doctest/doctest.h>

#include <string>

using namespace salus;
using namespace salus::cometbft;

namespace {

std::string text_file(Env& env, const std::string& path) {
    return std::string(as_text(read_file(env, path, 1U << 20U).value()));
}
json::Value json_file(Env& env, const std::string& path) {
    return json::parse(text_file(env, path)).value();
}

LocalConsortium four(std::size_t members = 4, std::uint16_t port = 9000) {
    return {.directory = "/c",
            .members = members,
            .port = port,
            .contracts = {{.name = "registry", .module = to_bytes("code")}},
            .web_dir = {},
            .demo = false};
}

}  // namespace

TEST_CASE("each member of a local consortium gets one genesis and keys of its own") {
    SimEnv env(1);
    REQUIRE(write_local_consortium(env, four()).ok());
    std::set<std::string> keys;
    const std::string genesis = text_file(env, "/c/node0/data/cometbft/config/genesis.json");
    for (int i = 0; i < 4; ++i) {
        const std::string home = "/c/node" + std::to_string(i);
        CHECK(text_file(env, home + "/data/cometbft/config/genesis.json") == genesis);
        const json::Value key =
            json_file(env, home + "/data/cometbft/config/priv_validator_key.json");
        keys.insert(*key.find("priv_key")->find("value")->text());
        CHECK(genesis.find(*key.find("pub_key")->find("value")->text()) != std::string::npos);
        CHECK(json_file(env, home + "/salusd.json")
                  .find("listen")
                  ->text()
                  ->ends_with(":" + std::to_string(9000 + 10 * i)));
    }
    CHECK(keys.size() == 4);
    const json::Value parsed = json::parse(genesis).value();
    CHECK(parsed.find("validators")->array()->size() == 4);
    CHECK(*parsed.find("initial_height")->text() == "1");
}

TEST_CASE("every member knows every other by its node id") {
    SimEnv env(2);
    REQUIRE(write_local_consortium(env, four(3)).ok());
    for (int i = 0; i < 3; ++i) {
        const std::string config =
            text_file(env, "/c/node" + std::to_string(i) + "/data/cometbft/config/config.toml");
        for (int other = 0; other < 3; ++other) {
            const std::string address = "@127.0.0.1:" + std::to_string(9001 + 10 * other);
            CHECK((config.find(address) != std::string::npos) == (other != i));
        }
        CHECK(config.find("create_empty_blocks = false") != std::string::npos);
    }
}

TEST_CASE("a consortium is not written over another, and keeps its limits") {
    SimEnv env(3);
    CHECK(write_local_consortium(env, four(0)).error().code == Errc::out_of_range);
    CHECK(write_local_consortium(env, four(local_members_max + 1)).error().code ==
          Errc::out_of_range);
    CHECK(write_local_consortium(env, four(4, 65'500)).error().code == Errc::out_of_range);
    REQUIRE(write_local_consortium(env, four(local_members_max)).ok());
    CHECK(write_local_consortium(env, four()).error().code == Errc::already_exists);
}

TEST_CASE("a validator key that is there stays: it must never sign twice") {
    SimEnv env(4);
    ledger::Genesis genesis;
    genesis.chain_id = "salus-test";
    const ValidatorKey validator = crypto::random_key<ValidatorKey>(env);
    const NodeKey node = crypto::random_key<NodeKey>(env);
    ledger::Member member{.organisation = {}, .name = "A", .signing_key = {}, .node_account = {}};
    genesis.config.members = {member};
    const HomeOptions options{.listen = "127.0.0.1:1", .peers = {}, .app_hash = {}};
    CHECK(write_home(env, "/h", genesis, validator, node, options).error().code == Errc::malformed);
    genesis.config.members[0].validator_key = crypto::public_key(validator);
    REQUIRE(write_home(env, "/h", genesis, validator, node, options).ok());
    CHECK(write_home(env, "/h", genesis, validator, node, options).error().code ==
          Errc::already_exists);
}
