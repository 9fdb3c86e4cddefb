#include "learn/json_out.hpp"

#include "learn/number_text.hpp"

#include <cmath>

namespace salus::learn {

void append_json_text(std::string& to, std::string_view value) {
    constexpr std::string_view hex = "0123456789abcdef";
    to += '"';
    for (const char c : value) {
        const auto byte = static_cast<std::uint8_t>(c);
        if (c == '"' || c == '\\') {
            to += '\\';
            to += c;
        } else if (c == '\n') {
            to += "\\n";
        } else if (c == '\t') {
            to += "\\t";
        } else if (c == '\r') {
            to += "\\r";
        } else if (byte < 0x20) {
            to += "\\u00";
            to += hex[byte >> 4];
            to += hex[byte & 15];
        } else {
            to += c;
        }
    }
    to += '"';
}

void JsonOut::separate() {
    if (comma_) {
        out_ += ',';
    }
    comma_ = true;
}

JsonOut& JsonOut::open(char bracket) {
    separate();
    out_ += bracket;
    comma_ = false;
    return *this;
}

JsonOut& JsonOut::close(char bracket) {
    out_ += bracket;
    comma_ = true;
    return *this;
}

JsonOut& JsonOut::key(std::string_view name) {
    separate();
    append_json_text(out_, name);
    out_ += ':';
    comma_ = false;
    return *this;
}

JsonOut& JsonOut::text(std::string_view value) {
    separate();
    append_json_text(out_, value);
    return *this;
}

JsonOut& JsonOut::number(double value) {
    if (!std::isfinite(value)) {
        return null();
    }
    separate();
    append_number(out_, value);
    return *this;
}

JsonOut& JsonOut::integer(std::uint64_t value) {
    separate();
    out_ += std::to_string(value);
    return *this;
}

JsonOut& JsonOut::boolean(bool value) {
    return raw(value ? "true" : "false");
}

JsonOut& JsonOut::null() {
    return raw("null");
}

JsonOut& JsonOut::raw(std::string_view json) {
    separate();
    out_ += json;
    return *this;
}

}  // namespace salus::learn
