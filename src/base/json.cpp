#include "base/json.hpp"

#include <charconv>
#include <cmath>
#include <limits>

namespace salus::json {
namespace {

/// Up to here the names of an object are compared pairwise, above they are sorted.
constexpr std::size_t pairwise_members_max = 12;

bool is_digit(char c) noexcept { return c >= '0' && c <= '9'; }

/// Whether the first significant digit of a number stands left of the point: tells a number that
/// is too large from one that is too small, where the library only says "out of range".
bool is_large(std::string_view number) {
    std::int64_t magnitude = 0;
    bool before_point = true;
    bool significant = false;
    std::size_t i = number.starts_with('-') ? 1 : 0;
    for (; i < number.size() && number[i] != 'e' && number[i] != 'E'; ++i) {
        if (number[i] == '.') {
            before_point = false;
            continue;
        }
        significant = significant || number[i] != '0';
        if (before_point && significant) ++magnitude;
        if (!before_point && !significant) --magnitude;
    }
    if (i < number.size()) {
        ++i;
        const bool negative = number[i] == '-';
        if (number[i] == '-' || number[i] == '+') ++i;
        std::int64_t exponent = 0;
        for (; i < number.size(); ++i) {
            exponent = std::min<std::int64_t>(exponent * 10 + (number[i] - '0'), 1'000'000'000);
        }
        magnitude += negative ? -exponent : exponent;
    }
    return magnitude > 0;
}

/// Value of a number in JSON grammar; infinity when it overflows, zero when it underflows.
double to_double(std::string_view number) {
    double value = 0;
    const auto [end, error] = std::from_chars(number.data(), number.data() + number.size(), value);
    if (error == std::errc::result_out_of_range) {
        return is_large(number) ? std::numeric_limits<double>::infinity() : 0.0;
    }
    return value;
}

class Parser {
  public:
    explicit Parser(std::string_view text) : text_(text) {}

    Result<Value> document() {
        if (!is_utf8(as_bytes(text_))) return Error{Errc::malformed, "json: not UTF-8"};
        Value value = SALUS_TRY(parse_value(0));
        skip_blanks();
        if (at_ != text_.size()) return malformed("text after the value");
        return value;
    }

  private:
    [[nodiscard]] Error malformed(const char* what) const {
        return Error{Errc::malformed,
                     std::string("json: ") + what + " at " + std::to_string(at_)};
    }
    [[nodiscard]] char peek() const noexcept { return at_ < text_.size() ? text_[at_] : '\0'; }
    bool take(char c) noexcept {
        if (at_ >= text_.size() || text_[at_] != c) return false;
        ++at_;
        return true;
    }
    void skip_blanks() noexcept {
        while (at_ < text_.size() && (text_[at_] == ' ' || text_[at_] == '\t' ||
                                      text_[at_] == '\n' || text_[at_] == '\r')) {
            ++at_;
        }
    }

    Result<Value> parse_value(std::size_t depth) {
        skip_blanks();
        if (++values_ > values_max) {
            return Error{Errc::out_of_range, "json: more than 1000000 values"};
        }
        switch (peek()) {
            case '{': return parse_object(depth);
            case '[': return parse_array(depth);
            case '"': return Value(SALUS_TRY(parse_string()));
            case 't': return parse_word("true", Value(true));
            case 'f': return parse_word("false", Value(false));
            case 'n': return parse_word("null", Value());
            default: return parse_number();
        }
    }

    Result<Value> parse_word(std::string_view word, Value value) {
        if (text_.substr(at_, word.size()) != word) return malformed("expected a value");
        at_ += word.size();
        return value;
    }

    // RFC 8259 §6: no leading zeros, a digit on either side of the point and after the exponent.
    Result<Value> parse_number() {
        const std::size_t start = at_;
        take('-');
        if (!is_digit(peek())) return malformed("expected a value");
        if (!take('0')) skip_digits();
        if (is_digit(peek())) return malformed("number with a leading zero");
        if (take('.') && !skip_digits()) return malformed("no digit after the point");
        if (take('e') || take('E')) {
            if (!take('-')) take('+');
            if (!skip_digits()) return malformed("no digit in the exponent");
        }
        const std::string_view number = text_.substr(start, at_ - start);
        if (std::isinf(to_double(number))) return malformed("number too large for a double ends");
        return Value(Number{std::string(number)});
    }

    bool skip_digits() noexcept {
        const std::size_t start = at_;
        while (is_digit(peek())) ++at_;
        return at_ != start;
    }

    Result<Value> parse_array(std::size_t depth) {
        if (depth == depth_max) return too_deep();
        ++at_;
        Array items;
        skip_blanks();
        if (take(']')) return Value(std::move(items));
        do {
            items.push_back(SALUS_TRY(parse_value(depth + 1)));
            skip_blanks();
        } while (take(','));
        if (!take(']')) return malformed("expected , or ] in an array");
        return Value(std::move(items));
    }

    Result<Value> parse_object(std::size_t depth) {
        if (depth == depth_max) return too_deep();
        ++at_;
        Object members;
        skip_blanks();
        if (take('}')) return Value(std::move(members));
        do {
            skip_blanks();
            if (peek() != '"') return malformed("expected a member's name");
            std::string name = SALUS_TRY(parse_string());
            skip_blanks();
            if (!take(':')) return malformed("expected : after a member's name");
            members.emplace_back(std::move(name), SALUS_TRY(parse_value(depth + 1)));
            skip_blanks();
        } while (take(','));
        if (!take('}')) return malformed("expected , or } in an object");
        if (has_twins(members)) return malformed("a name occurs twice in the object that ends");
        return Value(std::move(members));
    }

    [[nodiscard]] Error too_deep() const {
        return Error{Errc::out_of_range,
                     "json: nested deeper than 64 at " + std::to_string(at_)};
    }

    static bool has_twins(const Object& members) {
        if (members.size() <= pairwise_members_max) {
            for (std::size_t i = 1; i < members.size(); ++i) {
                for (std::size_t j = 0; j < i; ++j) {
                    if (members[i].first == members[j].first) return true;
                }
            }
            return false;
        }
        std::vector<std::string_view> names;
        names.reserve(members.size());
        for (const Member& member : members) names.emplace_back(member.first);
        std::sort(names.begin(), names.end());
        return std::adjacent_find(names.begin(), names.end()) != names.end();
    }

    Result<std::string> parse_string() {
        ++at_;
        std::string out;
        for (;;) {
            const std::size_t start = at_;
            while (at_ < text_.size() && text_[at_] != '"' && text_[at_] != '\\' &&
                   static_cast<unsigned char>(text_[at_]) >= 0x20) {
                ++at_;
            }
            out.append(text_.substr(start, at_ - start));
            if (take('"')) return out;
            if (!take('\\')) return malformed("unended string or control character");
            SALUS_TRY(parse_escape(out));
        }
    }

    Status parse_escape(std::string& out) {
        static constexpr std::string_view written = "\"\\/bfnrt";
        static constexpr std::string_view meant = "\"\\/\b\f\n\r\t";
        if (take('u')) {
            append_utf8(out, SALUS_TRY(parse_code_point()));
            return done;
        }
        const std::size_t which = at_ < text_.size() ? written.find(text_[at_]) : written.npos;
        if (which == written.npos) return malformed("unknown escape");
        ++at_;
        out.push_back(meant[which]);
        return done;
    }

    Result<std::uint32_t> parse_code_point() {
        const std::uint32_t first = SALUS_TRY(parse_hex4());
        if (first < 0xd800 || first > 0xdfff) return first;
        if (first > 0xdbff || !take('\\') || !take('u')) return malformed("lone surrogate");
        const std::uint32_t second = SALUS_TRY(parse_hex4());
        if (second < 0xdc00 || second > 0xdfff) return malformed("lone surrogate");
        return 0x10000U + ((first - 0xd800U) << 10U) + (second - 0xdc00U);
    }

    Result<std::uint32_t> parse_hex4() {
        const std::string_view digits = text_.substr(at_, 4);
        std::uint32_t value = 0;
        const auto [end, error] =
            std::from_chars(digits.data(), digits.data() + digits.size(), value, 16);
        if (digits.size() != 4 || error != std::errc() || end != digits.data() + 4) {
            return malformed("expected four hexadecimal digits");
        }
        at_ += 4;
        return value;
    }

    static void append_utf8(std::string& out, std::uint32_t c) {
        const auto put = [&out](std::uint32_t byte) { out.push_back(static_cast<char>(byte)); };
        if (c < 0x80) {
            put(c);
        } else if (c < 0x800) {
            put(0xc0U | (c >> 6U));
            put(0x80U | (c & 0x3fU));
        } else if (c < 0x10000) {
            put(0xe0U | (c >> 12U));
            put(0x80U | ((c >> 6U) & 0x3fU));
            put(0x80U | (c & 0x3fU));
        } else {
            put(0xf0U | (c >> 18U));
            put(0x80U | ((c >> 12U) & 0x3fU));
            put(0x80U | ((c >> 6U) & 0x3fU));
            put(0x80U | (c & 0x3fU));
        }
    }

    std::string_view text_;
    std::size_t at_ = 0;
    std::size_t values_ = 0;
};

void write_string(std::string& out, std::string_view text) {
    static constexpr std::string_view hex_digits = "0123456789abcdef";
    // Text that came from outside unchecked must not make the whole document unreadable.
    const bool utf8 = is_utf8(as_bytes(text));
    out.push_back('"');
    for (const char c : text) {
        const auto byte = static_cast<unsigned char>(c);
        switch (c) {
            case '"': out += "\\\""; continue;
            case '\\': out += "\\\\"; continue;
            case '\n': out += "\\n"; continue;
            case '\r': out += "\\r"; continue;
            case '\t': out += "\\t"; continue;
            default: break;
        }
        if (byte < 0x20) {
            out += "\\u00";
            out.push_back(hex_digits[byte >> 4U]);
            out.push_back(hex_digits[byte & 0xfU]);
        } else if (byte >= 0x80 && !utf8) {
            out += "\\ufffd";
        } else {
            out.push_back(c);
        }
    }
    out.push_back('"');
}

void write_value(std::string& out, const Value& value) {
    if (const bool* b = value.boolean()) {
        out += *b ? "true" : "false";
    } else if (const Number* number = value.number()) {
        out += number->text;
    } else if (const std::string* text = value.text()) {
        write_string(out, *text);
    } else if (const Array* array = value.array()) {
        char before = '[';
        for (const Value& item : *array) {
            out.push_back(before);
            write_value(out, item);
            before = ',';
        }
        out += array->empty() ? "[]" : "]";
    } else if (const Object* object = value.object()) {
        char before = '{';
        for (const Member& member : *object) {
            out.push_back(before);
            write_string(out, member.first);
            out.push_back(':');
            write_value(out, member.second);
            before = ',';
        }
        out += object->empty() ? "{}" : "}";
    } else {
        out += "null";
    }
}

Error bad_field(std::string_view key, const char* what) {
    return Error{Errc::malformed, "json: field " + std::string(key) + " " + what};
}

Result<const Value*> need(const Value& object, std::string_view key) {
    const Value* value = object.find(key);
    if (value == nullptr) return bad_field(key, "is missing");
    return value;
}

template <class Integer>
Result<Integer> need_integer(const Value& object, std::string_view key) {
    const Value* value = SALUS_TRY(need(object, key));
    const Number* number = value->number();
    if (number == nullptr) return bad_field(key, "must be a whole number");
    Integer out = 0;
    const char* last = number->text.data() + number->text.size();
    const auto [end, error] = std::from_chars(number->text.data(), last, out);
    if (error != std::errc() || end != last) {
        return bad_field(key, "must be a whole number in range");
    }
    return out;
}

/// The text of a field that holds encoded bytes, bounded before it is decoded.
Result<std::string_view> need_encoded(const Value& object, std::string_view key,
                                      std::size_t text_max) {
    const Value* value = SALUS_TRY(need(object, key));
    if (value->text() == nullptr) return bad_field(key, "must be text");
    if (value->text()->size() > text_max) return bad_field(key, "is too long");
    return std::string_view(*value->text());
}

}  // namespace

Value::Value(double v) : data_(nullptr) {
    if (!std::isfinite(v)) return;
    std::array<char, 32> buffer{};
    const auto [end, error] = std::to_chars(buffer.data(), buffer.data() + buffer.size(), v);
    SALUS_ASSERT(error == std::errc());
    data_ = Number{std::string(buffer.data(), end)};
}

const Value* Value::find(std::string_view key) const {
    const Object* members = object();
    if (members == nullptr) return nullptr;
    for (const Member& member : *members) {
        if (member.first == key) return &member.second;
    }
    return nullptr;
}

Result<Value> parse(std::string_view text, std::size_t bytes_max) {
    if (text.size() > bytes_max) {
        return Error{Errc::out_of_range, "json: " + std::to_string(text.size()) +
                                             " bytes, more than " + std::to_string(bytes_max)};
    }
    return Parser(text).document();
}

std::string write(const Value& value) {
    std::string out;
    write_value(out, value);
    return out;
}

Result<std::string> need_text(const Value& object, std::string_view key, std::size_t bytes_max) {
    return std::string(SALUS_TRY(need_encoded(object, key, bytes_max)));
}

Result<std::int64_t> need_int(const Value& object, std::string_view key) {
    return need_integer<std::int64_t>(object, key);
}

Result<std::uint64_t> need_uint(const Value& object, std::string_view key) {
    return need_integer<std::uint64_t>(object, key);
}

Result<double> need_double(const Value& object, std::string_view key) {
    const Value* value = SALUS_TRY(need(object, key));
    if (value->number() == nullptr) return bad_field(key, "must be a number");
    const double number = to_double(value->number()->text);
    if (!std::isfinite(number)) return bad_field(key, "must be a number in range");
    return number;
}

Result<bool> need_bool(const Value& object, std::string_view key) {
    const Value* value = SALUS_TRY(need(object, key));
    if (value->boolean() == nullptr) return bad_field(key, "must be true or false");
    return *value->boolean();
}

Result<Bytes> need_hex(const Value& object, std::string_view key, std::size_t bytes_max) {
    Result<Bytes> bytes = from_hex(SALUS_TRY(need_encoded(object, key, bytes_max * 2)));
    if (!bytes.ok()) return bad_field(key, "must be hexadecimal");
    return bytes;
}

Result<Bytes> need_base64url(const Value& object, std::string_view key, std::size_t bytes_max) {
    const std::size_t text_max = bytes_max / 3 * 4 + (bytes_max % 3 * 8 + 5) / 6;
    Result<Bytes> bytes = from_base64url(SALUS_TRY(need_encoded(object, key, text_max)));
    if (!bytes.ok()) return bad_field(key, "must be base64url");
    return bytes;
}

Result<const Array*> need_array(const Value& object, std::string_view key) {
    const Value* value = SALUS_TRY(need(object, key));
    if (value->array() == nullptr) return bad_field(key, "must be a list");
    return value->array();
}

Status only_keys(const Value& object, std::initializer_list<std::string_view> allowed) {
    const Object* members = object.object();
    if (members == nullptr) return Error{Errc::malformed, "json: expected an object"};
    for (const Member& member : *members) {
        if (std::find(allowed.begin(), allowed.end(), member.first) == allowed.end()) {
            // An unknown name comes from outside: it is cut, so that a log line stays short.
            return Error{Errc::malformed, "json: unknown field " + member.first.substr(0, 64)};
        }
    }
    return done;
}

}  // namespace salus::json
