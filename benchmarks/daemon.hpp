#pragma once

#include "client/home.hpp"
#include "client/http_client.hpp"

#include <sys/types.h>

#include "bench.hpp"
#include <memory>
#include <string>

namespace salus::bench {

/// A real salusd of its own, from the folder of this program, on a free port of 127.0.0.1.
class Daemon {
  public:
    /// `core`: pins every thread of it to one processor; −1: none.
    explicit Daemon(int core = -1);
    ~Daemon();  ///< SIGTERM, then waits
    Daemon(const Daemon&) = delete;
    Daemon& operator=(const Daemon&) = delete;

    [[nodiscard]] std::uint16_t port() const noexcept { return port_; }
    [[nodiscard]] std::string url() const { return "http://127.0.0.1:" + std::to_string(port_); }
    /// Resident memory now, MB, and processor time so far, µs: of the daemon, from /proc.
    [[nodiscard]] double resident_mb() const;
    [[nodiscard]] double cpu_us() const;

  private:
    Directory directory_;
    pid_t process_ = -1;
    std::uint16_t port_ = 0;
};

/// Pins the calling thread.
void pin_to(int core);
std::unique_ptr<client::Api> connect(const Daemon& daemon);
/// A patient without a second factor.
client::Home new_patient(client::Api& api, const std::string& name);

}  // namespace salus::bench
