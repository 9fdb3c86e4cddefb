#pragma once

#include "base/env.hpp"
#include "learn/report.hpp"

#include "args.hpp"

namespace salus::command {

/// Flags of every verb that reads a table: --columns a,b · --missing LIST · --delimiter C ·
/// --dictionary FILE ·
/// --name NAME · --rows N and --seed N in place of a file (demo rows).
std::vector<std::string_view> table_flags(std::initializer_list<std::string_view> more);

/// Reads FILE (the first word) into the studio, or draws demo rows when there is none and
/// `demo_allowed`. Errors: those of the studio and of the disk; malformed — a flag's value.
Result<learn::LoadResult> load_table(Env& env, const Args& args, learn::Studio& studio,
                                     const std::optional<std::string>& file);

/// 32 random bytes: a release is only as secret as its seed.
learn::Seed random_seed(Env& env);

}  // namespace salus::command
