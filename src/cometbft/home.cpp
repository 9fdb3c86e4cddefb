#include "cometbft/home.hpp"

#include "base/json.hpp"
#include "cometbft/rpc.hpp"
#include "cometbft/server.hpp"
#include "crypto/hash.hpp"

#include <array>
#include <cstdio>
#include <ctime>

namespace salus::cometbft {

namespace {

constexpr std::size_t address_bytes = 20;
constexpr const char* public_key_type = "tendermint/PubKeyEd25519";
constexpr const char* private_key_type = "tendermint/PrivKeyEd25519";

std::string address_hex(const crypto::Ed25519PublicKey& key) {
    const Digest hash = crypto::sha256(key.view());
    return to_hex(hash.view().first(address_bytes));
}

std::string upper(std::string text) {
    for (char& c : text) {
        if (c >= 'a' && c <= 'f') c = static_cast<char>(c - 'a' + 'A');
    }
    return text;
}

/// The engine writes a private key as seed and public half in one.
std::string private_key_text(const crypto::SigningKey& key) {
    const crypto::Ed25519PublicKey half = crypto::public_key(key);
    Bytes both(key.reveal().begin(), key.reveal().end());
    both.insert(both.end(), half.bytes.begin(), half.bytes.end());
    std::string text = to_base64(both);
    crypto::wipe(both);
    return text;
}

std::string rfc3339(UnixMillis time) {
    const std::time_t seconds = static_cast<std::time_t>(time.value / 1'000);
    std::tm parts{};
    ::gmtime_r(&seconds, &parts);
    std::array<char, 64> text{};
    std::snprintf(text.data(), text.size(), "%04d-%02d-%02dT%02d:%02d:%02d.%03dZ",
                  parts.tm_year + 1900, parts.tm_mon + 1, parts.tm_mday, parts.tm_hour,
                  parts.tm_min, parts.tm_sec, static_cast<int>(time.value % 1'000));
    return text.data();
}

json::Value validator(const ledger::Member& member) {
    return json::Object{
        {"address", upper(address_hex(*member.validator_key))},
        {"pub_key", json::Object{{"type", public_key_type},
                                 {"value", to_base64(member.validator_key->view())}}},
        {"power", "1"},
        {"name", to_hex(member.organisation.view())}};
}

Status write(Env& env, const std::string& path, const std::string& text) {
    return write_file_atomically(env, path, as_bytes(text));
}

Status write_keys(Env& env, const std::string& directory, const ValidatorKey& validator,
                  const NodeKey& node) {
    const crypto::Ed25519PublicKey voting = crypto::public_key(validator);
    const json::Object vote{
        {"address", upper(address_hex(voting))},
        {"pub_key", json::Object{{"type", public_key_type}, {"value", to_base64(voting.view())}}},
        {"priv_key",
         json::Object{{"type", private_key_type}, {"value", private_key_text(validator)}}}};
    const json::Object peer{
        {"priv_key", json::Object{{"type", private_key_type}, {"value", private_key_text(node)}}}};
    SALUS_TRY(write(env, directory + "/config/priv_validator_key.json", json::write(vote)));
    SALUS_TRY(write(env, directory + "/config/node_key.json", json::write(peer)));
    return write(env, directory + "/data/priv_validator_state.json",
                 R"({"height":"0","round":0,"step":0})");
}

}  // namespace

std::string node_id(const NodeKey& key) {
    return address_hex(crypto::public_key(key));
}

std::string genesis_text(const ledger::Genesis& genesis, const HomeOptions& options) {
    json::Array validators;
    for (const ledger::Member& member : genesis.config.members) {
        validators.push_back(validator(member));
    }
    const json::Object parameters{
        {"block", json::Object{{"max_bytes", "4194304"}, {"max_gas", "-1"}}},
        {"evidence", json::Object{{"max_age_num_blocks", "1000000"},
                                  {"max_age_duration", "1209600000000000"},
                                  {"max_bytes", "1048576"}}},
        {"validator", json::Object{{"pub_key_types", json::Array{"ed25519"}}}},
        {"version", json::Object{{"app", "1"}}},
        {"abci", json::Object{{"vote_extensions_enable_height", "0"}}}};
    return json::write(json::Object{{"genesis_time", rfc3339(genesis.time)},
                                    {"chain_id", genesis.chain_id},
                                    {"initial_height", std::to_string(options.initial_height)},
                                    {"consensus_params", parameters},
                                    {"validators", std::move(validators)},
                                    {"app_hash", upper(to_hex(options.app_hash))}});
}

std::string config_text(const HomeOptions& options, std::string_view moniker) {
    std::string peers;
    for (const Peer& peer : options.peers) {
        peers += (peers.empty() ? "" : ",") + peer.node_id + "@" + peer.address;
    }
    // The reason of each: docs/decisions/0020-settings-of-the-cometbft-engine.md.
    std::string text;
    const auto line = [&text](std::string_view key, std::string_view value) {
        text.append(key).append(" = ").append(value).append("\n");
    };
    const auto quoted = [](std::string_view value) { return "\"" + std::string(value) + "\""; };
    line("proxy_app", quoted("unix://" + std::string(abci_socket_name)));
    line("moniker", quoted(moniker));
    line("abci", quoted("socket"));
    line("db_backend", quoted("goleveldb"));
    line("db_dir", quoted("data"));
    line("log_level", quoted("error"));
    line("genesis_file", quoted("config/genesis.json"));
    line("priv_validator_key_file", quoted("config/priv_validator_key.json"));
    line("priv_validator_state_file", quoted("data/priv_validator_state.json"));
    line("node_key_file", quoted("config/node_key.json"));
    line("filter_peers", "false");
    text += "\n[rpc]\n";
    line("laddr", quoted("unix://" + std::string(rpc_socket_name)));
    line("max_body_bytes", "8000000");
    line("max_request_batch_size", "200");
    line("pprof_laddr", quoted(""));
    text += "\n[p2p]\n";
    line("laddr", quoted("tcp://" + options.listen));
    line("persistent_peers", quoted(peers));
    line("pex", "false");
    line("addr_book_strict", "false");
    line("allow_duplicate_ip", "true");
    line("flush_throttle_timeout", quoted("10ms"));
    text += "\n[mempool]\n";
    line("type", quoted("flood"));
    line("recheck", "false");
    line("size", "20000");
    line("cache_size", "100000");
    line("max_tx_bytes", "131072");
    line("max_txs_bytes", "268435456");
    text += "\n[statesync]\n";
    line("enable", "false");
    text += "\n[consensus]\n";
    line("timeout_propose", quoted("1s"));
    line("timeout_prevote", quoted("300ms"));
    line("timeout_precommit", quoted("300ms"));
    line("timeout_commit", quoted("100ms"));
    line("create_empty_blocks", "false");
    line("create_empty_blocks_interval", quoted("60s"));
    line("peer_gossip_sleep_duration", quoted("10ms"));
    text += "\n[storage]\n";
    line("discard_abci_responses", "true");
    text += "\n[tx_index]\n";
    line("indexer", quoted("null"));
    text += "\n[instrumentation]\n";
    line("prometheus", "false");
    return text;
}

Status write_home(Env& env, const std::string& directory, const ledger::Genesis& genesis,
                  const ValidatorKey& validator, const NodeKey& node, const HomeOptions& options) {
    for (const ledger::Member& member : genesis.config.members) {
        if (!member.validator_key) {
            return Error{Errc::malformed, "a member of the genesis has no validator key"};
        }
    }
    if (env.exists(directory + "/config/priv_validator_key.json")) {
        return Error{Errc::already_exists, "a validator key is there already: it stays"};
    }
    SALUS_TRY(env.make_directories(directory + "/config"));
    SALUS_TRY(env.make_directories(directory + "/data"));
    SALUS_TRY(write(env, directory + "/config/genesis.json", genesis_text(genesis, options)));
    SALUS_TRY(write(env, directory + "/config/config.toml", config_text(options, node_id(node))));
    return write_keys(env, directory, validator, node);
}

}  // namespace salus::cometbft
