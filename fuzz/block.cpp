/// Blocks and their parts: header, results, log lines; and a chain follower fed with any block.

#include "ledger/block.hpp"

#include "ledger/block_check.hpp"
#include "ledger/genesis.hpp"
#include "support/laws.hpp"

#include <algorithm>

using namespace salus;
using namespace salus::ledger;

namespace {

TransactionResult draw_result(fuzz::Draw& draw) {
    TransactionResult result;
    for (std::uint64_t left = draw.below(4); left > 0; --left) {
        result.operations.push_back({.code = static_cast<std::uint32_t>(draw.number(2)),
                                     .gas = draw.number(),
                                     .data = to_bytes(draw.short_bytes())});
    }
    for (std::uint64_t left = draw.below(3); left > 0; --left) {
        result.events.push_back({.operation = draw.byte(),
                                 .contract = std::string(draw.short_text()),
                                 .topic = std::string(draw.short_text()),
                                 .data = to_bytes(draw.short_bytes())});
    }
    result.code = transaction_code(result.operations);
    result.gas_used = draw.number();
    return result;
}

void values_come_back(fuzz::Draw draw) {
    const TransactionResult result = draw_result(draw);
    if (const auto bytes = encode_result(result); bytes.ok()) {
        SALUS_ASSERT(decode_result(*bytes).value() == result);
    }
    const LogEntry entry{.id = draw.fixed<Digest>(),
                         .cose_hash = draw.fixed<Digest>(),
                         .height = BlockHeight{draw.number()},
                         .time = UnixMillis{static_cast<std::int64_t>(draw.number())},
                         .code = static_cast<std::uint32_t>(draw.number(4)),
                         .operations_root = draw.fixed<Digest>()};
    if (is_operation_code(entry.code) && entry.height.value > 0 && entry.time.value >= 0) {
        SALUS_ASSERT(std::get<LogEntry>(decode_log_line(encode_log_entry(entry)).value()) == entry);
    }
}

/// A follower refuses a block that does not fit, and stays where it was.
void follow(const Block& block) {
    Member member;
    member.signing_key.bytes.fill(1);
    if (const auto header = decode_header(block.header); header.ok()) {
        member.organisation = header->proposer;
    }
    BlockChecker checker("test", Digest{});
    const auto parts = checker.check(block, {member});
    SALUS_ASSERT(parts.ok() == checker.last().has_value());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const ByteView input(data, size);
    fuzz::check_codec(
        input, [](ByteView b) { return decode_block(b); }, fuzz::must_encode(encode_block));
    fuzz::check_codec(input, [](ByteView b) { return decode_header(b); }, encode_header);
    fuzz::check_codec(
        input, [](ByteView b) { return decode_result(b); }, fuzz::must_encode(encode_result));
    fuzz::check_codec(
        input, [](ByteView b) { return decode_log_line(b); },
        [](const LogLine& line) {
            const auto* entry = std::get_if<LogEntry>(&line);
            return entry != nullptr ? encode_log_entry(*entry)
                                    : encode_log_link(std::get<LogLink>(line).previous);
        });
    fuzz::check_codec(
        input, [](ByteView b) { return decode_genesis(b); }, fuzz::must_encode(encode_genesis));
    if (const auto block = decode_block(input); block.ok()) follow(*block);
    values_come_back(fuzz::Draw(input));
    return 0;
}
