#include "gateway/event_hub.hpp"

namespace salus::gateway {

Result<std::shared_ptr<EventStream>> EventHub::subscribe(std::optional<AccountId> account,
                                                         bool officer) {
    const std::lock_guard lock(mutex_);
    std::erase_if(listeners_, [](const Listener& l) { return l.events->closed(); });
    if (listeners_.size() >= listeners_max) {
        return Error{Errc::exhausted, "too many pages listen for events here"};
    }
    listeners_.push_back({std::make_shared<EventStream>(), account, officer});
    return listeners_.back().events;
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

void EventHub::close_all() {
    const std::lock_guard lock(mutex_);
    for (const Listener& listener : listeners_) listener.events->close();
    listeners_.clear();
}

}  // namespace salus::gateway
