#pragma once

#include "base/env.hpp"
#include "crypto/sign.hpp"

#include <string>

namespace salus::chain {

/// Who a node is: the organisation it seals for, and the account under which it acts itself. One
/// Ed25519 key signs both. Kept in `data_dir/keys/organisation` (0600): docs/formats/node-keys.md.
struct NodeKeys {
    ObjectId organisation;
    AccountId node_account;
    crypto::SigningKey key;
};

NodeKeys draw_node_keys(Env& env);
/// Errors: malformed — not of that form.
Result<NodeKeys> read_node_keys(Env& env, const std::string& path);
Status write_node_keys(Env& env, const std::string& path, const NodeKeys& keys);
NodeKeys copy_of(const NodeKeys& keys);

}  // namespace salus::chain
