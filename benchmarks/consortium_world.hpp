#pragma once

#include "chain/node.hpp"

#include "bench.hpp"
#include "delay_proxy.hpp"
#include "ledger_world.hpp"
#include <memory>
#include <string>
#include <vector>

namespace salus::bench {

/// Several members on this machine: their applications in this process, an engine process each.
class Consortium {
  public:
    /// `delay_ms`: what every byte between two members takes in one direction; 0: nothing between.
    explicit Consortium(std::size_t members, int delay_ms = 0);
    ~Consortium();
    Consortium(const Consortium&) = delete;
    Consortium& operator=(const Consortium&) = delete;

    /// Whether there is an engine to run; says on stderr how to get one.
    static bool possible();

    [[nodiscard]] std::size_t size() const noexcept { return nodes_.size(); }
    chain::Node& node(std::size_t i) { return *nodes_[i]; }
    /// Processor time so far of this process and its engines, µs.
    [[nodiscard]] double cpu_us() const;
    /// Waits until all stand at one height.
    void settle();

  private:
    void put_proxies_between(std::uint16_t port, int delay_ms);
    Directory directory_;
    std::vector<std::unique_ptr<DelayProxy>> proxies_;
    std::vector<std::unique_ptr<chain::Node>> nodes_;
};

/// Envelopes offered at a fixed rate whatever becomes of those before, members in turn.
struct OpenLoop {
    double seconds = 0;                      ///< from the first answer to the last
    double cpu = 0;                          ///< µs, all members
    std::vector<std::int64_t> latencies_ns;  ///< from when each was due
};
OpenLoop run_open_loop(Consortium& consortium, const std::vector<Bytes>& envelopes, double rate);

}  // namespace salus::bench
