#pragma once

#include "base/bytes.hpp"

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

namespace salus::cometbft {

/// What the engine's mempool said of one transaction.
struct BroadcastAnswer {
    enum class Kind : std::uint8_t {
        taken,    ///< it lies in the mempool; no promise that a block brings it
        there,    ///< it lay there already, or did lately
        refused,  ///< check_tx said `code`
        full,     ///< the mempool has no room: offer it again later
    };
    Kind kind = Kind::taken;
    std::uint32_t code = 0;
};

/// The engine's JSON-RPC over its unix socket. Threads: one at a time.
class Rpc {
  public:
    /// `directory` holds the engine's `rpc.sock`. Nothing is connected before the first call.
    explicit Rpc(std::string directory);
    ~Rpc();

    /// Offers up to broadcast_batch_max transactions in one request; one answer for each.
    /// Errors: unavailable — the engine does not answer, or not in its form.
    Result<std::vector<BroadcastAnswer>> broadcast(std::span<const Bytes> transactions);

  private:
    Result<std::string> post(const std::string& body);
    struct Connection;
    std::string directory_;
    std::unique_ptr<Connection> connection_;
};

inline constexpr const char* rpc_socket_name = "rpc.sock";

}  // namespace salus::cometbft
