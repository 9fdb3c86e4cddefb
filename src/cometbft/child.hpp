#pragma once

#include "base/env.hpp"

#include <condition_variable>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

namespace salus::cometbft {

/// A child process that is kept running: started again whatever it ended with, later each time it
/// ends at once. It gets SIGTERM when it should end, and when this process dies.
///
///     running ──ends──▶ waiting (100 ms, doubled to 5 s) ──▶ running
///
/// Threads: any.
class Child {
  public:
    struct Options {
        std::vector<std::string> command;  ///< program and arguments
        std::string directory;             ///< where it works
        /// Removed before each start: one that was killed leaves its socket, and the next would
        /// refuse to listen on it. Empty: none.
        std::string socket_file = {};
        std::string log_file;  ///< takes its output; begun anew at each start of ours
    };
    Child(Env& env, Options options);
    ~Child();  ///< stop()
    Child(const Child&) = delete;
    Child& operator=(const Child&) = delete;

    /// Ends it so that it is started again: it hangs.
    void restart();
    /// SIGTERM, after ten seconds SIGKILL; waits. Idempotent.
    void stop();
    [[nodiscard]] std::uint64_t starts() const;

  private:
    void loop();
    int launch() const;
    void wait_for_end(int process);
    void send(int signal) const;

    Env& env_;
    Options options_;
    mutable std::mutex mutex_;
    std::condition_variable wake_;
    int process_ = -1;
    std::uint64_t starts_ = 0;
    bool stopping_ = false;
    std::thread thread_;
};

/// Where the engine's program is: `configured` when not empty, else on PATH, else where the
/// project's script puts it. Errors: not_found — says how to get it.
Result<std::string> find_cometbft(const std::string& configured);

}  // namespace salus::cometbft
