#pragma once

#include "base/bytes.hpp"

#include <array>
#include <cstdint>
#include <initializer_list>
#include <memory>

/// SHA-2, HMAC and HKDF. Two translation units implement this header: hash.cpp (OpenSSL, native)
/// and hash_portable.cpp (no library, for wasm32); tests run both against the same vectors.
namespace salus::crypto {

/// Incremental SHA-256. Move-only. Threads: one at a time.
class Sha256 {
  public:
    Sha256();
    ~Sha256();
    Sha256(Sha256&&) noexcept;
    Sha256& operator=(Sha256&&) noexcept;
    Sha256& update(ByteView bytes);
    Digest finish();  ///< and starts again

  private:
    struct State;
    std::unique_ptr<State> state_;
};

/// SHA-256 of one string, or of several as if they were one. Threads: any. ≥ 3 M/s of 65 bytes
/// natively.
Digest sha256(ByteView bytes) noexcept;
Digest sha256(std::initializer_list<ByteView> parts) noexcept;

using Sha512Digest = FixedBytes<struct Sha512Tag, 64>;
Sha512Digest sha512(ByteView bytes) noexcept;

enum class HashAlgorithm : std::uint8_t { sha1, sha256, sha512 };  ///< sha1: TOTP only

Bytes hmac(HashAlgorithm hash, ByteView key, ByteView message);
Digest hmac_sha256(ByteView key, ByteView message) noexcept;

/// RFC 5869. Errors: out_of_range — length above 255 hash lengths.
Bytes hkdf_extract(HashAlgorithm hash, ByteView salt, ByteView ikm);
Result<Bytes> hkdf_expand(HashAlgorithm hash, ByteView prk, ByteView info, std::size_t length);
Result<Bytes> hkdf(HashAlgorithm hash, ByteView ikm, ByteView salt, ByteView info,
                   std::size_t length);

}  // namespace salus::crypto
