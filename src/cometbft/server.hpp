#pragma once

#include "cometbft/application.hpp"

#include <list>
#include <memory>
#include <mutex>
#include <string>
#include <thread>

namespace salus::cometbft {

/// The application's end of ABCI: a unix socket in a directory of its owner only. Messages are
/// length-prefixed protobuf (unsigned varint); answers go out in the order of the requests, and at
/// the latest with Flush. One thread for each connection.
class AbciServer {
  public:
    /// `directory`/abci.sock; a socket left there by another process is replaced.
    /// Errors: unavailable — it cannot be made.
    static Result<std::unique_ptr<AbciServer>> start(Application& application,
                                                     const std::string& directory);
    ~AbciServer();  ///< stop()
    AbciServer(const AbciServer&) = delete;
    AbciServer& operator=(const AbciServer&) = delete;
    /// Ends every connection and waits for their threads. Idempotent.
    void stop();

  private:
    struct Connection {
        int socket = -1;
        bool ended = false;
        std::thread thread;
    };
    explicit AbciServer(Application& application) : application_(application) {}
    void accept_loop();
    void serve(Connection& connection);
    void reap();

    Application& application_;
    int listener_ = -1;
    std::mutex mutex_;
    std::list<Connection> connections_;
    bool stopping_ = false;
    std::thread acceptor_;
};

inline constexpr const char* abci_socket_name = "abci.sock";

}  // namespace salus::cometbft
