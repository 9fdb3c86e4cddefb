#pragma once

#include "client/api.hpp"

#include "args.hpp"

namespace salus::command {

/// The newest cosigned checkpoint, or without a witness the newest, into the file of --out; and
/// with --receipt beside it the proof that `verify` reads there. Gives the exit code.
int log_checkpoint(Env& env, const Args& args);

/// [{name, log_size, time}] of the witnesses that the node knows; a log that nobody outside watches
/// says so on the screen.
Result<json::Value> witnesses_of(client::Api& api);

}  // namespace salus::command
