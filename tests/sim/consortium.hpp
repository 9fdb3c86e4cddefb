#pragma once

#include "plant.hpp"
#include <cstdint>
#include <optional>
#include <string>

namespace salus::sim {

struct RunReport {
    std::optional<std::string> failure;
    std::uint64_t heights = 0;
    std::uint64_t transactions = 0;  ///< in the log
    std::uint64_t acknowledged = 0;
    std::uint64_t crashes = 0;
};

/// One life of a consortium, all of it from the seed. ~50 ms.
RunReport run_consortium(std::uint64_t seed, Plant plant = Plant::none);

}  // namespace salus::sim
