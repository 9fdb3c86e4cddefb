#include "cometbft/consortium.hpp"

#include "base/json.hpp"
#include "chain/node_keys.hpp"
#include "cometbft/home.hpp"
#include "crypto/hash.hpp"
#include "ledger/block_store.hpp"

#include <utility>

namespace salus::cometbft {

namespace {

constexpr unsigned ports_per_member = 10;

/// Everything that one member's machine holds, and only that.
struct MemberKeys {
    chain::NodeKeys own;
    ValidatorKey validator;
    NodeKey peer;
};

std::string name_of(std::size_t index) {
    return "Hospital " + std::string(1, static_cast<char>('A' + index));
}

std::string address_of(const LocalConsortium& options, std::size_t index, unsigned offset) {
    return "127.0.0.1:" + std::to_string(options.port + ports_per_member * index + offset);
}

Status check(Env& env, const LocalConsortium& options) {
    if (options.members == 0 || options.members > local_members_max) {
        return Error{Errc::out_of_range, "a local consortium has 1 to " +
                                             std::to_string(local_members_max) + " members"};
    }
    if (options.port == 0 || options.port + ports_per_member * options.members > 65'535) {
        return Error{Errc::out_of_range, "the ports of the members go beyond 65535"};
    }
    if (env.exists(options.directory + "/node0")) {
        return Error{Errc::already_exists, "a consortium is there already"};
    }
    return done;
}

ledger::Genesis genesis_of(Env& env, const LocalConsortium& options,
                           const std::vector<MemberKeys>& members) {
    ledger::Genesis genesis;
    genesis.chain_id =
        "salus-" + to_hex(random_bytes<FixedBytes<struct ChainIdTag, 8>>(env).view());
    genesis.time = env.now();
    for (std::size_t i = 0; i < members.size(); ++i) {
        genesis.config.members.push_back(
            {.organisation = members[i].own.organisation,
             .name = name_of(i),
             .signing_key = crypto::public_key(members[i].own.key),
             .node_account = members[i].own.node_account,
             .validator_key = crypto::public_key(members[i].validator)});
    }
    for (const chain::GenesisContract& contract : options.contracts) {
        genesis.config.contracts.push_back(
            {.contract = contract.name, .code_hash = crypto::sha256(contract.module)});
    }
    return genesis;
}

std::string config_of(const LocalConsortium& options, std::size_t index) {
    json::Object config{{"data_dir", options.directory + "/node" + std::to_string(index) + "/data"},
                        {"listen", address_of(options, index, 0)},
                        {"organisation_name", name_of(index)}};
    json::Array others;
    for (std::size_t other = 0; other < options.members; ++other) {
        if (other != index) others.emplace_back("http://" + address_of(options, other, 0));
    }
    if (!others.empty()) config.emplace_back("member_urls", std::move(others));
    if (!options.web_dir.empty()) config.emplace_back("web_dir", options.web_dir);
    if (options.demo) config.emplace_back("demo", true);
    return json::write(config) + "\n";
}

}  // namespace

Status write_local_consortium(Env& env, const LocalConsortium& options) {
    SALUS_TRY(check(env, options));
    std::vector<MemberKeys> members;
    for (std::size_t i = 0; i < options.members; ++i) {
        members.push_back({chain::draw_node_keys(env), crypto::random_key<ValidatorKey>(env),
                           crypto::random_key<NodeKey>(env)});
    }
    const ledger::Genesis genesis = genesis_of(env, options, members);
    ledger::GenesisEntry entry{.genesis = SALUS_TRY(ledger::encode_genesis(genesis)), .codes = {}};
    for (const chain::GenesisContract& contract : options.contracts) {
        entry.codes.push_back(contract.module);
    }
    for (std::size_t i = 0; i < members.size(); ++i) {
        const std::string home = options.directory + "/node" + std::to_string(i);
        SALUS_TRY(env.make_directories(home + "/data/keys"));
        SALUS_TRY(chain::write_node_keys(env, home + "/data/keys/organisation", members[i].own));
        SALUS_TRY(env.make_directories(home + "/data/ledger"));
        SALUS_TRY(ledger::BlockStore::create(env, home + "/data/ledger", entry, {}));
        HomeOptions engine{.listen = address_of(options, i, 1), .peers = {}, .app_hash = {}};
        for (std::size_t other = 0; other < members.size(); ++other) {
            if (other == i) continue;
            engine.peers.push_back({node_id(members[other].peer), address_of(options, other, 1)});
        }
        SALUS_TRY(write_home(env, home + "/data/cometbft", genesis, members[i].validator,
                             members[i].peer, engine));
        SALUS_TRY(
            write_file_atomically(env, home + "/salusd.json", as_bytes(config_of(options, i))));
    }
    return done;
}

}  // namespace salus::cometbft
