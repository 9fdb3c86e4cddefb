#pragma once

#include "base/json.hpp"

#include <string_view>

namespace salus::ledger {

/// The ledger's known answers of `salus kat`: rfc9162.inclusion, rfc9162.consistency,
/// state.membership, receipt.verify. Returns the members of the answer beside id and ok (an empty
/// object for a plain yes). Errors: not_found — another op ("unknown op"); malformed — a field is
/// missing; whatever the check itself says.
Result<json::Value> ledger_kat(std::string_view op, const json::Value& in);
bool is_ledger_kat(std::string_view op) noexcept;

}  // namespace salus::ledger
