#include "identity/throttle.hpp"

#include <algorithm>

namespace salus::identity {

std::string network_prefix(std::string_view address) {
    // An IPv4 peer of a socket that serves both: its own network, not one for the whole world.
    constexpr std::string_view mapped = "::ffff:";
    if (address.starts_with(mapped) && address.find('.') != std::string_view::npos)
        address.remove_prefix(mapped.size());
    if (const std::size_t last = address.rfind('.');
        last != std::string_view::npos && address.find(':') == std::string_view::npos) {
        return std::string(address.substr(0, last)) + ".0/24";
    }
    std::size_t groups = 0;
    for (std::size_t i = 0; i < address.size(); ++i) {
        if (address[i] == ':' && ++groups == 3) return std::string(address.substr(0, i)) + "::/48";
    }
    return std::string(address);
}

UnixMillis Throttle::end_of(const Entry& entry) {
    if (entry.failures <= free_failures) return UnixMillis{0};
    const unsigned doublings = std::min(entry.failures - free_failures - 1, 20U);
    const std::int64_t delay = std::min(std::int64_t{1'000} << doublings, delay_ms_max);
    return {entry.last.value + delay};
}

UnixMillis Throttle::allowed_at(std::string_view name, std::string_view network) const {
    const std::lock_guard lock(mutex_);
    const auto found = entries_.find(std::pair(std::string(name), std::string(network)));
    return found == entries_.end() ? UnixMillis{0} : end_of(found->second);
}

void Throttle::failed(std::string_view name, std::string_view network, UnixMillis now) {
    const std::lock_guard lock(mutex_);
    if (entries_.size() >= entries_max) {
        // An attacker who fills the table forgets the entries whose delay is over, never the live
        // ones first.
        std::erase_if(entries_, [now](const auto& e) { return end_of(e.second) <= now; });
        if (entries_.size() >= entries_max) entries_.erase(entries_.begin());
    }
    Entry& entry = entries_[{std::string(name), std::string(network)}];
    if (now.value - entry.last.value >= forget_ms) entry.failures = 0;
    ++entry.failures;
    entry.last = now;
}

void Throttle::succeeded(std::string_view name, std::string_view network) {
    const std::lock_guard lock(mutex_);
    entries_.erase({std::string(name), std::string(network)});
}

}  // namespace salus::identity
