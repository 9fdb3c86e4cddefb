#pragma once

#include "base/bytes.hpp"
#include "base/strong.hpp"
#include "chain/overlay.hpp"
#include "ledger/transaction.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace salus::chain {

/// One call of a contract, with everything it may know of the world.
struct ContractCall {
    std::string_view contract;
    std::string_view method;
    ByteView args;
    std::optional<ledger::DetachedPayload> payload;
    AccountId caller;    ///< the account that signed; zero for anonymous queries
    Digest transaction;  ///< id; zero in queries
    BlockHeight height;
    UnixMillis time;
    std::uint64_t gas_max = 0;
};

struct ContractEvent {
    std::string contract;
    std::string topic;
    Bytes data;
    bool operator==(const ContractEvent&) const = default;
};

/// `code` is 0, one of 7 to 9 (docs/formats/transaction.md) or ≥ 100, the contract's own.
struct ExecResult {
    std::uint32_t code = 0;
    std::uint64_t gas_used = 0;
    Bytes data;
    std::vector<ContractEvent> events;
};

/// Runs contracts over uncommitted state. Deterministic: the same call over the same state has the
/// same outcome, on every machine. The caller takes back the writes of a call that does not end
/// with code 0. Threads: `execute` and `initialise` one at a time; `query` any, each with its own
/// overlay.
class ContractExecutor {
  public:
    virtual ~ContractExecutor() = default;
    virtual ExecResult execute(const ContractCall& call, Overlay& state) = 0;
    /// A read: a contract that tries to write ends with code 9.
    virtual ExecResult query(const ContractCall& call, Overlay& state) = 0;
    /// Once, when a contract is first activated; `call.args` is the contract's own.
    virtual ExecResult initialise(const ContractCall& call, Overlay& state) = 0;
};

}  // namespace salus::chain
