#pragma once

#include "chain/executor.hpp"
#include "contracts/vm.hpp"

#include <memory>
#include <mutex>
#include <span>
#include <vector>

namespace salus::chain {

/// Runs the contracts whose code stands in state (`g/contract/`, `g/code/`) on
/// contracts::ContractVm. Contract `name`'s key K lies under `c/name/K` (docs/formats/block.md).
/// Threads: as ContractExecutor; each query that runs at the same moment has a machine of its own.
class VmExecutor final : public ContractExecutor {
  public:
    explicit VmExecutor(contracts::ContractVm::Options options);
    ExecResult execute(const ContractCall& call, Overlay& state) override;
    ExecResult query(const ContractCall& call, Overlay& state) override;
    ExecResult initialise(const ContractCall& call, Overlay& state) override;

  private:
    using Machine = std::unique_ptr<contracts::ContractVm>;
    Machine borrow();
    void give_back(Machine machine);

    contracts::ContractVm::Options options_;
    contracts::ContractVm machine_;  ///< of execute and initialise
    std::mutex mutex_;
    std::vector<Machine> idle_;  ///< for queries
};

}  // namespace salus::chain
