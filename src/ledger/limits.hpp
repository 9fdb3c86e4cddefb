#pragma once

#include <cstddef>
#include <cstdint>

/// Every limit of the ledger's formats: docs/formats/transaction.md, block.md, checkpoint.md,
/// receipt.md. Each is inclusive and tested one below, at, and one above.
namespace salus::ledger {

// Transaction
inline constexpr std::size_t transaction_bytes_max = 122'880;  ///< the whole COSE_Sign1
inline constexpr std::size_t operations_max = 1'000;           ///< at least 1
inline constexpr std::size_t chain_id_bytes_max = 64;          ///< at least 1
inline constexpr std::size_t contract_name_bytes_max = 32;     ///< at least 1
inline constexpr std::size_t method_name_bytes_max = 32;       ///< at least 1
inline constexpr std::size_t args_bytes_max = 65'536;
inline constexpr std::int64_t validity_window_ms =
    600'000;  ///< valid_until in (block time, block time + this]

// Generic COSE_Sign1 payload (access requests; transactions have their own, smaller limit)
inline constexpr std::size_t cose_bytes_max = 1U << 20U;

// Block
inline constexpr std::size_t block_transactions_max = 20'000;
inline constexpr std::size_t block_bytes_max =
    16U << 20U;  ///< the whole stored block: one entry of the segment log
inline constexpr std::size_t result_data_bytes_max = 65'536;  ///< of one operation or event
inline constexpr std::size_t result_events_max = 16'000;      ///< of one transaction
inline constexpr std::size_t topic_bytes_max = 64;

// Genesis
inline constexpr std::size_t members_max = 100;
inline constexpr std::size_t member_name_bytes_max = 128;
inline constexpr std::size_t contracts_max = 64;
inline constexpr std::size_t code_bytes_max = 4U << 20U;  ///< one contract's module
inline constexpr std::size_t parameters_max = 256;
inline constexpr std::size_t parameter_name_bytes_max = 64;

// Checkpoint (C2SP signed note)
inline constexpr std::size_t note_bytes_max = 65'536;
inline constexpr std::size_t note_signatures_max = 128;
inline constexpr std::size_t note_extensions_max = 16;
inline constexpr std::size_t key_name_bytes_max = 255;
inline constexpr std::size_t trust_keys_max = 1'000;
inline constexpr std::size_t submission_path_max = 63;  ///< nodes, as C2SP tlog-witness has it
inline constexpr std::size_t keyed_note_bytes_max = 512U << 10U;  ///< a witness's state file

// Proofs and receipts
inline constexpr std::size_t proof_path_max = 64;  ///< nodes; enough for 2^64 leaves
inline constexpr std::size_t bundle_bytes_max = 1U << 20U;
inline constexpr std::size_t openings_max = 1'000;
inline constexpr std::size_t state_claims_max = 1'024;  ///< of one bundle; at least 1
inline constexpr std::size_t state_key_bytes_max = 512;
inline constexpr std::size_t state_value_bytes_max = 65'536;

}  // namespace salus::ledger
