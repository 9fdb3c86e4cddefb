#include "ledger/block.hpp"

#include "base/cbor.hpp"
#include "crypto/hash.hpp"

#include <limits>

namespace salus::ledger {
namespace {

constexpr auto time_max = static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max());

Error wrong(const std::string& what) {
    return Error{Errc::malformed, "block: " + what};
}
Error limit(const std::string& what) {
    return Error{Errc::out_of_range, "block: " + what};
}

std::uint64_t as_uint(UnixMillis time) {
    SALUS_ASSERT(time.value >= 0);
    return static_cast<std::uint64_t>(time.value);
}

Result<UnixMillis> read_time(cbor::Reader& in) {
    return UnixMillis{static_cast<std::int64_t>(SALUS_TRY(in.uint_max(time_max)))};
}

Status check_list(std::size_t transactions, std::size_t results) {
    if (transactions == 0) return wrong("no transaction");
    if (transactions > block_transactions_max) {
        return limit(std::to_string(transactions) + " transactions");
    }
    if (transactions != results) return wrong("not one result for each transaction");
    return done;
}

void write_list(cbor::Writer& out, const std::vector<Bytes>& items) {
    out.array(items.size());
    for (const Bytes& item : items) out.bytes(item);
}

Result<std::vector<Bytes>> read_list(cbor::Reader& in) {
    const std::size_t count = SALUS_TRY(in.array());
    if (count > block_transactions_max) return limit(std::to_string(count) + " transactions");
    std::vector<Bytes> items;
    items.reserve(count);
    for (std::size_t i = 0; i < count; ++i) items.push_back(to_bytes(SALUS_TRY(in.bytes())));
    return items;
}

}  // namespace

Bytes encode_header(const BlockHeader& header) {
    cbor::Writer out;
    out.map(10).uint(1).uint(header.height.value).uint(2).uint(as_uint(header.time));
    out.uint(3).bytes(header.previous.view());
    out.uint(4).bytes(header.transaction_root.view());
    out.uint(5).bytes(header.result_root.view());
    out.uint(6).bytes(header.log_root.view()).uint(7).uint(header.log_size);
    out.uint(8).bytes(header.state_root.view()).uint(9).bytes(header.config_root.view());
    out.uint(10).bytes(header.proposer.view());
    return out.take();
}

Result<BlockHeader> decode_header(ByteView bytes) {
    cbor::Reader in(bytes);
    SALUS_TRY(in.map_of(10));
    BlockHeader header;
    SALUS_TRY(in.key(1));
    header.height.value = SALUS_TRY(in.uint());
    SALUS_TRY(in.key(2));
    header.time = SALUS_TRY(read_time(in));
    const std::array<std::pair<std::uint64_t, Digest*>, 4> first = {{{3, &header.previous},
                                                                     {4, &header.transaction_root},
                                                                     {5, &header.result_root},
                                                                     {6, &header.log_root}}};
    for (const auto& [key, digest] : first) {
        SALUS_TRY(in.key(key));
        *digest = SALUS_TRY(in.fixed<Digest>());
    }
    SALUS_TRY(in.key(7));
    header.log_size = SALUS_TRY(in.uint());
    SALUS_TRY(in.key(8));
    header.state_root = SALUS_TRY(in.fixed<Digest>());
    SALUS_TRY(in.key(9));
    header.config_root = SALUS_TRY(in.fixed<Digest>());
    SALUS_TRY(in.key(10));
    header.proposer = SALUS_TRY(in.fixed<ObjectId>());
    SALUS_TRY(in.end());
    if (header.height.value == 0) return wrong("height 0");
    if (header.log_size < 2) return wrong("a log without this block's lines");
    return header;
}

Digest header_hash(ByteView encoded_header) {
    return crypto::sha256(encoded_header);
}

Digest app_hash(const BlockHeader& header) {
    Bytes log = to_bytes(header.log_root.view());
    append_be64(log, header.log_size);
    const std::array<Digest, 3> leaves = {merkle_leaf(log), merkle_leaf(header.state_root.view()),
                                          merkle_leaf(header.config_root.view())};
    return merkle_root(leaves);
}

Status check_link(const BlockHeader& parent, const BlockHeader& child) {
    if (child.previous != header_hash(encode_header(parent))) {
        return Error{Errc::integrity, "block: previous is not the hash of the header before"};
    }
    if (child.height <= parent.height) {
        return Error{Errc::integrity, "block: the height does not grow"};
    }
    if (child.time < parent.time) return Error{Errc::integrity, "block: time goes back"};
    // A block adds its link and at least one transaction.
    if (child.log_size < parent.log_size || child.log_size - parent.log_size < 2) {
        return Error{Errc::integrity, "block: the log does not grow by a link and a transaction"};
    }
    return done;
}

Bytes encode_log_entry(const LogEntry& entry) {
    cbor::Writer out;
    out.array(6).bytes(entry.id.view()).bytes(entry.cose_hash.view());
    out.uint(entry.height.value).uint(as_uint(entry.time)).uint(entry.code);
    out.bytes(entry.operations_root.view());
    return out.take();
}

Bytes encode_log_link(const Digest& previous) {
    cbor::Writer out;
    out.bytes(previous.view());
    return out.take();
}

Result<LogLine> decode_log_line(ByteView bytes) {
    cbor::Reader in(bytes);
    if (SALUS_TRY(in.peek()) == cbor::Kind::bytes) {
        LogLink link{SALUS_TRY(in.fixed<Digest>())};
        SALUS_TRY(in.end());
        return LogLine{link};
    }
    SALUS_TRY(in.array_of(6));
    LogEntry entry;
    entry.id = SALUS_TRY(in.fixed<Digest>());
    entry.cose_hash = SALUS_TRY(in.fixed<Digest>());
    entry.height.value = SALUS_TRY(in.uint());
    entry.time = SALUS_TRY(read_time(in));
    const std::uint64_t code = SALUS_TRY(in.uint());
    if (!is_operation_code(code)) return wrong("a log line with code " + std::to_string(code));
    entry.code = static_cast<std::uint32_t>(code);
    entry.operations_root = SALUS_TRY(in.fixed<Digest>());
    SALUS_TRY(in.end());
    if (entry.height.value == 0) return wrong("a log line of height 0");
    return LogLine{entry};
}

Bytes encode_operation_outcome(const Digest& operation_hash, std::uint32_t code) {
    cbor::Writer out;
    out.array(2).bytes(operation_hash.view()).uint(code);
    return out.take();
}

Digest operations_root(std::span<const Digest> operation_hashes,
                       std::span<const std::uint32_t> codes) {
    SALUS_ASSERT(operation_hashes.size() == codes.size());
    Frontier frontier;
    for (std::size_t i = 0; i < codes.size(); ++i) {
        frontier.append(merkle_leaf(encode_operation_outcome(operation_hashes[i], codes[i])));
    }
    return frontier.root();
}

LogEntry log_entry_of(const Transaction& transaction, const TransactionResult& result,
                      BlockHeight height, UnixMillis time) {
    std::vector<std::uint32_t> codes;
    codes.reserve(result.operations.size());
    for (const OperationResult& operation : result.operations) codes.push_back(operation.code);
    return {transaction.id, transaction.cose_hash,
            height,         time,
            result.code,    operations_root(transaction.operation_hashes, codes)};
}

Result<Bytes> encode_block(const Block& block) {
    SALUS_TRY(check_list(block.transactions.size(), block.results.size()));
    cbor::Writer out;
    out.array(4).bytes(block.header);
    write_list(out, block.transactions);
    write_list(out, block.results);
    out.bytes(block.checkpoint);
    Bytes bytes = out.take();
    if (bytes.size() > block_bytes_max) return limit(std::to_string(bytes.size()) + " bytes");
    return bytes;
}

Result<Block> decode_block(ByteView bytes) {
    if (bytes.size() > block_bytes_max) return limit(std::to_string(bytes.size()) + " bytes");
    cbor::Reader in(bytes);
    SALUS_TRY(in.array_of(4));
    Block block;
    block.header = to_bytes(SALUS_TRY(in.bytes()));
    block.transactions = SALUS_TRY(read_list(in));
    block.results = SALUS_TRY(read_list(in));
    block.checkpoint = to_bytes(SALUS_TRY(in.bytes()));
    SALUS_TRY(in.end());
    SALUS_TRY(check_list(block.transactions.size(), block.results.size()));
    return block;
}

Digest transaction_root(std::span<const Digest> cose_hashes) {
    Frontier frontier;
    for (const Digest& hash : cose_hashes) frontier.append(merkle_leaf(hash.view()));
    return frontier.root();
}

Digest result_root(std::span<const Bytes> results) {
    return merkle_root_of(results);
}

}  // namespace salus::ledger
