#include "base/log.hpp"

#include "base/env.hpp"
#include "base/json.hpp"

#include <unistd.h>

namespace salus::log {
namespace {

constexpr std::size_t text_bytes_max = 256;

std::string_view name_of(Level level) {
    switch (level) {
        case Level::info: return "info";
        case Level::warn: return "warn";
        case Level::error: return "error";
    }
    return "error";
}

/// At most 256 bytes, never half a character.
std::string_view cut(std::string_view text) {
    if (text.size() <= text_bytes_max) return text;
    std::size_t end = text_bytes_max;
    while (end > text_bytes_max - 3 && (static_cast<unsigned char>(text[end]) & 0xc0U) == 0x80U) {
        --end;
    }
    return text.substr(0, end);
}

}  // namespace

void write(Level level, std::string_view event, std::initializer_list<Field> fields) {
    json::Object line;
    line.emplace_back("t", machine_env().now().value);
    line.emplace_back("level", name_of(level));
    line.emplace_back("event", cut(event));
    for (const Field& field : fields) {
        if (field.bare) {
            line.emplace_back(field.key, json::Number{field.text});
        } else {
            line.emplace_back(field.key, cut(field.text));
        }
    }
    std::string text = json::write(json::Value(std::move(line)));
    text.push_back('\n');
    // One write(2) keeps the lines of several threads apart. A log that cannot be written is no
    // reason to stop serving, so what is left over is dropped.
    [[maybe_unused]] const auto written = ::write(STDERR_FILENO, text.data(), text.size());
}

}  // namespace salus::log
