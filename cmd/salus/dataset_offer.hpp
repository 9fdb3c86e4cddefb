#pragma once

#include "command.hpp"

namespace salus::command {

/// `dataset offer COLLECTION --row N` or `dataset offer RECORD`: prints a one-time code that hands
/// the row over to whoever shows it.
int offer_row(Env& env, const Words& words);

}  // namespace salus::command
