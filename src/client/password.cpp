#include "client/password.hpp"

#include "client/limits.hpp"

#include <utf8proc.h>

#include <algorithm>
#include <cstdlib>
#include <memory>
#include <string>

namespace salus::client {
namespace {

Error unknown_character() {
    return {Errc::malformed, "the password holds a character that this program does not know"};
}

/// Every code point of valid UTF-8 is assigned in the library's Unicode: the normal form of those
/// never changes, that of later ones is not known here.
bool all_assigned(ByteView text) {
    const auto* at = reinterpret_cast<const utf8proc_uint8_t*>(text.data());
    for (auto left = static_cast<utf8proc_ssize_t>(text.size()); left > 0;) {
        utf8proc_int32_t point = 0;
        const utf8proc_ssize_t read = utf8proc_iterate(at, left, &point);
        if (read <= 0 || utf8proc_category(point) == UTF8PROC_CATEGORY_CN) return false;
        at += read;
        left -= read;
    }
    return true;
}

struct FreeWiped {
    utf8proc_ssize_t size = 0;
    void operator()(utf8proc_uint8_t* text) const {
        crypto::wipe({text, static_cast<std::size_t>(size)});
        std::free(text);
    }
};

}  // namespace

Result<PlainPassword> PlainPassword::parse(std::string_view typed) {
    if (typed.size() > password_bytes_max) return Error{Errc::denied, "the password is too long"};
    if (!is_utf8(as_bytes(typed))) return Error{Errc::malformed, "the password is not UTF-8"};
    if (!all_assigned(as_bytes(typed))) return unknown_character();
    utf8proc_uint8_t* formed = nullptr;
    const utf8proc_ssize_t size = utf8proc_map(
        reinterpret_cast<const utf8proc_uint8_t*>(typed.data()),
        static_cast<utf8proc_ssize_t>(typed.size()), &formed,
        static_cast<utf8proc_option_t>(UTF8PROC_STABLE | UTF8PROC_COMPOSE | UTF8PROC_COMPAT));
    if (size < 0) return unknown_character();
    const std::unique_ptr<utf8proc_uint8_t, FreeWiped> owner(formed, FreeWiped{size});
    const auto bytes = static_cast<std::size_t>(size);
    if (bytes > password_bytes_max) return Error{Errc::denied, "the password is too long"};
    return PlainPassword(Bytes(formed, formed + bytes));
}

std::size_t PlainPassword::characters() const noexcept {
    return static_cast<std::size_t>(std::count_if(
        bytes_.begin(), bytes_.end(), [](std::uint8_t byte) { return (byte & 0xC0U) != 0x80U; }));
}

Status check_password(std::string_view password, bool second_factor) {
    const PlainPassword plain = SALUS_TRY(PlainPassword::parse(password));
    const std::size_t least =
        second_factor ? password_chars_with_code_min : password_chars_alone_min;
    if (plain.characters() < least) {
        return Error{Errc::denied, "a password has at least " + std::to_string(least) +
                                       " characters" +
                                       (second_factor ? "" : " when there is no second factor")};
    }
    return done;
}

}  // namespace salus::client
