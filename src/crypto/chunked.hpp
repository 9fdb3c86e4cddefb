#pragma once

#include "base/bytes.hpp"
#include "base/env.hpp"
#include "crypto/aead.hpp"

/// C2SP chunked-encryption in its instance Cobblestone-256: HKDF-Expand over SHA-512, AES-256-GCM,
/// chunks of 16 KiB, a 56-byte header of salt and key commitment, no additional data: what must be
/// bound goes into the context.
///
///     salt (24) ‖ commitment (32) ‖ chunk 0 ‖ chunk 1 ‖ … ‖ last chunk (shorter than 16 KiB, may
///     be empty)
///
/// Every chunk is its ciphertext and a 16-byte tag. The commitment is checked before any chunk is
/// opened; a message that ends on a full chunk was truncated. Source: c2sp.org/chunked-encryption
/// v1; docs/formats/sealed-record.md.
namespace salus::crypto::chunked {

inline constexpr std::size_t chunk_bytes = 16384;
inline constexpr std::size_t sealed_chunk_bytes = chunk_bytes + tag_bytes;
inline constexpr std::size_t header_bytes = 56;
using Salt = FixedBytes<struct ChunkedSaltTag, 24>;

/// Size of a sealed message: header, plaintext, one tag a chunk.
std::uint64_t sealed_bytes(std::uint64_t plaintext_bytes);
/// The other way. Errors: malformed — no message has this size (truncated, or half a tag).
Result<std::uint64_t> plaintext_bytes(std::uint64_t sealed_bytes);

/// Opens chunks of one message in any order. Move-only. Threads: one at a time.
class Opener {
  public:
    /// `header`: the first 56 bytes; `sealed_size`: of the whole message, as the caller knows it;
    /// it is proven only by opening the last chunk, which is why the last chunk must be asked for
    /// before a length is believed. Errors: malformed — impossible size; integrity — the commitment
    /// does not fit key, salt and context.
    static Result<Opener> create(const Secret<32>& key, ByteView context, ByteView header,
                                 std::uint64_t sealed_size);

    [[nodiscard]] std::uint64_t chunk_count() const { return chunk_count_; }
    [[nodiscard]] std::uint64_t plaintext_size() const { return plaintext_size_; }
    /// Where chunk `index` lies in the message. Errors: out_of_range — no such chunk.
    struct Place {
        std::uint64_t offset;
        std::size_t size;
    };
    [[nodiscard]] Result<Place> place(std::uint64_t index) const;
    /// Errors: out_of_range — no such chunk; malformed — not the size of that place; integrity.
    Result<Bytes> open_chunk(std::uint64_t index, ByteView sealed_chunk);

  private:
    Opener(Aes256Gcm aead, const GcmNonce& base, std::uint64_t plaintext_size)
        : aead_(std::move(aead)),
          base_nonce_(base),
          plaintext_size_(plaintext_size),
          chunk_count_(plaintext_size / chunk_bytes + 1) {}
    Aes256Gcm aead_;
    GcmNonce base_nonce_;
    std::uint64_t plaintext_size_;
    std::uint64_t chunk_count_;
};

/// Seals a message as it comes. `key` seals under a fresh salt each time, so it may seal many
/// messages.
class Sealer {
  public:
    Sealer(Env& env, const Secret<32>& key, ByteView context);
    /// For known-answer tests: a salt used twice under one key breaks both messages.
    static Sealer insecure_for_tests(const Secret<32>& key, ByteView context, const Salt& salt);
    /// Appends what is ready to `out`, the header first. Errors: out_of_range — above 2^38 chunks.
    Status update(ByteView plaintext, Bytes& out);
    /// Appends the last chunk; the sealer is spent.
    Status finish(Bytes& out);

  private:
    Sealer(const Secret<32>& key, ByteView context, const Salt& salt);
    Status seal_chunk(ByteView plaintext, Bytes& out);
    Bytes header_;
    Aes256Gcm aead_;
    GcmNonce base_nonce_;
    Bytes held_;
    std::uint64_t next_ = 0;
};

/// Whole messages in memory. Errors of open: malformed — impossible size; integrity.
Bytes seal(Env& env, const Secret<32>& key, ByteView context, ByteView plaintext);
Result<Bytes> open(const Secret<32>& key, ByteView context, ByteView sealed);
/// Bytes [offset, offset + length) of the plaintext; opens only the chunks they lie in, and the
/// last one, which proves that nothing was cut off. Errors: as open; out_of_range — the range
/// leaves the plaintext.
Result<Bytes> open_range(const Secret<32>& key, ByteView context, ByteView sealed,
                         std::uint64_t offset, std::uint64_t length);

}  // namespace salus::crypto::chunked
