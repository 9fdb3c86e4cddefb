#include "history.hpp"

#include "ledger/limits.hpp"
#include "ledger/result_code.hpp"

namespace salus::sim {

namespace code = salus::ledger::code;

namespace {

std::string at_height(const chain::FinalizedBlock& block, std::size_t at) {
    return "decision " + std::to_string(at) +
           (block.has_block ? " (height " + std::to_string(block.header.height.value) + ")" : "");
}

/// The toy contract once more, with a map.
void apply_toy(const ledger::Operation& operation, std::map<Bytes, Bytes>& values) {
    if (operation.contract != "toy") return;
    if (operation.method == "set" || operation.method == "flood") {
        values[operation.args] = operation.args;
    } else if (operation.method == "erase") {
        values.erase(operation.args);
    }
}

}  // namespace

void History::decide(const Decided& block, const std::vector<const Sent*>& offered) {
    Height height;
    height.time = block.input.time;
    height.offered = offered;
    heights_.push_back(std::move(height));
}

void History::check_verdicts(const Height& height, const chain::FinalizedBlock& block) {
    // docs/formats/execution.md: form, then the window of validity, then the nonce.
    std::set<std::pair<AccountId, ledger::Nonce>> used = used_;
    for (std::size_t i = 0; i < height.offered.size(); ++i) {
        const Sent& sent = *height.offered[i];
        const ledger::TransactionBody& body = sent.transaction.body;
        const std::int64_t left_ms = body.valid_until.value - height.time.value;
        const std::uint32_t got = block.verdicts[i].code;
        std::uint32_t wanted = 0;
        if (sent.form_code != 0) {
            wanted = sent.form_code;
        } else if (left_ms <= 0 || left_ms > ledger::validity_window_ms) {
            wanted = code::expired;
        } else if (used.contains({body.account, body.nonce})) {
            wanted = code::replayed;
        }
        const bool open = wanted == 0 && (got == 0 || got == code::unknown_account || got >= 7);
        if (got != wanted && !open) {
            fail("a transaction got code " + std::to_string(got) + ", the rules say " +
                 std::to_string(wanted));
        }
        if (block.verdicts[i].index) used.insert({body.account, body.nonce});
    }
}

void History::apply(Height& height, const chain::FinalizedBlock& block) {
    for (std::size_t i = 0; i < height.offered.size(); ++i) {
        const chain::Verdict& verdict = block.verdicts[i];
        if (!verdict.index) continue;
        const ledger::Transaction& transaction = height.offered[i]->transaction;
        const LogPosition position{block.log_begin + 1 + *verdict.index};
        if (!positions_.emplace(transaction.id, position).second) {
            fail("a transaction is in the log twice");
        }
        if (!used_.insert({transaction.body.account, transaction.body.nonce}).second) {
            fail("a nonce was used twice");
        }
        for (std::size_t n = 0; n < verdict.codes.size(); ++n) {
            if (verdict.codes[n] == 0) apply_toy(transaction.body.operations[n], values_);
        }
    }
    if (!block.has_block) return;
    if (block.log_begin != log_size_ ||
        block.header.log_size != log_size_ + 1 + block.block.transactions.size()) {
        fail("the log does not grow by a block's link and transactions");
    }
    log_size_ = block.header.log_size;
}

void History::finalized(std::size_t member, std::size_t at, const chain::FinalizedBlock& block,
                        const Digest& before) {
    Height& height = heights_.at(at);
    if (block.verdicts.size() != height.offered.size()) {
        return fail("not one verdict for each transaction of " + at_height(block, at));
    }
    if (!block.has_block && block.app_hash != before) {
        fail("the app hash moved in " + at_height(block, at) + ", which has no block");
    }
    if (!height.first) {
        if (at != applied_) return fail("a member executed a height out of turn");
        check_verdicts(height, block);
        apply(height, block);
        ++applied_;
        height.first = block;
        return;
    }
    const chain::FinalizedBlock& first = *height.first;
    if (block.app_hash != first.app_hash || block.header_hash != first.header_hash ||
        block.has_block != first.has_block || !(block.block == first.block)) {
        // The app hash covers state and log; events and gas are in the header's result root.
        fail("member " + std::to_string(member) + " forks at " + at_height(block, at) +
             (block.app_hash == first.app_hash ? ": another result root" : ": another app hash"));
    }
}

void History::committed(std::size_t member, std::size_t at, const chain::ViewHead& head) {
    if (head.app_hash != heights_.at(at).first->app_hash) {
        fail("member " + std::to_string(member) + " committed another app hash than it computed");
    }
}

void History::acknowledged(const Digest& id) {
    acknowledged_.insert(id);
    if (!positions_.contains(id)) fail("a client was told of a transaction that is in no block");
}

void History::at_end(std::size_t member, const chain::ViewHead& head, const store::KvReader& kv) {
    const std::string who = "member " + std::to_string(member);
    for (const auto& [id, position] : positions_) {
        const auto place = chain::find_transaction(kv, id);
        if (!place.ok() || !*place || (*place)->position != position) {
            return fail(who + " cannot find a transaction where it lies in the log" +
                        (acknowledged_.contains(id) ? ", and its client was answered" : ""));
        }
    }
    if (head.transactions != positions_.size() || head.log_size != log_size_) {
        fail(who + " counts other transactions than there are");
    }
    const chain::KvState state(kv);
    const std::string prefix = "c/toy/";
    const auto stored = state.scan(as_bytes(prefix), {}, 100'000);
    if (!stored.ok() || stored->size() != values_.size()) {
        return fail(who + " has another number of values than the model");
    }
    auto wanted = values_.begin();
    for (const chain::KeyValue& entry : *stored) {
        if (entry.value != wanted->second) return fail(who + " has another value than the model");
        ++wanted;
    }
}

}  // namespace salus::sim
