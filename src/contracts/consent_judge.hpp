#pragma once

#include "base/bytes.hpp"
#include "consent/ir.hpp"
#include "contracts/shipped.hpp"

#include <memory>
#include <span>
#include <vector>

/// Asks the `consent` contract itself about directives that stand on no chain: what a directive
/// that is about to be signed would mean, or one that came as FHIR. The contract runs as it ships,
/// in a state of memory; what it stores and answers is what it would on chain.
namespace salus::contracts {

struct ConsentAnswer {
    consent::Decision decision = consent::Decision::deny;
    std::vector<std::size_t> directives;  ///< places, in the order of `put`, of those that decided
    std::uint64_t reason = 0;             ///< docs/contracts/consent.md
    std::int64_t until = 0;
    std::uint8_t obligations = 0;
    std::uint64_t gas = 0;
};

/// Threads: one at a time.
class ConsentJudge {
  public:
    enum class Engine : std::uint8_t { compiled, interpreter };

    /// Errors: not_found — no such contracts among `shipped`; those of the machine.
    static Result<ConsentJudge> create(std::span<const ShippedContract> shipped,
                                       Engine engine = Engine::compiled);
    ~ConsentJudge();
    ConsentJudge(ConsentJudge&&) noexcept;
    ConsentJudge& operator=(ConsentJudge&&) noexcept;

    /// Forgets all directives.
    void clear();
    /// Puts a directive, as of 1970. Errors: malformed, out_of_range — the contract refuses it.
    Status put(const consent::Directive& directive);
    /// Errors: out_of_range — the question is beyond the contract's limits.
    Result<ConsentAnswer> decide(const consent::Question& question);

  private:
    struct State;
    explicit ConsentJudge(std::unique_ptr<State> state);
    std::unique_ptr<State> state_;
};

}  // namespace salus::contracts
