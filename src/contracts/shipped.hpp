#pragma once

#include "base/bytes.hpp"
#include "contracts/w2c/compiled.h"

#include <algorithm>
#include <span>
#include <string_view>

/// Contracts that come with a release: their modules for the genesis, and compiled forms for speed.
namespace salus::contracts {

struct ShippedContract {
    std::string_view name;
    Digest hash;      ///< SHA-256 of `module`
    ByteView module;  ///< as it goes on chain
    const salus_compiled* compiled;
};

inline ShippedContract shipped(const salus_compiled& compiled) {
    ShippedContract out{compiled.name, {}, {compiled.original, compiled.original_size}, &compiled};
    std::copy_n(compiled.original_hash, out.hash.bytes.size(), out.hash.bytes.begin());
    return out;
}

/// Every contracts/<name>/<name>.cpp, by name. Defined in the library salus_shipped_contracts,
/// which programs link beside salus_contracts.
std::span<const ShippedContract> shipped_contracts();

}  // namespace salus::contracts
