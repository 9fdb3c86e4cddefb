#pragma once

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <new>

/// A heap that only grows, as the contracts' own, in one block of this process.
namespace salus {

namespace detail {
inline constexpr std::size_t heap_bytes = std::size_t{2} << 20U;
inline unsigned char* heap_start() {
    alignas(8) static unsigned char block[heap_bytes];
    return block;
}
inline std::uintptr_t heap_next = reinterpret_cast<std::uintptr_t>(heap_start());
}  // namespace detail

inline std::uint8_t* allocate(std::size_t size) {
    const std::uintptr_t at = detail::heap_next;
    const std::uintptr_t end = at + ((size + 7U) & ~std::size_t{7});
    if (end > reinterpret_cast<std::uintptr_t>(detail::heap_start()) + detail::heap_bytes)
        std::abort();
    detail::heap_next = end;
    return reinterpret_cast<std::uint8_t*>(at);
}

namespace detail {
inline bool extend(const std::uint8_t* at, std::size_t size, std::size_t new_size) {
    const auto end = (reinterpret_cast<std::uintptr_t>(at) + size + 7U) & ~std::uintptr_t{7};
    if (end != heap_next) return false;
    heap_next = reinterpret_cast<std::uintptr_t>(at);
    allocate(new_size);
    return true;
}
inline void shrink(const std::uint8_t* at, std::size_t new_size) {
    heap_next = (reinterpret_cast<std::uintptr_t>(at) + new_size + 7U) & ~std::uintptr_t{7};
}
}  // namespace detail

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
