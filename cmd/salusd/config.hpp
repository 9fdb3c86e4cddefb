#pragma once

#include "base/env.hpp"
#include "gateway/http_server.hpp"
#include "ledger/checkpoint.hpp"

#include <string>
#include <vector>

namespace salus {

/// What `salusd --config FILE` reads: docs/operations.md. An unknown key is refused.
struct DaemonConfig {
    std::string data_dir;
    std::string organisation_name = "This hospital";
    std::string web_dir;
    std::string cometbft;  ///< the program of a consortium's engine; empty: found on PATH
    bool demo = false;
    std::vector<ledger::VerifierKey> witnesses;  ///< whose cosignatures are taken
    std::vector<std::string> witness_urls;       ///< asked at start what they saw last
    std::vector<std::string> member_urls;        ///< where the other members serve
    std::string witnessed_checkpoint;            ///< a file to compare with at start; empty: none
    gateway::ServerOptions server;
    std::uint32_t insecure_for_tests_segment_bytes = 0;  ///< not from the file; 0: the default
};

/// Errors: not_found, malformed — names the key; denied — a default secret or an address without
/// TLS.
Result<DaemonConfig> read_config(Env& env, const std::string& path);

}  // namespace salus
