#pragma once

#include "base/json.hpp"
#include "ledger/receipt.hpp"

namespace salus::command {

/// What keys of state are: docs/formats/receipt.md, kind 4.
json::Array state_json(const std::vector<ledger::StateClaim>& claims);
/// The two answers of kind 5, each as a sentence.
json::Value absence_json(const ledger::AbsenceAnswer& answer);
/// The exit code: 1 also when all is genuine and one of the answers is no.
int say_absence(const ledger::AbsenceAnswer& answer);

}  // namespace salus::command
