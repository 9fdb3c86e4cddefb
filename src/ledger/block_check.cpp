#include "ledger/block_check.hpp"

#include <algorithm>

namespace salus::ledger {
namespace {

Error broken(const std::string& what) {
    return Error{Errc::integrity, "block: " + what};
}

}  // namespace

Status BlockChecker::check_place(const BlockParts& parts) const {
    if (last_) return check_link(*last_, parts.header);
    if (parts.header.previous != genesis_hash_) {
        return broken("the first block does not name the genesis");
    }
    return done;
}

Status BlockChecker::read_transactions(const Block& block, BlockParts& parts) const {
    for (std::size_t i = 0; i < block.transactions.size(); ++i) {
        Transaction transaction = SALUS_TRY(decode_transaction(block.transactions[i]));
        TransactionResult result = SALUS_TRY(decode_result(block.results[i]));
        if (transaction.body.chain_id != chain_id_) {
            return broken("a transaction of another chain");
        }
        if (result.operations.size() != transaction.body.operations.size()) {
            return broken("a result with another number of operations");
        }
        parts.checks.push_back(transaction_signature(transaction));
        parts.transactions.push_back(std::move(transaction));
        parts.results.push_back(std::move(result));
    }
    return done;
}

Status BlockChecker::check_roots(const Block& block, const BlockParts& parts) const {
    std::vector<Digest> cose_hashes;
    cose_hashes.reserve(parts.transactions.size());
    for (const Transaction& transaction : parts.transactions) {
        cose_hashes.push_back(transaction.cose_hash);
    }
    if (transaction_root(cose_hashes) != parts.header.transaction_root) {
        return broken("the transactions are not those of the header");
    }
    if (result_root(block.results) != parts.header.result_root) {
        return broken("the results are not those of the header");
    }
    return done;
}

Result<Frontier> BlockChecker::extend_log(const BlockParts& parts) const {
    Frontier log = log_;
    log.append(merkle_leaf(encode_log_link(parts.header.previous)));
    for (std::size_t i = 0; i < parts.transactions.size(); ++i) {
        const LogEntry entry = log_entry_of(parts.transactions[i], parts.results[i],
                                            parts.header.height, parts.header.time);
        log.append(merkle_leaf(encode_log_entry(entry)));
    }
    if (log.size() != parts.header.log_size) return broken("the log has another size");
    if (log.root() != parts.header.log_root) return broken("the log has another root");
    return log;
}

Status BlockChecker::check_note(const Block& block, const std::vector<Member>& members,
                                BlockParts& parts) const {
    parts.note = SALUS_TRY(parse_note(as_text(block.checkpoint)));
    Checkpoint expected = checkpoint_of(chain_id_, parts.header, parts.header_hash);
    expected.extensions = parts.note.checkpoint.extensions;
    if (parts.note.checkpoint != expected) return broken("the checkpoint is not the header's");
    const bool proposed_by_member = std::any_of(
        members.begin(), members.end(),
        [&](const Member& member) { return member.organisation == parts.header.proposer; });
    if (!proposed_by_member) {
        return Error{Errc::authentication, "block: the proposer is no member"};
    }
    // Each member seals its own copy, whoever proposed the block.
    std::vector<VerifierKey> keys;
    for (const Member& member : members) {
        keys.push_back(member_key(chain_id_, member.organisation, member.signing_key));
    }
    const std::vector<Vote> votes = SALUS_TRY(note_votes(parts.note, keys));
    if (votes.empty()) return broken("the checkpoint is signed by no member");
    for (const Vote& vote : votes) parts.checks.push_back(vote.check);
    return done;
}

Result<BlockParts> BlockChecker::check(const Block& block, const std::vector<Member>& members) {
    BlockParts parts;
    parts.header = SALUS_TRY(decode_header(block.header));
    parts.header_hash = header_hash(block.header);
    SALUS_TRY(check_place(parts));
    SALUS_TRY(read_transactions(block, parts));
    SALUS_TRY(check_roots(block, parts));
    Frontier log = SALUS_TRY(extend_log(parts));
    SALUS_TRY(check_note(block, members, parts));
    log_ = std::move(log);
    last_ = parts.header;
    return parts;
}

}  // namespace salus::ledger
