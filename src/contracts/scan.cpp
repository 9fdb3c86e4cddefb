#include "contracts/scan.hpp"

#include "contracts/limits.hpp"

#include <algorithm>

namespace salus::contracts {

void ScanEntries::add(ByteView key, ByteView value) {
    SALUS_ASSERT(key.size() <= key_bytes_max && value.size() <= value_bytes_max);
    const bool keep = packed_.size() + value.size() <= scan_value_bytes_kept;
    const std::size_t begin = packed_.size();
    packed_.push_back(static_cast<std::uint8_t>(key.size() >> 8U));
    packed_.push_back(static_cast<std::uint8_t>(key.size()));
    append(packed_, key);
    if (keep) {
        append(packed_, value);
    }
    items_.push_back({static_cast<std::uint32_t>(begin),
                      static_cast<std::uint32_t>(packed_.size() - begin),
                      static_cast<std::uint16_t>(key.size()), keep});
}

ScanEntries::Entry ScanEntries::operator[](std::size_t at) const noexcept {
    const Item& item = items_[at];
    const ByteView packed = ByteView(packed_).subspan(item.begin, item.size);
    return {packed.subspan(2, item.key_size), packed, item.has_value};
}

ByteView own_key(ByteView state_key) noexcept {
    const auto zero = std::find(state_key.begin(), state_key.end(), std::uint8_t{0});
    SALUS_ASSERT(zero != state_key.end());
    return state_key.subspan(static_cast<std::size_t>(zero - state_key.begin()) + 1);
}

}  // namespace salus::contracts
