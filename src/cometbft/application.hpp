#pragma once

#include "base/env.hpp"
#include "chain/engine.hpp"
#include "chain/replica.hpp"

#include <atomic>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

namespace salus::cometbft {

/// What CometBFT calls: the replica behind ABCI 2.0, one message in, one out.
///
///     [init_chain] ─▶ [prepare [process]] / [process] ─▶ finalize_block ─▶ commit ─▶ …
///
/// prepare and process may come many times and move nothing; finalize_block persists nothing;
/// commit is the durable step. A call out of this order, or a disk that fails, is answered with an
/// exception, after which the engine ends and is started again: it then replays what is missing.
/// Source: CometBFT v0.38 spec, ABCI; abci.proto. Threads: any; the consensus calls come
/// one at a time.
class Application {
  public:
    struct Options {
        /// Organisation of a validator's address (first 20 bytes of SHA-256 of its key).
        std::map<Bytes, ObjectId> proposers;
        unsigned verify_threads = 2;
    };
    /// Called after a block became durable, with what became of each transaction it was offered.
    using Committed =
        std::function<void(const chain::FinalizedBlock&, const std::vector<Digest>& ids)>;

    Application(Env& env, chain::Replica& replica, Options options);
    ~Application();
    void on_committed(Committed listener) { committed_ = std::move(listener); }

    struct Answer {
        Bytes message;       ///< an encoded Response
        bool flush = false;  ///< the request was Flush: push everything out
        bool fatal = false;  ///< an exception that the connection must not outlive
    };
    /// `request` is an encoded Request. Bytes that are none are answered with an exception.
    Answer answer(ByteView request);

    /// Decoded and their signatures checked, several threads at work. Threads: any.
    [[nodiscard]] std::vector<chain::PreparedTransaction> prepare_all(
        std::vector<Bytes> envelopes) const;
    /// Would the next block take it? 0, or 1 to 6. Threads: any.
    Result<std::uint32_t> check(const chain::PreparedTransaction& prepared);

    /// Engine height of the newest block that was decided, also of those without transactions.
    [[nodiscard]] std::uint64_t engine_height() const noexcept { return engine_height_.load(); }

  private:
    struct Calls;
    struct Finalized {
        chain::FinalizedBlock block;
        std::vector<Digest> ids;
        std::uint64_t height = 0;
    };
    ObjectId proposer_of(const std::string& address) const;
    Status recover_when_due();

    Env& env_;
    chain::Replica& replica_;
    Options options_;
    Committed committed_;
    std::mutex machine_mutex_;  ///< the state machine: consensus and mempool calls
    std::optional<Finalized> finalized_;
    bool needs_recovery_ = false;
    std::atomic<std::uint64_t> engine_height_{0};
};

}  // namespace salus::cometbft
