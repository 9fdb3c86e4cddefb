#pragma once

#include "chain/state_machine.hpp"

#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace salus::sim {

/// A transaction as its client made it: what may become of it is known beforehand.
struct Sent {
    Bytes envelope;
    ledger::Transaction transaction;
    std::uint32_t form_code = 0;  ///< 1 to 3 when it was damaged on purpose
};

/// What the ordering service decided.
struct Decided {
    chain::BlockInput input;
    std::vector<Bytes> offered;
};

/// The judge: sees every decision and everything each member makes of it, and keeps a model of its
/// own with nothing but maps. The first contradiction is kept as a sentence.
class History {
  public:
    /// A height before anybody executes it: the model executes it first.
    void decide(const Decided& block, const std::vector<const Sent*>& offered);
    /// A member finalized height number `at` (index among the decided).
    void finalized(std::size_t member, std::size_t at, const chain::FinalizedBlock& block,
                   const Digest& before);
    void committed(std::size_t member, std::size_t at, const chain::ViewHead& head);
    void acknowledged(const Digest& id);
    /// At the end, of every member: acknowledged transactions are there, and the values of the toy
    /// contract are those of the model.
    void at_end(std::size_t member, const chain::ViewHead& head, const store::KvReader& kv);

    void fail(std::string what) {
        if (!failure_) failure_ = std::move(what);
    }
    [[nodiscard]] const std::optional<std::string>& failure() const { return failure_; }
    [[nodiscard]] std::uint64_t transactions() const { return positions_.size(); }
    [[nodiscard]] bool is_acknowledged(const Digest& id) const {
        return acknowledged_.contains(id);
    }

  private:
    struct Height {
        UnixMillis time;
        std::vector<const Sent*> offered;
        std::vector<std::uint32_t> refusals;  ///< 1 to 3, 5, 6, or 0 where the model leaves it open
        std::optional<chain::FinalizedBlock> first;  ///< what the first member made of it
        std::optional<Digest> app_hash;
    };
    void check_verdicts(const Height& height, const chain::FinalizedBlock& block);
    void apply(Height& height, const chain::FinalizedBlock& block);

    std::vector<Height> heights_;
    std::set<std::pair<AccountId, ledger::Nonce>> used_;
    std::size_t applied_ = 0;
    std::map<Digest, LogPosition> positions_;
    std::map<Bytes, Bytes> values_;
    std::uint64_t log_size_ = 0;
    std::set<Digest> acknowledged_;
    std::optional<std::string> failure_;
};

}  // namespace salus::sim
