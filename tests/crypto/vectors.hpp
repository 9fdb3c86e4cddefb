#pragma once

#include "base/env.hpp"
#include "base/json.hpp"

#include <doctest/doctest.h>

/// Reads tests/vectors/<path>: an object whose `cases` is a list of objects, and its typed fields.
namespace salus::vectors {

class Case {
  public:
    explicit Case(std::shared_ptr<const json::Value> value) : value_(std::move(value)) {}
    [[nodiscard]] Bytes hex(std::string_view key) const {
        Result<Bytes> bytes = json::need_hex(*value_, key);
        REQUIRE_MESSAGE(bytes.ok(), std::string(key));
        return std::move(*bytes);
    }
    [[nodiscard]] std::string text(std::string_view key) const {
        Result<std::string> text = json::need_text(*value_, key, std::size_t{1} << 20U);
        REQUIRE_MESSAGE(text.ok(), std::string(key));
        return std::move(*text);
    }
    [[nodiscard]] std::uint64_t number(std::string_view key) const {
        const Result<std::uint64_t> number = json::need_uint(*value_, key);
        REQUIRE_MESSAGE(number.ok(), std::string(key));
        return *number;
    }
    [[nodiscard]] bool flag(std::string_view key) const {
        const Result<bool> flag = json::need_bool(*value_, key);
        REQUIRE_MESSAGE(flag.ok(), std::string(key));
        return *flag;
    }
    template <class Fixed>
    [[nodiscard]] Fixed fixed(std::string_view key) const {
        const Result<Fixed> fixed = Fixed::from(hex(key));
        REQUIRE_MESSAGE(fixed.ok(), std::string(key));
        return *fixed;
    }
    [[nodiscard]] bool has(std::string_view key) const { return value_->find(key) != nullptr; }
    [[nodiscard]] Case at(std::string_view key) const {
        const json::Value* inner = value_->find(key);
        REQUIRE_MESSAGE(inner != nullptr, std::string(key));
        return Case(std::shared_ptr<const json::Value>(value_, inner));
    }
    [[nodiscard]] std::vector<Case> list(std::string_view key) const {
        const Result<const json::Array*> values = json::need_array(*value_, key);
        REQUIRE_MESSAGE(values.ok(), std::string(key));
        std::vector<Case> out;
        for (const json::Value& value : **values) {
            out.emplace_back(std::shared_ptr<const json::Value>(value_, &value));
        }
        return out;
    }
    [[nodiscard]] const json::Value& value() const { return *value_; }

  private:
    std::shared_ptr<const json::Value> value_;  ///< shares the whole file
};

/// The whole file.
inline Case file(const std::string& path) {
    const Result<Bytes> bytes = read_file(
        machine_env(), std::string(SALUS_SOURCE_DIR) + "/tests/vectors/" + path, 16U << 20U);
    REQUIRE_MESSAGE(bytes.ok(), path);
    Result<json::Value> parsed = json::parse(as_text(*bytes));
    REQUIRE_MESSAGE(parsed.ok(), path);
    return Case(std::make_shared<const json::Value>(std::move(*parsed)));
}

inline std::vector<Case> cases(const std::string& path) {
    return file(path).list("cases");
}

}  // namespace salus::vectors
