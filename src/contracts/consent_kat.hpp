#pragma once

#include "base/json.hpp"
#include "contracts/consent_judge.hpp"

#include <string_view>

/// The `consent.*` operations of `salus kat`: FHIR consents, asked of the contract that decides on
/// chain. docs/formats/consent-ir.md §6.
namespace salus::contracts {

bool is_consent_kat(std::string_view op) noexcept;
/// Errors: not_found — unknown op or policy; malformed, out_of_range — the question.
Result<json::Value> consent_kat(std::string_view op, const json::Value& in, ConsentJudge& judge);

}  // namespace salus::contracts
