#pragma once

#include "base/result.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace salus::command {

/// Exit codes of every command: docs, "Doors".
inline constexpr int exit_done = 0;
inline constexpr int exit_no = 1;  ///< the answer is no
inline constexpr int exit_wrong_use = 2;
inline constexpr int exit_world = 3;  ///< disk, network

/// What a verb accepts: `--flag value` for each of `valued`, `--flag` for each of `plain`, and some
/// words.
struct Shape {
    std::vector<std::string_view> valued;
    std::vector<std::string_view> plain;
    std::size_t words_min = 0;
    std::size_t words_max = 0;
};

/// The words of a command line, once they fit its shape.
class Args {
  public:
    /// Errors: malformed — one sentence that says what is wrong with the use; it repeats a flag's
    /// name, never a value.
    static Result<Args> parse(const std::vector<std::string>& words, const Shape& shape);

    [[nodiscard]] bool has(std::string_view flag) const noexcept;
    /// The last value given, or nothing.
    [[nodiscard]] std::optional<std::string> value(std::string_view flag) const;
    [[nodiscard]] std::string value_or(std::string_view flag, std::string_view otherwise) const;
    /// Every value of a flag that may repeat.
    [[nodiscard]] std::vector<std::string> values(std::string_view flag) const;
    /// Errors: malformed — no whole number in [min, max].
    [[nodiscard]] Result<std::uint64_t> number(std::string_view flag, std::uint64_t otherwise,
                                               std::uint64_t min, std::uint64_t max) const;
    [[nodiscard]] const std::vector<std::string>& words() const noexcept { return words_; }

  private:
    std::vector<std::string> words_;
    std::vector<std::pair<std::string, std::string>> flags_;
};

/// "a,b,c" → a, b, c; blanks around a name are dropped. Empty text: nothing.
std::vector<std::string> split_list(std::string_view text);

}  // namespace salus::command
