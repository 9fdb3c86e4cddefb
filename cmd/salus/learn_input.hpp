#pragma once

#include "base/env.hpp"
#include "learn/features.hpp"

#include "args.hpp"

namespace salus::command {

/// A table to learn from and what is to be said about it.
struct LearnTable {
    learn::Features features;
    std::size_t duplicate_rows = 0;  ///< rows that repeat an earlier one
};

/// Reads --csv FILE with --label COLUMN. Errors: malformed — a flag is missing; as read_csv and
/// features_of.
Result<LearnTable> read_learn_table(Env& env, const Args& args);

}  // namespace salus::command
