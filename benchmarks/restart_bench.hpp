#pragma once

#include <string>

namespace salus::bench {

/// salus-bench runs itself with this option and a directory, to have a process to kill.
inline constexpr const char* fill_option = "--fill-until-killed";
/// Makes a ledger of a million state keys there, prints a line, and waits for its end.
[[noreturn]] void fill_until_killed(const std::string& data_dir);

}  // namespace salus::bench
