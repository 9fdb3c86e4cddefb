#pragma once

#include "command.hpp"

/// Verbs of `salus sentinel`.
namespace salus::command {

int sentinel_replay(Env& env, const Words& words);
int sentinel_simulate(Env& env, const Words& words);
int sentinel_sketch(Env& env, const Words& words);

}  // namespace salus::command
