#pragma once

#include "chain/executor.hpp"
#include "chain/overlay.hpp"
#include "chain/prepared.hpp"
#include "ledger/block.hpp"

#include <functional>

/// What a transaction may do, one guard per rule: docs/formats/transaction.md and
/// docs/formats/execution.md.
namespace salus::chain {

/// Where and when a transaction is executed.
struct BlockContext {
    BlockHeight height;
    UnixMillis time;
};

/// Whether (account, nonce) was used before, in committed state or earlier in this block.
using SeenBefore = std::function<bool(const AccountId&, const ledger::Nonce&)>;

/// 0, or the code 1 to 6 that keeps the transaction out of the log.
std::uint32_t admit(const PreparedTransaction& prepared, const BlockContext& block, Overlay& state,
                    const SeenBefore& seen);

/// Uses the nonce and runs every operation; each that fails takes its own writes back, and in an
/// all-or-nothing envelope everybody's. The transaction must have been admitted.
ledger::TransactionResult execute(const PreparedTransaction& prepared, const BlockContext& block,
                                  Overlay& state, ContractExecutor& executor);

}  // namespace salus::chain
