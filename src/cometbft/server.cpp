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
        if (connection.reader.joinable()) connection.reader.join();
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
        connection.reader = std::thread([&connection] { read_all(connection); });
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
        one->reader.join();
        ::close(one->socket);
        one = connections_.erase(one);
    }
}

/// Until the other side ends, or nobody answers any more.
void AbciServer::read_all(Connection& connection) {
    MessageReader reader(connection.socket, message_bytes_max);
    Inbox& inbox = connection.inbox;
    while (true) {
        Bytes request;
        const Result<bool> more = reader.next(request);
        if (!more.ok()) log::warn("abci-connection", {{"reason", more.error().detail}});
        const bool end = !more.ok() || !*more;
        std::unique_lock lock(inbox.mutex);
        inbox.changed.wait(lock, [&] { return inbox.ended || inbox.bytes < inbox_bytes_max; });
        inbox.ended = inbox.ended || end;
        if (!end && !inbox.ended) {
            inbox.bytes += request.size();
            inbox.requests.push_back(std::move(request));
        }
        inbox.changed.notify_all();
        if (inbox.ended) return;
    }
}

/// All that is there; waits for one. False: there will be none.
bool AbciServer::take(Inbox& inbox, std::deque<Bytes>& requests) {
    std::unique_lock lock(inbox.mutex);
    inbox.changed.wait(lock, [&] { return inbox.ended || !inbox.requests.empty(); });
    requests.clear();
    std::swap(requests, inbox.requests);
    inbox.bytes = 0;
    inbox.changed.notify_all();
    return !requests.empty();
}

void AbciServer::serve(Connection& connection) {
    std::deque<Bytes> requests;
    Bytes answers;
    bool open = true;
    while (open && take(connection.inbox, requests)) {
        for (std::size_t i = 0; open && i < requests.size(); ++i) {
            const Application::Answer answer = application_.answer(requests[i]);
            append_message(answers, answer.message);
            if (answer.fatal || i + 1 == requests.size() || answers.size() >= answer_buffer_bytes) {
                open = send_all(connection.socket, answers).ok() && !answer.fatal;
                answers.clear();
            }
        }
    }
    // Seen by the other side at once; closed by whoever joins the threads.
    ::shutdown(connection.socket, SHUT_RDWR);
    {
        const std::lock_guard lock(connection.inbox.mutex);
        connection.inbox.ended = true;
        connection.inbox.changed.notify_all();
    }
    const std::lock_guard lock(mutex_);
    connection.ended = true;
}

}  // namespace salus::cometbft
