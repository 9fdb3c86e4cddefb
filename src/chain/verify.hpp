#pragma once

#include "base/env.hpp"
#include "base/json.hpp"
#include "chain/executor.hpp"
#include "chain/state_machine.hpp"
#include "ledger/verify.hpp"

#include <functional>
#include <optional>
#include <string>

namespace salus::chain {

struct VerifyDataOptions {
    unsigned signature_threads = 2;
    /// A checkpoint that somebody else kept, for example a witness: data that are older or forked
    /// are bad.
    std::optional<ledger::Note> outside = {};
    /// Looks whether the vault holds what an operation says it does: an erased body is no fault, a
    /// changed one is. Called for each detached payload in the order of the log.
    std::function<Status(const ledger::DetachedPayload&)> payload;
    /// After each block that holds and was executed again. An error is reported as the block's.
    std::function<Status(const ledger::CheckedBlock&)> on_block = {};
    /// At the end, over the state that the whole log leads to: what else a caller keeps that the
    /// chain anchors.
    std::function<Status(StateMachine&)> at_end;
};

/// Whole chain offline, from a stopped node's data directory or a copy of it: everything
/// ledger::verify_ledger checks, and every block executed again in memory, so that state, result
/// and config roots are those of its header. Never opens anything for writing. What is wrong is in
/// the report.
///
/// Errors: not_found — no ledger there; unavailable — the disk.
/// Cost:   reads everything once; about 100 µs a transaction, half of it signatures spread over
/// threads; memory as
///         much as the state.
Result<ledger::LedgerReport> verify_data_dir(Env& env, const std::string& data_dir,
                                             ContractExecutor& executor,
                                             const VerifyDataOptions& options = {});

/// {"ok", "height", "transactions", "torn_tail", "first_bad": null or {"what", "file", "offset",
/// "height"}}.
json::Value report_json(const ledger::LedgerReport& report);

/// Checks signatures on several threads; the error is that of the first that fails in the order
/// given.
Status check_signatures_parallel(std::span<const ledger::SignatureCheck> checks, unsigned threads);

}  // namespace salus::chain
