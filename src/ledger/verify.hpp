#pragma once

#include "base/env.hpp"
#include "ledger/block.hpp"
#include "ledger/checkpoint.hpp"
#include "ledger/genesis.hpp"
#include "ledger/snapshot.hpp"
#include "store/segment_scan.hpp"

#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace salus::ledger {

/// The first thing that is wrong, in the order of the log.
struct FirstBad {
    std::string what;  ///< one sentence
    std::string file;  ///< name in the ledger directory
    std::uint64_t offset = 0;
    std::optional<BlockHeight> height;  ///< when it lies in a block that could be read
};

/// What an offline check found.
struct LedgerReport {
    std::optional<FirstBad> first_bad;
    std::optional<std::uint64_t>
        torn_tail;       ///< bytes after the last whole block that a crash explains
    BlockHeight height;  ///< of the last good block; 0 when none
    std::uint64_t blocks = 0;
    std::uint64_t transactions = 0;
    std::uint64_t log_size = 0;
    Digest log_root;
    Digest header_hash;
    std::string chain_id;
    std::optional<BlockHeight> base;  ///< of the snapshot that the log begins behind
    [[nodiscard]] bool ok() const noexcept { return !first_bad.has_value(); }
};

/// A block whose bytes, links, roots and checkpoint hold.
struct CheckedBlock {
    const Block& block;
    const BlockHeader& header;
    const Digest& header_hash;
    const std::vector<Transaction>& transactions;
    const std::vector<TransactionResult>& results;
};

struct VerifyOptions {
    /// Checks the transaction signatures of a block; the default does so one after the other. A
    /// caller may spread them over threads. Errors of it are reported as the block's.
    std::function<Status(std::span<const SignatureCheck>)> signatures;
    /// Once, before the first block. An error is reported as the genesis'.
    std::function<Status(const Genesis&, const GenesisEntry&)> on_genesis;
    /// For a log that begins behind a snapshot: its manifest agrees with itself and with the
    /// genesis; whether its height is the chain's is not for the log to say. An error is reported
    /// as the entry's.
    std::function<Status(const SnapshotBase&)> on_base;
    /// After each block: re-execution compares the state and config roots here (the chain module).
    /// An error is reported as the block's.
    std::function<Status(const CheckedBlock&)> on_block;
    /// Further keys whose signatures on the checkpoint file must hold when they are there; lines of
    /// keys that are nobody's are passed over.
    std::vector<VerifierKey> witnesses;
    /// A checkpoint that somebody else kept: the log must reach it and hold its block.
    std::optional<Note> outside;
    /// Who may seal `height`. The default is the genesis' members for ever.
    std::function<std::vector<Member>(BlockHeight height)> members;
};

/// Whole chain offline, without executing contracts: every byte of the segments, genesis and codes,
/// header links, transactions and their signatures, results, every root of a header but state and
/// config, the sealing member's checkpoint of each block, and the files `checkpoint` and
/// `cosigned`, every signature in the latter. Never opens anything for writing. A log that is
/// shorter than its newest checkpoint is bad, not torn. Errors: not_found — no directory;
/// unavailable — the disk. What is wrong with the ledger is in the report. Cost: reads everything
/// once; ~60 µs for each transaction's signature.
Result<LedgerReport> verify_ledger(Env& env, const std::string& directory,
                                   const VerifyOptions& options = {});

}  // namespace salus::ledger
