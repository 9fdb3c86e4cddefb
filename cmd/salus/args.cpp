#include "args.hpp"

#include <algorithm>
#include <charconv>

namespace salus::command {
namespace {

bool among(const std::vector<std::string_view>& list, std::string_view name) {
    return std::find(list.begin(), list.end(), name) != list.end();
}

Error wrong(std::string sentence) {
    return Error{Errc::malformed, std::move(sentence)};
}

/// A flag is a short token; anything else is not repeated on the screen.
std::string shown(std::string_view flag) {
    const bool plain = flag.size() <= 40 && std::all_of(flag.begin(), flag.end(), [](char c) {
                           return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '-' ||
                                  (c >= '0' && c <= '9');
                       });
    return plain ? std::string(flag) : "that flag";
}

}  // namespace

Result<Args> Args::parse(const std::vector<std::string>& words, const Shape& shape) {
    Args out;
    bool only_words = false;
    for (std::size_t i = 0; i < words.size(); ++i) {
        const std::string& word = words[i];
        if (only_words || word.size() < 2 || word.substr(0, 2) != "--") {
            out.words_.push_back(word);
            continue;
        }
        if (word == "--") {
            only_words = true;
            continue;
        }
        const std::size_t equals = word.find('=');
        const std::string name = word.substr(2, equals == std::string::npos ? equals : equals - 2);
        if (among(shape.plain, name) && equals == std::string::npos) {
            out.flags_.emplace_back(name, "");
        } else if (!among(shape.valued, name)) {
            return wrong("unknown flag " + shown("--" + name));
        } else if (equals != std::string::npos) {
            out.flags_.emplace_back(name, word.substr(equals + 1));
        } else if (i + 1 < words.size()) {
            out.flags_.emplace_back(name, words[++i]);
        } else {
            return wrong("--" + name + " wants a value");
        }
    }
    if (out.words_.size() < shape.words_min) return wrong("a word is missing behind the command");
    if (out.words_.size() > shape.words_max) return wrong("there is a word too many");
    return out;
}

bool Args::has(std::string_view flag) const noexcept {
    return std::any_of(flags_.begin(), flags_.end(),
                       [&](const auto& one) { return one.first == flag; });
}

std::optional<std::string> Args::value(std::string_view flag) const {
    for (auto one = flags_.rbegin(); one != flags_.rend(); ++one) {
        if (one->first == flag) return one->second;
    }
    return std::nullopt;
}

std::string Args::value_or(std::string_view flag, std::string_view otherwise) const {
    return value(flag).value_or(std::string(otherwise));
}

std::vector<std::string> Args::values(std::string_view flag) const {
    std::vector<std::string> out;
    for (const auto& [name, value] : flags_) {
        if (name == flag) out.push_back(value);
    }
    return out;
}

Result<std::uint64_t> Args::number(std::string_view flag, std::uint64_t otherwise,
                                   std::uint64_t min, std::uint64_t max) const {
    const std::optional<std::string> text = value(flag);
    if (!text) return otherwise;
    std::uint64_t number = 0;
    const char* const end = text->data() + text->size();
    const auto read = std::from_chars(text->data(), end, number);
    if (read.ec != std::errc{} || read.ptr != end || number < min || number > max) {
        return wrong("--" + std::string(flag) + " wants a whole number from " +
                     std::to_string(min) + " to " + std::to_string(max));
    }
    return number;
}

std::vector<std::string> split_list(std::string_view text) {
    std::vector<std::string> out;
    while (!text.empty()) {
        const std::size_t comma = text.find(',');
        std::string_view one = text.substr(0, comma);
        while (!one.empty() && one.front() == ' ') one.remove_prefix(1);
        while (!one.empty() && one.back() == ' ') one.remove_suffix(1);
        out.emplace_back(one);
        if (comma == std::string_view::npos) break;
        text.remove_prefix(comma + 1);
    }
    return out;
}

}  // namespace salus::command
