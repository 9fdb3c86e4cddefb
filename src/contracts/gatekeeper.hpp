#pragma once

#include "base/bytes.hpp"

#include <cstdint>

/// The door every contract passes: checks a module against docs/formats/contract-abi.md §5 and
/// rewrites it so that gas, stack depth and memory growth are counted by the byte code itself,
/// whatever engine runs it.
namespace salus::contracts {

/// Part of every code-cache key. Raise it when the same input may give another output.
inline constexpr std::uint32_t gatekeeper_version = 1;

struct AdmittedCode {
    Digest hash;               ///< SHA-256 of the module as it was given
    Digest instrumented_hash;  ///< SHA-256 of `instrumented`
    Bytes instrumented;
    std::uint32_t gas_global =
        0;  ///< index of the appended gas counter; the stack counter follows it
};

/// Pure: the same bytes give the same answer on every machine. Bounded by the module's size
/// (milliseconds).
///
/// Errors:  malformed — not a valid module of the accepted subset; out_of_range — a stated limit is
/// passed;
///          denied — a rule of the ABI is broken (import, export, start function, …). The detail
///          names the rule.
/// Threads: any.
Result<AdmittedCode> admit(ByteView module);

}  // namespace salus::contracts
