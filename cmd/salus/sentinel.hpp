#pragma once

#include "command.hpp"

/// Verbs of `salus sentinel`.
namespace salus::command {

int sentinel_sketch(Env& env, const Words& words);

}  // namespace salus::command
