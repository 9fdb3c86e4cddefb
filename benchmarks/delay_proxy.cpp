#include "delay_proxy.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include "ledger_world.hpp"
#include <array>
#include <chrono>
#include <condition_variable>
#include <deque>
#include <vector>

namespace salus::bench {

namespace {

using Clock = std::chrono::steady_clock;

sockaddr_in loopback(std::uint16_t port) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    return address;
}

/// What is on its way, with the moment it arrives.
struct Line {
    struct Piece {
        Clock::time_point due;
        std::vector<char> bytes;
    };
    std::mutex mutex;
    std::condition_variable changed;
    std::deque<Piece> pieces;
    bool ended = false;
};

void deliver(Line& line, int to) {
    while (true) {
        Line::Piece piece;
        {
            std::unique_lock lock(line.mutex);
            line.changed.wait(lock, [&] { return line.ended || !line.pieces.empty(); });
            if (line.pieces.empty()) break;
            piece = std::move(line.pieces.front());
            line.pieces.pop_front();
        }
        std::this_thread::sleep_until(piece.due);
        std::size_t sent = 0;
        while (sent < piece.bytes.size()) {
            const ssize_t size =
                send(to, piece.bytes.data() + sent, piece.bytes.size() - sent, MSG_NOSIGNAL);
            if (size <= 0) break;
            sent += static_cast<std::size_t>(size);
        }
    }
    shutdown(to, SHUT_RDWR);
}

}  // namespace

DelayProxy::DelayProxy(std::uint16_t target_port, int delay_ms)
    : target_port_(target_port), delay_ms_(delay_ms) {
    listener_ = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address = loopback(0);
    socklen_t size = sizeof address;
    need(bind(listener_, reinterpret_cast<sockaddr*>(&address), size) == 0 &&
             listen(listener_, 8) == 0 &&
             getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &size) == 0,
         "a proxy cannot listen");
    port_ = ntohs(address.sin_port);
    acceptor_ = std::thread([this] { accept_loop(); });
}

DelayProxy::~DelayProxy() {
    {
        const std::lock_guard lock(mutex_);
        stopping_ = true;
        for (const int one : sockets_) shutdown(one, SHUT_RDWR);
    }
    shutdown(listener_, SHUT_RDWR);
    acceptor_.join();
    for (std::thread& one : carriers_) one.join();
    for (const int one : sockets_) close(one);
    close(listener_);
}

void DelayProxy::accept_loop() {
    while (true) {
        const int one = accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
        if (one < 0) return;
        const int other = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
        const sockaddr_in target = loopback(target_port_);
        const int on = 1;
        setsockopt(one, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
        setsockopt(other, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
        const std::lock_guard lock(mutex_);
        sockets_.push_back(one);
        sockets_.push_back(other);
        if (stopping_) return;
        if (connect(other, reinterpret_cast<const sockaddr*>(&target), sizeof target) != 0) {
            shutdown(one, SHUT_RDWR);
            continue;
        }
        carriers_.emplace_back([this, one, other] { carry(one, other); });
        carriers_.emplace_back([this, one, other] { carry(other, one); });
    }
}

void DelayProxy::carry(int from, int to) const {
    Line line;
    std::thread writer([&] { deliver(line, to); });
    std::array<char, 65'536> buffer;
    while (true) {
        const ssize_t size = recv(from, buffer.data(), buffer.size(), 0);
        const std::lock_guard lock(line.mutex);
        if (size <= 0) {
            line.ended = true;
        } else {
            line.pieces.push_back({Clock::now() + std::chrono::milliseconds(delay_ms_),
                                   {buffer.data(), buffer.data() + size}});
        }
        line.changed.notify_one();
        if (size <= 0) break;
    }
    writer.join();
}

}  // namespace salus::bench
