#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

/// Writes JSON text without white space. Portable: the reader of base/json is a native library.
namespace salus::learn {

class JsonOut {
  public:
    JsonOut& begin_object() { return open('{'); }
    JsonOut& end_object() { return close('}'); }
    JsonOut& begin_array() { return open('['); }
    JsonOut& end_array() { return close(']'); }
    JsonOut& key(std::string_view name);
    JsonOut& text(std::string_view value);
    JsonOut& number(double value);  ///< NaN and infinity become null
    JsonOut& integer(std::uint64_t value);
    JsonOut& boolean(bool value);
    JsonOut& null();
    JsonOut& raw(std::string_view json);  ///< a finished value

    template <class Value>
    JsonOut& field(std::string_view name, const Value& value) {
        key(name);
        if constexpr (std::is_same_v<Value, bool>) {
            return boolean(value);
        } else if constexpr (std::is_floating_point_v<Value>) {
            return number(value);
        } else if constexpr (std::is_unsigned_v<Value>) {
            return integer(value);
        } else {
            return text(value);
        }
    }

    [[nodiscard]] const std::string& view() const noexcept { return out_; }
    std::string take() { return std::move(out_); }

  private:
    JsonOut& open(char bracket);
    JsonOut& close(char bracket);
    void separate();
    std::string out_;
    bool comma_ = false;
};

/// Appends the value as a JSON string with its quotes: `"`, `\` and characters below U+0020 are
/// escaped.
void append_json_text(std::string& to, std::string_view value);

}  // namespace salus::learn
