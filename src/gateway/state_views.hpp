#pragma once

#include "chain/node.hpp"
#include "store/kv.hpp"

#include <deque>
#include <memory>
#include <mutex>
#include <string>

namespace salus::gateway {

/// Committed state, the signed note that speaks of exactly it, and this node's own tables of about
/// the same moment.
struct StateView {
    std::shared_ptr<const store::KvReader> state;  ///< shared by views of one block
    std::shared_ptr<const store::KvReader> index;
    std::string note;
};
/// Shared by the doors that prove from it, on any thread, and the list of those kept.
using SharedView = std::shared_ptr<const StateView>;

/// Views of state from which something is proven. The state of an older block is gone as soon as
/// the next one is committed, and a witness cosigns a moment later: so what was offered to a
/// witness is kept until the cosignatures come back.
///
///     offer ──▶ [kept, the newest 16] ──▶ cosigned ──▶ [accepted] ──▶ until the next cosigned one
///
/// Without witnesses nothing is kept: the newest note is as good as it will ever be. Threads: any.
class StateViews {
  public:
    /// Both must outlive it.
    StateViews(const chain::Node& node, const store::Kv& index) : node_(node), index_(index) {}

    /// The newest block's. Errors: unavailable — the state moved at every try.
    Result<SharedView> newest() const;
    /// The newest whose note more than 2/3 of this node and its witnesses signed, as a stranger
    /// wants it. Errors: unavailable — none does yet.
    Result<SharedView> accepted() const;

    /// The newest note, for whoever may cosign it.
    Result<std::string> offer();
    /// A cosignature came.
    void cosigned();

  private:
    /// Nothing when the state is not, or no longer, that of the newest note.
    Result<SharedView> look() const;
    void keep(SharedView view);

    const chain::Node& node_;
    const store::Kv& index_;
    mutable std::mutex mutex_;
    std::deque<SharedView> kept_;  ///< ascending by block
    SharedView accepted_;
};

}  // namespace salus::gateway
