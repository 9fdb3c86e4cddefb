#include "base/bytes.hpp"

namespace salus {
namespace {

constexpr std::string_view hex_digits = "0123456789abcdef";
constexpr std::string_view base64_digits =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
constexpr std::string_view base64url_digits =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
constexpr std::string_view base32_digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

constexpr std::uint8_t no_digit = 0xff;
using DigitValues = std::array<std::uint8_t, 256>;

constexpr std::size_t slot(char c) noexcept { return static_cast<unsigned char>(c); }

constexpr DigitValues values_of(std::string_view digits) {
    DigitValues values{};
    values.fill(no_digit);
    for (std::size_t i = 0; i < digits.size(); ++i) {
        values[slot(digits[i])] = static_cast<std::uint8_t>(i);
    }
    return values;
}

constexpr DigitValues with_lower_case(DigitValues values) {
    for (char c = 'A'; c <= 'Z'; ++c) {
        values[slot(static_cast<char>(c - 'A' + 'a'))] = values[slot(c)];
    }
    return values;
}

constexpr DigitValues with_upper_case(DigitValues values) {
    for (char c = 'a'; c <= 'z'; ++c) {
        values[slot(static_cast<char>(c - 'a' + 'A'))] = values[slot(c)];
    }
    return values;
}

constexpr DigitValues hex_values = with_upper_case(values_of(hex_digits));
constexpr DigitValues base64_values = values_of(base64_digits);
constexpr DigitValues base64url_values = values_of(base64url_digits);
constexpr DigitValues base32_values = with_lower_case(values_of(base32_digits));

void append_be(Bytes& to, std::uint64_t value, std::size_t bytes) {
    for (std::size_t left = bytes; left != 0; --left) {
        to.push_back(static_cast<std::uint8_t>((value >> ((left - 1) * 8)) & 0xffU));
    }
}

std::uint64_t read_be(const std::uint8_t* at, std::size_t bytes) noexcept {
    std::uint64_t value = 0;
    for (std::size_t i = 0; i < bytes; ++i) {
        value = (value << 8U) | at[i];
    }
    return value;
}

/// Groups of `bits` per digit, most significant first, the last group filled with zero bits.
std::string encode(ByteView bytes, std::string_view digits, unsigned bits) {
    std::string out;
    out.reserve((bytes.size() * 8 + bits - 1) / bits);
    std::uint32_t held = 0;
    unsigned held_bits = 0;
    for (const std::uint8_t byte : bytes) {
        held = (held << 8U) | byte;
        held_bits += 8;
        while (held_bits >= bits) {
            held_bits -= bits;
            out.push_back(digits[(held >> held_bits) & ((1U << bits) - 1)]);
        }
        held &= (1U << held_bits) - 1;
    }
    if (held_bits != 0) {
        out.push_back(digits[(held << (bits - held_bits)) & ((1U << bits) - 1)]);
    }
    return out;
}

Result<Bytes> decode(std::string_view text, const DigitValues& values, unsigned bits,
                     const char* name) {
    Bytes out;
    out.reserve(text.size() * bits / 8);
    std::uint32_t held = 0;
    unsigned held_bits = 0;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const std::uint8_t value = values[slot(text[i])];
        if (value == no_digit) {
            return Error{Errc::malformed, std::string(name) + ": no digit at " + std::to_string(i)};
        }
        held = (held << bits) | value;
        held_bits += bits;
        if (held_bits >= 8) {
            held_bits -= 8;
            out.push_back(static_cast<std::uint8_t>(held >> held_bits));
            held &= (1U << held_bits) - 1;
        }
    }
    // A whole unused digit, or bits set in the filling, would give one value a second spelling.
    if (held_bits >= bits || held != 0) {
        return Error{Errc::malformed, std::string(name) + ": the last character is not canonical"};
    }
    return out;
}

bool is_continuation(std::uint8_t byte) noexcept { return (byte & 0xc0U) == 0x80U; }

struct Utf8Lead {
    std::size_t length = 0;  ///< 0: no character starts with this byte
    std::uint8_t second_min = 0x80;
    std::uint8_t second_max = 0xbf;
};

/// Unicode 15 table 3-7: the second byte is what rules out overlong forms and surrogates.
Utf8Lead lead_of(std::uint8_t byte) noexcept {
    if (byte < 0x80) return {1};
    if (byte < 0xc2) return {0};
    if (byte < 0xe0) return {2};
    if (byte == 0xe0) return {3, 0xa0, 0xbf};
    if (byte == 0xed) return {3, 0x80, 0x9f};
    if (byte < 0xf0) return {3};
    if (byte == 0xf0) return {4, 0x90, 0xbf};
    if (byte < 0xf4) return {4};
    if (byte == 0xf4) return {4, 0x80, 0x8f};
    return {0};
}

}  // namespace

void append_be16(Bytes& to, std::uint16_t value) { append_be(to, value, 2); }
void append_be32(Bytes& to, std::uint32_t value) { append_be(to, value, 4); }
void append_be64(Bytes& to, std::uint64_t value) { append_be(to, value, 8); }

std::uint32_t read_be32(const std::uint8_t* at) noexcept {
    return static_cast<std::uint32_t>(read_be(at, 4));
}
std::uint64_t read_be64(const std::uint8_t* at) noexcept { return read_be(at, 8); }

std::string to_hex(ByteView bytes) { return encode(bytes, hex_digits, 4); }

Result<Bytes> from_hex(std::string_view text) {
    if (text.size() % 2 != 0) {
        return Error{Errc::malformed, "hex: odd number of characters"};
    }
    return decode(text, hex_values, 4, "hex");
}

std::string to_base64(ByteView bytes) {
    std::string out = encode(bytes, base64_digits, 6);
    out.append((4 - out.size() % 4) % 4, '=');
    return out;
}

Result<Bytes> from_base64(std::string_view text) {
    if (text.size() % 4 != 0) {
        return Error{Errc::malformed, "base64: length is not a multiple of 4"};
    }
    // At most two padding characters; a third stays in the text and is refused as no digit.
    for (int i = 0; i < 2 && !text.empty() && text.back() == '='; ++i) {
        text.remove_suffix(1);
    }
    return decode(text, base64_values, 6, "base64");
}

std::string to_base64url(ByteView bytes) { return encode(bytes, base64url_digits, 6); }
Result<Bytes> from_base64url(std::string_view text) {
    return decode(text, base64url_values, 6, "base64url");
}

std::string to_base32(ByteView bytes) { return encode(bytes, base32_digits, 5); }
Result<Bytes> from_base32(std::string_view text) {
    return decode(text, base32_values, 5, "base32");
}

bool is_utf8(ByteView bytes) noexcept {
    std::size_t at = 0;
    while (at < bytes.size()) {
        const Utf8Lead lead = lead_of(bytes[at]);
        if (lead.length == 0 || bytes.size() - at < lead.length) return false;
        if (lead.length > 1) {
            const std::uint8_t second = bytes[at + 1];
            if (second < lead.second_min || second > lead.second_max) return false;
        }
        for (std::size_t i = 2; i < lead.length; ++i) {
            if (!is_continuation(bytes[at + i])) return false;
        }
        at += lead.length;
    }
    return true;
}

}  // namespace salus
