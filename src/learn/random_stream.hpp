#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

/// Random numbers for masking and sampling: ChaCha20 under a key made from a 32-byte seed and a
/// purpose. Whoever lacks the seed cannot guess the noise; whoever has it gets the same numbers on
/// every machine.
namespace salus::learn {

using Seed = std::array<std::uint8_t, 32>;

/// Seed of a small number, for demo rows and repeatable runs. A release for others takes 32 bytes
/// of Env::random.
Seed seed_from(std::uint64_t number);

class RandomStream {
  public:
    /// Key = SHA-256("salus/v1/studio/" + purpose + 0x00 + seed), so two purposes never share
    /// numbers.
    RandomStream(const Seed& seed, std::string_view purpose);

    std::uint64_t next() noexcept {
        if (at_ == buffer_.size()) {
            refill();
        }
        return buffer_[at_++];
    }
    /// Uniform in [0, bound), without bias; bound ≥ 1.
    std::uint64_t below(std::uint64_t bound) noexcept;
    /// Uniform multiple of 2^-53 in [0, 1).
    double unit() noexcept { return static_cast<double>(next() >> 11) * 0x1p-53; }
    bool chance(double probability) noexcept { return unit() < probability; }
    /// Mean 0, deviation 1 (Marsaglia's polar method over portable_log).
    double gaussian() noexcept;

    /// `count` different numbers below `of`, ascending; all of them when count ≥ of.
    std::vector<std::uint32_t> sample(std::size_t count, std::size_t of);

  private:
    void refill() noexcept;
    std::array<std::uint32_t, 16> state_{};
    std::array<std::uint64_t, 64> buffer_{};
    std::size_t at_ = 64;
    double spare_ = 0;
    bool has_spare_ = false;
};

/// RFC 8439 §2.3: one block of 64 bytes as 16 words. Exposed for its test vector.
void chacha20_block(const std::array<std::uint32_t, 16>& state,
                    std::span<std::uint32_t, 16> out) noexcept;

}  // namespace salus::learn
