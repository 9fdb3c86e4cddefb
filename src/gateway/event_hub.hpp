#pragma once

#include "base/bytes.hpp"
#include "base/json.hpp"
#include "gateway/http.hpp"

#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <vector>

namespace salus::gateway {

/// Who hears what: blocks everybody, alerts officers, openings the patient they concern, asks both
/// sides. Threads: any.
class EventHub {
  public:
    static constexpr std::size_t listeners_max = 1'000;

    /// Who listens by a session; the stream ends with it.
    struct Who {
        AccountId account;
        bool officer = false;
        Digest session;              ///< hash of its token
        std::function<bool()> over;  ///< the session ran out
    };
    /// Errors: exhausted — listeners_max.
    Result<std::shared_ptr<EventStream>> subscribe(std::optional<Who> who = std::nullopt);
    /// A session was ended: its streams close at once.
    void end_session(const Digest& session);
    void block(const json::Value& data);
    void alert(const json::Value& data);
    void feed(const AccountId& patient, const json::Value& data);
    void ask(const AccountId& side, const json::Value& data);
    void close_all();

  private:
    struct Listener {
        std::shared_ptr<EventStream> events;  ///< shared with the connection that writes it
        std::optional<AccountId> account;
        bool officer = false;
        std::optional<Digest> session;
    };
    template <class Wants>
    void send(std::string_view event, const json::Value& data, const Wants& wants);
    std::mutex mutex_;
    std::vector<Listener> listeners_;
};

}  // namespace salus::gateway
