#pragma once

#include "base/env.hpp"
#include "gateway/http_server.hpp"

#include <string>

namespace salus {

/// What `salusd --config FILE` reads: docs/operations.md. An unknown key is refused.
struct DaemonConfig {
    std::string data_dir;
    std::string organisation_name = "This hospital";
    std::string web_dir;
    bool demo = false;
    gateway::ServerOptions server;
};

/// Errors: not_found, malformed — names the key; denied — a default secret or an address without
/// TLS.
Result<DaemonConfig> read_config(Env& env, const std::string& path);

}  // namespace salus
