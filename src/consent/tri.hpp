#pragma once

#include <algorithm>
#include <cstdint>

/// Logic with a third value: what nobody said is unknown.
namespace salus::consent {

enum class Tri : std::uint8_t { no, unknown, yes };

inline Tri both(Tri a, Tri b) noexcept {
    return std::min(a, b);
}
inline Tri either(Tri a, Tri b) noexcept {
    return std::max(a, b);
}
inline Tri opposite(Tri a) noexcept {
    return a == Tri::unknown ? a : a == Tri::yes ? Tri::no : Tri::yes;
}
inline Tri tri(bool known) noexcept {
    return known ? Tri::yes : Tri::no;
}

}  // namespace salus::consent
