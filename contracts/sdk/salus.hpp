#pragma once

/// The SDK of Salus contracts: C++20 to wasm32, header-only, integers only. ABI:
/// docs/formats/contract-abi.md. One contract is one translation unit that ends in
/// SALUS_CONTRACT(…); see contracts/testing/counter.cpp.
///
/// A contract runs to its end or not at all: an argument that does not decode, a check that fails,
/// a limit passed call `fail(code, reason)`, which does not return, and the host takes every write
/// back. Memory is never freed: each call meets a fresh instance.

#include "salus/abi.hpp"
#include "salus/cbor.hpp"
#include "salus/contract.hpp"
#include "salus/host.hpp"
#include "salus/memory.hpp"
#include "salus/state.hpp"
#include "salus/types.hpp"
