#pragma once

#include "ledger/limits.hpp"
#include "store/limits.hpp"

#include <cstddef>
#include <cstdint>

/// Every bound of this module. Those that decide results are part of the consensus rules
/// (docs/formats/execution.md); each is tested one below, at, and one above.
namespace salus::chain {

// Execution: the same on every member.
inline constexpr std::uint64_t operation_gas_max = 20'000'000;
inline constexpr std::uint64_t transaction_gas_max = 200'000'000;
/// A transaction's result takes at most this, and twice the transaction's own bytes
/// (docs/formats/execution.md, "Results"), counted as `result_bytes_fixed`, and for each operation
/// and each event `result_item_bytes` and what it carries. The counts are no less than the CBOR.
inline constexpr std::size_t result_bytes_base = 384;
inline constexpr std::size_t result_bytes_per_byte = 2;
inline constexpr std::size_t result_bytes_fixed = 24;
inline constexpr std::size_t result_item_bytes = 16;
constexpr std::size_t result_bytes_max(std::size_t transaction_bytes) {
    return result_bytes_base + result_bytes_per_byte * transaction_bytes;
}
/// Expired nonces that one block takes out of the seen-set: this, and two for each of its
/// transactions.
inline constexpr std::size_t seen_pruned_base = 64;
inline constexpr std::size_t seen_pruned_per_transaction = 2;

// Blocks: what this node proposes, and all that it accepts.
inline constexpr std::size_t block_transactions_max = 10'000;
inline constexpr std::size_t block_bytes_max = std::size_t{4} << 20U;  ///< of transactions
/// Whatever its transactions do, such a block is one entry of the log: transactions and results
/// with the head of their CBOR strings, header, list heads and the largest checkpoint.
inline constexpr std::size_t block_stored_bytes_max =
    block_bytes_max + block_transactions_max * result_bytes_base +
    result_bytes_per_byte * block_bytes_max + 2 * 5 * block_transactions_max +
    ledger::note_bytes_max + 1'024;
static_assert(block_stored_bytes_max <= ledger::block_bytes_max);
static_assert(ledger::block_bytes_max <= store::entry_payload_bytes_max);
static_assert(block_transactions_max <= ledger::block_transactions_max);
/// A header this far behind the proposer's clock gets no transactions: the next block is fresh.
inline constexpr std::int64_t proposal_lag_ms_max = 3'000;

// One node.
inline constexpr std::uint64_t query_gas_max = 50'000'000;
inline constexpr std::size_t queue_transactions_max = 50'000;
inline constexpr std::size_t queue_bytes_max = std::size_t{64} << 20U;
inline constexpr std::size_t verified_signatures_max = 200'000;  ///< remembered, in two halves
inline constexpr std::size_t listed_entries_max = 1'000;

}  // namespace salus::chain
