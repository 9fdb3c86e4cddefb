#pragma once

#include "base/bytes.hpp"
#include "contracts/vm_engine.hpp"
#include "contracts/w2c/compiled.h"

namespace salus::contracts {

/// Code that wasm2c compiled into this program. An instance is made once and then made fresh again
/// after each run, by restoring what the run touched: its globals and the KiB of memory it stored
/// to. Threads: one at a time (several objects for one `code` may live on several threads).
std::unique_ptr<EngineCode> compiled(const salus_compiled& code);

}  // namespace salus::contracts
