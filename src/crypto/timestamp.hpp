#pragma once

#include "base/bytes.hpp"
#include "base/strong.hpp"

namespace salus::crypto {

/// A TimeStampReq (RFC 3161) for SHA-256 of something: asks for the authority's certificate, has no
/// nonce, so one imprint has one request. Errors: unavailable — out of memory.
Result<Bytes> timestamp_request(const Digest& imprint);

/// Checks a TimeStampResp: granted, signed by an authority under one of the PEM certificates in
/// `authorities`, valid at its own time, over this imprint. Gives the time that it states.
///
/// Errors: malformed — no response, no certificates; authentication — refused by the authority, or
///         the signature or its chain does not hold; integrity — over something else.
/// Source: RFC 3161 §2.4.2. Threads: any.
Result<UnixMillis> check_timestamp(ByteView response, const Digest& imprint, ByteView authorities);

}  // namespace salus::crypto
