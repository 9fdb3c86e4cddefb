#pragma once

#include "base/result.hpp"

#include <algorithm>
#include <array>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace salus {

using Bytes = std::vector<std::uint8_t>;
using ByteView = std::span<const std::uint8_t>;

/// N bytes with a purpose: two tags never mix. Ordered by byte value; default is all zero.
template <class Tag, std::size_t N>
struct FixedBytes {
    static constexpr std::size_t size_bytes = N;
    std::array<std::uint8_t, N> bytes{};

    /// Errors: malformed — `view` is not exactly N bytes.
    static Result<FixedBytes> from(ByteView view) {
        if (view.size() != N) {
            return Error{Errc::malformed, "expected " + std::to_string(N) + " bytes, got " +
                                              std::to_string(view.size())};
        }
        FixedBytes out;
        std::copy(view.begin(), view.end(), out.bytes.begin());
        return out;
    }
    [[nodiscard]] ByteView view() const noexcept { return bytes; }
    [[nodiscard]] bool is_zero() const noexcept {
        return std::all_of(bytes.begin(), bytes.end(), [](std::uint8_t b) { return b == 0; });
    }
    auto operator<=>(const FixedBytes&) const = default;
};

/// SHA-256 output, the hash of everything in Salus.
using Digest = FixedBytes<struct DigestTag, 32>;
/// Random id drawn by a client: records, objects, grants, requests.
using ObjectId = FixedBytes<struct ObjectIdTag, 16>;
/// Account at one organisation; for patients a pairwise pseudonym.
using AccountId = FixedBytes<struct AccountIdTag, 16>;

/// View of text or of any contiguous one-byte container.
inline ByteView as_bytes(std::string_view text) noexcept {
    return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}
inline std::string_view as_text(ByteView view) noexcept {
    return {reinterpret_cast<const char*>(view.data()), view.size()};
}
inline Bytes to_bytes(ByteView view) { return {view.begin(), view.end()}; }
inline Bytes to_bytes(std::string_view text) { return to_bytes(as_bytes(text)); }
inline void append(Bytes& to, ByteView more) { to.insert(to.end(), more.begin(), more.end()); }

/// Big-endian integers, as every Salus format writes them outside CBOR.
void append_be16(Bytes& to, std::uint16_t value);
void append_be32(Bytes& to, std::uint32_t value);
void append_be64(Bytes& to, std::uint64_t value);
std::uint32_t read_be32(const std::uint8_t* at) noexcept;
std::uint64_t read_be64(const std::uint8_t* at) noexcept;

/// Lower-case hexadecimal.
/// Errors of from_hex: malformed — odd length or a character outside [0-9a-fA-F].
std::string to_hex(ByteView bytes);
Result<Bytes> from_hex(std::string_view text);

/// RFC 4648 §4 (padded) and §5 (URL-safe, no padding). Decoders accept only the canonical form.
std::string to_base64(ByteView bytes);
Result<Bytes> from_base64(std::string_view text);
std::string to_base64url(ByteView bytes);
Result<Bytes> from_base64url(std::string_view text);

/// RFC 4648 §6 without padding, upper case on output, either case accepted on input.
std::string to_base32(ByteView bytes);
Result<Bytes> from_base32(std::string_view text);

/// Well-formed UTF-8 without surrogates or overlong forms (Unicode 15 table 3-7).
bool is_utf8(ByteView bytes) noexcept;

}  // namespace salus
