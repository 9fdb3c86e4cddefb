#pragma once

#include "base/env.hpp"
#include "base/json.hpp"

#include <string_view>

/// Known answers about privacy: the operations `dp.account` and `dp.sample` of `salus kat`. A
/// mechanism's parameters stand beside its name or in an object `parameters`.
namespace salus::learn {

inline constexpr std::uint64_t dp_samples_max = 1'000'000;

bool is_dp_kat(std::string_view op) noexcept;

/// Errors: malformed — a field is missing or of another type; out_of_range — as the operation.
Result<json::Value> dp_kat(Env& env, std::string_view op, const json::Value& in);

}  // namespace salus::learn
