#include "gateway/state_views.hpp"

#include "ledger/checkpoint.hpp"
#include "ledger/state_tree.hpp"

#include <algorithm>
#include <thread>

namespace salus::gateway {

namespace {

/// Blocks go on while a view is taken: one that moved is taken anew.
constexpr int tries_max = 100;
constexpr auto pause = std::chrono::milliseconds(20);
/// Notes that a witness may still be thinking about. Anybody may ask for a note.
constexpr std::size_t kept_max = 16;

/// The signed text: what two notes with different signatures have in common.
std::string_view text_of(std::string_view note) {
    return note.substr(0, note.find("\n\n"));
}

}  // namespace

Result<SharedView> StateViews::look() const {
    auto view = std::make_shared<StateView>();
    view->note = SALUS_TRY(node_.cosignatures().newest());
    view->state = node_.replica().kv().snapshot();
    view->index = index_.snapshot();
    const Digest root = SALUS_TRY(ledger::parse_note(view->note)).checkpoint.state_root;
    if (SALUS_TRY(ledger::prove_state(*view->state, {})).root != root) view.reset();
    return SharedView(std::move(view));
}

Result<SharedView> StateViews::newest() const {
    for (int i = 0; i < tries_max; ++i) {
        SharedView view = SALUS_TRY(look());
        if (view) return view;
        std::this_thread::sleep_for(pause);
    }
    return Error{Errc::unavailable, "the state moved while it was being proven; try again"};
}

Result<SharedView> StateViews::accepted() const {
    SharedView view = SALUS_TRY(newest());
    if (node_.cosignatures().check_final(view->note).ok()) return view;
    const std::lock_guard lock(mutex_);
    if (accepted_) return accepted_;
    return Error{Errc::unavailable,
                 "this node's witnesses and fellow members have not signed a state that is kept "
                 "here yet; try again after their next visit"};
}

Result<std::string> StateViews::offer() {
    if (node_.cosignatures().witnesses().empty()) return node_.cosignatures().newest();
    SharedView view = SALUS_TRY(look());
    // Between two blocks for a moment: the note is right all the same, its state is not kept.
    if (!view) return node_.cosignatures().newest();
    std::string note = view->note;
    keep(std::move(view));
    return note;
}

void StateViews::keep(SharedView view) {
    const std::lock_guard lock(mutex_);
    if (!kept_.empty() && text_of(kept_.back()->note) == text_of(view->note)) return;
    kept_.push_back(std::move(view));
    if (kept_.size() > kept_max) kept_.pop_front();
}

void StateViews::cosigned() {
    const auto note = node_.cosignatures().cosigned();
    if (!note.ok() || !node_.cosignatures().check_final(*note).ok()) return;
    const std::lock_guard lock(mutex_);
    const auto found = std::find_if(kept_.begin(), kept_.end(), [&](const SharedView& view) {
        return text_of(view->note) == text_of(*note);
    });
    if (found == kept_.end()) return;
    // Nobody saw this one yet, but views are never changed: the note with its cosignatures makes a
    // new one.
    auto with_cosignatures = std::make_shared<StateView>();
    with_cosignatures->state = (*found)->state;
    with_cosignatures->index = (*found)->index;
    with_cosignatures->note = *note;
    accepted_ = std::move(with_cosignatures);
    kept_.erase(kept_.begin(), found + 1);
}

}  // namespace salus::gateway
