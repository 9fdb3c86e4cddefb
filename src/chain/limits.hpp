#pragma once

#include <cstddef>
#include <cstdint>

/// Every bound of this module. Those that decide results are part of the consensus rules
/// (docs/formats/execution.md); each is tested one below, at, and one above.
namespace salus::chain {

// Execution: the same on every member.
inline constexpr std::uint64_t operation_gas_max = 20'000'000;
inline constexpr std::uint64_t transaction_gas_max = 200'000'000;
/// Data and events that a transaction may leave in its result: this, and four times its own bytes.
/// With `block_bytes_max` of transactions every result still fits ledger::block_bytes_max.
inline constexpr std::size_t output_bytes_base = 1'024;
inline constexpr std::size_t output_bytes_per_byte = 4;
/// Expired nonces that one block takes out of the seen-set: this, and two for each of its
/// transactions.
inline constexpr std::size_t seen_pruned_base = 64;
inline constexpr std::size_t seen_pruned_per_transaction = 2;

// Blocks: what this node proposes.
inline constexpr std::size_t block_transactions_max = 10'000;
inline constexpr std::size_t block_bytes_max = std::size_t{4} << 20U;  ///< of transactions
/// A header this far behind the proposer's clock gets no transactions: the next block is fresh.
inline constexpr std::int64_t proposal_lag_ms_max = 3'000;

// One node.
inline constexpr std::uint64_t query_gas_max = 50'000'000;
inline constexpr std::size_t queue_transactions_max = 50'000;
inline constexpr std::size_t queue_bytes_max = std::size_t{64} << 20U;
inline constexpr std::size_t verified_signatures_max = 200'000;  ///< remembered, in two halves
inline constexpr std::size_t listed_entries_max = 1'000;

}  // namespace salus::chain
