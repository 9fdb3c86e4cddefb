#include "base/cbor.hpp"

#include <limits>

namespace salus::cbor {
namespace {

// RFC 8949 §3.1: the major type is the first three bits of an item.
constexpr std::uint8_t major_uint = 0;
constexpr std::uint8_t major_negative = 1;
constexpr std::uint8_t major_bytes = 2;
constexpr std::uint8_t major_text = 3;
constexpr std::uint8_t major_array = 4;
constexpr std::uint8_t major_map = 5;
constexpr std::uint8_t major_tag = 6;
constexpr std::uint8_t major_simple = 7;

constexpr std::uint8_t simple_false = 20;
constexpr std::uint8_t simple_true = 21;
constexpr std::uint8_t simple_null = 22;

constexpr std::uint64_t tag_cose_sign1 = 18;  // RFC 9052 §4.2

Error malformed(const char* what, std::size_t offset) {
    return Error{Errc::malformed, std::string("cbor: ") + what + " at " + std::to_string(offset)};
}

struct RawHead {
    std::uint8_t major = 0;
    std::uint64_t value = 0;
    std::size_t size = 0;  ///< bytes of the head itself
};

/// Smallest value that needs `extra` bytes after the first one.
std::uint64_t shortest_min(std::size_t extra) noexcept {
    if (extra == 1) return 24;
    return std::uint64_t{1} << (extra * 4);
}

/// One head at `at`, in its shortest form. Simple values other than false, true and null, floats
/// and indefinite lengths are refused here, so that no caller has to remember them.
Result<RawHead> read_head(ByteView input, std::size_t at) {
    if (at >= input.size()) return malformed("input ends where an item should begin", at);
    RawHead head;
    head.major = input[at] >> 5U;
    const std::uint8_t info = input[at] & 0x1fU;
    if (head.major == major_simple) {
        if (info < simple_false || info > simple_null) {
            return malformed("simple value or float outside the subset", at);
        }
        head.value = info;
        head.size = 1;
        return head;
    }
    if (info < 24) {
        head.value = info;
        head.size = 1;
        return head;
    }
    if (info > 27) return malformed("indefinite or reserved length", at);
    const std::size_t extra = std::size_t{1} << (info - 24U);
    if (input.size() - at - 1 < extra) return malformed("head is cut short", at);
    for (std::size_t i = 0; i < extra; ++i) {
        head.value = (head.value << 8U) | input[at + 1 + i];
    }
    if (head.value < shortest_min(extra)) return malformed("not in the shortest form", at);
    head.size = 1 + extra;
    return head;
}

/// A string's content must lie in the input; returns the offset after it.
Result<std::size_t> end_of_string(ByteView input, std::size_t at, const RawHead& head) {
    const std::size_t start = at + head.size;
    if (head.value > input.size() - start) return malformed("string is cut short", at);
    return start + static_cast<std::size_t>(head.value);
}

/// Every item takes at least one byte, so a count beyond the input is refused before any loop.
Status check_count(ByteView input, std::size_t at, const RawHead& head, std::size_t bytes_each) {
    if (head.value > (input.size() - at - head.size) / bytes_each) {
        return malformed("more items announced than bytes remain", at);
    }
    return done;
}

Result<std::size_t> skip_item(ByteView input, std::size_t at, std::size_t depth);

Result<std::size_t> skip_array(ByteView input, std::size_t at, const RawHead& head,
                               std::size_t depth) {
    if (depth == depth_max) return malformed("nested deeper than 16", at);
    SALUS_TRY(check_count(input, at, head, 1));
    std::size_t next = at + head.size;
    for (std::uint64_t i = 0; i < head.value; ++i) {
        next = SALUS_TRY(skip_item(input, next, depth + 1));
    }
    return next;
}

/// RFC 8949 §4.2.1: keys ascend in the bytewise order of their encodings, none occurs twice.
Result<std::size_t> skip_map(ByteView input, std::size_t at, const RawHead& head,
                             std::size_t depth) {
    if (depth == depth_max) return malformed("nested deeper than 16", at);
    SALUS_TRY(check_count(input, at, head, 2));
    std::size_t next = at + head.size;
    ByteView previous;
    for (std::uint64_t i = 0; i < head.value; ++i) {
        const RawHead key_head = SALUS_TRY(read_head(input, next));
        if (key_head.major > major_text || key_head.major == major_bytes) {
            return malformed("map key is neither integer nor text", next);
        }
        const std::size_t value_at = SALUS_TRY(skip_item(input, next, depth + 1));
        const ByteView key = input.subspan(next, value_at - next);
        if (i != 0 && !std::lexicographical_compare(previous.begin(), previous.end(), key.begin(),
                                                    key.end())) {
            return malformed("map keys do not ascend", next);
        }
        previous = key;
        next = SALUS_TRY(skip_item(input, value_at, depth + 1));
    }
    return next;
}

/// Offset after the item at `at`; `depth` counts the arrays and maps around it.
Result<std::size_t> skip_item(ByteView input, std::size_t at, std::size_t depth) {
    const RawHead head = SALUS_TRY(read_head(input, at));
    switch (head.major) {
        case major_bytes:
            return end_of_string(input, at, head);
        case major_text: {
            const std::size_t end = SALUS_TRY(end_of_string(input, at, head));
            const std::size_t start = at + head.size;
            if (!is_utf8(input.subspan(start, end - start))) {
                return malformed("text is not UTF-8", at);
            }
            return end;
        }
        case major_array:
            return skip_array(input, at, head, depth);
        case major_map:
            return skip_map(input, at, head, depth);
        case major_tag:
            return malformed("tag inside an item", at);
        default:
            return at + head.size;
    }
}

/// As skip_item, but a tag 18 may stand before the outermost array.
Result<std::size_t> skip_outermost(ByteView input, std::size_t at) {
    const RawHead head = SALUS_TRY(read_head(input, at));
    if (head.major != major_tag) return skip_item(input, at, 0);
    if (head.value != tag_cose_sign1) return malformed("tag other than 18", at);
    return skip_item(input, at + head.size, 0);
}

}  // namespace

void Writer::head(std::uint8_t major, std::uint64_t value) {
    const auto first = static_cast<std::uint8_t>(major << 5U);
    if (value < 24) {
        out_.push_back(static_cast<std::uint8_t>(first | value));
    } else if (value <= std::numeric_limits<std::uint8_t>::max()) {
        out_.push_back(first | 24U);
        out_.push_back(static_cast<std::uint8_t>(value));
    } else if (value <= std::numeric_limits<std::uint16_t>::max()) {
        out_.push_back(first | 25U);
        append_be16(out_, static_cast<std::uint16_t>(value));
    } else if (value <= std::numeric_limits<std::uint32_t>::max()) {
        out_.push_back(first | 26U);
        append_be32(out_, static_cast<std::uint32_t>(value));
    } else {
        out_.push_back(first | 27U);
        append_be64(out_, value);
    }
}

Writer& Writer::uint(std::uint64_t value) {
    head(major_uint, value);
    return *this;
}

Writer& Writer::integer(std::int64_t value) {
    if (value >= 0) return uint(static_cast<std::uint64_t>(value));
    // −1 − value, written without leaving the range of int64: the bits of value inverted.
    head(major_negative, ~static_cast<std::uint64_t>(value));
    return *this;
}

Writer& Writer::bytes(ByteView value) {
    head(major_bytes, value.size());
    append(out_, value);
    return *this;
}

Writer& Writer::text(std::string_view value) {
    SALUS_ASSERT(is_utf8(as_bytes(value)));
    head(major_text, value.size());
    append(out_, as_bytes(value));
    return *this;
}

Writer& Writer::array(std::size_t items) {
    head(major_array, items);
    return *this;
}

Writer& Writer::map(std::size_t pairs) {
    head(major_map, pairs);
    return *this;
}

Writer& Writer::boolean(bool value) {
    head(major_simple, value ? simple_true : simple_false);
    return *this;
}

Writer& Writer::null() {
    head(major_simple, simple_null);
    return *this;
}

Writer& Writer::tag(std::uint64_t number) {
    head(major_tag, number);
    return *this;
}

Writer& Writer::raw(ByteView item) {
    append(out_, item);
    return *this;
}

struct Reader::Head : RawHead {};

Result<Reader::Head> Reader::head() {
    const RawHead raw = SALUS_TRY(read_head(input_, at_));
    return Head{raw};
}

Result<Reader::Head> Reader::expect(std::uint8_t major) {
    static constexpr std::array<const char*, 8> wanted = {"expected an unsigned integer",
                                                          "expected a negative integer",
                                                          "expected a byte string",
                                                          "expected a text string",
                                                          "expected an array",
                                                          "expected a map",
                                                          "expected a tag",
                                                          "expected a simple value"};
    const Head found = SALUS_TRY(head());
    if (found.major != major) return malformed(wanted[major], at_);
    return found;
}

Result<Kind> Reader::peek() const {
    const RawHead found = SALUS_TRY(read_head(input_, at_));
    switch (found.major) {
        case major_uint:
            return Kind::uint;
        case major_negative:
            return Kind::negative;
        case major_bytes:
            return Kind::bytes;
        case major_text:
            return Kind::text;
        case major_array:
            return Kind::array;
        case major_map:
            return Kind::map;
        case major_tag:
            return Kind::tag;
        default:
            return found.value == simple_null ? Kind::null : Kind::boolean;
    }
}

Result<std::uint64_t> Reader::uint() {
    const Head found = SALUS_TRY(expect(major_uint));
    at_ += found.size;
    return found.value;
}

Result<std::uint64_t> Reader::uint_max(std::uint64_t max) {
    const std::size_t start = at_;
    const std::uint64_t value = SALUS_TRY(uint());
    if (value > max) {
        at_ = start;
        return Error{Errc::out_of_range, "cbor: " + std::to_string(value) + " at " +
                                             std::to_string(start) + " is above " +
                                             std::to_string(max)};
    }
    return value;
}

Result<std::int64_t> Reader::integer() {
    const Head found = SALUS_TRY(head());
    if (found.major != major_uint && found.major != major_negative) {
        return malformed("expected an integer", at_);
    }
    if (found.value > static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max())) {
        return malformed("integer outside 64 bits with sign", at_);
    }
    at_ += found.size;
    const auto magnitude = static_cast<std::int64_t>(found.value);
    return found.major == major_uint ? magnitude : -1 - magnitude;
}

Result<ByteView> Reader::bytes() {
    const Head found = SALUS_TRY(expect(major_bytes));
    const std::size_t end = SALUS_TRY(end_of_string(input_, at_, found));
    const ByteView value = input_.subspan(at_ + found.size, end - at_ - found.size);
    at_ = end;
    return value;
}

Result<ByteView> Reader::bytes_max(std::size_t max) {
    const std::size_t start = at_;
    const ByteView value = SALUS_TRY(bytes());
    if (value.size() > max) {
        at_ = start;
        return Error{Errc::out_of_range, "cbor: byte string at " + std::to_string(start) +
                                             " is longer than " + std::to_string(max)};
    }
    return value;
}

Result<std::string_view> Reader::text() {
    const Head found = SALUS_TRY(expect(major_text));
    const std::size_t end = SALUS_TRY(end_of_string(input_, at_, found));
    const ByteView value = input_.subspan(at_ + found.size, end - at_ - found.size);
    if (!is_utf8(value)) return malformed("text is not UTF-8", at_);
    at_ = end;
    return as_text(value);
}

Result<std::string_view> Reader::text_max(std::size_t max) {
    const std::size_t start = at_;
    const std::string_view value = SALUS_TRY(text());
    if (value.size() > max) {
        at_ = start;
        return Error{Errc::out_of_range, "cbor: text at " + std::to_string(start) +
                                             " is longer than " + std::to_string(max)};
    }
    return value;
}

Result<std::size_t> Reader::array() {
    const Head found = SALUS_TRY(expect(major_array));
    SALUS_TRY(check_count(input_, at_, found, 1));
    at_ += found.size;
    return static_cast<std::size_t>(found.value);
}

Status Reader::array_of(std::size_t items) {
    const std::size_t start = at_;
    if (SALUS_TRY(array()) != items) {
        at_ = start;
        return malformed("array of another length", start);
    }
    return done;
}

Result<std::size_t> Reader::map() {
    const Head found = SALUS_TRY(expect(major_map));
    // The order of the keys is checked here once, whatever way the caller reads them afterwards.
    SALUS_TRY(skip_map(input_, at_, found, 0));
    at_ += found.size;
    return static_cast<std::size_t>(found.value);
}

Status Reader::map_of(std::size_t pairs) {
    const std::size_t start = at_;
    if (SALUS_TRY(map()) != pairs) {
        at_ = start;
        return malformed("map of another size", start);
    }
    return done;
}

Status Reader::key(std::uint64_t expected) {
    const std::size_t start = at_;
    if (SALUS_TRY(uint()) != expected) {
        at_ = start;
        return malformed("unexpected map key", start);
    }
    return done;
}

Result<bool> Reader::boolean() {
    const Head found = SALUS_TRY(expect(major_simple));
    if (found.value == simple_null) return malformed("expected a boolean", at_);
    at_ += found.size;
    return found.value == simple_true;
}

Status Reader::null() {
    if (!null_next()) return malformed("expected null", at_);
    ++at_;
    return done;
}

bool Reader::null_next() const noexcept {
    return at_ < input_.size() && input_[at_] == ((major_simple << 5U) | simple_null);
}

Status Reader::tag(std::uint64_t expected) {
    const Head found = SALUS_TRY(expect(major_tag));
    if (found.value != expected) return malformed("unexpected tag", at_);
    at_ += found.size;
    return done;
}

Result<ByteView> Reader::skip() {
    const std::size_t start = at_;
    at_ = SALUS_TRY(start == 0 ? skip_outermost(input_, start) : skip_item(input_, start, 0));
    return input_.subspan(start, at_ - start);
}

Status Reader::end() const {
    if (!at_end()) return malformed("bytes remain after the last item", at_);
    return done;
}

Status check(ByteView item) {
    Reader reader(item);
    SALUS_TRY(reader.skip());
    return reader.end();
}

}  // namespace salus::cbor
