#pragma once

#include "sentinel/bounded_map.hpp"
#include "sentinel/events.hpp"

#include <deque>
#include <set>

namespace salus::sentinel {

/// Thresholds of the first watch: plain counts that an officer can recite.
struct WatchLimits {
    std::int64_t window_ms = 10 * 60'000;
    std::size_t patients_in_window = 8;    ///< distinct patients that one person opens
    std::size_t refusals_in_window = 5;    ///< refused openings of one person
    std::size_t failures_of_name = 5;      ///< failed logins on one name
    std::size_t failures_of_network = 20;  ///< failed logins from one network

    // What the watch remembers; whatever is oldest goes when a bound is met.
    std::size_t actors_max = 10'000;         ///< people whose openings are counted
    std::size_t subjects_max = 10'000;       ///< names tried
    std::size_t networks_max = 10'000;       ///< networks they were tried from
    std::size_t times_max = 1'000;           ///< events of one of those
    std::size_t pairs_max = 200'000;         ///< (patient, user) with contexts
    std::size_t contexts_of_pair_max = 256;  ///< encounters, referrals, orders, care teams
};

/// Joins every opening to its reason and raises an alert for those without one, and for bursts.
///
/// A directive that names the person explains by itself; one that names an organisation or role
/// explains only together with an encounter, referral, order or care team. Threads: one at a time;
/// no clock, time comes with the events.
class Watch {
  public:
    explicit Watch(WatchLimits limits = {})
        : limits_(limits),
          contexts_(limits.pairs_max),
          recent_(limits.actors_max),
          by_subject_(limits.subjects_max),
          by_network_(limits.networks_max) {}

    void add_context(const Context& context);

    struct Seen {
        std::optional<Explanation> explanation;
        std::vector<Alert> alerts;  ///< ids are 0: the caller numbers and keeps them
    };
    Seen on_access(const AccessEvent& event);
    std::vector<Alert> on_login(const LoginEvent& event);

    /// The reason of an opening, without counting it. Pure.
    [[nodiscard]] std::optional<Explanation> explain(const AccessEvent& event) const;

  private:
    struct Recent {
        std::deque<std::pair<UnixMillis, AccountId>> opened;
        std::deque<UnixMillis> refused;
        UnixMillis last_burst;
    };
    [[nodiscard]] const Context* find_context(const AccessEvent& event) const;
    std::optional<Alert> count_opening(const AccessEvent& event);
    std::optional<Alert> count_refusal(const AccessEvent& event);
    /// Adds one failure; true when the threshold is reached now and was not reported within the
    /// window.
    bool count_failure(std::deque<UnixMillis>& failures, UnixMillis& reported, UnixMillis now,
                       std::size_t threshold);

    struct Failures {
        std::deque<UnixMillis> times;
        UnixMillis reported{};
    };
    WatchLimits limits_;
    BoundedMap<std::pair<AccountId, AccountId>, std::deque<Context>>
        contexts_;  ///< by (patient, user)
    BoundedMap<AccountId, Recent> recent_;
    BoundedMap<std::string, Failures> by_subject_;
    BoundedMap<std::string, Failures> by_network_;
};

}  // namespace salus::sentinel
