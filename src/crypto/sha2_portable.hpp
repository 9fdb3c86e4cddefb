#pragma once

#include <cstddef>
#include <cstdint>

/// SHA-1, SHA-256 and SHA-512 (FIPS 180-4) without any library, heap or exception, so that a smart
/// contract compiled to wasm32 can include it alone. Each state is a value: copy it to fork a hash.
/// Not for secrets that must be wiped.
namespace salus::crypto::portable {

inline std::uint32_t rotate_right(std::uint32_t x, unsigned n) {
    return (x >> n) | (x << (32U - n));
}
inline std::uint64_t rotate_right(std::uint64_t x, unsigned n) {
    return (x >> n) | (x << (64U - n));
}

template <class Word>
Word load_be(const std::uint8_t* at) {
    Word word = 0;
    for (std::size_t i = 0; i < sizeof(Word); ++i) word = static_cast<Word>((word << 8U) | at[i]);
    return word;
}

template <class Word>
void store_be(std::uint8_t* at, Word word) {
    for (std::size_t i = sizeof(Word); i-- > 0; word = static_cast<Word>(word >> 8U)) {
        at[i] = static_cast<std::uint8_t>(word & 0xffU);
    }
}

inline constexpr std::uint64_t round_constants[80] = {
    0x428a2f98d728ae22, 0x7137449123ef65cd, 0xb5c0fbcfec4d3b2f, 0xe9b5dba58189dbbc,
    0x3956c25bf348b538, 0x59f111f1b605d019, 0x923f82a4af194f9b, 0xab1c5ed5da6d8118,
    0xd807aa98a3030242, 0x12835b0145706fbe, 0x243185be4ee4b28c, 0x550c7dc3d5ffb4e2,
    0x72be5d74f27b896f, 0x80deb1fe3b1696b1, 0x9bdc06a725c71235, 0xc19bf174cf692694,
    0xe49b69c19ef14ad2, 0xefbe4786384f25e3, 0x0fc19dc68b8cd5b5, 0x240ca1cc77ac9c65,
    0x2de92c6f592b0275, 0x4a7484aa6ea6e483, 0x5cb0a9dcbd41fbd4, 0x76f988da831153b5,
    0x983e5152ee66dfab, 0xa831c66d2db43210, 0xb00327c898fb213f, 0xbf597fc7beef0ee4,
    0xc6e00bf33da88fc2, 0xd5a79147930aa725, 0x06ca6351e003826f, 0x142929670a0e6e70,
    0x27b70a8546d22ffc, 0x2e1b21385c26c926, 0x4d2c6dfc5ac42aed, 0x53380d139d95b3df,
    0x650a73548baf63de, 0x766a0abb3c77b2a8, 0x81c2c92e47edaee6, 0x92722c851482353b,
    0xa2bfe8a14cf10364, 0xa81a664bbc423001, 0xc24b8b70d0f89791, 0xc76c51a30654be30,
    0xd192e819d6ef5218, 0xd69906245565a910, 0xf40e35855771202a, 0x106aa07032bbd1b8,
    0x19a4c116b8d2d0c8, 0x1e376c085141ab53, 0x2748774cdf8eeb99, 0x34b0bcb5e19b48a8,
    0x391c0cb3c5c95a63, 0x4ed8aa4ae3418acb, 0x5b9cca4f7763e373, 0x682e6ff3d6b2b8a3,
    0x748f82ee5defb2fc, 0x78a5636f43172f60, 0x84c87814a1f0ab72, 0x8cc702081a6439ec,
    0x90befffa23631e28, 0xa4506cebde82bde9, 0xbef9a3f7b2c67915, 0xc67178f2e372532b,
    0xca273eceea26619c, 0xd186b8c721c0c207, 0xeada7dd6cde0eb1e, 0xf57d4f7fee6ed178,
    0x06f067aa72176fba, 0x0a637dc5a2c898a6, 0x113f9804bef90dae, 0x1b710b35131c471b,
    0x28db77f523047d84, 0x32caab7b40c72493, 0x3c9ebe0a15c9bebc, 0x431d67c49c100d4c,
    0x4cc5d4becb3e42b6, 0x597f299cfc657e2a, 0x5fcb6fab3ad6faec, 0x6c44198c4a475817,
};

/// What SHA-256 and SHA-512 differ in. SHA-256's 64 constants are the upper halves of SHA-512's
/// first 64.
struct Sha256Traits {
    using Word = std::uint32_t;
    static constexpr unsigned rounds = 64;
    static constexpr unsigned big0[3] = {2, 13, 22}, big1[3] = {6, 11, 25};
    static constexpr unsigned small0[3] = {7, 18, 3}, small1[3] = {17, 19, 10};
    static constexpr Word start[8] = {0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a,
                                      0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19};
    static Word constant(unsigned i) { return static_cast<Word>(round_constants[i] >> 32U); }
};
struct Sha512Traits {
    using Word = std::uint64_t;
    static constexpr unsigned rounds = 80;
    static constexpr unsigned big0[3] = {28, 34, 39}, big1[3] = {14, 18, 41};
    static constexpr unsigned small0[3] = {1, 8, 7}, small1[3] = {19, 61, 6};
    static constexpr Word start[8] = {0x6a09e667f3bcc908, 0xbb67ae8584caa73b, 0x3c6ef372fe94f82b,
                                      0xa54ff53a5f1d36f1, 0x510e527fade682d1, 0x9b05688c2b3e6c1f,
                                      0x1f83d9abfb41bd6b, 0x5be0cd19137e2179};
    static Word constant(unsigned i) { return round_constants[i]; }
};

/// The compression function of SHA-2 on one block.
template <class T>
struct Sha2Core {
    using Word = typename T::Word;
    static constexpr std::size_t block_bytes = 16 * sizeof(Word);
    static constexpr std::size_t digest_bytes = 8 * sizeof(Word);
    Word state[8];

    Sha2Core() {
        for (unsigned i = 0; i < 8; ++i) state[i] = T::start[i];
    }
    static Word big(Word x, const unsigned (&r)[3]) {
        return rotate_right(x, r[0]) ^ rotate_right(x, r[1]) ^ rotate_right(x, r[2]);
    }
    static Word small(Word x, const unsigned (&r)[3]) {
        return rotate_right(x, r[0]) ^ rotate_right(x, r[1]) ^ (x >> r[2]);
    }
    void block(const std::uint8_t* at) {
        Word w[T::rounds];
        for (unsigned i = 0; i < 16; ++i) w[i] = load_be<Word>(at + i * sizeof(Word));
        for (unsigned i = 16; i < T::rounds; ++i) {
            w[i] = small(w[i - 2], T::small1) + w[i - 7] + small(w[i - 15], T::small0) + w[i - 16];
        }
        Word s[8];
        for (unsigned i = 0; i < 8; ++i) s[i] = state[i];
        for (unsigned i = 0; i < T::rounds; ++i) {
            const Word choose = (s[4] & s[5]) ^ (~s[4] & s[6]);
            const Word t1 = s[7] + big(s[4], T::big1) + choose + T::constant(i) + w[i];
            const Word majority = (s[0] & s[1]) ^ (s[0] & s[2]) ^ (s[1] & s[2]);
            const Word t2 = big(s[0], T::big0) + majority;
            for (unsigned j = 7; j > 0; --j) s[j] = s[j - 1];
            s[4] += t1;
            s[0] = t1 + t2;
        }
        for (unsigned i = 0; i < 8; ++i) state[i] += s[i];
    }
    void write(std::uint8_t* to) const {
        for (unsigned i = 0; i < 8; ++i) store_be(to + i * sizeof(Word), state[i]);
    }
};

/// SHA-1, which TOTP needs (RFC 6238) and nothing else may use.
struct Sha1Core {
    using Word = std::uint32_t;
    static constexpr std::size_t block_bytes = 64;
    static constexpr std::size_t digest_bytes = 20;
    Word state[5] = {0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476, 0xc3d2e1f0};

    static Word mix(unsigned i, Word b, Word c, Word d) {
        if (i < 20) return ((b & c) | (~b & d)) + 0x5a827999U;
        if (i < 40) return (b ^ c ^ d) + 0x6ed9eba1U;
        if (i < 60) return ((b & c) | (b & d) | (c & d)) + 0x8f1bbcdcU;
        return (b ^ c ^ d) + 0xca62c1d6U;
    }
    void block(const std::uint8_t* at) {
        Word w[80];
        for (unsigned i = 0; i < 16; ++i) w[i] = load_be<Word>(at + i * 4);
        for (unsigned i = 16; i < 80; ++i) {
            w[i] = rotate_right(w[i - 3] ^ w[i - 8] ^ w[i - 14] ^ w[i - 16], 31);
        }
        Word a = state[0], b = state[1], c = state[2], d = state[3], e = state[4];
        for (unsigned i = 0; i < 80; ++i) {
            const Word next = rotate_right(a, 27) + mix(i, b, c, d) + e + w[i];
            e = d;
            d = c;
            c = rotate_right(b, 2);
            b = a;
            a = next;
        }
        state[0] += a;
        state[1] += b;
        state[2] += c;
        state[3] += d;
        state[4] += e;
    }
    void write(std::uint8_t* to) const {
        for (unsigned i = 0; i < 5; ++i) store_be(to + i * 4, state[i]);
    }
};

/// Buffers, pads and counts around a core. Messages up to 2^61 bytes.
template <class Core>
class Hasher {
  public:
    static constexpr std::size_t block_bytes = Core::block_bytes;
    static constexpr std::size_t digest_bytes = Core::digest_bytes;

    void update(const std::uint8_t* at, std::size_t size) {
        total_ += size;
        if (held_ > 0) {
            while (size > 0 && held_ < block_bytes) {
                buffer_[held_++] = *at++;
                --size;
            }
            if (held_ < block_bytes) return;
            core_.block(buffer_);
            held_ = 0;
        }
        for (; size >= block_bytes; at += block_bytes, size -= block_bytes) core_.block(at);
        for (; size > 0; --size) buffer_[held_++] = *at++;
    }
    /// Writes digest_bytes bytes; the hasher is spent.
    void finish(std::uint8_t* to) {
        constexpr std::size_t length_bytes = block_bytes / 8;
        const std::uint64_t bits = total_ * 8;
        const std::uint8_t one = 0x80, zero = 0;
        update(&one, 1);
        while (held_ != block_bytes - length_bytes) update(&zero, 1);
        for (std::size_t i = held_; i < block_bytes - 8; ++i) buffer_[i] = 0;
        store_be(buffer_ + block_bytes - 8, bits);
        core_.block(buffer_);
        core_.write(to);
    }

  private:
    Core core_;
    std::uint8_t buffer_[block_bytes] = {};
    std::size_t held_ = 0;
    std::uint64_t total_ = 0;
};

using Sha1 = Hasher<Sha1Core>;
using Sha256 = Hasher<Sha2Core<Sha256Traits>>;
using Sha512 = Hasher<Sha2Core<Sha512Traits>>;

}  // namespace salus::crypto::portable
