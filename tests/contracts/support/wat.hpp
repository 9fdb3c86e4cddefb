#pragma once

#include <cstdint>
#include <string>
#include <vector>

/// WebAssembly text to bytes, with everything libwabt knows switched on: tests write modules that
/// must be refused. Empty, and a line on stderr, when the text itself is wrong.
std::vector<std::uint8_t> assemble(const std::string& text);
