#pragma once

#include "chain/engine.hpp"
#include "cometbft/application.hpp"
#include "cometbft/child.hpp"
#include "cometbft/outbox.hpp"
#include "cometbft/rpc.hpp"
#include "cometbft/server.hpp"

#include <memory>
#include <string>
#include <vector>

namespace salus::cometbft {

struct CometOptions {
    std::string directory;  ///< the engine's home: configuration, keys, data, sockets
    std::string program;    ///< empty: no child is started, somebody else drives the socket
    chain::EngineOptions limits;
};

/// Lets members that do not trust one operator agree on the blocks: CometBFT orders, this replica
/// executes.
///
///     submit ─▶ arrived ─▶ [outbox: durable] ─▶ mempool ─▶ block ─▶ commit ─▶ outcome
///                               ▲                  │ forgotten, full, engine away
///                               └──── again ───────┘
///
/// The mempool's word is no promise: an outcome is given after our own commit only, and until then
/// the transaction is offered again. Threads: all methods any.
class CometEngine final : public chain::Engine {
  public:
    /// Errors: unavailable, integrity — sockets, outbox.
    static Result<std::unique_ptr<CometEngine>> start(Env& env, chain::Replica& replica,
                                                      CometOptions options);
    ~CometEngine() override;  ///< stop()

    [[nodiscard]] std::string_view name() const noexcept override { return "cometbft"; }
    Status submit(Bytes envelope, chain::OutcomeCallback callback) override;
    void on_commit(chain::CommitListener listener) override;
    void stop() override;
    [[nodiscard]] std::size_t queued() const override;

  private:
    struct Arrival {
        Bytes envelope;
        chain::OutcomeCallback callback;
    };
    struct Waiting {
        Bytes envelope;
        UnixMillis valid_until;
        std::int64_t offered_ms = 0;  ///< 0: never
        std::vector<chain::OutcomeCallback> callbacks;
    };
    using Table = std::unordered_map<Digest, Waiting, chain::DigestPrefix>;
    struct Outcome {
        std::vector<chain::OutcomeCallback> callbacks;
        Result<chain::TransactionOutcome> result;
    };

    CometEngine(Env& env, chain::Replica& replica, CometOptions options);
    Status begin();
    static Application::Options application_options(const chain::Replica& replica,
                                                    const CometOptions& options);
    void loop();
    std::vector<Arrival> take_arrivals();
    void admit(std::vector<Arrival> arrivals);
    void keep(std::vector<chain::PreparedTransaction> prepared,
              std::vector<chain::OutcomeCallback> callbacks);
    void offer();
    std::optional<chain::TransactionOutcome> known_outcome(
        const chain::PreparedTransaction& prepared);
    std::vector<Outbox::Entry> due(std::size_t bytes_max);
    void offer_again(const std::vector<Outbox::Entry>& entries);
    void heed_refusal(const Digest& id);
    void committed(const chain::FinalizedBlock& block, const std::vector<Digest>& ids);
    void drop_expired(UnixMillis block_time);
    void finish(const Digest& id, const chain::TransactionOutcome& outcome);
    void watch_progress();
    [[nodiscard]] std::int64_t steady_ms() const { return env_.steady_ns() / 1'000'000; }
    /// For pauses of this thread, which a test's clock must not stretch.
    static std::int64_t machine_ms() { return machine_env().steady_ns() / 1'000'000; }

    Env& env_;
    chain::Replica& replica_;
    CometOptions options_;
    Application application_;
    std::unique_ptr<Outbox> outbox_;
    std::unique_ptr<AbciServer> server_;
    std::unique_ptr<Child> child_;
    Rpc rpc_;

    mutable std::mutex mutex_;
    std::condition_variable wake_;
    std::deque<Arrival> arrived_;
    Table waiting_;
    std::deque<Digest> fresh_;  ///< of `waiting_`: not offered yet
    std::size_t queued_bytes_ = 0;
    bool stopping_ = false;
    bool ended_ = false;
    std::int64_t engine_away_until_ms_ = 0;  ///< the loop's
    std::int64_t looked_for_old_ms_ = 0;     ///< the loop's
    std::int64_t progress_ms_ = 0;
    std::mutex listeners_mutex_;
    std::vector<chain::CommitListener> listeners_;
    std::thread thread_;
};

}  // namespace salus::cometbft
