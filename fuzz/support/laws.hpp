#pragma once

#include "base/bytes.hpp"

#include <algorithm>
#include <concepts>
#include <cstdint>
#include <string_view>
#include <utility>

/// What every fuzz target may use: the laws of codecs, and values drawn from the input. A broken
/// law is a broken invariant, so that the explorer keeps the input and the replay fails.
namespace salus::fuzz {

/// encode(decode(b)) == b for each accepted b, and then decode(encode(x)) == x; each refusal says
/// why. Returns whether the bytes were accepted.
template <class Decode, class Encode>
bool check_codec(ByteView bytes, const Decode& decode, const Encode& encode) {
    auto value = decode(bytes);
    if (!value.ok()) {
        SALUS_ASSERT(!value.error().detail.empty());
        return false;
    }
    const auto again = encode(*value);
    const ByteView written(reinterpret_cast<const std::uint8_t*>(again.data()), again.size());
    SALUS_ASSERT(std::equal(bytes.begin(), bytes.end(), written.begin(), written.end()));
    auto twice = decode(again);
    SALUS_ASSERT(twice.ok());
    if constexpr (std::equality_comparable<std::decay_t<decltype(*value)>>) {
        SALUS_ASSERT(*twice == *value);
    }
    return true;
}

/// For encoders that may refuse: what was decoded is always encodable.
template <class Encode>
auto must_encode(const Encode& encode) {
    return [encode](const auto& value) {
        auto bytes = encode(value);
        SALUS_ASSERT(bytes.ok());
        return std::move(*bytes);
    };
}

/// Reads values off the front of the input; zeros and empty views once it is spent.
class Draw {
  public:
    explicit Draw(ByteView input) : left_(input) {}

    std::uint8_t byte() {
        if (left_.empty()) return 0;
        const std::uint8_t value = left_.front();
        left_ = left_.subspan(1);
        return value;
    }
    std::uint64_t number(std::size_t bytes = 8) {
        std::uint64_t value = 0;
        for (; bytes > 0; --bytes) value = value << 8U | byte();
        return value;
    }
    /// Below `limit`, which is not 0.
    std::uint64_t below(std::uint64_t limit) { return number(limit <= 256 ? 1 : 4) % limit; }
    bool coin() { return (byte() & 1U) != 0; }
    ByteView bytes(std::size_t size) {
        const ByteView taken = left_.first(std::min(size, left_.size()));
        left_ = left_.subspan(taken.size());
        return taken;
    }
    /// A length byte, then that many.
    ByteView short_bytes() { return bytes(byte()); }
    std::string_view short_text() { return as_text(short_bytes()); }
    template <class Fixed>
    Fixed fixed() {
        Fixed out;
        for (std::uint8_t& b : out.bytes) b = byte();
        return out;
    }
    ByteView rest() { return std::exchange(left_, {}); }
    [[nodiscard]] bool empty() const { return left_.empty(); }

  private:
    ByteView left_;
};

}  // namespace salus::fuzz

/// What each target defines; libFuzzer and support/replay.cpp call it.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);
