#pragma once

#include "bench.hpp"
#include <memory>
#include <string>

/// PostgreSQL doing the ledger's work without signatures: each insert is a durable transaction, and
/// a trigger chains it to the row before by SHA-256.
namespace salus::bench {

class Postgres {
  public:
    /// A cluster of its own in a temporary folder, on a unix socket, with Debian's settings (fsync
    /// on). Nothing when PostgreSQL 15 is not installed or does not start: says so on stderr.
    static std::unique_ptr<Postgres> start();
    ~Postgres();  ///< stops the server, as the end of the process does
    Postgres(const Postgres&) = delete;
    Postgres& operator=(const Postgres&) = delete;

    /// `clients` connections of pgbench insert `count` rows in all. CPU is the server's.
    Row chain(std::size_t clients, std::size_t count) const;

  private:
    explicit Postgres(std::string user) : user_(std::move(user)) {}
    bool make_cluster();
    void stop();
    /// Runs a shell command as the cluster's owner; its standard output, or nothing on failure.
    std::optional<std::string> run(const std::string& command) const;
    [[nodiscard]] double server_cpu_us() const;

    Directory directory_;
    std::string user_;  ///< who owns the cluster when we are root, which PostgreSQL refuses to be
    bool running_ = false;
};

}  // namespace salus::bench
