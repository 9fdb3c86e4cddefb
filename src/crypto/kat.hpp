#pragma once

#include "base/json.hpp"

/// Known answers: the crypto operations of `salus kat`, through the same functions that the product
/// uses.
namespace salus::crypto {

/// The members of the answer besides id and ok. An operation that only checks answers an empty
/// object, or an error. Errors: not_found — no operation of this name (the detail is "unknown op");
/// else as the operation.
Result<json::Value> kat(std::string_view op, const json::Value& in);

}  // namespace salus::crypto
