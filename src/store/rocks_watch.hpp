#pragma once

#include <functional>
#include <string>
#include <string_view>

namespace salus::store {

/// RocksDB writes its files itself, past Env. Tests of crashes hear of it here: the directory of
/// the database, the operation (`write`, `compact`) and the moment (`before`, `after`). Set it
/// before the first database of the process is opened; nothing else may use it.
using RocksWatch = std::function<void(const std::string& directory, std::string_view operation,
                                      std::string_view moment)>;
void insecure_for_tests_watch_rocks(RocksWatch watch);

}  // namespace salus::store
