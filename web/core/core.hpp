#pragma once

#include "base/bytes.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

/// The C interface between the browser and Salus' own code. Every function takes (pointer, length)
/// pairs into memory got from `salus_alloc` and returns a result: four bytes of length, big-endian,
/// then that many bytes, to be released with `salus_free`. Words (options) travel as a list of
/// texts, each behind its four-byte length: key, value, key, …
#define SALUS_EXPORT(name) extern "C" __attribute__((export_name(name), visibility("default")))

namespace salus::web {

using Words = std::vector<std::pair<std::string, std::string>>;

/// Empty when the list is cut short.
Words read_words(const std::uint8_t* at, std::size_t size);

/// Copies a text into a result that the host frees.
const std::uint8_t* give(std::string_view text);

}  // namespace salus::web
