#include "chain/replica.hpp"
#include "ledger/consistency_sign.hpp"
#include "ledger/tiles.hpp"

#include <algorithm>

/// The log as an outsider mirrors and compares it: lines, tiles, proofs of consistency.
namespace salus::chain {

namespace {

/// The line at `offset` of a block's range: its link, or what stands for a transaction.
Result<Bytes> line_of(const ledger::Block& block, const ledger::BlockHeader& header,
                      std::uint64_t offset) {
    if (offset == 0) return ledger::encode_log_link(header.previous);
    const std::size_t at = offset - 1;
    if (at >= block.transactions.size()) {
        return Error{Errc::integrity, "the block holds fewer lines than its place says"};
    }
    const auto transaction = SALUS_TRY(ledger::decode_transaction(block.transactions[at]));
    const auto result = SALUS_TRY(ledger::decode_result(block.results[at]));
    return ledger::encode_log_entry(
        ledger::log_entry_of(transaction, result, header.height, header.time));
}

}  // namespace

Result<std::vector<Bytes>> Replica::log_lines(LogPosition from, std::size_t count) const {
    std::vector<Bytes> lines;
    std::uint64_t at = from.value;
    while (lines.size() < count) {
        const ledger::BlockPlace place = SALUS_TRY(block_of(LogPosition{at}));
        const ledger::Block stored = SALUS_TRY(block(place.height));
        const auto header = SALUS_TRY(ledger::decode_header(stored.header));
        for (; at < place.log_end && lines.size() < count; ++at) {
            lines.push_back(SALUS_TRY(line_of(stored, header, at - place.log_begin)));
        }
    }
    return lines;
}

Result<Bytes> Replica::tile(const ledger::TileId& tile) const {
    if (!tile.entries) {
        const std::lock_guard lock(view_mutex_);
        return ledger::tile_hashes(*log_tree_, tile);
    }
    const std::uint64_t from = SALUS_TRY(ledger::first_entry(tile, head().log_size));
    return ledger::entry_bundle(SALUS_TRY(log_lines(LogPosition{from}, tile.width)));
}

Result<Bytes> Replica::consistency_receipt(std::uint64_t old_size, std::uint64_t new_size) const {
    const std::lock_guard lock(view_mutex_);
    return ledger::sign_consistency(*log_tree_, old_size, new_size, sealer_.key);
}

}  // namespace salus::chain
