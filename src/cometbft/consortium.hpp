#pragma once

#include "base/env.hpp"
#include "chain/node.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace salus::cometbft {

inline constexpr std::size_t local_members_max = 16;

/// A consortium of several members on one machine, for trying it out and for tests.
struct LocalConsortium {
    std::string directory;  ///< absolute; gets nodeI/salusd.json and nodeI/data
    std::size_t members = 4;
    std::uint16_t port = 8080;  ///< member I serves on port + 10 I, and meets peers one above
    std::vector<chain::GenesisContract> contracts;
    std::string web_dir;  ///< of the portal; empty: none
    bool demo = false;
};

/// Draws every member's keys, one genesis for all, and each member's configuration.
/// Errors: out_of_range — 1 to local_members_max members, ports up to 65535; already_exists — the
/// directory holds a member already; unavailable.
Status write_local_consortium(Env& env, const LocalConsortium& options);

}  // namespace salus::cometbft
