#include "chain/prepared.hpp"

#include "ledger/result_code.hpp"
#include "ledger/transaction_sign.hpp"

#include <utility>

namespace salus::chain {

bool SignatureCache::knows(const Digest& cose_hash) {
    const std::lock_guard lock(mutex_);
    return young_.contains(cose_hash) || old_.contains(cose_hash);
}

void SignatureCache::add(const Digest& cose_hash) {
    const std::lock_guard lock(mutex_);
    if (young_.size() >= verified_signatures_max / 2) {
        old_ = std::exchange(young_, {});
    }
    young_.insert(cose_hash);
}

PreparedTransaction prepare_transaction(Bytes envelope, std::string_view chain_id,
                                        SignatureCache* cache, bool signature_checked) {
    PreparedTransaction prepared;
    auto decoded = ledger::decode_transaction(envelope);
    prepared.envelope = std::move(envelope);
    if (!decoded) {
        prepared.code = ledger::code::malformed;
        return prepared;
    }
    prepared.transaction = std::move(*decoded);
    const ledger::Transaction& transaction = prepared.transaction;
    if (transaction.body.chain_id != chain_id) {
        prepared.code = ledger::code::wrong_chain;
        return prepared;
    }
    if (signature_checked || (cache != nullptr && cache->knows(transaction.cose_hash))) {
        return prepared;
    }
    if (!ledger::check_signature(transaction).ok()) {
        prepared.code = ledger::code::bad_signature;
        return prepared;
    }
    if (cache != nullptr) {
        cache->add(transaction.cose_hash);
    }
    return prepared;
}

}  // namespace salus::chain
