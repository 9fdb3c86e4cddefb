#pragma once

#include "chain/executor.hpp"
#include "chain/overlay.hpp"
#include "ledger/genesis.hpp"

#include <string_view>

/// State at height 0: docs/formats/execution.md.
namespace salus::chain {

/// Code of every contract that genesis names, then each contract's `init` in the order of genesis.
/// Errors: malformed — an `init` did not end with code 0.
Status write_genesis_state(const ledger::GenesisEntry& entry, const ledger::Genesis& genesis,
                           ContractExecutor& executor, Overlay& state);

/// What `init` of a contract reads: the members for `registry`, null for the others.
Bytes initial_args(std::string_view contract, const ledger::Genesis& genesis);

// Keys of docs/formats/block.md, "State".
Bytes code_key(const Digest& code_hash);
Bytes contract_key(std::string_view contract);

/// Value of a contract key: [code_hash, activated_height].
struct ActiveContract {
    Digest code_hash;
    BlockHeight activated;
};
Bytes encode_active_contract(const ActiveContract& contract);
Result<ActiveContract> decode_active_contract(ByteView bytes);

}  // namespace salus::chain
