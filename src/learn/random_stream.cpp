#include "learn/random_stream.hpp"

#include "crypto/hash.hpp"
#include "learn/portable_math.hpp"

#include <algorithm>
#include <cmath>

namespace salus::learn {
namespace {

constexpr std::size_t lanes = 4;
using Lanes = std::uint32_t __attribute__((vector_size(4 * lanes)));

template <class Word>
inline Word turned(Word value, unsigned by) noexcept {
    return (value << by) | (value >> (32U - by));
}

/// Word is one number, or one of each of several blocks.
template <class Word>
inline void quarter_round(std::array<Word, 16>& x, std::size_t a, std::size_t b, std::size_t c,
                          std::size_t d) noexcept {
    x[a] += x[b];
    x[d] = turned(x[d] ^ x[a], 16);
    x[c] += x[d];
    x[b] = turned(x[b] ^ x[c], 12);
    x[a] += x[b];
    x[d] = turned(x[d] ^ x[a], 8);
    x[c] += x[d];
    x[b] = turned(x[b] ^ x[c], 7);
}

template <class Word>
inline void twenty_rounds(std::array<Word, 16>& x) noexcept {
    for (int round = 0; round < 10; ++round) {
        quarter_round(x, 0, 4, 8, 12);
        quarter_round(x, 1, 5, 9, 13);
        quarter_round(x, 2, 6, 10, 14);
        quarter_round(x, 3, 7, 11, 15);
        quarter_round(x, 0, 5, 10, 15);
        quarter_round(x, 1, 6, 11, 12);
        quarter_round(x, 2, 7, 8, 13);
        quarter_round(x, 3, 4, 9, 14);
    }
}

std::uint32_t little_endian(const std::uint8_t* at) noexcept {
    return static_cast<std::uint32_t>(at[0]) | static_cast<std::uint32_t>(at[1]) << 8 |
           static_cast<std::uint32_t>(at[2]) << 16 | static_cast<std::uint32_t>(at[3]) << 24;
}

}  // namespace

void chacha20_block(const std::array<std::uint32_t, 16>& state,
                    std::span<std::uint32_t, 16> out) noexcept {
    std::array<std::uint32_t, 16> x = state;
    twenty_rounds(x);
    for (std::size_t i = 0; i < 16; ++i) {
        out[i] = x[i] + state[i];
    }
}

Seed seed_from(std::uint64_t number) {
    std::array<std::uint8_t, 8> bytes{};
    for (std::size_t i = 0; i < 8; ++i) {
        bytes[i] = static_cast<std::uint8_t>(number >> (8 * (7 - i)));
    }
    return crypto::sha256({as_bytes("salus/v1/studio-seed"), bytes}).bytes;
}

RandomStream::RandomStream(const Seed& seed, std::string_view purpose) {
    constexpr std::array<std::uint8_t, 1> zero{0};
    const Digest key =
        crypto::sha256({as_bytes("salus/v1/studio/"), as_bytes(purpose), zero, seed});
    state_ = {0x61707865, 0x3320646e, 0x79622d32, 0x6b206574};
    for (std::size_t i = 0; i < 8; ++i) {
        state_[4 + i] = little_endian(key.bytes.data() + 4 * i);
    }
}

// Words 12 and 13 are one 64-bit block counter; the nonce in 14 and 15 stays zero. Four blocks are
// made side by side, one in each lane of a vector.
void RandomStream::refill() noexcept {
    for (std::size_t i = 0; i < buffer_.size(); i += 8 * lanes) {
        std::array<Lanes, 16> start{};
        for (std::size_t word = 0; word < 16; ++word) {
            for (std::size_t lane = 0; lane < lanes; ++lane) start[word][lane] = state_[word];
        }
        for (std::size_t lane = 0; lane < lanes; ++lane) {
            start[12][lane] = state_[12];
            start[13][lane] = state_[13];
            if (++state_[12] == 0) ++state_[13];
        }
        std::array<Lanes, 16> x = start;
        twenty_rounds(x);
        for (std::size_t lane = 0; lane < lanes; ++lane) {
            for (std::size_t j = 0; j < 8; ++j) {
                const std::uint32_t low = x[2 * j][lane] + start[2 * j][lane];
                const std::uint32_t high = x[2 * j + 1][lane] + start[2 * j + 1][lane];
                buffer_[i + 8 * lane + j] = low | static_cast<std::uint64_t>(high) << 32;
            }
        }
    }
    at_ = 0;
}

std::uint64_t RandomStream::below(std::uint64_t bound) noexcept {
    const std::uint64_t limit = bound * ((~std::uint64_t{0}) / bound);
    std::uint64_t drawn = next();
    while (drawn >= limit) {
        drawn = next();
    }
    return drawn % bound;
}

double RandomStream::gaussian() noexcept {
    if (has_spare_) {
        has_spare_ = false;
        return spare_;
    }
    double u = 0;
    double v = 0;
    double s = 0;
    do {
        u = 2 * unit() - 1;
        v = 2 * unit() - 1;
        s = u * u + v * v;
    } while (s >= 1 || s < 1e-300);
    const double factor = std::sqrt(-2 * portable_log(s) / s);
    spare_ = v * factor;
    has_spare_ = true;
    return u * factor;
}

std::vector<std::uint32_t> RandomStream::sample(std::size_t count, std::size_t of) {
    std::vector<std::uint32_t> chosen;
    chosen.reserve(std::min(count, of));
    // Vitter's selection sampling: one look at each candidate, already in order.
    for (std::size_t i = 0; i < of && chosen.size() < count; ++i) {
        const std::size_t needed = count - chosen.size();
        if (of - i <= needed || below(of - i) < needed) {
            chosen.push_back(static_cast<std::uint32_t>(i));
        }
    }
    return chosen;
}

}  // namespace salus::learn
