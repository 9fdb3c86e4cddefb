#pragma once

#include "chain/toy_executor.hpp"

#include "dice.hpp"
#include "guarded_kv.hpp"
#include "history.hpp"
#include <deque>
#include <map>
#include <memory>
#include <set>

namespace salus::sim {

/// The toy contracts, or damaged ones.
class PlantedExecutor final : public chain::ContractExecutor {
  public:
    PlantedExecutor(Plant plant, std::size_t member, const std::int64_t& clock_ms)
        : plant_(plant), member_(member), clock_ms_(clock_ms) {}
    chain::ExecResult execute(const chain::ContractCall& call, chain::Overlay& state) override;
    chain::ExecResult query(const chain::ContractCall& call, chain::Overlay& state) override {
        return toy_.query(call, state);
    }
    chain::ExecResult initialise(const chain::ContractCall& call, chain::Overlay& state) override {
        return toy_.initialise(call, state);
    }

  private:
    chain::test::ToyExecutor toy_;
    Plant plant_;
    std::size_t member_;
    const std::int64_t& clock_ms_;
};

/// One organisation's replica under a mock of its engine: mempool, clock, and the calls in the
/// order that the engine makes them, with a crash wherever the caller wants one.
///
///     height ──▶ [prepare [process]] | [process] ──▶ finalize ──▶ commit ──▶ height
///                 each any number of times            (catching up: these two only)
class Member {
  public:
    Member(std::size_t number, Plant plant, History& history);

    bool up = true;
    std::int64_t cut_until_ms = 0;   ///< by a partition; on true time
    std::int64_t down_until_ms = 0;  ///< crashed; on true time
    std::int64_t clock_ms = 0;       ///< its own, which jumps
    std::deque<const Sent*> mempool;

    [[nodiscard]] std::size_t applied() const { return applied_; }
    [[nodiscard]] bool reachable(std::int64_t true_ms) const {
        return up && cut_until_ms <= true_ms;
    }

    /// What this member would put into a block with that header time.
    std::vector<const Sent*> prepare(UnixMillis header_time);
    bool process(const std::vector<const Sent*>& proposal);
    /// Whether its committed view has the transaction: what a client is answered by.
    [[nodiscard]] bool holds(const Digest& id) const;
    /// Would the next block take it?
    void check(const Sent& sent);

    enum class CrashAt { never, before_commit, after_commit };
    /// Executes the next decided height. False: it crashed on the way and must be started again.
    bool execute(const Decided& block, CrashAt crash);
    /// The process dies; with `lose_view` its disk does too.
    void crash(bool lose_view);
    void start();
    void finish();

  private:
    chain::PreparedTransaction prepared(const Bytes& envelope);
    void open();
    void guard(const char* call);
    void forget_committed(const Decided& block);

    std::size_t number_;
    Plant plant_;
    History& history_;
    PlantedExecutor executor_;
    std::unique_ptr<GuardedKv> kv_;
    std::unique_ptr<ledger::LogTree> log_;
    std::unique_ptr<chain::StateMachine> machine_;
    std::size_t applied_ = 0;             ///< decided heights, executed
    std::vector<chain::ViewHead> heads_;  ///< after each of them
};

}  // namespace salus::sim
