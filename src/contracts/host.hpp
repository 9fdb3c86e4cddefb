#pragma once

#include "base/bytes.hpp"
#include "base/strong.hpp"
#include "contracts/scan.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

/// What contracts may see of the world, as the node gives it. docs/formats/contract-abi.md §3.
namespace salus::contracts {

/// A contract's code by name and hash.
struct CodeRef {
    std::string name;
    Digest hash;  ///< SHA-256 of the module as it stands on chain
    bool operator==(const CodeRef&) const = default;
};

/// State of all contracts, with whatever the current block has already written. Keys come with the
/// contract's prefix
/// (`state_key`). An error ends the run without a result: the node could not answer, the contract
/// is not to blame.
class KvView {
  public:
    virtual ~KvView() = default;
    virtual Result<std::optional<Bytes>> get(ByteView key) = 0;
    virtual Status put(ByteView key, ByteView value) = 0;
    virtual Status del(ByteView key) = 0;
    /// Adds the keys that begin with `prefix` and are greater than `after` (when not empty),
    /// ascending bytewise, ≤ limit, each as `own_key`, with the values of this moment.
    virtual Status scan(ByteView prefix, ByteView after, std::size_t limit, ScanEntries& found) = 0;
};

/// Which code is active, and its bytes.
class CodeStore {
  public:
    virtual ~CodeStore() = default;
    /// Nothing when no contract of this name is active (or it is paused).
    virtual Result<std::optional<CodeRef>> active(std::string_view name) = 0;
    /// The module with this hash, as it was admitted. Errors: not_found.
    virtual Result<Bytes> module(const Digest& hash) = 0;
};

/// SHA-256 and size of the body that an operation leaves in the vault.
struct Payload {
    Digest digest;
    std::uint64_t size = 0;
};

/// One operation or query, as the contract may know it.
struct HostContext {
    KvView& state;
    CodeStore& codes;
    AccountId caller;                ///< the account that signed; zero for an anonymous query
    Digest transaction;              ///< id; zero in queries
    std::optional<Payload> payload;  ///< of this operation
    BlockHeight height;
    UnixMillis time;  ///< block time
};

struct Event {
    std::string contract;
    std::string topic;
    Bytes data;
    bool operator==(const Event&) const = default;
};

/// 1–32 characters of a–z 0–9 _, the first a letter.
bool is_contract_name(std::string_view name) noexcept;
/// The account under which a contract calls others.
AccountId contract_account(std::string_view name);
/// contract ‖ 0x00 ‖ key.
Bytes state_key(std::string_view contract, ByteView key);
/// Input of `exec` and `query`: canonical CBOR [method, args].
Bytes call_input(std::string_view method, ByteView args);

}  // namespace salus::contracts
