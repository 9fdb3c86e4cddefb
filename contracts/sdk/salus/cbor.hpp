#pragma once

#include "salus/types.hpp"

/// Deterministic CBOR (docs/formats/cbor.md): integers, strings, arrays, maps, bool, null; only the
/// shortest form. A reader refuses anything else with code::malformed; a writer cannot write
/// anything else, map order excepted.
namespace salus {

inline constexpr std::uint32_t cbor_depth_max = 16;

class Reader {
  public:
    explicit Reader(View input) : input_(input) {}

    std::uint64_t uint() { return head(0); }
    std::uint64_t uint_max(std::uint64_t max) {
        const std::uint64_t value = uint();
        require(value <= max, code::out_of_range, "number too large");
        return value;
    }
    std::int64_t integer() {
        const bool negative = major() == 1;
        const std::uint64_t value = head(negative ? 1 : 0);
        require(value <= INT64_MAX, code::out_of_range, "number too large");
        return negative ? -1 - static_cast<std::int64_t>(value) : static_cast<std::int64_t>(value);
    }
    View bytes() { return take(head(2)); }
    View bytes_max(std::size_t max) { return limited(bytes(), max); }
    template <class F>
    F fixed() {
        return fixed_from<F::size_bytes>(bytes());
    }
    Id id() { return fixed<Id>(); }
    /// An id where it stands, for those who compare it and keep no copy.
    View id_view() {
        const View view = bytes();
        require(view.size() == Id::size_bytes, code::malformed, "wrong number of bytes");
        return view;
    }
    Digest digest() { return fixed<Digest>(); }
    Text text() {
        const View view = take(head(3));
        require(is_utf8(view), code::malformed, "text is not UTF-8");
        return as_text(view);
    }
    Text text_max(std::size_t max) { return as_text(limited(as_view(text()), max)); }
    /// Number of items, each of which is at least one byte of input.
    std::uint32_t array() { return count(4, 1); }
    void array_of(std::uint32_t items) {
        require(array() == items, code::malformed, "wrong number of items");
    }
    std::uint32_t array_max(std::uint32_t max) {
        const std::uint32_t items = array();
        require(items <= max, code::out_of_range, "too many items");
        return items;
    }
    std::uint32_t map() { return count(5, 2); }
    void map_of(std::uint32_t pairs) {
        require(map() == pairs, code::malformed, "wrong number of fields");
    }
    void key(std::uint64_t expected) {
        require(uint() == expected, code::malformed, "another field expected");
    }
    /// Whether the next item is this key; consumes it then. For optional fields of maps with
    /// integer keys.
    bool key_next(std::uint64_t expected) {
        const std::uint32_t before = at_;
        if (at_end() || major() != 0 || uint() != expected) {
            at_ = before;
            return false;
        }
        return true;
    }
    bool boolean() {
        const std::uint8_t byte = next();
        require(byte == 0xf4 || byte == 0xf5, code::malformed, "true or false expected");
        return byte == 0xf5;
    }
    void null() { require(next() == 0xf6, code::malformed, "null expected"); }
    /// Consumes a null if one is next.
    bool null_next() {
        if (at_ < input_.size() && input_[at_] == 0xf6) {
            ++at_;
            return true;
        }
        return false;
    }
    /// One whole item, checked, as bytes.
    View skip() {
        const std::uint32_t start = at_;
        skip_item(0);
        return input_.subspan(start, at_ - start);
    }
    /// The bytes not read yet.
    [[nodiscard]] View rest() const { return input_.subspan(at_); }
    void end() const { require(at_end(), code::malformed, "bytes behind the last item"); }
    [[nodiscard]] bool at_end() const { return at_ == input_.size(); }
    /// Major type of the next item: 0 uint, 1 negative, 2 bytes, 3 text, 4 array, 5 map, 7 true,
    /// false, null.
    [[nodiscard]] std::uint8_t major() const {
        require(at_ < input_.size(), code::malformed, "argument missing");
        return static_cast<std::uint8_t>(input_[at_] >> 5U);
    }
    static bool is_utf8(View view);

  private:
    std::uint8_t next() {
        require(at_ < input_.size(), code::malformed, "argument missing");
        return input_[at_++];
    }
    /// Most heads are one byte: those are read where they are asked for.
    std::uint64_t head(std::uint8_t expected) {
        const auto start = static_cast<std::uint8_t>(expected << 5U);
        if (at_ < input_.size()) {
            const std::uint32_t low = std::uint32_t{input_[at_]} - start;
            if (low < 24) {
                ++at_;
                return low;
            }
        }
        return long_head(expected);
    }
    __attribute__((noinline)) std::uint64_t long_head(std::uint8_t expected) {
        const std::uint8_t first = next();
        require((first >> 5U) == expected, code::malformed, "argument of another type");
        const std::uint8_t low = first & 0x1FU;
        require(low <= 27, code::malformed, "not deterministic CBOR");
        const std::uint32_t size = 1U << (low - 24U);
        require(size <= input_.size() - at_, code::malformed, "argument missing");
        std::uint64_t value = 0;
        for (std::uint32_t i = 0; i < size; ++i) {
            value = value << 8U | input_[at_++];
        }
        const std::uint64_t least = low == 24 ? 24 : std::uint64_t{1} << (size * 4);
        require(value >= least, code::malformed, "not deterministic CBOR");
        return value;
    }
    View take(std::uint64_t size) {
        require(size <= input_.size() - at_, code::malformed, "argument cut short");
        const View view = input_.subspan(at_, static_cast<std::size_t>(size));
        at_ += static_cast<std::uint32_t>(size);
        return view;
    }
    std::uint32_t count(std::uint8_t expected, std::uint32_t bytes_each) {
        const std::uint64_t value = head(expected);
        require(value <= (input_.size() - at_) / bytes_each, code::malformed, "argument cut short");
        return static_cast<std::uint32_t>(value);
    }
    static View limited(View view, std::size_t max) {
        require(view.size() <= max, code::out_of_range, "argument too long");
        return view;
    }
    void skip_item(std::uint32_t depth) {
        require(depth <= cbor_depth_max, code::malformed, "nested too deep");
        switch (major()) {
            case 0:
                uint();
                break;
            case 1:
                head(1);
                break;
            case 2:
                bytes();
                break;
            case 3:
                text();
                break;
            case 4:
                for (std::uint32_t left = array(); left != 0; --left) {
                    skip_item(depth + 1);
                }
                break;
            case 5:
                skip_map(depth);
                break;
            default: {
                const std::uint8_t byte = next();
                require(byte >= 0xf4 && byte <= 0xf6, code::malformed, "not deterministic CBOR");
            }
        }
    }
    void skip_map(std::uint32_t depth) {
        View previous;
        for (std::uint32_t left = map(); left != 0; --left) {
            const std::uint8_t kind = major();
            require(kind == 0 || kind == 1 || kind == 3, code::malformed,
                    "a key is neither number nor text");
            const View key = skip();
            require(previous.empty() || less(previous, key), code::malformed,
                    "fields out of order");
            previous = key;
            skip_item(depth + 1);
        }
    }

    View input_;
    std::uint32_t at_ = 0;
};

inline bool Reader::is_utf8(View view) {
    for (std::size_t i = 0; i < view.size();) {
        const std::uint8_t a = view[i];
        if (a < 0x80) {
            ++i;
            continue;
        }
        const std::uint32_t more = a < 0xc2 ? 9 : a < 0xe0 ? 1 : a < 0xf0 ? 2 : a < 0xf5 ? 3 : 9;
        if (more > view.size() - i - 1) {
            return false;
        }
        for (std::uint32_t k = 1; k <= more; ++k) {
            std::uint8_t low = 0x80;
            std::uint8_t high = 0xbf;
            if (k == 1) {
                low = a == 0xe0 ? 0xa0 : a == 0xf0 ? 0x90 : low;
                high = a == 0xed ? 0x9f : a == 0xf4 ? 0x8f : high;
            }
            if (view[i + k] < low || view[i + k] > high) {
                return false;
            }
        }
        i += more + 1;
    }
    return true;
}

/// Reads what this contract wrote itself: within its bounds, and each byte that leads the way is
/// the expected one, but the rest is taken as it is. Bytes of another form are a damaged state: a
/// trap.
class Stored {
  public:
    explicit Stored(View input) : at_(input.data()), end_(input.data() + input.size()) {}

    /// Consumes bytes that are known: heads, keys, versions.
    template <class... Byte>
    void expect(Byte... bytes) {
        ((next() == static_cast<std::uint8_t>(bytes) ? void() : __builtin_trap()), ...);
    }
    /// The number in the head of the next item, which is of this major type.
    std::uint64_t head(std::uint8_t major) {
        const std::uint32_t first = next() ^ std::uint32_t{major} << 5U;
        if (first < 24) {
            return first;
        }
        if (first > 27) {
            __builtin_trap();
        }
        std::uint64_t value = 0;
        for (const std::uint8_t byte : take(std::uint64_t{1} << (first - 24U))) {
            value = value << 8U | byte;
        }
        return value;
    }
    View take(std::uint64_t size) {
        if (size > static_cast<std::uint64_t>(end_ - at_)) {
            __builtin_trap();
        }
        const View view(at_, static_cast<std::size_t>(size));
        at_ += size;
        return view;
    }
    [[nodiscard]] bool at_end() const { return at_ == end_; }
    /// Consumes a null if one is next.
    bool null_next() {
        const bool is_null = at_ != end_ && *at_ == 0xf6;
        at_ += is_null ? 1 : 0;
        return is_null;
    }

  private:
    std::uint8_t next() {
        if (at_ == end_) {
            __builtin_trap();
        }
        return *at_++;
    }

    const std::uint8_t* at_;
    const std::uint8_t* end_;
};

/// Appends items to a buffer that grows. Keys of a map are written in canonical order by the
/// caller.
class Writer {
  public:
    Writer() = default;
    Writer(const Writer&) = delete;
    Writer& operator=(const Writer&) = delete;

    Writer& uint(std::uint64_t value) { return head(0, value); }
    Writer& integer(std::int64_t value) {
        return value < 0 ? head(1, static_cast<std::uint64_t>(-1 - value))
                         : uint(static_cast<std::uint64_t>(value));
    }
    Writer& bytes(View value) { return head(2, value.size()).raw(value); }
    template <std::size_t N>
    Writer& bytes(const Fixed<N>& value) {
        return bytes(value.view());
    }
    Writer& text(Text value) { return head(3, value.size()).raw(as_view(value)); }
    Writer& array(std::size_t items) { return head(4, items); }
    Writer& map(std::size_t pairs) { return head(5, pairs); }
    Writer& boolean(bool value) { return byte(value ? 0xf5 : 0xf4); }
    Writer& null() { return byte(0xf6); }
    /// Bytes that are canonical items already.
    Writer& raw(View items) {
        std::uint8_t* at = room(items.size());
        __builtin_memcpy(at, items.data(), items.size());
        return *this;
    }
    [[nodiscard]] View view() const { return {start_ + front_bytes, size_}; }

    /// Space kept free before the first item, for what is known last.
    static constexpr std::size_t front_bytes = 16;
    [[nodiscard]] std::uint8_t* front_end() { return room(0); }

  private:
    Writer& byte(std::uint8_t value) {
        *room(1) = value;
        return *this;
    }
    Writer& head(std::uint8_t major, std::uint64_t value) {
        const auto top = static_cast<std::uint8_t>(major << 5U);
        if (value < 24) {
            return byte(static_cast<std::uint8_t>(top | value));
        }
        const std::uint32_t power = value <= 0xFF         ? 0
                                    : value <= 0xFFFF     ? 1
                                    : value <= 0xFFFFFFFF ? 2
                                                          : 3;
        const std::uint32_t size = 1U << power;
        std::uint8_t* at = room(size + 1);
        *at++ = static_cast<std::uint8_t>(top | (24U + power));
        for (std::uint32_t i = size; i != 0; --i) {
            *at++ = static_cast<std::uint8_t>(value >> (8U * (i - 1)));
        }
        return *this;
    }
    /// Where the next `more` bytes go; they count as written.
    std::uint8_t* room(std::size_t more) {
        if (start_ == nullptr || front_bytes + size_ + more > capacity_) {
            grow(front_bytes + size_ + more);
        }
        std::uint8_t* at = start_ + front_bytes + size_;
        size_ += more;
        return at;
    }
    void grow(std::size_t needed) {
        const std::size_t wanted = needed < 120 ? 128 : needed + needed / 2;
        if (start_ != nullptr && detail::extend(start_, capacity_, wanted)) {
            capacity_ = wanted;
            return;
        }
        std::uint8_t* fresh = allocate(wanted);
        if (start_ != nullptr) {
            __builtin_memcpy(fresh, start_, front_bytes + size_);
        }
        start_ = fresh;
        capacity_ = wanted;
    }

    std::uint8_t* start_ = nullptr;
    std::size_t size_ = 0;
    std::size_t capacity_ = 0;
};

}  // namespace salus
