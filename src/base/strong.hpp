#pragma once

#include <compare>
#include <cstdint>

namespace salus {

/// A number that cannot be swapped for another:
/// `using BlockHeight = Strong<struct BlockHeightTag, std::uint64_t>;`
template <class Tag, class T>
struct Strong {
    T value{};
    auto operator<=>(const Strong&) const = default;
};

using BlockHeight = Strong<struct BlockHeightTag, std::uint64_t>;
/// Position in the transaction log, counted from 0; block links are counted too.
using LogPosition = Strong<struct LogPositionTag, std::uint64_t>;
using UnixMillis = Strong<struct UnixMillisTag, std::int64_t>;

}  // namespace salus
