#pragma once

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

/// The consent contract's own source, compiled for the machine at hand: an oracle for the module
/// that runs on chain, never a part of it.
namespace salus_oracle {

struct Outcome {
    std::uint32_t code = 0;
    std::vector<std::uint8_t> data;
};

/// Forgets all state.
void clear();
/// Calls a method for the one account there is, at block time 0.
Outcome call(std::string_view method, std::span<const std::uint8_t> args);

}  // namespace salus_oracle
