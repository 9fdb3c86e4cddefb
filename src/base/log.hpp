#pragma once

#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>

/// JSON lines on stderr: {"t", "level", "event", …}. Fields carry ids, sizes and codes; never
/// health data or secrets.
namespace salus::log {

enum class Level : std::uint8_t { info, warn, error };

/// A field is a short token, number or id. Longer than 256 bytes is cut.
struct Field {
    Field(std::string_view k, std::string_view v) : key(k), text(v) {}
    Field(std::string_view k, const char* v) : key(k), text(v) {}
    Field(std::string_view k, const std::string& v) : key(k), text(v) {}
    Field(std::string_view k, std::uint64_t v) : key(k), text(std::to_string(v)), bare(true) {}
    Field(std::string_view k, std::int64_t v) : key(k), text(std::to_string(v)), bare(true) {}
    Field(std::string_view k, int v) : key(k), text(std::to_string(v)), bare(true) {}
    std::string_view key;
    std::string text;
    bool bare = false;
};

/// Threads: any; a line is written whole.
void write(Level level, std::string_view event, std::initializer_list<Field> fields = {});
inline void info(std::string_view event, std::initializer_list<Field> fields = {}) {
    write(Level::info, event, fields);
}
inline void warn(std::string_view event, std::initializer_list<Field> fields = {}) {
    write(Level::warn, event, fields);
}
inline void error(std::string_view event, std::initializer_list<Field> fields = {}) {
    write(Level::error, event, fields);
}

}  // namespace salus::log
