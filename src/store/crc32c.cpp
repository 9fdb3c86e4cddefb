#include "store/crc32c.hpp"

#include <array>
#include <cstring>

#if defined(__x86_64__)
#include <nmmintrin.h>
#endif

namespace salus::store {
namespace {

constexpr std::size_t slices = 8;
using Tables = std::array<std::array<std::uint32_t, 256>, slices>;

constexpr Tables make_tables() {
    Tables tables{};
    for (std::uint32_t byte = 0; byte < 256; ++byte) {
        std::uint32_t crc = byte;
        for (int bit = 0; bit < 8; ++bit) crc = (crc >> 1U) ^ ((crc & 1U) != 0 ? 0x82F63B78U : 0U);
        tables[0][byte] = crc;
    }
    for (std::size_t slice = 1; slice < slices; ++slice) {
        for (std::size_t byte = 0; byte < 256; ++byte) {
            const std::uint32_t before = tables[slice - 1][byte];
            tables[slice][byte] = (before >> 8U) ^ tables[0][before & 0xFFU];
        }
    }
    return tables;
}

constexpr Tables tables = make_tables();

std::uint64_t load_le64(const std::uint8_t* at) noexcept {
    std::uint64_t value = 0;
    for (unsigned i = 0; i < 8; ++i) value |= std::uint64_t{at[i]} << (8U * i);
    return value;
}

#if defined(__x86_64__)
__attribute__((target("sse4.2"))) std::uint32_t crc32c_by_hardware(std::uint32_t crc,
                                                                   ByteView bytes) noexcept {
    std::uint64_t state = ~crc;
    std::size_t at = 0;
    for (; at + 8 <= bytes.size(); at += 8) {
        std::uint64_t word = 0;
        std::memcpy(&word, bytes.data() + at, 8);
        state = _mm_crc32_u64(state, word);
    }
    auto narrow = static_cast<std::uint32_t>(state);
    for (; at < bytes.size(); ++at) narrow = _mm_crc32_u8(narrow, bytes[at]);
    return ~narrow;
}
#endif

}  // namespace

std::uint32_t crc32c_by_table(std::uint32_t crc, ByteView bytes) noexcept {
    std::uint32_t state = ~crc;
    std::size_t at = 0;
    for (; at + 8 <= bytes.size(); at += 8) {
        const std::uint64_t word = load_le64(bytes.data() + at) ^ state;
        state = 0;
        for (std::size_t i = 0; i < slices; ++i)
            state ^= tables[slices - 1 - i][(word >> (8U * i)) & 0xFFU];
    }
    for (; at < bytes.size(); ++at) state = (state >> 8U) ^ tables[0][(state ^ bytes[at]) & 0xFFU];
    return ~state;
}

std::uint32_t crc32c(std::uint32_t crc, ByteView bytes) noexcept {
#if defined(__x86_64__)
    static const bool hardware = __builtin_cpu_supports("sse4.2") != 0;
    if (hardware) return crc32c_by_hardware(crc, bytes);
#endif
    return crc32c_by_table(crc, bytes);
}

}  // namespace salus::store
