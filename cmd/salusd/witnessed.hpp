#pragma once

#include "chain/node.hpp"

#include "config.hpp"

namespace salus {

/// Compares the log with what witnesses saw last, before anything is served: the file
/// `witnessed_checkpoint`, and what `witness_urls` answer. A witness that does not answer is passed
/// over with a line in the log; the file must be there.
///
/// Errors: integrity — the log is older than what was witnessed, or forked from it; not_found,
/// malformed, denied — the file.
Status compare_with_witnesses(Env& env, const DaemonConfig& config, const chain::Node& node);

}  // namespace salus
