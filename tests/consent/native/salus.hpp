#pragma once

/// The contracts' SDK for the machine at hand: the headers of contracts/sdk, but for the host's
/// functions and the heap. It stands before contracts/sdk on the include path.
#include "salus/abi.hpp"
#include "salus/cbor.hpp"
#include "salus/contract.hpp"
#include "salus/host.hpp"
#include "salus/memory.hpp"
#include "salus/state.hpp"
#include "salus/types.hpp"

/// A contract's entries, found by the test that includes its source.
#undef SALUS_CONTRACT
#define SALUS_CONTRACT(methods, on_init, on_migrate)                              \
    std::span<const ::salus::Method> native_methods() {                           \
        return methods;                                                           \
    }                                                                             \
    [[maybe_unused]] void (*const native_init)(::salus::Reader&) = on_init;       \
    [[maybe_unused]] void (*const native_migrate)(::salus::Reader&) = on_migrate; \
    static_assert(true, "a semicolon follows")
