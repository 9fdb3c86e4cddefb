#include "consent/fhir_consent.hpp"

#include "consent/dates.hpp"
#include "consent/limits.hpp"
#include "consent/tables.hpp"

#include <algorithm>
#include <array>
#include <initializer_list>

namespace salus::consent {
namespace {

using json::Value;

constexpr std::string_view participation =
    "http://terminology.hl7.org/CodeSystem/v3-ParticipationType";
constexpr std::array resource_type_systems{
    std::string_view("http://hl7.org/fhir/resource-types"),
    std::string_view("http://hl7.org/fhir/fhir-types"),
    std::string_view("http://hl7.org/fhir/defined-types"),
};

Error malformed(std::string text) {
    return {Errc::malformed, std::move(text)};
}

bool among(std::string_view one, std::initializer_list<std::string_view> all) {
    return std::find(all.begin(), all.end(), one) != all.end();
}

/// The member, or nothing when it is absent or null.
const Value* member(const Value& object, std::string_view key) {
    const Value* found = object.find(key);
    return found == nullptr || found->is_null() ? nullptr : found;
}

/// Refuses an element that is not understood: it might narrow what is permitted.
Status only_known(const Value& element, const std::string& where,
                  std::initializer_list<std::string_view> known) {
    const json::Object* object = element.object();
    if (object == nullptr) return malformed(where + " is no object");
    for (const json::Member& one : *object) {
        if (one.second.is_null() || among(one.first, {"id", "extension"})) continue;
        // `_status` and the like carry ids and extensions of a primitive.
        const std::string_view name =
            one.first.starts_with('_') ? std::string_view(one.first).substr(1) : one.first;
        if (!among(name, known)) return malformed(where + " has an element that is not known");
    }
    return done;
}

/// The entries of a list; one alone stands for a list of it.
Result<std::vector<const Value*>> list(const Value& object, std::string_view key) {
    std::vector<const Value*> out;
    const Value* found = member(object, key);
    if (found == nullptr) return out;
    const json::Array* items = found->array();
    if (items == nullptr) return malformed(std::string(key) + " is no list");
    if (items->size() > items_max)
        return Error{Errc::out_of_range, std::string(key) + " has too many entries"};
    for (const Value& item : *items) {
        if (item.is_null()) return malformed(std::string(key) + " has an empty entry");
        out.push_back(&item);
    }
    return out;
}

Result<std::string> text(const Value& object, std::string_view key) {
    const Value* found = member(object, key);
    if (found == nullptr) return std::string();
    if (found->text() == nullptr) return malformed(std::string(key) + " is no text");
    return *found->text();
}

/// A Coding as a token; empty where it cannot be compared, having no code or no system.
Result<std::string> coding_token(const Value& coding) {
    if (coding.object() == nullptr) return malformed("a coding is no object");
    const std::string system = SALUS_TRY(text(coding, "system"));
    const std::string code = SALUS_TRY(text(coding, "code"));
    if (system.empty() || code.empty()) return std::string();
    std::string out = token(system, code);
    if (out.size() > code_bytes_max) return Error{Errc::out_of_range, "a code is too long"};
    return out;
}

Result<std::optional<Items>> codings(const Value& object, std::string_view key) {
    const auto items = SALUS_TRY(list(object, key));
    if (items.empty()) return std::optional<Items>();
    Items out;
    for (const Value* item : items) out.push_back(SALUS_TRY(coding_token(*item)));
    return std::optional(std::move(out));
}

/// The codings of one CodeableConcept; one empty item where it has none.
Result<Items> concept_tokens(const Value& value) {
    if (value.object() == nullptr) return malformed("a concept is no object");
    auto out = SALUS_TRY(codings(value, "coding"));
    return out ? std::move(*out) : Items{""};
}

Result<std::optional<Items>> concepts(const Value& object, std::string_view key) {
    const auto items = SALUS_TRY(list(object, key));
    if (items.empty()) return std::optional<Items>();
    Items out;
    for (const Value* item : items) {
        for (std::string& one : SALUS_TRY(concept_tokens(*item))) out.push_back(std::move(one));
    }
    return std::optional(std::move(out));
}

/// The references that a Reference means. One that is absolute may be the same as a relative one,
/// and one that has only an identifier or a name may be anybody: with those comes an empty item.
Result<Items> references(const Value& object, std::string_view key) {
    const Value* found = member(object, key);
    if (found == nullptr) return Items{""};
    if (found->object() == nullptr) return malformed(std::string(key) + " is no Reference");
    const std::string reference = SALUS_TRY(text(*found, "reference"));
    if (reference.size() > reference_bytes_max)
        return Error{Errc::out_of_range, "a reference is too long"};
    if (reference.empty() || reference.starts_with('#')) return Items{""};
    Items out{plain_reference(reference)};
    if (reference.find(':') != std::string::npos) out.emplace_back();
    return out;
}

Result<std::optional<Period>> read_period(const Value& rule) {
    const Value* found = member(rule, "period");
    if (found == nullptr) return std::optional<Period>();
    SALUS_TRY(only_known(*found, "a period", {"start", "end"}));
    Period out;
    const std::string start = SALUS_TRY(text(*found, "start"));
    const std::string end = SALUS_TRY(text(*found, "end"));
    if (!start.empty()) out.from = SALUS_TRY(moments_of(start)).first;
    if (!end.empty()) out.until = SALUS_TRY(moments_of(end)).behind;
    if (out.from && out.until && *out.from >= *out.until)
        return malformed("a period ends before it begins");
    return std::optional(out);
}

Result<std::optional<Days>> read_days(const Value& rule) {
    const Value* found = member(rule, "dataPeriod");
    if (found == nullptr) return std::optional<Days>();
    SALUS_TRY(only_known(*found, "a period", {"start", "end"}));
    Days out;
    const std::string start = SALUS_TRY(text(*found, "start"));
    const std::string end = SALUS_TRY(text(*found, "end"));
    if (!start.empty()) out.from = SALUS_TRY(days_of(start)).from;
    if (!end.empty()) out.to = SALUS_TRY(days_of(end)).to;
    if (out.from && out.to && *out.from > *out.to)
        return malformed("a period ends before it begins");
    return std::optional(out);
}

void append(Items& to, Items more) {
    for (std::string& one : more) to.push_back(std::move(one));
}

/// Actors. Whoever is named as custodian or author is not who asks but whose data it is.
Status read_actors(const Value& rule, Elements& out) {
    for (const Value* item : SALUS_TRY(list(rule, "actor"))) {
        SALUS_TRY(only_known(*item, "an actor", {"role", "reference"}));
        Items roles;
        bool custodian = false;
        bool author = false;
        bool involved = false;
        if (const Value* role = member(*item, "role")) {
            for (const std::string& one : SALUS_TRY(concept_tokens(*role))) {
                custodian = custodian || one == token(participation, "CST");
                author = author || one == token(participation, "AUT");
                // How somebody takes part (IRCP: receives) is no role that somebody has.
                if (one.starts_with(std::string(participation) + "|") || one.empty()) {
                    involved = true;
                } else {
                    roles.push_back(one);
                }
            }
        }
        const bool named = member(*item, "reference") != nullptr;
        Items who = named || roles.empty() ? SALUS_TRY(references(*item, "reference")) : Items{};
        if (custodian || author) {
            if (!out.sources) out.sources.emplace();
            append(custodian ? out.sources->custodians : out.sources->authors, std::move(who));
            continue;
        }
        if (!out.actors) out.actors.emplace();
        // Of a concept with several codings any one says the same: one of participation suffices.
        if (involved && named) roles.clear();
        if (who.empty()) out.actors->push_back({{}, roles});
        for (std::string& one : who) {
            const bool comparable = !one.empty();
            out.actors->push_back({std::move(one), comparable ? roles : Items{}});
        }
    }
    return done;
}

Status read_data(const Value& rule, Elements& out) {
    for (const Value* item : SALUS_TRY(list(rule, "data"))) {
        SALUS_TRY(only_known(*item, "data", {"meaning", "reference"}));
        if (!out.data) out.data.emplace();
        const std::string meaning = SALUS_TRY(text(*item, "meaning"));
        Items which = SALUS_TRY(references(*item, "reference"));
        if (meaning == "authoredby") {
            append(out.data->authors, std::move(which));
            continue;
        }
        if (!among(meaning, {"instance", "related", "dependents"}))
            return malformed("data has no known meaning");
        if (meaning != "instance") {
            // What belongs to an encounter says so itself.
            append(out.data->encounters, which);
            if (meaning == "dependents") {
                append(out.data->authors, which);
                append(out.data->custodians, which);
            }
        }
        append(out.data->instances, std::move(which));
    }
    return done;
}

Status read_classes(const Value& rule, Elements& out) {
    auto all = SALUS_TRY(codings(rule, "class"));
    if (!all) return done;
    out.classes.emplace();
    for (std::string& one : *all) {
        const std::size_t bar = one.find('|');
        const std::string_view system = std::string_view(one).substr(0, bar);
        const bool is_type = std::find(resource_type_systems.begin(), resource_type_systems.end(),
                                       system) != resource_type_systems.end();
        if (is_type) {
            out.classes->types.push_back(one.substr(bar + 1));
        } else {
            out.classes->classes.push_back(std::move(one));
        }
    }
    return done;
}

/// Labels of data, and those that say how it is to be handled: these come with the permission.
Status read_labels(const Value& rule, Node& node) {
    auto all = SALUS_TRY(codings(rule, "securityLabel"));
    if (!all) return done;
    Items labels;
    for (std::string& one : *all) {
        const auto is = [&](std::string_view code) { return one == token(act_code, code); };
        if (is("REDACT") || is("MASK")) {
            node.obligations |= redact;
        } else if (is("NORDSCLCD") || is("NORDSCLCDS") || is("NORDSCLW")) {
            node.obligations |= no_redisclose;
        } else {
            labels.push_back(std::move(one));
        }
    }
    if (!labels.empty()) node.own.labels = std::move(labels);
    return done;
}

class RuleReader {
  public:
    explicit RuleReader(std::vector<Node>& out) : out_(out) {}

    Status read(const Value& rule, std::size_t depth, const Node* above) {
        if (depth > depth_max) return Error{Errc::out_of_range, "rules are nested too deep"};
        if (out_.size() == nodes_max) return Error{Errc::out_of_range, "too many rules"};
        SALUS_TRY(only_known(rule, "a provision",
                             {"type", "period", "actor", "action", "securityLabel", "purpose",
                              "class", "code", "dataPeriod", "data", "provision"}));
        Node node;
        node.depth = depth;
        SALUS_TRY(read_type(rule, node, above));
        node.own.period = SALUS_TRY(read_period(rule));
        SALUS_TRY(read_actors(rule, node.own));
        node.own.actions = SALUS_TRY(concepts(rule, "action"));
        SALUS_TRY(read_labels(rule, node));
        node.own.purposes = SALUS_TRY(codings(rule, "purpose"));
        SALUS_TRY(read_classes(rule, node.own));
        node.own.codes = SALUS_TRY(concepts(rule, "code"));
        node.own.data_period = SALUS_TRY(read_days(rule));
        SALUS_TRY(read_data(rule, node.own));
        add_obligations(node, above);
        const std::size_t place = out_.size();
        out_.push_back(node);
        for (const Value* inner : SALUS_TRY(list(rule, "provision")))
            SALUS_TRY(read(*inner, depth + 1, &node));
        SALUS_ASSERT(place < out_.size());
        return done;
    }

  private:
    static Status read_type(const Value& rule, Node& node, const Node* above) {
        const std::string type = SALUS_TRY(text(rule, "type"));
        if (type.empty()) {
            if (above == nullptr) return malformed("the root provision has no type");
            node.permit = above->permit;
            return done;
        }
        if (type != "permit" && type != "deny") return malformed("a provision has no known type");
        node.permit = type == "permit";
        return done;
    }
    static void add_obligations(Node& node, const Node* above) {
        if (above != nullptr) node.obligations |= above->obligations & (redact | no_redisclose);
        if (node.own.period && node.own.period->until) node.obligations |= expire;
        if (!node.own.period && above != nullptr) node.obligations |= above->obligations & expire;
        const Items purposes = node.own.purposes.value_or(Items{});
        if (std::find(purposes.begin(), purposes.end(), token(act_reason, "BTG")) != purposes.end())
            node.obligations |= notify;
        if (!node.own.purposes && above != nullptr) node.obligations |= above->obligations & notify;
    }

    std::vector<Node>& out_;
};

/// `active` binds; the other states of a consent do not.
Result<bool> is_active(const Value& consent) {
    const std::string status = SALUS_TRY(text(consent, "status"));
    if (status == "active") return true;
    if (among(status, {"draft", "proposed", "rejected", "inactive", "entered-in-error"}))
        return false;
    return malformed("a consent has no known status");
}

/// The scope's own words; one that is not known is taken to be about privacy.
Result<std::string> scope_of(const Value& consent) {
    const Value* scope = member(consent, "scope");
    if (scope == nullptr) return std::string("patient-privacy");
    for (const std::string& one : SALUS_TRY(concept_tokens(*scope))) {
        const std::string code = one.substr(one.find('|') + 1);
        if (among(code, {"patient-privacy", "research", "treatment", "adr"})) return code;
    }
    return std::string("patient-privacy");
}

/// A consent that rejects its policy outright, and has no rules to say more.
Result<bool> opts_out(const Value& consent) {
    const Value* rule = member(consent, "policyRule");
    if (rule == nullptr) return false;
    const Items tokens = SALUS_TRY(concept_tokens(*rule));
    return std::find(tokens.begin(), tokens.end(), token(act_code, "OPTOUT")) != tokens.end();
}

}  // namespace

std::string plain_reference(std::string_view reference) {
    return std::string(reference.substr(0, reference.find("/_history/")));
}

std::string consent_id(const Value& consent) {
    const Value* id = member(consent, "id");
    return id != nullptr && id->text() != nullptr ? *id->text() : std::string();
}

Result<std::optional<Directive>> read_consent(const Value& consent) {
    const Value* type = member(consent, "resourceType");
    if (type == nullptr || type->text() == nullptr || *type->text() != "Consent")
        return malformed("no FHIR Consent");
    if (!SALUS_TRY(is_active(consent))) return std::optional<Directive>();
    SALUS_TRY(only_known(
        consent, "a consent",
        {"resourceType", "meta", "language", "text", "contained", "identifier", "status", "scope",
         "category", "patient", "dateTime", "performer", "organization", "sourceAttachment",
         "sourceReference", "policy", "policyRule", "verification", "provision"}));
    Directive out;
    out.id = consent_id(consent);
    out.scope = SALUS_TRY(scope_of(consent));
    if (among(out.scope, {"treatment", "adr"})) return std::optional<Directive>();
    if (const Value* provision = member(consent, "provision")) {
        SALUS_TRY(RuleReader(out.nodes).read(*provision, 1, nullptr));
    } else if (SALUS_TRY(opts_out(consent))) {
        out.nodes.emplace_back();
    }
    return std::optional(std::move(out));
}

}  // namespace salus::consent
