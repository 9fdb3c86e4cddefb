#pragma once

#include "crypto/secret.hpp"

#include <string_view>

/// A password as people type it, and as its keys are derived from it.
namespace salus::client {

/// The password in Unicode form NFKC, so that every keyboard and program spells it alike; wiped on
/// destruction. Size: at most password_bytes_max bytes, before and after.
///
/// Errors: malformed — not UTF-8, or a character that this program's Unicode (15.0) does not know
/// and another program's may spell otherwise; denied — too long. Source: UAX #15.
class PlainPassword {
  public:
    static Result<PlainPassword> parse(std::string_view typed);
    PlainPassword(PlainPassword&& other) noexcept : bytes_(std::move(other.bytes_)) {
        other.bytes_.clear();
    }
    PlainPassword(const PlainPassword&) = delete;
    PlainPassword& operator=(const PlainPassword&) = delete;
    PlainPassword& operator=(PlainPassword&&) = delete;
    ~PlainPassword() { crypto::wipe(bytes_); }

    [[nodiscard]] ByteView reveal() const noexcept { return bytes_; }
    [[nodiscard]] std::size_t characters() const noexcept;

  private:
    explicit PlainPassword(Bytes bytes) : bytes_(std::move(bytes)) {}
    Bytes bytes_;
};

/// Errors: as PlainPassword; denied — shorter than 8 characters (15 without a second factor), each
/// code point of the NFKC form counted as one.
Status check_password(std::string_view password, bool second_factor);

}  // namespace salus::client
