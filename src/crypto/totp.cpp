#include "crypto/totp.hpp"

#include "crypto/limits.hpp"
#include "crypto/secret.hpp"

namespace salus::crypto {
namespace {

Status check(ByteView secret, std::int64_t unix_s, const TotpParameters& parameters) {
    if (secret.empty() || secret.size() > limits::totp_secret_bytes_max) {
        return Error{Errc::out_of_range, "one-time code secret has 1 to 256 bytes"};
    }
    if (parameters.digits < 6 || parameters.digits > 8) {
        return Error{Errc::out_of_range, "one-time codes have 6 to 8 digits"};
    }
    if (parameters.period_s < 1 || parameters.period_s > 3600) {
        return Error{Errc::out_of_range, "one-time code period outside 1 to 3600 s"};
    }
    if (unix_s < 0) return Error{Errc::out_of_range, "time before 1970"};
    return done;
}

// RFC 4226 §5.3: dynamic truncation.
std::string hotp(ByteView secret, std::uint64_t step, const TotpParameters& parameters) {
    Bytes message;
    append_be64(message, step);
    const Bytes mac = hmac(parameters.hash, secret, message);
    const std::size_t offset = mac.back() & 0x0fU;
    std::uint32_t value = read_be32(mac.data() + offset) & 0x7fffffffU;
    std::string code(parameters.digits, '0');
    for (std::size_t i = code.size(); i-- > 0; value /= 10) {
        code[i] = static_cast<char>('0' + value % 10);
    }
    return code;
}

}  // namespace

Result<std::string> totp_code(ByteView secret, std::int64_t unix_s,
                              const TotpParameters& parameters) {
    SALUS_TRY(check(secret, unix_s, parameters));
    return hotp(secret, static_cast<std::uint64_t>(unix_s) / parameters.period_s, parameters);
}

Result<std::uint64_t> accept_totp(ByteView secret, std::string_view code, std::int64_t unix_s,
                                  std::optional<std::uint64_t> last_used,
                                  const TotpParameters& parameters) {
    SALUS_TRY(check(secret, unix_s, parameters));
    // RFC 6238 §5.2: accept one step of drift.
    const std::uint64_t now = static_cast<std::uint64_t>(unix_s) / parameters.period_s;
    const std::uint64_t before = now == 0 ? 0 : now - 1;
    const bool fits_now =
        equal_constant_time(as_bytes(hotp(secret, now, parameters)), as_bytes(code));
    const bool fits_before =
        equal_constant_time(as_bytes(hotp(secret, before, parameters)), as_bytes(code));
    const Error refused{Errc::authentication, "one-time code refused"};
    if (!fits_now && !fits_before) return refused;
    const std::uint64_t step = fits_now ? now : before;
    if (last_used.has_value() && step <= *last_used) return refused;
    return step;
}

}  // namespace salus::crypto
