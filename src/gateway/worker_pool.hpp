#pragma once

#include "base/result.hpp"

#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

namespace salus::gateway {

/// Threads for work that waits or stretches (Argon2id, many blobs), so that the threads of the
/// server never do. Bounded: beyond `queue_max` waiting jobs `run` refuses, which callers answer
/// with 429.
class WorkerPool {
  public:
    WorkerPool(unsigned threads, std::size_t queue_max);
    ~WorkerPool();  ///< finishes what is queued
    WorkerPool(const WorkerPool&) = delete;
    WorkerPool& operator=(const WorkerPool&) = delete;

    /// Errors: exhausted — too much is waiting; the job was not taken.
    Status run(std::function<void()> job);
    void stop();

  private:
    void loop();
    std::mutex mutex_;
    std::condition_variable wake_;
    std::deque<std::function<void()>> jobs_;
    std::size_t queue_max_;
    bool stopping_ = false;
    std::vector<std::thread> threads_;
};

}  // namespace salus::gateway
