#pragma once

#include "command.hpp"

namespace salus::command {

/// `dataset store FILE`: seals the prepared rows and stores them at one's home.
int store_dataset(Env& env, const Words& words);

}  // namespace salus::command
