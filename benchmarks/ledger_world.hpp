#pragma once

#include "base/env.hpp"
#include "chain/node.hpp"

#include "bench.hpp"
#include <memory>
#include <string>
#include <string_view>
#include <vector>

/// A node with the shipped contracts on this machine's disk, and people who sign consents.
namespace salus::bench {

std::unique_ptr<chain::Node> open_ledger(const std::string& data_dir);

class Patient {
  public:
    explicit Patient(Env& environment);
    [[nodiscard]] const AccountId& account() const noexcept { return account_; }
    Bytes enrol(const std::string& chain_id);
    /// About 400 bytes; each a new directive.
    Bytes consent(const std::string& chain_id);
    /// Permits so many names.
    ledger::Operation consent_operation(std::size_t names = 1);
    Bytes sign(const std::string& chain_id, std::vector<ledger::Operation> operations);

  private:
    Env& env_;
    AccountId account_;
    crypto::SigningKey key_;
};

/// Ends the process with a sentence when a benchmark cannot go on.
void need(bool condition, std::string_view what);
template <class T>
T need(Result<T> result, std::string_view what) {
    need(result.ok(), result.ok() ? what : std::string_view(result.error().detail));
    return std::move(*result);
}

}  // namespace salus::bench
