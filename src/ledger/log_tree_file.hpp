#pragma once

#include "base/env.hpp"
#include "ledger/log_tree.hpp"

namespace salus::ledger {

/// Nodes in one file outside `data_dir/ledger/`: an index that may be deleted and is rebuilt from
/// the log. It is not synced; a caller that finds it shorter or longer than the log appends or
/// truncates. Bytes past the last whole node are ignored. Errors: unavailable.
Result<std::unique_ptr<NodeStore>> file_node_store(Env& env, const std::string& path);

}  // namespace salus::ledger
