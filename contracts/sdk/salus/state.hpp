#pragma once

#include "salus/cbor.hpp"

/// The contract's own keys and values. The host keeps contracts apart; keys ≤ 256 bytes, values ≤
/// 64 KiB.
namespace salus {

/// A key built from parts: `Key("d/").bytes(patient).bytes(directive)`. Numbers are big-endian, so
/// that a scan meets them in order.
class Key {
  public:
    explicit Key(Text prefix) { bytes(as_view(prefix)); }
    Key& bytes(View part) {
        require(part.size() <= sizeof(buffer_) - size_, code::out_of_range, "key too long");
        __builtin_memcpy(buffer_ + size_, part.data(), part.size());
        size_ += static_cast<std::uint32_t>(part.size());
        return *this;
    }
    template <std::size_t N>
    Key& bytes(const Fixed<N>& part) {
        return bytes(part.view());
    }
    Key& text(Text part) { return bytes(as_view(part)); }
    Key& be64(std::uint64_t number) {
        std::uint8_t out[8];
        for (std::uint32_t i = 0; i < 8; ++i) {
            out[i] = static_cast<std::uint8_t>(number >> (56U - 8U * i));
        }
        return bytes({out, 8});
    }
    [[nodiscard]] View view() const { return {buffer_, size_}; }

  private:
    std::uint8_t buffer_[256];
    std::uint32_t size_ = 0;
};

namespace kv {

inline std::uint32_t size32(View view) {
    return static_cast<std::uint32_t>(view.size());
}

/// The value, or nothing when the key is absent.
inline std::optional<View> get(View key) {
    constexpr std::uint32_t guess = 256;
    std::uint8_t* out = allocate(guess);
    const std::int32_t size = abi::salus_kv_get(key.data(), size32(key), out, guess);
    if (size < 0) {
        detail::shrink(out, 0);
        return std::nullopt;
    }
    const auto length = static_cast<std::uint32_t>(size);
    if (length > guess) {
        detail::extend(out, guess, length);
        abi::salus_kv_get(key.data(), size32(key), out, length);
    } else {
        detail::shrink(out, length);
    }
    return View{out, length};
}
inline std::optional<View> get(const Key& key) {
    return get(key.view());
}
/// The value; code::not_found with `reason` when absent.
inline View need(const Key& key, Text reason) {
    const std::optional<View> value = get(key);
    require(value.has_value(), code::not_found, reason);
    return *value;
}
inline bool has(const Key& key) {
    return abi::salus_kv_get(key.view().data(), size32(key.view()), nullptr, 0) >= 0;
}
inline void put(View key, View value) {
    abi::salus_kv_put(key.data(), size32(key), value.data(), size32(value));
}
inline void put(const Key& key, View value) {
    put(key.view(), value);
}
inline void put(const Key& key, const Writer& value) {
    put(key.view(), value.view());
}
inline void del(View key) {
    abi::salus_kv_del(key.data(), size32(key));
}
inline void del(const Key& key) {
    del(key.view());
}

struct Entry {
    View key;
    View value;
};

/// Walks the keys that begin with a prefix, ascending: `Scan scan(prefix); while (auto entry =
/// scan.next()) …`. The keys are those of the moment the scan began. At most 16 scans in one call.
class Scan {
  public:
    /// `after`: start behind this whole key (empty: at the beginning). `limit`: 0 is 1,024.
    explicit Scan(View prefix, View after = {}, std::uint32_t limit = 0)
        : handle_(abi::salus_kv_scan(prefix.data(), size32(prefix), after.data(), size32(after),
                                     limit)) {}
    explicit Scan(const Key& prefix) : Scan(prefix.view()) {}

    /// The next entry, which stays where it is for the rest of the call.
    std::optional<Entry> next() {
        size_ = 0;
        const auto entry = step();
        if (entry.has_value()) {
            detail::shrink(
                out_, static_cast<std::size_t>(entry->value.data() - out_) + entry->value.size());
        }
        size_ = 0;
        return entry;
    }
    /// The next entry, which the following step overwrites: for walks that keep nothing.
    std::optional<Entry> step() {
        if (size_ == 0) {
            room(512);
        }
        std::int32_t found = abi::salus_kv_next(handle_, out_, size_);
        if (found > static_cast<std::int32_t>(size_)) {
            room(static_cast<std::uint32_t>(found));
            found = abi::salus_kv_next(handle_, out_, size_);
        }
        if (found < 0) {
            return std::nullopt;
        }
        const std::uint32_t key_size = std::uint32_t{out_[0]} << 8U | out_[1];
        return Entry{{out_ + 2, key_size},
                     {out_ + 2 + key_size, static_cast<std::uint32_t>(found) - 2 - key_size}};
    }

  private:
    void room(std::uint32_t size) {
        if (size_ == 0 || !detail::extend(out_, size_, size)) {
            out_ = allocate(size);
        }
        size_ = size;
    }
    std::uint8_t* out_ = nullptr;
    std::uint32_t size_ = 0;
    std::int32_t handle_;
};

}  // namespace kv
}  // namespace salus
