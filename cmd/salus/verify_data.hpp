#pragma once

#include "base/env.hpp"
#include "ledger/verify.hpp"

#include <optional>
#include <string>

namespace salus::command {

/// Checks a data directory, or a copy of one: the whole chain, every block executed again, every
/// body that the vault holds against its digest, the chain of access receipts, and every anchor of
/// this node against them: the receipts' root and the relation root, made again from the labels
/// beside the receipts. Whose receipts they are, keys/organisation says; a copy without it is
/// compared where one node alone anchored. Opens nothing for writing. `outside`: a checkpoint that
/// somebody else kept, which the data must reach and hold. What is wrong is in the report. Errors:
/// not_found — no such directory, or no ledger in it; unavailable — the disk.
Result<ledger::LedgerReport> verify_data_directory(Env& env, const std::string& directory,
                                                   const std::optional<ledger::Note>& outside = {});

}  // namespace salus::command
