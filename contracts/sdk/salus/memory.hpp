#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <new>
#include <string_view>

/// A heap that only grows, and the five functions every C++ compiler counts on. A contract is one
/// translation unit: the definitions stand in this header.
extern "C" {
extern unsigned char __heap_base;

__attribute__((used, no_builtin)) void* memcpy(void* to, const void* from,
                                               std::size_t size) noexcept {
    auto* out = static_cast<unsigned char*>(to);
    const auto* in = static_cast<const unsigned char*>(from);
    for (; size >= 8; size -= 8, out += 8, in += 8) {
        struct __attribute__((packed, may_alias)) Word {
            std::uint64_t value;
        };
        reinterpret_cast<Word*>(out)->value = reinterpret_cast<const Word*>(in)->value;
    }
    for (; size != 0; --size) {
        *out++ = *in++;
    }
    return to;
}
__attribute__((used, no_builtin)) void* memmove(void* to, const void* from,
                                                std::size_t size) noexcept {
    auto* out = static_cast<unsigned char*>(to);
    const auto* in = static_cast<const unsigned char*>(from);
    if (out <= in || out >= in + size) {
        for (; size != 0; --size) {
            *out++ = *in++;
        }
    } else {
        while (size-- != 0) {
            out[size] = in[size];
        }
    }
    return to;
}
__attribute__((used, no_builtin)) void* memset(void* to, int value, std::size_t size) noexcept {
    auto* out = static_cast<unsigned char*>(to);
    for (; size != 0; --size) {
        *out++ = static_cast<unsigned char>(value);
    }
    return to;
}
__attribute__((used, no_builtin)) int memcmp(const void* a, const void* b, std::size_t size) {
    const auto* left = static_cast<const unsigned char*>(a);
    const auto* right = static_cast<const unsigned char*>(b);
    struct __attribute__((packed, may_alias)) Word {
        std::uint64_t value;
    };
    while (size >= 8 && reinterpret_cast<const Word*>(left)->value ==
                            reinterpret_cast<const Word*>(right)->value) {
        left += 8;
        right += 8;
        size -= 8;
    }
    for (; size != 0; --size, ++left, ++right) {
        if (*left != *right) {
            return *left < *right ? -1 : 1;
        }
    }
    return 0;
}
__attribute__((used, no_builtin)) std::size_t strlen(const char* text) {
    std::size_t size = 0;
    while (text[size] != 0) {
        ++size;
    }
    return size;
}
}

namespace salus {

namespace detail {
inline std::uintptr_t heap_next = 0;
inline constexpr std::uint32_t page_bytes = 65536;
}  // namespace detail

/// `size` bytes, aligned to 8, never freed. Grows memory when needed; out of memory is a trap.
inline std::uint8_t* allocate(std::size_t size) {
    if (detail::heap_next == 0) {
        detail::heap_next =
            (reinterpret_cast<std::uintptr_t>(&__heap_base) + 7U) & ~std::uintptr_t{7};
    }
    const std::uintptr_t at = detail::heap_next;
    const std::uint64_t end = std::uint64_t{at} + ((std::uint64_t{size} + 7U) & ~std::uint64_t{7});
    const std::uint64_t have = std::uint64_t{__builtin_wasm_memory_size(0)} * detail::page_bytes;
    if (end > have) {
        const std::uint64_t pages = (end - have + detail::page_bytes - 1) / detail::page_bytes;
        if (pages > 0xFFFF ||
            __builtin_wasm_memory_grow(0, static_cast<std::size_t>(pages)) == SIZE_MAX) {
            __builtin_trap();
        }
    }
    detail::heap_next = static_cast<std::uintptr_t>(end);
    return reinterpret_cast<std::uint8_t*>(at);
}

namespace detail {
/// Makes the newest allocation longer in place; false when something was allocated since.
inline bool extend(const std::uint8_t* at, std::size_t size, std::size_t new_size) {
    const auto end = (reinterpret_cast<std::uintptr_t>(at) + size + 7U) & ~std::uintptr_t{7};
    if (end != heap_next) {
        return false;
    }
    heap_next = reinterpret_cast<std::uintptr_t>(at);
    allocate(new_size);
    return true;
}
/// Gives back the end of the newest allocation.
inline void shrink(const std::uint8_t* at, std::size_t new_size) {
    heap_next = (reinterpret_cast<std::uintptr_t>(at) + new_size + 7U) & ~std::uintptr_t{7};
}
}  // namespace detail

/// Gives back, at its end, what was allocated since its beginning: for a step of a loop of which
/// nothing is kept but what the host was told.
class Scratch {
  public:
    Scratch() = default;
    ~Scratch() { detail::heap_next = mark_; }
    Scratch(const Scratch&) = delete;
    Scratch& operator=(const Scratch&) = delete;

  private:
    std::uintptr_t mark_ = detail::heap_next;
};

}  // namespace salus

void* operator new(std::size_t size) {
    return salus::allocate(size);
}
void* operator new[](std::size_t size) {
    return salus::allocate(size);
}
void operator delete(void*) noexcept {}
void operator delete[](void*) noexcept {}
void operator delete(void*, std::size_t) noexcept {}
void operator delete[](void*, std::size_t) noexcept {}

/// Where the standard library's own checks end (an empty optional, an index beyond a vector).
[[noreturn]] void std::__libcpp_verbose_abort(const char*, ...) { __builtin_trap(); }
