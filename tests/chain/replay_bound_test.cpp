#include "chain/world.hpp"
#include "store/lagging_kv.hpp"

#include <doctest/doctest.h>

/// How much a start executes again: the view of a crashed node is behind by little, however little
/// its blocks wrote.

using namespace salus;
using namespace salus::chain;
using namespace salus::chain::test;

namespace {

/// Each operation takes a while, and changes hardly anything.
class SlowExecutor final : public ContractExecutor {
  public:
    SlowExecutor(SimEnv& env, std::int64_t each_ms) : env_(env), each_ms_(each_ms) {}
    ExecResult execute(const ContractCall& call, Overlay& state) override {
        env_.advance_ms(each_ms_);
        return toy_.execute(call, state);
    }
    ExecResult query(const ContractCall& call, Overlay& state) override {
        return toy_.query(call, state);
    }
    ExecResult initialise(const ContractCall& call, Overlay& state) override {
        return toy_.initialise(call, state);
    }

  private:
    SimEnv& env_;
    std::int64_t each_ms_;
    ToyExecutor toy_;
};

Sealer sealer() {
    Sealer out;
    out.organisation.bytes.fill(1);
    return out;
}

Replica::Options options_with(std::unique_ptr<store::Kv>& view) {
    Replica::Options options;
    options.ledger_directory = "/ledger";
    options.open_view = [&view](bool) -> Result<std::unique_ptr<store::Kv>> {
        return std::move(view);
    };
    options.segment_bytes = 1U << 20U;
    return options;
}

/// Blocks that are executed again after a crash behind `blocks` blocks of `each_ms`.
std::uint64_t replayed_after(std::size_t blocks, std::int64_t each_ms) {
    SimEnv env(1);
    SlowExecutor executor(env, each_ms);
    SALUS_ASSERT(ledger::BlockStore::create(env, "/ledger", toy_genesis(),
                                            {.index_path = {}, .segment_bytes = 1U << 20U})
                     .ok());
    auto lagging = std::make_unique<store::test::LaggingKv>();
    const store::test::LaggingKv& live = *lagging;
    std::unique_ptr<store::Kv> view = std::move(lagging);
    const auto replica = Replica::open(env, options_with(view), executor, sealer()).value();
    Person ada{1};
    for (std::size_t i = 0; i < blocks; ++i) {
        const std::vector<PreparedTransaction> one = {
            replica->prepare(i == 0 ? ada.enrol() : ada.set(i))};
        const auto block = replica->advance({.height = BlockHeight{i + 1},
                                             .time = UnixMillis{start_ms + 1},
                                             .proposer = replica->organisation()},
                                            one);
        SALUS_ASSERT(block.ok() && block->has_block);
    }
    const auto disk = env.crash(1);
    std::unique_ptr<store::Kv> left = live.crash(0);
    const auto again = Replica::open(*disk, options_with(left), executor, sealer()).value();
    SALUS_ASSERT(again->head() == replica->head());
    return again->recovery().replayed_blocks;
}

}  // namespace

TEST_CASE("after a crash no more is executed again than took two seconds, and a block") {
    static_assert(unflushed_ns_max == 2'000'000'000);
    // 100 ms a block: the twentieth reaches the bound.
    CHECK(replayed_after(19, 100) == 19);
    CHECK(replayed_after(20, 100) == 0);
    CHECK(replayed_after(21, 100) == 1);
    CHECK(replayed_after(130, 100) == 10);
    // A block that is above the bound alone.
    CHECK(replayed_after(3, 2'001) == 0);
    CHECK(replayed_after(7, 1'999) == 1);
}
