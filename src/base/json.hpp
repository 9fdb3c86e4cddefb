#pragma once

#include "base/bytes.hpp"

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

/// JSON in and out. Numbers keep their text; duplicate keys, depth > 64, lone surrogates and
/// numbers that overflow a double (1e400) are refused. Not for FHIR resources (fhir::Element keeps
/// source offsets and order).
namespace salus::json {

inline constexpr std::size_t depth_max = 64;
/// Values in one document: 16 MiB of text could otherwise become hundreds of MiB of memory.
inline constexpr std::size_t values_max = 1'000'000;

class Value;
using Array = std::vector<Value>;
using Member = std::pair<std::string, Value>;
using Object = std::vector<Member>;  ///< in source order, keys unique

/// A number as it was written.
struct Number {
    std::string text;
    bool operator==(const Number&) const = default;
};

class Value {
  public:
    Value() : data_(nullptr) {}
    Value(std::nullptr_t) : data_(nullptr) {}
    Value(bool v) : data_(v) {}
    Value(int v) : data_(Number{std::to_string(v)}) {}
    Value(std::int64_t v) : data_(Number{std::to_string(v)}) {}
    Value(std::uint64_t v) : data_(Number{std::to_string(v)}) {}
    Value(double v);  ///< shortest text that reads back the same; non-finite becomes null
    Value(Number v) : data_(std::move(v)) {}
    Value(const char* v) : data_(std::string(v)) {}
    Value(std::string_view v) : data_(std::string(v)) {}
    Value(std::string v) : data_(std::move(v)) {}
    Value(Array v) : data_(std::move(v)) {}
    Value(Object v) : data_(std::move(v)) {}

    [[nodiscard]] bool is_null() const { return std::holds_alternative<std::nullptr_t>(data_); }
    [[nodiscard]] const bool* boolean() const { return std::get_if<bool>(&data_); }
    [[nodiscard]] const Number* number() const { return std::get_if<Number>(&data_); }
    [[nodiscard]] const std::string* text() const { return std::get_if<std::string>(&data_); }
    [[nodiscard]] const Array* array() const { return std::get_if<Array>(&data_); }
    [[nodiscard]] const Object* object() const { return std::get_if<Object>(&data_); }
    [[nodiscard]] Object* object() { return std::get_if<Object>(&data_); }
    [[nodiscard]] Array* array() { return std::get_if<Array>(&data_); }
    /// Member of an object, or nullptr when absent or when this is no object.
    [[nodiscard]] const Value* find(std::string_view key) const;
    bool operator==(const Value&) const = default;

  private:
    std::variant<std::nullptr_t, bool, Number, std::string, Array, Object> data_;
};

/// Errors: malformed — with the offset;
///         out_of_range — longer than bytes_max, deeper than depth_max, above values_max values.
Result<Value> parse(std::string_view text, std::size_t bytes_max = 16U << 20U);
/// Compact, keys in the order held; strings escaped per RFC 8259. Text that is not UTF-8 has its
/// bytes above 0x7f replaced by U+FFFD.
std::string write(const Value& value);

/// Fields of an object that must be there with that type.
/// Errors: malformed — names the field, never its value.
Result<std::string> need_text(const Value& object, std::string_view key,
                              std::size_t bytes_max = 4096);
Result<std::int64_t> need_int(const Value& object, std::string_view key);
Result<std::uint64_t> need_uint(const Value& object, std::string_view key);
Result<double> need_double(const Value& object, std::string_view key);
Result<bool> need_bool(const Value& object, std::string_view key);
Result<Bytes> need_hex(const Value& object, std::string_view key,
                       std::size_t bytes_max = 16U << 20U);
Result<Bytes> need_base64url(const Value& object, std::string_view key,
                             std::size_t bytes_max = 16U << 20U);
Result<const Array*> need_array(const Value& object, std::string_view key);
/// Refuses an object with a key outside `allowed`: malformed — names the key.
Status only_keys(const Value& object, std::initializer_list<std::string_view> allowed);

}  // namespace salus::json
