#pragma once

#include "base/env.hpp"

#include <cstdint>

namespace salus {

/// What the tests of crashes ask of a real salusd, by environment variables that no node has:
///
///     SALUS_INSECURE_FOR_TESTS_CRASH_AT=POINT[:COUNT]   SIGKILL to itself there
///     (docs/crash-points.md) SALUS_INSECURE_FOR_TESTS_SEGMENT_BYTES=N          small ledger
///     segments
///
/// Errors: malformed — set, but not of its form.
struct InsecureForTests {
    Env* env = nullptr;               ///< the machine's, or one around it that lives for ever
    std::uint32_t segment_bytes = 0;  ///< 0: not set
};
Result<InsecureForTests> insecure_for_tests(Env& machine);

}  // namespace salus
