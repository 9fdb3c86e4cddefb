#pragma once

#include "ledger/block.hpp"
#include "ledger/checkpoint.hpp"
#include "ledger/genesis.hpp"

#include <optional>
#include <string>
#include <vector>

namespace salus::ledger {

/// A block whose bytes, links and roots fit; true when `checks` hold.
struct BlockParts {
    BlockHeader header;
    Digest header_hash;
    std::vector<Transaction> transactions;
    std::vector<TransactionResult> results;
    Note note;                           ///< the sealing member's checkpoint
    std::vector<SignatureCheck> checks;  ///< one for each transaction, then the checkpoint's
};

/// Follows a chain block by block without executing it: links, transaction, result and log roots,
/// log size, and that the checkpoint is the header's own. State and config roots are the chain
/// module's to check. Pure; also for wasm32.
///
///     BlockChecker(genesis) ──check──▶ block 1 ──check──▶ block 2 …      an error leaves it where
///     it was
class BlockChecker {
  public:
    BlockChecker(std::string chain_id, const Digest& genesis_hash)
        : chain_id_(std::move(chain_id)), genesis_hash_(genesis_hash) {}

    /// Goes on behind a block that is known otherwise: where a snapshot stands.
    void begin_at(const BlockHeader& header, Frontier log) {
        last_ = header;
        log_ = std::move(log);
    }

    /// `members`: who may seal this height. Errors: malformed, out_of_range — as the decoders;
    /// integrity — a hash, link, root, chain id or checkpoint does not fit; authentication — the
    /// proposer is no member.
    Result<BlockParts> check(const Block& block, const std::vector<Member>& members);

    [[nodiscard]] const Frontier& log() const noexcept { return log_; }
    [[nodiscard]] const std::optional<BlockHeader>& last() const noexcept { return last_; }

  private:
    Status check_place(const BlockParts& parts) const;
    Status read_transactions(const Block& block, BlockParts& parts) const;
    Status check_roots(const Block& block, const BlockParts& parts) const;
    Result<Frontier> extend_log(const BlockParts& parts) const;
    Status check_note(const Block& block, const std::vector<Member>& members,
                      BlockParts& parts) const;

    std::string chain_id_;
    Digest genesis_hash_;
    Frontier log_;
    std::optional<BlockHeader> last_;
};

}  // namespace salus::ledger
