#pragma once

#include "ledger/relation.hpp"
#include "ledger/state_tree.hpp"
#include "store/kv.hpp"

#include <span>
#include <vector>

namespace salus::vault {

/// One permitted access receipt, and the labels under which it counts.
struct LabelledOpening {
    std::uint64_t sequence = 0;
    UnixMillis time;
    std::vector<ledger::Label> labels;
};

/// This node's relation tree: docs/formats/relation-tree.md. It stands at the newest anchor, and is
/// rebuilt from the access receipts when the index was lost.
///
///     receipts ──▶ root_after (what an anchor will say) ──▶ anchored ──▶ advance
///
/// Threads: one at a time, but `show`, which any thread may call.
class Relations {
  public:
    /// In Column::tree and Column::access of the index, which must outlive it.
    /// Errors: integrity, unavailable.
    static Result<Relations> open(store::Kv& index);

    /// Every receipt up to this one is in.
    [[nodiscard]] std::uint64_t applied() const noexcept { return applied_; }
    [[nodiscard]] Digest root() const { return tree_.root(); }

    /// The root when these, all after `applied`, are in. Changes nothing.
    Result<Digest> root_after(std::span<const LabelledOpening> openings) const;
    /// Puts them in; receipts up to `to` are then applied, also when none of them counts.
    Status advance(std::span<const LabelledOpening> openings, std::uint64_t to);

    /// What shows whether these labels opened something in [from, until), under one root.
    struct Shown {
        Digest root;
        std::vector<ledger::RelationClaim> claims;  ///< in the order of the labels
    };
    /// `index`: one view of it, which does not move meanwhile.
    static Result<Shown> show(const store::KvReader& index, std::span<const ledger::Label> labels,
                              UnixMillis from, UnixMillis until);

  private:
    struct Change {
        ledger::StateTreeUpdate update;
        store::WriteBatch batch;
    };
    Relations(store::Kv& index, ledger::StateTree tree) : index_(&index), tree_(std::move(tree)) {}
    Result<Change> prepare(std::span<const LabelledOpening> openings) const;

    store::Kv* index_;
    ledger::StateTree tree_;
    std::uint64_t applied_ = 0;
};

}  // namespace salus::vault
