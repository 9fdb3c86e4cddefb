#pragma once

#include "base/bytes.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

/// Deterministic CBOR: the subset of RFC 8949 §4.2.1 that Salus hashes, signs and stores.
/// Integers, byte and text strings, arrays, maps with integer or text keys, true, false, null, and
/// tag 18 (COSE_Sign1, only at the outermost place). No floats, no indefinite lengths.
/// Source: docs/formats/cbor.md.
namespace salus::cbor {

/// Arrays and maps around an item; a leading tag is not counted.
inline constexpr std::size_t depth_max = 16;

/// Appends canonical items. Maps: the caller writes the keys in canonical order (bytewise order of
/// their encodings: integers before texts, short texts before long ones); the writer does not sort.
class Writer {
  public:
    Writer& uint(std::uint64_t value);
    Writer& integer(std::int64_t value);
    Writer& bytes(ByteView value);
    Writer& text(std::string_view value);  ///< must be UTF-8 (SALUS_ASSERT)
    Writer& array(std::size_t items);      ///< head only; the items follow
    Writer& map(std::size_t pairs);        ///< head only; key, value, key, value … follow
    Writer& boolean(bool value);
    Writer& null();
    Writer& tag(std::uint64_t number);
    Writer& raw(ByteView item);  ///< an item that is canonical already
    [[nodiscard]] const Bytes& view() const noexcept { return out_; }
    Bytes take() { return std::move(out_); }

  private:
    void head(std::uint8_t major, std::uint64_t value);
    Bytes out_;
};

enum class Kind : std::uint8_t { uint, negative, bytes, text, array, map, boolean, null, tag };

/// Pull reader over one canonical item or a sequence of them; every method refuses what is not
/// canonical, `map` also keys that do not ascend. Views point into the input.
/// Errors: malformed — wrong type, not shortest form, truncated, depth > depth_max;
///         out_of_range — longer or larger than the maximum the caller names.
/// After an error the position is where the refused item begins.
class Reader {
  public:
    explicit Reader(ByteView input) noexcept : input_(input) {}

    [[nodiscard]] Result<Kind> peek() const;
    Result<std::uint64_t> uint();
    Result<std::uint64_t> uint_max(std::uint64_t max);  ///< out_of_range above max
    Result<std::int64_t> integer();
    Result<ByteView> bytes();
    Result<ByteView> bytes_max(std::size_t max);
    template <class Fixed>
    Result<Fixed> fixed() {
        const std::size_t start = at_;
        auto value = Fixed::from(SALUS_TRY(bytes()));
        if (!value) at_ = start;
        return value;
    }
    Result<std::string_view> text();
    Result<std::string_view> text_max(std::size_t max);
    Result<std::size_t> array();         ///< number of items, never more than bytes remain
    Status array_of(std::size_t items);  ///< exactly this many
    Result<std::size_t> map();           ///< number of pairs; the whole map is checked
    Status map_of(std::size_t pairs);
    Status key(std::uint64_t expected);  ///< the next item is this unsigned integer
    Result<bool> boolean();
    Status null();
    [[nodiscard]] bool null_next() const noexcept;  ///< peeks
    Status tag(std::uint64_t expected);
    Result<ByteView> skip();           ///< one whole item, checked canonical, as bytes
    [[nodiscard]] Status end() const;  ///< malformed — bytes remain
    [[nodiscard]] std::size_t offset() const noexcept { return at_; }
    [[nodiscard]] bool at_end() const noexcept { return at_ == input_.size(); }

  private:
    struct Head;
    Result<Head> head();
    Result<Head> expect(std::uint8_t major);
    ByteView input_;
    std::size_t at_ = 0;
};

/// Whether `item` is exactly one canonical item, map keys strictly ascending, text UTF-8,
/// depth ≤ depth_max. A leading tag 18 is accepted. Errors: malformed, with the offset.
Status check(ByteView item);

}  // namespace salus::cbor
