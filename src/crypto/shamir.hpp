#pragma once

#include "base/bytes.hpp"
#include "base/env.hpp"

#include <span>

/// A secret split so that any t of n shares give it back and t − 1 say nothing: polynomials over
/// GF(2^8), one a byte (Shamir 1979), with the field of AES. Source: docs/formats/shamir-share.md.
namespace salus::crypto {

/// One point of the polynomials. The secret lies at x = 0.
struct SharePoint {
    std::uint8_t x = 0;
    Bytes y;
};

/// Interpolates at 0 over all points given. Errors: malformed — none, x = 0 or twice the same,
/// sizes that differ. Secrets: constant time in y.
Result<Bytes> interpolate_at_zero(std::span<const SharePoint> points);

/// n blobs with indexes 1 to n. Errors: out_of_range — not 2 ≤ t ≤ n ≤ 255, or a secret not of 1 to
/// 1024 bytes.
Result<std::vector<Bytes>> split_secret(Env& env, ByteView secret, std::uint8_t threshold,
                                        std::uint8_t shares);

/// Blobs of one split, in any order. More than t are checked against each other.
/// Errors: malformed — a mistyped share (its checksum); not_found — too few; denied — of another
/// split;
///         integrity — a share beyond t does not lie on the same polynomial.
Result<Bytes> combine_shares(std::span<const Bytes> blobs);

/// Drawn once a split, so that shares of two splits are not mixed.
using ShareSet = FixedBytes<struct ShareSetTag, 8>;
struct ShareInfo {
    ShareSet set;
    std::uint8_t threshold = 0;
    std::uint8_t index = 0;
};
/// What a share says of itself. Errors: malformed; denied — version or suite.
Result<ShareInfo> read_share(ByteView blob);

}  // namespace salus::crypto
