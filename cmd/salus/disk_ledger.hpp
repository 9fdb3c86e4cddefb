#pragma once

#include "base/json.hpp"
#include "ledger/block_store.hpp"

#include <vector>

namespace salus::command {

/// The ledger of a stopped node's data directory, or of a copy, read without writing a byte.
/// Errors: not_found; integrity; unavailable.
Result<ledger::BlockStore> open_ledger(Env& env, const std::string& directory);

/// The newest `count` transactions as `log tail` prints them, oldest first.
Result<std::vector<json::Value>> tail_of(ledger::BlockStore& store, std::size_t count);
/// One transaction as `tx show` prints it. Errors: not_found. Cost: reads blocks until it is found.
Result<json::Value> transaction_of(ledger::BlockStore& store, const Digest& id);
/// One block as `block show` prints it. Errors: not_found.
Result<json::Value> block_of(ledger::BlockStore& store, std::uint64_t height);
/// `chain status` of a ledger that no node runs on.
Result<json::Value> status_of(ledger::BlockStore& store);

}  // namespace salus::command
