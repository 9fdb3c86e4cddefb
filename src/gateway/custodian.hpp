#pragma once

#include "chain/node.hpp"
#include "vault/access_log.hpp"

#include <condition_variable>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

namespace salus::gateway {

/// Writes receipts before anything is released, and anchors them on the chain.
///
///     record ──▶ queue ──▶ [append, one sync] ──▶ callback releases
///                                │
///                                └── every second: what no anchor covers yet ──▶ chain
///
/// One thread owns the access log, so that its order is the order of releases. Threads: any.
class Custodian {
  public:
    static constexpr std::int64_t anchor_every_ms = 1'000;
    static constexpr std::int64_t idle_anchor_every_ms = 30'000;
    /// A receipt unanchored for this long, while blocks come: nothing is released any more.
    static constexpr std::int64_t lag_ms_max = 10'000;

    using OnWritten = std::function<void(const Result<vault::AccessReceipt>&)>;
    using OnAnchored = std::function<void(const vault::Anchor&)>;

    Custodian(Env& env, chain::Node& node, vault::AccessLog& log);
    ~Custodian();  ///< stop()
    Custodian(const Custodian&) = delete;
    Custodian& operator=(const Custodian&) = delete;

    /// Durable before `written` is called, on the custodian's thread; an error means nothing may be
    /// released.
    void record(vault::AccessLog::Draft draft, OnWritten written);
    void on_anchored(OnAnchored listener) { on_anchored_ = std::move(listener); }
    /// Writes and anchors what is left, then ends. Idempotent.
    void stop();

  private:
    struct Waiting {
        vault::AccessLog::Draft draft;
        OnWritten written;
    };
    void loop();
    void write_batch(std::vector<Waiting> batch);
    [[nodiscard]] Status may_release() const;
    [[nodiscard]] std::int64_t steady_ms() const;
    void anchor();
    Status try_anchor();

    Env& env_;
    chain::Node& node_;
    vault::AccessLog& log_;
    OnAnchored on_anchored_;
    std::mutex mutex_;
    std::condition_variable wake_;
    std::vector<Waiting> waiting_;
    bool stopping_ = false;
    std::int64_t last_anchor_ms_ = 0;
    std::thread thread_;
};

}  // namespace salus::gateway
