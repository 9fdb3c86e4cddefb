#pragma once

#include "crypto/sign.hpp"
#include "ledger/log_tree.hpp"
#include "ledger/receipt.hpp"

namespace salus::ledger {

/// The member's COSE Receipt of the line at `position`, in the log as it was at `log_size`.
/// Errors: out_of_range — no such position or size; unavailable. Cost: ~25 µs signing + the path.
Result<Bytes> sign_receipt(LogTree& log, LogPosition position, std::uint64_t log_size,
                           const crypto::SigningKey& key);

/// Where a transaction lies and what shows it.
struct BundleSource {
    LogTree& log;
    LogPosition position;
    ByteView transaction;  ///< COSE_Sign1
    ByteView result;       ///< its result's CBOR
    BlockHeight height;
    UnixMillis time;
    ByteView checkpoint;  ///< a note at or after the transaction's block; the receipt is made for
                          ///< its size
};

/// Bundle of a whole transaction. Errors: malformed — the parts do not belong together; as
/// sign_receipt.
Result<Bytes> make_bundle(const BundleSource& source, const crypto::SigningKey& key,
                          std::span<const Opening> openings = {});
/// Bundle of one operation of it, without its neighbours. Errors: also out_of_range — no such
/// operation.
Result<Bytes> make_operation_bundle(const BundleSource& source, std::size_t operation,
                                    const crypto::SigningKey& key,
                                    std::span<const Opening> openings = {});
/// Bundle of one access receipt under an `access.anchor` operation; `receipts` are all of the
/// anchor's, in order.
Result<Bytes> make_access_bundle(const BundleSource& source, std::size_t operation,
                                 std::span<const Bytes> receipts, std::size_t receipt,
                                 const crypto::SigningKey& key);

/// Offline: hashes, paths and signatures. Errors: as check_bundle, and authentication — a signature
/// is wrong. Cost: ~60 µs for each signature.
Result<BundleClaims> verify_bundle(ByteView bytes, std::span<const VerifierKey> trust,
                                   const BundleOptions& options = {});

}  // namespace salus::ledger
