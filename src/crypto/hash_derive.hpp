#pragma once

#include "crypto/hash.hpp"

/// HMAC (RFC 2104) and HKDF (RFC 5869) over any incremental hash, shared by the native and the
/// portable backend. A `Hasher` has block_bytes, digest_bytes, update(ByteView),
/// finish(std::uint8_t*).
namespace salus::crypto::derive {

inline constexpr std::size_t block_bytes_max = 128;
inline constexpr std::size_t digest_bytes_max = 64;

/// Overwrites a buffer that held key material; a volatile write is one the compiler keeps.
template <std::size_t N>
void forget(std::array<std::uint8_t, N>& bytes) {
    for (std::uint8_t& byte : bytes) {
        volatile std::uint8_t* const at = &byte;
        *at = 0;
    }
}

/// HMAC of `parts` as if they were one string, into digest_bytes bytes at `to`.
template <class Hasher>
void hmac_into(ByteView key, std::initializer_list<ByteView> parts, std::uint8_t* to) {
    std::array<std::uint8_t, block_bytes_max> pad{};
    if (key.size() > Hasher::block_bytes) {
        Hasher shorten;
        shorten.update(key);
        shorten.finish(pad.data());
    } else {
        std::copy(key.begin(), key.end(), pad.begin());
    }
    for (std::uint8_t& byte : pad) byte ^= 0x36U;
    Hasher inner;
    inner.update(ByteView(pad.data(), Hasher::block_bytes));
    for (const ByteView part : parts) inner.update(part);
    std::array<std::uint8_t, digest_bytes_max> middle{};
    inner.finish(middle.data());

    for (std::uint8_t& byte : pad) byte ^= 0x36U ^ 0x5cU;
    Hasher outer;
    outer.update(ByteView(pad.data(), Hasher::block_bytes));
    outer.update(ByteView(middle.data(), Hasher::digest_bytes));
    outer.finish(to);
    forget(pad);
    forget(middle);
}

template <class Hasher>
Bytes hmac_bytes(ByteView key, ByteView message) {
    Bytes out(Hasher::digest_bytes);
    hmac_into<Hasher>(key, {message}, out.data());
    return out;
}

template <class Hasher>
Result<Bytes> expand(ByteView prk, ByteView info, std::size_t length) {
    if (length > 255 * Hasher::digest_bytes) {
        return Error{Errc::out_of_range, "HKDF yields at most 255 hash lengths"};
    }
    Bytes out;
    out.reserve(length + Hasher::digest_bytes);
    std::array<std::uint8_t, digest_bytes_max> block{};
    for (std::uint8_t counter = 1; out.size() < length; ++counter) {
        const ByteView previous(block.data(), counter == 1 ? 0 : Hasher::digest_bytes);
        hmac_into<Hasher>(prk, {previous, info, ByteView(&counter, 1)}, block.data());
        out.insert(out.end(), block.begin(),
                   block.begin() + static_cast<std::ptrdiff_t>(Hasher::digest_bytes));
    }
    out.resize(length);
    forget(block);
    return out;
}

}  // namespace salus::crypto::derive
