#pragma once

#include "base/env.hpp"

#include "args.hpp"

namespace salus::command {

/// RFC 3161 stamps of checkpoints: a request for an authority, or the check of its response. Gives
/// the exit code.
int log_stamp(Env& env, const Args& args);

}  // namespace salus::command
