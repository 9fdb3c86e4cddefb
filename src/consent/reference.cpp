#include "consent/reference.hpp"

#include "consent/tables.hpp"

#include <algorithm>
#include <limits>

namespace salus::consent {
namespace {

bool has(const Items& items, const std::string& one) {
    return std::find(items.begin(), items.end(), one) != items.end();
}

// What does not depend on the record --------------------------------------------------------------

Tri in_period(const Period& period, std::int64_t now) {
    return tri((!period.from || *period.from <= now) && (!period.until || now < *period.until));
}

/// Whether any item is one that is asked about. An item that cannot be compared is unknown.
Tri any_item(const Items& items, const std::optional<Items>& asked) {
    Tri out = Tri::no;
    for (const std::string& item : items) {
        const bool comparable = !item.empty() && asked.has_value();
        out = either(out, comparable ? tri(has(*asked, item)) : Tri::unknown);
    }
    return out;
}

/// Whether the names of the kind that a reference is of are all known.
bool names_known(const std::string& reference, const Question& q) {
    const std::string_view type = std::string_view(reference).substr(0, reference.find('/'));
    if (type == "Organization") return q.organizations.has_value();
    if (type == "Group" || type == "CareTeam") return q.groups.has_value();
    if (type == "PractitionerRole") return q.roles.has_value();
    return q.actor.has_value();
}

Tri reference_matches(const std::string& reference, const Question& q) {
    const auto in = [&](const std::optional<Items>& list) { return list && has(*list, reference); };
    if (q.actor == reference || in(q.organizations) || in(q.groups) || in(q.roles)) return Tri::yes;
    return names_known(reference, q) ? Tri::no : Tri::unknown;
}

Tri actor_matches(const Actor& actor, const Question& q) {
    if (actor.reference.empty() && actor.roles.empty()) return Tri::unknown;
    const Tri named = actor.reference.empty() ? Tri::yes : reference_matches(actor.reference, q);
    return actor.roles.empty() ? named : both(named, any_item(actor.roles, q.roles));
}

Tri any_actor(const std::vector<Actor>& actors, const Question& q) {
    Tri out = Tri::no;
    for (const Actor& actor : actors) out = either(out, actor_matches(actor, q));
    return out;
}

std::optional<Items> with_above(const std::optional<std::string>& code) {
    return code ? std::optional(and_above(*code)) : std::nullopt;
}

/// Period, actors, actions and purposes of a rule with what it inherits.
Tri circumstances_match(const Elements& e, const Question& q) {
    Tri out = Tri::yes;
    if (e.period) out = both(out, in_period(*e.period, q.now));
    if (e.actors) out = both(out, any_actor(*e.actors, q));
    if (e.actions) out = both(out, any_item(*e.actions, Items{q.action}));
    if (e.purposes) out = both(out, any_item(*e.purposes, with_above(q.purpose)));
    return out;
}

// What depends on the record, as a filter ---------------------------------------------------------

/// A filter that matches what a rule's items mean. An item that cannot be compared counts as
/// matching in a deny and as not matching in a permit.
Filter field_filter(Field field, const Items& items, bool permit) {
    Items values;
    for (const std::string& item : items) {
        if (item.empty()) {
            if (!permit) return Filter::constant(true);
            continue;
        }
        Items meant{item};
        if (field == Field::labels) meant = labels_meant(item, permit);
        if (field == Field::classes) meant = and_below(item);
        for (std::string& one : meant) {
            if (!has(values, one)) values.push_back(std::move(one));
        }
    }
    return Filter::one_of(field, std::move(values));
}

/// Every resource is a Resource, and a DomainResource but for three types. What is not known to be
/// any type is not known to be one of these.
Filter type_filter(const Items& types, bool permit) {
    std::vector<Filter> any;
    Items plain;
    for (const std::string& type : types) {
        if (type == "Resource") {
            any.push_back(not_of(Filter::one_of(Field::type, {"Resource"})));
        } else if (type == "DomainResource") {
            any.push_back(not_of(Filter::one_of(Field::type, {"Binary", "Bundle", "Parameters"})));
            continue;
        }
        plain.push_back(type);
    }
    any.push_back(field_filter(Field::type, plain, permit));
    return any_of(std::move(any));
}

Filter data_filter(const Data& data, bool permit) {
    return any_of({field_filter(Field::id, data.instances, permit),
                   field_filter(Field::author, data.authors, permit),
                   field_filter(Field::encounter, data.encounters, permit),
                   field_filter(Field::custodian, data.custodians, permit)});
}

Filter record_filter(const Elements& e, bool permit) {
    std::vector<Filter> all;
    if (e.labels) all.push_back(field_filter(Field::labels, *e.labels, permit));
    if (e.classes) {
        all.push_back(any_of({type_filter(e.classes->types, permit),
                              field_filter(Field::classes, e.classes->classes, permit)}));
    }
    if (e.codes) all.push_back(field_filter(Field::codes, *e.codes, permit));
    if (e.data) all.push_back(data_filter(*e.data, permit));
    if (e.sources) all.push_back(data_filter(*e.sources, permit));
    if (e.data_period) all.push_back(Filter::within(*e.data_period));
    if (e.collections) all.push_back(field_filter(Field::collection, *e.collections, permit));
    if (e.categories) all.push_back(field_filter(Field::category, *e.categories, permit));
    return all_of(std::move(all));
}

/// What a rule matches, as a filter over records: what is unknown of the circumstances counts
/// against a permit and for a deny.
Filter match_filter(const Node& node, const Question& q, Tri scope) {
    const Tri here = both(scope, circumstances_match(node.own, q));
    if (here == Tri::no || (here == Tri::unknown && node.permit)) return Filter::constant(false);
    return record_filter(node.own, node.permit);
}

bool matches(const Node& node, const Question& q, Tri scope) {
    const Tri found = passes(match_filter(node, q, scope), q.record);
    return node.permit ? found == Tri::yes : found != Tri::no;
}

}  // namespace

std::vector<Node> effective(const Directive& directive) {
    std::vector<Node> out;
    std::vector<Elements> above;  // by depth
    for (const Node& node : directive.nodes) {
        Node full = node;
        above.resize(std::min(above.size(), node.depth - 1));
        if (!above.empty()) {
            const Elements& parent = above.back();
            const auto inherit = [](auto& own, const auto& from) {
                if (!own) own = from;
            };
            inherit(full.own.period, parent.period);
            inherit(full.own.actors, parent.actors);
            inherit(full.own.actions, parent.actions);
            inherit(full.own.purposes, parent.purposes);
            inherit(full.own.labels, parent.labels);
            inherit(full.own.classes, parent.classes);
            inherit(full.own.codes, parent.codes);
            inherit(full.own.data, parent.data);
            inherit(full.own.sources, parent.sources);
            inherit(full.own.data_period, parent.data_period);
            inherit(full.own.collections, parent.collections);
            inherit(full.own.categories, parent.categories);
        }
        above.push_back(full.own);
        out.push_back(std::move(full));
    }
    return out;
}

Tri in_scope(const Directive& directive, const Question& question) {
    if (directive.scope != "research") return Tri::yes;
    return question.purpose ? tri(is_research(*question.purpose)) : Tri::unknown;
}

Word speak(const Directive& directive, const Question& question) {
    const Tri scope = in_scope(directive, question);
    Word word;
    std::size_t deepest = 0;
    for (const Node& node : effective(directive)) {
        if (node.depth < deepest || !matches(node, question, scope)) continue;
        if (node.depth > deepest) word = {};
        deepest = node.depth;
        // At one depth a deny beats a permit.
        if (!node.permit) {
            word = {Decision::deny, 0};
        } else if (word.decision != Decision::deny) {
            word.decision = Decision::permit;
            word.obligations = static_cast<std::uint8_t>(word.obligations | node.obligations);
        }
    }
    return word;
}

Verdict decide(std::span<const Directive> directives, const Question& question) {
    Verdict out;
    for (std::size_t i = 0; i < directives.size(); ++i) {
        const Word word = speak(directives[i], question);
        if (word.decision == Decision::not_applicable) continue;
        if (word.decision == Decision::deny && out.decision != Decision::deny)
            out = {Decision::deny, {}, 0};
        if (word.decision == Decision::permit && out.decision == Decision::deny) continue;
        out.decision = word.decision;
        out.directives.push_back(i);
        out.obligations = static_cast<std::uint8_t>(out.obligations | word.obligations);
    }
    return out;
}

Filter not_denied(std::span<const Directive> directives, const Question& question) {
    std::vector<Filter> all;
    for (const Directive& directive : directives) {
        const Tri scope = in_scope(directive, question);
        const std::vector<Node> nodes = effective(directive);
        for (const Node& node : nodes) {
            if (node.permit) continue;
            // A deny decides where it matches and no rule below it permits.
            std::vector<Filter> any{not_of(match_filter(node, question, scope))};
            for (const Node& other : nodes) {
                if (other.permit && other.depth > node.depth)
                    any.push_back(match_filter(other, question, scope));
            }
            all.push_back(any_of(std::move(any)));
        }
    }
    return all_of(std::move(all));
}

Filter residual(std::span<const Directive> directives, const Question& question) {
    std::vector<Filter> permitted;  // any of these
    for (const Directive& directive : directives) {
        const Tri scope = in_scope(directive, question);
        const std::vector<Node> nodes = effective(directive);
        for (const Node& node : nodes) {
            if (!node.permit) continue;
            // A permit decides where it matches and nothing at its depth or below denies.
            std::vector<Filter> all{match_filter(node, question, scope)};
            for (const Node& other : nodes) {
                if (!other.permit && other.depth >= node.depth)
                    all.push_back(not_of(match_filter(other, question, scope)));
            }
            permitted.push_back(all_of(std::move(all)));
        }
    }
    return all_of({not_denied(directives, question), any_of(std::move(permitted))});
}

Period life(const Directive& directive) {
    Period out{std::numeric_limits<std::int64_t>::max(), std::numeric_limits<std::int64_t>::min()};
    for (const Node& node : effective(directive)) {
        const Period own = node.own.period.value_or(Period{});
        if (!own.from) out.from.reset();
        if (!own.until) out.until.reset();
        if (out.from && own.from) out.from = std::min(*out.from, *own.from);
        if (out.until && own.until) out.until = std::max(*out.until, *own.until);
    }
    return out;
}

bool is_live(const Directive& directive, std::int64_t now) {
    return in_period(life(directive), now) == Tri::yes;
}

}  // namespace salus::consent
