#pragma once

#include "base/bytes.hpp"
#include "base/result.hpp"

#include <span>
#include <string_view>
#include <vector>

namespace salus::cometbft {

/// What the engine orders as one transaction: one envelope as it is, or several in a bundle. The
/// engine's work is by the piece (gossip, mempool, a call of ours each), so a busy member bundles.
/// Blocks, log and receipts know envelopes only: docs/formats/engine-transaction.md.
///
/// Errors: malformed — a bundle that is not of its form, or of fewer than two; out_of_range — of
/// more than bundle_envelopes_max.
Result<std::vector<Bytes>> unbundle(ByteView engine_transaction);

/// Of two or more envelopes a bundle, of one itself.
Bytes bundle(std::span<const Bytes> envelopes);

}  // namespace salus::cometbft
