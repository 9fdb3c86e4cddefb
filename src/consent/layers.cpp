#include "consent/layers.hpp"

#include "consent/tables.hpp"

#include <algorithm>

namespace salus::consent {
namespace {

bool asks_for_himself(const Layers& layers, const Question& question) {
    return question.actor && std::find(layers.selves.begin(), layers.selves.end(),
                                       *question.actor) != layers.selves.end();
}

bool breaks_glass(const Layers& layers, const Question& question) {
    return layers.break_glass && question.purpose == token(act_reason, "BTG");
}

bool denied(const std::vector<Directive>& by, const Question& question) {
    return decide(by, question).decision == Decision::deny;
}

}  // namespace

bool ImplicitPolicy::permits(const Question& question) const {
    return question.purpose &&
           std::any_of(purposes.begin(), purposes.end(), [&](const std::string& rule) {
               return is_or_below(*question.purpose, rule);
           });
}

Verdict above_directives(const Layers& layers, const Question& question) {
    if (denied(layers.forbids, question)) return {Decision::deny, {}, 0};
    if (decide(layers.mandates, question).decision == Decision::permit)
        return {Decision::permit, {}, notify};
    if (asks_for_himself(layers, question) && !denied(layers.withheld, question))
        return {Decision::permit, {}, 0};
    if (breaks_glass(layers, question) && !denied(layers.absolute, question))
        return {Decision::permit, {}, notify};
    return {};
}

Verdict below_directives(const Layers& layers, const Question& question) {
    return {layers.implicit.permits(question) ? Decision::permit : Decision::deny, {}, 0};
}

Filter around(const Layers& layers, const Question& question, Filter below) {
    std::vector<Filter> any;
    any.push_back(residual(layers.mandates, question));
    if (asks_for_himself(layers, question)) any.push_back(not_denied(layers.withheld, question));
    if (breaks_glass(layers, question)) any.push_back(not_denied(layers.absolute, question));
    any.push_back(std::move(below));
    return all_of({not_denied(layers.forbids, question), any_of(std::move(any))});
}

}  // namespace salus::consent
