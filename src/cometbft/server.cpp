#include "cometbft/server.hpp"

#include "base/log.hpp"
#include "cometbft/limits.hpp"
#include "cometbft/socket.hpp"

#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>

namespace salus::cometbft {

Result<std::unique_ptr<AbciServer>> AbciServer::start(Application& application,
                                                      const std::string& directory) {
    std::unique_ptr<AbciServer> server(new AbciServer(application));
    server->listener_ = SALUS_TRY(listen_unix(directory, abci_socket_name));
    server->acceptor_ = std::thread([&self = *server] { self.accept_loop(); });
    return server;
}

AbciServer::~AbciServer() {
    stop();
}

void AbciServer::stop() {
    {
        const std::lock_guard lock(mutex_);
        stopping_ = true;
        for (Connection& connection : connections_) ::shutdown(connection.socket, SHUT_RDWR);
    }
    if (listener_ >= 0) ::shutdown(listener_, SHUT_RDWR);
    if (acceptor_.joinable()) acceptor_.join();
    for (Connection& connection : connections_) {
        if (connection.thread.joinable()) connection.thread.join();
        ::close(connection.socket);
    }
    connections_.clear();
    if (listener_ >= 0) ::close(listener_);
    listener_ = -1;
}

void AbciServer::accept_loop() {
    while (true) {
        const int socket = ::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
        const std::lock_guard lock(mutex_);
        if (socket < 0 && errno == EINTR && !stopping_) continue;
        if (socket < 0 || stopping_) {
            if (socket >= 0) ::close(socket);
            return;
        }
        reap();
        if (connections_.size() >= connections_max) {
            log::warn("abci-connection-refused", {{"open", std::uint64_t{connections_.size()}}});
            ::close(socket);
            continue;
        }
        Connection& connection = connections_.emplace_back();
        connection.socket = socket;
        connection.thread = std::thread([this, &connection] { serve(connection); });
    }
}

void AbciServer::reap() {
    for (auto one = connections_.begin(); one != connections_.end();) {
        if (!one->ended) {
            ++one;
            continue;
        }
        one->thread.join();
        ::close(one->socket);
        one = connections_.erase(one);
    }
}

void AbciServer::serve(Connection& connection) {
    MessageReader reader(connection.socket, message_bytes_max);
    Bytes request;
    Bytes answers;
    while (true) {
        const Result<bool> more = reader.next(request);
        if (!more.ok()) log::warn("abci-connection", {{"reason", more.error().detail}});
        if (!more.ok() || !*more) break;
        const Application::Answer answer = application_.answer(request);
        append_message(answers, answer.message);
        if (answer.flush || answers.size() >= answer_buffer_bytes) {
            if (!send_all(connection.socket, answers).ok()) break;
            answers.clear();
        }
        if (answer.fatal) break;
    }
    const std::lock_guard lock(mutex_);
    // Seen by the other side at once; closed by whoever joins the thread.
    ::shutdown(connection.socket, SHUT_RDWR);
    connection.ended = true;
}

}  // namespace salus::cometbft
