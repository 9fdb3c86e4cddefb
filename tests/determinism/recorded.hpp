#pragma once

#include "chain/state_machine.hpp"
#include "contracts/vm.hpp"

#include <string>
#include <vector>

/// A chain as its engine offered it, block by block, refused transactions included: what every
/// build must execute to the same bytes.
namespace salus::determinism {

struct RecordedBlock {
    chain::BlockInput input;
    std::vector<Bytes> offered;
};

struct RecordedChain {
    ledger::GenesisEntry genesis;
    std::vector<RecordedBlock> blocks;
};

/// A CBOR sequence: [genesis, [code…]], then for each block [height, time, proposer, [envelope…]].
Bytes write_recorded(const RecordedChain& chain);
/// Errors: malformed — with the block's number.
Result<RecordedChain> read_recorded(ByteView bytes);

struct ReplayOptions {
    contracts::EngineChoice engine = contracts::EngineChoice::compiled_when_shipped;
    unsigned verify_threads = 1;  ///< that decode and check signatures
};
/// Executes the chain over memory. One line a block, `height app-hash result-root` where there is
/// a block and `height none` where every transaction was refused; then how often each code came.
Result<std::vector<std::string>> replay(const RecordedChain& chain, const ReplayOptions& options);

/// A history with everything a small home sees in a few weeks, from a seed: people, collections,
/// records, consents and revocations, anchors, envelopes, refused and failing transactions,
/// skipped heights, idle hours. The same seed and the same contracts give the same bytes.
RecordedChain tell(std::uint64_t seed, std::size_t blocks);

}  // namespace salus::determinism
