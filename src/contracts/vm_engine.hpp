#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>

/// What the machine asks of an engine. C++17-clean: the interpreter's file sees libwabt.
namespace salus::contracts {

/// The running instance as a host function sees it. Gas and stack are copied in before and out
/// after each host call.
struct Window {
    std::uint8_t* memory = nullptr;
    std::uint64_t memory_bytes = 0;
    std::int64_t gas = 0;     ///< left; negative: used up
    std::uint32_t stack = 0;  ///< units in use
    std::uint8_t* dirty =
        nullptr;  ///< one byte a KiB of memory, set where the host writes; may be null
};

/// The machine's side: functions of module `salus`, by their order in host_imports.
class HostPort {
  public:
    virtual ~HostPort() = default;
    /// False ends the run.
    virtual bool host_call(Window& window, std::uint32_t import, const std::uint64_t* arguments,
                           std::uint64_t& result) = 0;
};

enum class Export : std::uint8_t { alloc, init, exec, query, migrate };

/// A fresh instance of one contract.
class EngineInstance {
  public:
    virtual ~EngineInstance() = default;
    virtual Window& window() = 0;  ///< as of the last return; changes to gas and stack count
    /// False when the run ended early: a trap, or host_call said so. Traps leave a word in `trap`.
    virtual bool enter(Export entry, std::uint32_t a, std::uint32_t b, std::uint64_t& result,
                       std::string& trap) = 0;
};

/// One contract's code, ready to run.
class EngineCode {
  public:
    virtual ~EngineCode() = default;
    /// A fresh instance, valid until given back; nullptr when there is no memory for one.
    virtual EngineInstance* begin(HostPort& host) = 0;
    virtual void end(EngineInstance* instance) noexcept = 0;
};

/// libwabt's interpreter over a module the gatekeeper rewrote. Null, with the reason, when it
/// cannot be read.
std::unique_ptr<EngineCode> interpret(const std::uint8_t* module, std::size_t size,
                                      std::uint32_t gas_global, std::string& why);

}  // namespace salus::contracts
