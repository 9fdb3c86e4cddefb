#pragma once

#include "contracts/host.hpp"
#include "contracts/shipped.hpp"

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

/// Runs contracts. One answer whichever engine runs them: gas, outcome, data, writes and events are
/// part of consensus.
namespace salus::contracts {

enum class Entry : std::uint8_t { init, exec, query, migrate };

enum class Outcome : std::uint8_t { ok, revert, out_of_gas, trap };

/// What a call came to. When `outcome` is not ok the caller takes back everything the call wrote,
/// and there are no events.
struct ExecResult {
    Outcome outcome = Outcome::ok;
    std::uint32_t code = 0;  ///< 0; 7 or ≥ 100: the contract's; 8 out of gas; 9 trap
    Bytes data;              ///< the answer, or a revert's reason
    std::uint64_t gas_used = 0;
    std::vector<Event> events;
    std::string detail;  ///< of a trap, for the operator; differs between engines, never hashed
};

enum class EngineChoice : std::uint8_t {
    compiled_when_shipped,  ///< wasm2c for the contracts given to `create`, the interpreter for any
                            ///< other
    interpreter_only,       ///< the oracle
};

/// A machine with its cache of ready code (at most `loaded_codes_max`).
///
/// Threads: one at a time; several machines may run on several threads.
class ContractVm {
  public:
    struct Options {
        std::span<const ShippedContract> shipped = {};
        EngineChoice engine = EngineChoice::compiled_when_shipped;
    };
    explicit ContractVm(Options options);
    ~ContractVm();
    ContractVm(ContractVm&&) noexcept;
    ContractVm& operator=(ContractVm&&) noexcept;

    /// Runs one entry of one contract, and of those it calls, on fresh instances.
    ///
    /// Cost:    0.6 µs compiled, 50 µs interpreted for a small read; a code's first run prepares it
    ///          (milliseconds).
    /// Errors:  those of `state` and `codes`; integrity — code that was admitted is not admissible,
    /// or its bytes do
    ///          not have its hash; out_of_range — gas limit or input beyond limits.hpp. Nothing a
    ///          contract does.
    Result<ExecResult> run(const CodeRef& code, Entry entry, ByteView input, HostContext& context,
                           std::uint64_t gas_limit);

    /// Whether this code would run compiled.
    [[nodiscard]] bool is_compiled(const Digest& code) const;

  private:
    struct State;
    std::unique_ptr<State> state_;
};

}  // namespace salus::contracts
