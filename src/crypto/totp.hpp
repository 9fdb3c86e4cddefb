#pragma once

#include "base/bytes.hpp"
#include "crypto/hash.hpp"

#include <optional>

/// One-time codes from a shared secret and the clock (RFC 6238 over RFC 4226).
namespace salus::crypto {

struct TotpParameters {
    HashAlgorithm hash = HashAlgorithm::sha1;
    std::uint32_t digits = 6;     ///< 6 to 8
    std::uint32_t period_s = 30;  ///< 1 to 3600
};

/// The code of the step that `unix_s` lies in, with leading zeros.
/// Errors: out_of_range — digits, period, a time before 1970, or an empty or too long secret.
Result<std::string> totp_code(ByteView secret, std::int64_t unix_s,
                              const TotpParameters& parameters = {});

/// Accepts the code of the current step T or of T − 1 and returns that step, which the caller
/// stores and passes as `last_used` next time, in the same transaction: a code then has one winner.
/// Errors:  authentication — another code, or a step not newer than `last_used`; out_of_range as
/// above. Secrets: constant time in the code; both steps are always computed.
Result<std::uint64_t> accept_totp(ByteView secret, std::string_view code, std::int64_t unix_s,
                                  std::optional<std::uint64_t> last_used,
                                  const TotpParameters& parameters = {});

}  // namespace salus::crypto
