#pragma once

#include "cometbft/application.hpp"

#include <condition_variable>
#include <deque>
#include <list>
#include <memory>
#include <mutex>
#include <string>
#include <thread>

namespace salus::cometbft {

/// The application's end of ABCI: a unix socket in a directory of its owner only. Messages are
/// length-prefixed protobuf (unsigned varint); answers go out in the order of the requests, at the
/// latest with Flush, and never wait for more requests to come.
///
/// Two threads for each connection: one takes what arrives off the socket at once, one answers. A
/// socket that is full makes the engine spin: its timer of 20 ns fires anew for as long as a write
/// waits (CometBFT v0.38.25, abci/client/socket_client.go, flushThrottleMS).
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
    /// Requests that were read and not answered.
    struct Inbox {
        std::mutex mutex;
        std::condition_variable changed;
        std::deque<Bytes> requests;
        std::size_t bytes = 0;
        bool ended = false;  ///< no more will come, or nobody answers any more
    };
    struct Connection {
        int socket = -1;
        bool ended = false;
        Inbox inbox;
        std::thread reader;
        std::thread thread;
    };
    static void read_all(Connection& connection);
    static bool take(Inbox& inbox, std::deque<Bytes>& requests);
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
