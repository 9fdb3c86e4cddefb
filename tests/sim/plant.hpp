#pragma once

#include <optional>
#include <string_view>

namespace salus::sim {

/// A bug that is planted on purpose, so that one sees whether the simulator would notice it.
enum class Plant {
    none,
    unordered,  ///< a contract's events come in an order that differs from member to member
    clock,      ///< a contract writes the member's own clock into state
    forgetful,  ///< the seen-set answers "not seen" for every fourth nonce
    eager,      ///< process_proposal writes into the view
    hasty,      ///< a client is answered before the block is committed
    stale,      ///< the proposer fills a block whose header lags its clock
};

inline std::optional<Plant> plant_named(std::string_view name) {
    if (name == "unordered") return Plant::unordered;
    if (name == "clock") return Plant::clock;
    if (name == "forgetful") return Plant::forgetful;
    if (name == "eager") return Plant::eager;
    if (name == "hasty") return Plant::hasty;
    if (name == "stale") return Plant::stale;
    return std::nullopt;
}

}  // namespace salus::sim
