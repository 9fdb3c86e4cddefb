#pragma once

#include "base/bytes.hpp"
#include "base/strong.hpp"

#include <map>
#include <mutex>
#include <string>

namespace salus::identity {

/// "203.0.113.7" → "203.0.113.0/24"; IPv6 → its /48. Anything else → itself.
std::string network_prefix(std::string_view address);

/// Exponential delay per (account name, network): the fifth failure costs 1 s, each further one
/// doubles, up to 15 min. Somebody else's failures from another network never lock the owner out.
/// Threads: any.
class Throttle {
  public:
    static constexpr unsigned free_failures = 4;
    static constexpr std::int64_t delay_ms_max = 15 * 60'000;
    static constexpr std::int64_t forget_ms = 24LL * 60 * 60'000;  ///< after so long without one
    static constexpr std::size_t entries_max = 100'000;

    /// When the next try is allowed; now or earlier: at once.
    [[nodiscard]] UnixMillis allowed_at(std::string_view name, std::string_view network) const;
    void failed(std::string_view name, std::string_view network, UnixMillis now);
    void succeeded(std::string_view name, std::string_view network);

  private:
    struct Entry {
        unsigned failures = 0;
        UnixMillis last;
    };
    static UnixMillis end_of(const Entry& entry);
    mutable std::mutex mutex_;
    std::map<std::pair<std::string, std::string>, Entry, std::less<>> entries_;
};

}  // namespace salus::identity
