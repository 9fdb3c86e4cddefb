/// Hexadecimal, base64, base64url and base32: one value, one text, but for the case of letters.

#include "support/laws.hpp"

#include <algorithm>

using namespace salus;

namespace {

std::string folded(std::string_view text, char from, char to) {
    std::string out(text);
    for (char& c : out) {
        if (c >= from && c <= to) c = static_cast<char>(c ^ 0x20);
    }
    return out;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const ByteView input(data, size);
    const std::string_view text = as_text(input);
    if (const auto bytes = from_hex(text); bytes.ok()) {
        SALUS_ASSERT(to_hex(*bytes) == folded(text, 'A', 'F'));
    }
    if (const auto bytes = from_base32(text); bytes.ok()) {
        SALUS_ASSERT(to_base32(*bytes) == folded(text, 'a', 'z'));
    }
    if (const auto bytes = from_base64(text); bytes.ok()) SALUS_ASSERT(to_base64(*bytes) == text);
    if (const auto bytes = from_base64url(text); bytes.ok()) {
        SALUS_ASSERT(to_base64url(*bytes) == text);
    }
    const Bytes value = to_bytes(input);
    SALUS_ASSERT(from_hex(to_hex(input)).value() == value);
    SALUS_ASSERT(from_base64(to_base64(input)).value() == value);
    SALUS_ASSERT(from_base64url(to_base64url(input)).value() == value);
    SALUS_ASSERT(from_base32(to_base32(input)).value() == value);
    return 0;
}
