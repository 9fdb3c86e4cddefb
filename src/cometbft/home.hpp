#pragma once

#include "base/env.hpp"
#include "crypto/sign.hpp"
#include "ledger/genesis.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace salus::cometbft {

/// The Ed25519 key with which a member votes; the engine's file holds it, never ours.
struct ValidatorKey : crypto::SigningKey {};
/// The key by which peers know each other.
struct NodeKey : crypto::SigningKey {};

struct Peer {
    std::string node_id;  ///< 40 hex digits
    std::string address;  ///< HOST:PORT
};

/// What the engine's home directory is written from: docs/operations.md, "Several members".
struct HomeOptions {
    std::string listen;  ///< HOST:PORT for peers
    std::vector<Peer> peers;
    std::uint64_t initial_height = 1;
    Bytes app_hash;  ///< with an initial height above 1: of the block before it
};

/// The node id of a key: the first 20 bytes of SHA-256 of its public half, in hex.
std::string node_id(const NodeKey& key);

/// Writes config/config.toml, config/genesis.json, config/priv_validator_key.json,
/// config/node_key.json and data/priv_validator_state.json. Every member of `genesis` needs a
/// validator key. Errors: already_exists — a validator key is there: it must never sign twice;
/// malformed — a member without validator key; unavailable.
Status write_home(Env& env, const std::string& directory, const ledger::Genesis& genesis,
                  const ValidatorKey& validator, const NodeKey& node, const HomeOptions& options);

/// config.toml alone, written anew at each start so that it is what this release wants.
std::string config_text(const HomeOptions& options, std::string_view moniker);
std::string genesis_text(const ledger::Genesis& genesis, const HomeOptions& options);

}  // namespace salus::cometbft
