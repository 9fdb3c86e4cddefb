#include "gateway/worker_pool.hpp"

namespace salus::gateway {

WorkerPool::WorkerPool(unsigned threads, std::size_t queue_max) : queue_max_(queue_max) {
    for (unsigned i = 0; i < threads; ++i) threads_.emplace_back([this] { loop(); });
}

WorkerPool::~WorkerPool() {
    stop();
}

void WorkerPool::stop() {
    {
        const std::lock_guard lock(mutex_);
        stopping_ = true;
    }
    wake_.notify_all();
    for (std::thread& thread : threads_) {
        if (thread.joinable()) thread.join();
    }
}

Status WorkerPool::run(std::function<void()> job) {
    {
        const std::lock_guard lock(mutex_);
        if (stopping_ || jobs_.size() >= queue_max_) {
            return Error{Errc::exhausted, "this node is busy; please try again in a moment"};
        }
        jobs_.push_back(std::move(job));
    }
    wake_.notify_one();
    return done;
}

void WorkerPool::loop() {
    while (true) {
        std::function<void()> job;
        {
            std::unique_lock lock(mutex_);
            wake_.wait(lock, [this] { return stopping_ || !jobs_.empty(); });
            if (jobs_.empty()) return;
            job = std::move(jobs_.front());
            jobs_.pop_front();
        }
        job();
    }
}

}  // namespace salus::gateway
