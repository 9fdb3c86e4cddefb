#pragma once

#include <cstdint>
#include <list>
#include <mutex>
#include <thread>

namespace salus::bench {

/// A line between two peers on 127.0.0.1 on which every byte takes `delay_ms` in each direction.
class DelayProxy {
  public:
    /// Listens on a free port; what arrives is carried to `target_port`.
    DelayProxy(std::uint16_t target_port, int delay_ms);
    ~DelayProxy();
    DelayProxy(const DelayProxy&) = delete;
    DelayProxy& operator=(const DelayProxy&) = delete;
    [[nodiscard]] std::uint16_t port() const noexcept { return port_; }

  private:
    void accept_loop();
    void carry(int from, int to) const;

    std::uint16_t target_port_;
    int delay_ms_;
    int listener_ = -1;
    std::uint16_t port_ = 0;
    std::mutex mutex_;
    std::list<int> sockets_;
    std::list<std::thread> carriers_;
    bool stopping_ = false;
    std::thread acceptor_;
};

}  // namespace salus::bench
