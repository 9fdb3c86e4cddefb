#pragma once

#include "contracts/limits.hpp"
#include "contracts/vm.hpp"
#include "contracts/vm_engine.hpp"

#include <array>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

/// Inside one run: what is shared by the contracts that call each other, and the host functions of
/// each of them.
namespace salus::contracts {

/// Why a run ended early. The first reason stands.
struct Stop {
    Outcome outcome = Outcome::trap;
    std::uint32_t code = 0;
    Bytes reason;
    std::string detail;
};

class Frame;

struct Scan {
    ScanEntries entries;
    std::size_t next = 0;
    std::uint64_t writes = 0;  ///< the session's, when it began
};
/// Scans that ended, with the room they took: the next ones need no memory.
using SpareScans = std::vector<std::unique_ptr<Scan>>;

/// Runs one contract inside a session; `run` of vm.cpp, as the host function `call` sees it.
class FrameRunner {
  public:
    virtual ~FrameRunner() = default;
    /// The contract's data, or nothing when the session stopped. `gas` and `stack` are the
    /// caller's, and come back.
    virtual std::optional<Bytes> run_frame(const CodeRef& code, Export entry, ByteView input,
                                           Frame& frame, std::int64_t& gas,
                                           std::uint32_t stack) = 0;
};

/// One run from its entry to its end.
struct Session {
    HostContext& context;
    FrameRunner& runner;
    SpareScans& spare_scans;
    bool read_only = false;
    /// Contracts that are running, outermost first.
    std::array<std::string_view, call_depth_max> active{};
    std::size_t depth = 0;
    std::uint64_t writes = 0;  ///< to state, of all contracts
    std::vector<Event> events;
    std::optional<Stop> stop;
    std::optional<Error> failure;  ///< the node's own; ends the run without a result
};

/// One running contract: the functions of module `salus`.
class Frame final : public HostPort {
  public:
    Frame(Session& session, std::string_view contract, const AccountId& caller,
          std::string_view caller_contract)
        : session_(session),
          contract_(contract),
          caller_(caller),
          caller_contract_(caller_contract) {}
    ~Frame() override;
    Frame(const Frame&) = delete;
    Frame& operator=(const Frame&) = delete;

    bool host_call(Window& window, std::uint32_t import, const std::uint64_t* arguments,
                   std::uint64_t& result) override;

  private:
    using Arguments = const std::uint64_t*;
    using Function = bool (Frame::*)(Window&, Arguments, std::uint64_t&);
    /// contract ‖ 0x00 ‖ key, in place: no call of a host function needs memory for its key.
    class StateKey {
      public:
        void set(std::string_view contract, ByteView key) noexcept;
        [[nodiscard]] ByteView view() const noexcept { return {bytes_.data(), size_}; }

      private:
        std::array<std::uint8_t, contract_name_bytes_max + 1 + key_bytes_max> bytes_;
        std::size_t size_ = 0;
    };

    bool kv_get(Window&, Arguments, std::uint64_t&);
    bool kv_put(Window&, Arguments, std::uint64_t&);
    bool kv_del(Window&, Arguments, std::uint64_t&);
    bool kv_scan(Window&, Arguments, std::uint64_t&);
    bool kv_next(Window&, Arguments, std::uint64_t&);
    bool caller(Window&, Arguments, std::uint64_t&);
    bool origin(Window&, Arguments, std::uint64_t&);
    bool caller_contract(Window&, Arguments, std::uint64_t&);
    bool tx_hash(Window&, Arguments, std::uint64_t&);
    bool payload(Window&, Arguments, std::uint64_t&);
    bool block_height(Window&, Arguments, std::uint64_t&);
    bool block_time(Window&, Arguments, std::uint64_t&);
    bool call(Window&, Arguments, std::uint64_t&);
    bool call_result(Window&, Arguments, std::uint64_t&);
    bool emit(Window&, Arguments, std::uint64_t&);
    bool sha256(Window&, Arguments, std::uint64_t&);
    bool ed25519_verify(Window&, Arguments, std::uint64_t&);
    bool p256_verify(Window&, Arguments, std::uint64_t&);
    bool merkle_verify(Window&, Arguments, std::uint64_t&);
    bool abort(Window&, Arguments, std::uint64_t&);

    bool trap(const char* why);
    bool fail(Error error);
    bool charge(Window& window, std::uint64_t base, std::uint64_t count = 0,
                std::uint64_t each = 0);
    /// Bytes of the contract's memory; nothing (and a trap) when they lie outside.
    std::optional<ByteView> read(const Window& window, std::uint64_t at, std::uint64_t size);
    bool write(Window& window, std::uint64_t at, ByteView bytes);
    /// Writes at most `max` bytes of them; the whole range must lie in memory.
    bool write_some(Window& window, std::uint64_t at, std::uint64_t max, ByteView bytes);
    bool key(const Window& window, std::uint64_t at, std::uint64_t size, std::size_t least,
             StateKey& into);
    bool writable();
    Scan& open_scan();
    /// The entry as it is now, in the form of `kv_next`; nothing when its key was removed.
    Result<std::optional<ByteView>> current(const Scan& scan);

    Session& session_;
    std::string_view contract_;
    AccountId caller_;
    std::string_view caller_contract_;
    std::array<std::unique_ptr<Scan>, open_scans_max> scans_;
    std::size_t scans_count_ = 0;
    Bytes last_result_;
    Bytes entry_;  ///< what `current` read
    StateKey key_;
};

}  // namespace salus::contracts
