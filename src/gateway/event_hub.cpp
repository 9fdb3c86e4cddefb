#include "gateway/event_hub.hpp"

namespace salus::gateway {

Result<std::shared_ptr<EventStream>> EventHub::subscribe(std::optional<Who> who) {
    const std::lock_guard lock(mutex_);
    std::erase_if(listeners_, [](const Listener& l) { return l.events->closed(); });
    if (listeners_.size() >= listeners_max) {
        return Error{Errc::exhausted, "too many pages listen for events here"};
    }
    Listener listener{std::make_shared<EventStream>(), std::nullopt, false, std::nullopt};
    if (who) {
        listener.account = who->account;
        listener.officer = who->officer;
        listener.session = who->session;
        listener.events->ends_when(std::move(who->over));
    }
    listeners_.push_back(listener);
    return listener.events;
}

void EventHub::end_session(const Digest& session) {
    const std::lock_guard lock(mutex_);
    std::erase_if(listeners_, [&](const Listener& listener) {
        if (listener.session != session) return false;
        listener.events->close();
        return true;
    });
}

template <class Wants>
void EventHub::send(std::string_view event, const json::Value& data, const Wants& wants) {
    const std::string text = json::write(data);
    const std::lock_guard lock(mutex_);
    for (const Listener& listener : listeners_) {
        if (wants(listener)) listener.events->push(event, text);
    }
}

void EventHub::block(const json::Value& data) {
    send("block", data, [](const Listener&) { return true; });
}
void EventHub::alert(const json::Value& data) {
    send("alert", data, [](const Listener& l) { return l.officer; });
}
void EventHub::feed(const AccountId& patient, const json::Value& data) {
    send("feed", data, [&](const Listener& l) { return l.account == patient; });
}

void EventHub::ask(const AccountId& side, const json::Value& data) {
    send("ask", data, [&](const Listener& l) { return l.account == side; });
}

void EventHub::close_all() {
    const std::lock_guard lock(mutex_);
    for (const Listener& listener : listeners_) listener.events->close();
    listeners_.clear();
}

}  // namespace salus::gateway
