#include "core.hpp"

#include <cstdlib>
#include <cstring>

/// Memory of the boundary: the host writes arguments where `salus_alloc` says, and frees every
/// result.
namespace salus::web {

Words read_words(const std::uint8_t* at, std::size_t size) {
    Words words;
    std::vector<std::string> texts;
    std::size_t offset = 0;
    while (size - offset >= 4) {
        const std::size_t length = read_be32(at + offset);
        offset += 4;
        if (length > size - offset) {
            return {};
        }
        texts.emplace_back(reinterpret_cast<const char*>(at + offset), length);
        offset += length;
    }
    for (std::size_t i = 0; i + 1 < texts.size(); i += 2) {
        words.emplace_back(std::move(texts[i]), std::move(texts[i + 1]));
    }
    return words;
}

const std::uint8_t* give(std::string_view text) {
    auto* const out = static_cast<std::uint8_t*>(std::malloc(text.size() + 4));
    if (out == nullptr) {
        std::abort();  // memory is exhausted: the worker ends and is started anew
    }
    const auto size = static_cast<std::uint32_t>(text.size());
    for (std::size_t i = 0; i < 4; ++i) {
        out[i] = static_cast<std::uint8_t>(size >> (8 * (3 - i)));
    }
    std::memcpy(out + 4, text.data(), text.size());
    return out;
}

}  // namespace salus::web

SALUS_EXPORT("salus_alloc") std::uint8_t* salus_alloc(std::uint32_t size) {
    return static_cast<std::uint8_t*>(std::malloc(size == 0 ? 1 : size));
}

SALUS_EXPORT("salus_free") void salus_free(std::uint8_t* at) {
    std::free(at);
}
