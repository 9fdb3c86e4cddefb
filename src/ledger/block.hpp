#pragma once

#include "base/strong.hpp"
#include "ledger/limits.hpp"
#include "ledger/merkle.hpp"
#include "ledger/result_code.hpp"
#include "ledger/transaction.hpp"

#include <string>
#include <variant>
#include <vector>

/// Blocks, log entries and results: docs/formats/block.md.
namespace salus::ledger {

struct BlockHeader {
    BlockHeight height;
    UnixMillis time;
    Digest previous;  ///< header hash of the block before; of the first block: the genesis hash
    Digest transaction_root;
    Digest result_root;
    Digest log_root;
    std::uint64_t log_size = 0;
    Digest state_root;
    Digest config_root;
    ObjectId proposer;  ///< organisation of the sealing member
    bool operator==(const BlockHeader&) const = default;
};

Bytes encode_header(const BlockHeader& header);
/// Errors: malformed — also height 0, a negative time, an empty log.
Result<BlockHeader> decode_header(ByteView bytes);
/// SHA-256 of the encoded header.
Digest header_hash(ByteView encoded_header);
/// RFC 9162 root of [log_root ‖ log_size be64, state_root, config_root].
Digest app_hash(const BlockHeader& header);

/// docs/formats/block.md: `child` follows `parent`. Errors: integrity — names the rule.
Status check_link(const BlockHeader& parent, const BlockHeader& child);

/// A transaction's line in the log.
struct LogEntry {
    Digest id;
    Digest cose_hash;
    BlockHeight height;
    UnixMillis time;
    std::uint32_t code = 0;
    Digest operations_root;
    bool operator==(const LogEntry&) const = default;
};
/// A block's first line in the log: the header hash before it.
struct LogLink {
    Digest previous;
    bool operator==(const LogLink&) const = default;
};
using LogLine = std::variant<LogLink, LogEntry>;

Bytes encode_log_entry(const LogEntry& entry);
Bytes encode_log_link(const Digest& previous);
Result<LogLine> decode_log_line(ByteView bytes);

struct OperationResult {
    std::uint32_t code = 0;
    std::uint64_t gas = 0;
    Bytes data;
    bool operator==(const OperationResult&) const = default;
};
struct Event {
    std::uint32_t operation = 0;  ///< index
    std::string contract;
    std::string topic;
    Bytes data;
    bool operator==(const Event&) const = default;
};
struct TransactionResult {
    std::uint32_t code = 0;
    std::uint64_t gas_used = 0;
    std::vector<OperationResult> operations;
    std::vector<Event> events;
    bool operator==(const TransactionResult&) const = default;
};

/// Errors: out_of_range — a limit; malformed — a code that the log may not hold, `code` not the
/// first non-zero operation code, an event of an operation that is not there.
Result<Bytes> encode_result(const TransactionResult& result);
Result<TransactionResult> decode_result(ByteView bytes);
/// First non-zero code, else 0.
std::uint32_t transaction_code(const std::vector<OperationResult>& operations) noexcept;

/// Leaf data of the operations tree: CBOR [operation_hash, code].
Bytes encode_operation_outcome(const Digest& operation_hash, std::uint32_t code);
/// RFC 9162 root over the outcomes; `codes` has one code per operation (SALUS_ASSERT).
Digest operations_root(std::span<const Digest> operation_hashes,
                       std::span<const std::uint32_t> codes);

/// The log line of a transaction with its result.
LogEntry log_entry_of(const Transaction& transaction, const TransactionResult& result,
                      BlockHeight height, UnixMillis time);

/// A block as it is stored: each part in the bytes that are hashed.
struct Block {
    Bytes header;
    std::vector<Bytes> transactions;
    std::vector<Bytes> results;
    Bytes checkpoint;  ///< the sealing member's signed note
    bool operator==(const Block&) const = default;
};

/// Errors: out_of_range — block_bytes_max, block_transactions_max; malformed — no transaction, or
/// not one result each.
Result<Bytes> encode_block(const Block& block);
Result<Block> decode_block(ByteView bytes);

/// Root whose leaves are the SHA-256 of each COSE_Sign1.
Digest transaction_root(std::span<const Digest> cose_hashes);
/// Root whose leaves are the results' CBOR.
Digest result_root(std::span<const Bytes> results);

}  // namespace salus::ledger
