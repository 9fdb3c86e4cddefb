#include "contracts/consent_kat.hpp"

#include "consent/case.hpp"

#include <utility>

namespace salus::contracts {
namespace {

Result<json::Value> decide(const json::Value& in, ConsentJudge& judge) {
    consent::Case asked = SALUS_TRY(consent::read_case(in));
    judge.clear();
    std::vector<consent::Directive> put;
    for (consent::Directive& directive : asked.directives) {
        // What the contract would not have taken might deny.
        if (judge.put(directive).ok()) {
            put.push_back(std::move(directive));
        } else {
            asked.unclear.push_back(directive.id);
        }
    }
    asked.directives = std::move(put);
    ConsentAnswer answer = SALUS_TRY(judge.decide(asked.question));
    const consent::Verdict said{answer.decision, std::move(answer.directives), answer.obligations};
    return consent::verdict_json(asked, consent::conclude(asked, said));
}

Result<json::Value> residual(const json::Value& in) {
    const consent::Case asked = SALUS_TRY(consent::read_case(in));
    json::Object out;
    out.emplace_back("residual",
                     SALUS_TRY(json::parse(consent::to_json(consent::residual(asked)))));
    return json::Value(std::move(out));
}

}  // namespace

bool is_consent_kat(std::string_view op) noexcept {
    return op == "consent.decide" || op == "consent.residual";
}

Result<json::Value> consent_kat(std::string_view op, const json::Value& in, ConsentJudge& judge) {
    if (op == "consent.decide") return decide(in, judge);
    if (op == "consent.residual") return residual(in);
    return Error{Errc::not_found, "unknown op"};
}

}  // namespace salus::contracts
