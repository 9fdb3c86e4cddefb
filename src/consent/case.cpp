#include "consent/case.hpp"

#include "consent/dates.hpp"
#include "consent/fhir_consent.hpp"
#include "consent/limits.hpp"
#include "consent/tables.hpp"

#include <algorithm>

namespace salus::consent {
namespace {

using json::Value;

Error malformed(std::string text) {
    return {Errc::malformed, std::move(text)};
}

const Value* member(const Value& object, std::string_view key) {
    const Value* found = object.find(key);
    return found == nullptr || found->is_null() ? nullptr : found;
}

Result<std::optional<std::string>> text(const Value& object, std::string_view key) {
    const Value* found = member(object, key);
    if (found == nullptr) return std::optional<std::string>();
    if (found->text() == nullptr) return malformed(std::string(key) + " is no text");
    if (found->text()->size() > reference_bytes_max)
        return Error{Errc::out_of_range, std::string(key) + " is too long"};
    return std::optional(*found->text());
}

/// A list of texts; one text alone stands for a list of it. Absent or null: unknown.
Result<std::optional<Items>> texts(const Value& object, std::string_view key) {
    const Value* found = member(object, key);
    if (found == nullptr) return std::optional<Items>();
    if (found->text() != nullptr) return std::optional(Items{*found->text()});
    if (found->array() == nullptr) return malformed(std::string(key) + " is no list");
    if (found->array()->size() > items_max)
        return Error{Errc::out_of_range, std::string(key) + " has too many entries"};
    Items out;
    for (const Value& item : *found->array()) {
        if (item.text() == nullptr) return malformed(std::string(key) + " has an entry of no text");
        out.push_back(*item.text());
    }
    return std::optional(std::move(out));
}

Result<std::optional<Items>> tokens(const Value& object, std::string_view key) {
    auto out = SALUS_TRY(texts(object, key));
    if (out) {
        for (std::string& one : *out) one = canonical_token(one, {});
    }
    return out;
}

Result<std::optional<Items>> references(const Value& object, std::string_view key) {
    auto out = SALUS_TRY(texts(object, key));
    if (out) {
        for (std::string& one : *out) one = plain_reference(one);
    }
    return out;
}

Result<std::optional<Items>> roles(const Value& object) {
    auto out = SALUS_TRY(texts(object, "roles"));
    if (out) {
        for (std::string& one : *out) {
            one = one.find('|') == std::string::npos ? plain_reference(one)
                                                     : canonical_token(one, {});
        }
    }
    return out;
}

Result<Record> read_record(const Value& in) {
    if (in.object() == nullptr) return malformed("resource is no object");
    Record out;
    out.type = SALUS_TRY(text(in, "type"));
    const auto id = SALUS_TRY(text(in, "id"));
    if (id && id->find('/') != std::string::npos) {
        out.reference = plain_reference(*id);
    } else if (id && out.type) {
        out.reference = *out.type + "/" + *id;
    }
    out.classes = SALUS_TRY(tokens(in, "class"));
    out.codes = SALUS_TRY(tokens(in, "codes"));
    out.labels = SALUS_TRY(tokens(in, "labels"));
    if (const auto authored = SALUS_TRY(text(in, "authored")))
        out.authored = SALUS_TRY(days_of(*authored));
    out.authors = SALUS_TRY(references(in, "author"));
    out.encounters = SALUS_TRY(references(in, "encounter"));
    out.custodians = SALUS_TRY(references(in, "custodian"));
    return out;
}

Result<std::int64_t> read_now(const Value& request) {
    const Value* found = member(request, "now");
    if (found != nullptr && found->number() != nullptr) {
        // Milliseconds since 1970.
        const std::int64_t ms = SALUS_TRY(json::need_int(request, "now"));
        if (ms < 0) return Error{Errc::out_of_range, "nothing is asked of a time before 1970"};
        return ms;
    }
    const auto now = SALUS_TRY(text(request, "now"));
    if (!now) return malformed("a question has no now");
    const std::int64_t moment = SALUS_TRY(moments_of(*now)).first;
    if (moment < 0) return Error{Errc::out_of_range, "nothing is asked of a time before 1970"};
    return moment;
}

Result<Question> read_question(const Value& request) {
    if (request.object() == nullptr) return malformed("request is no object");
    Question out;
    const auto actor = SALUS_TRY(text(request, "actor"));
    if (actor) out.actor = plain_reference(*actor);
    out.roles = SALUS_TRY(roles(request));
    out.organizations = SALUS_TRY(references(request, "organizations"));
    out.groups = SALUS_TRY(references(request, "groups"));
    const auto purpose = SALUS_TRY(text(request, "purpose"));
    if (purpose) out.purpose = canonical_token(*purpose, act_reason);
    const auto action = SALUS_TRY(text(request, "action"));
    out.action = canonical_token(action.value_or("access"), consent_action);
    out.now = SALUS_TRY(read_now(request));
    if (const Value* resource = member(request, "resource"))
        out.record = SALUS_TRY(read_record(*resource));
    return out;
}

/// What law says: consents without a patient. One that cannot be read is an error.
Result<std::vector<Directive>> law_directives(const Value& law, std::string_view key) {
    std::vector<Directive> out;
    const Value* found = member(law, key);
    if (found == nullptr) return out;
    if (found->array() == nullptr) return malformed(std::string(key) + " is no list");
    for (const Value& one : *found->array()) {
        auto directive = SALUS_TRY(read_consent(one));
        if (directive && !directive->nodes.empty()) out.push_back(std::move(*directive));
    }
    return out;
}

Status read_law(const Value& law, Layers& out) {
    if (law.object() == nullptr) return malformed("law is no object");
    out.forbids = SALUS_TRY(law_directives(law, "forbids"));
    out.mandates = SALUS_TRY(law_directives(law, "mandates"));
    out.withheld = SALUS_TRY(law_directives(law, "withheld"));
    out.absolute = SALUS_TRY(law_directives(law, "absolute"));
    out.selves = SALUS_TRY(references(law, "selves")).value_or(Items{});
    if (const Value* found = member(law, "break_glass")) {
        if (found->boolean() == nullptr) return malformed("break_glass is no boolean");
        out.break_glass = *found->boolean();
    }
    return done;
}

/// Sorts a consent into the case: it binds, says nothing, or cannot be read.
void add_consent(Case& to, const Value& consent) {
    Result<std::optional<Directive>> read = read_consent(consent);
    if (!read.ok()) {
        to.unclear.push_back(consent_id(consent));
    } else if (*read && (*read)->nodes.empty()) {
        to.silent.push_back((*read)->id);
    } else if (*read) {
        to.directives.push_back(std::move(**read));
    }
}

}  // namespace

Result<ImplicitPolicy> implicit_policy(std::string_view name) {
    const auto purposes = [](std::initializer_list<std::string_view> codes) {
        ImplicitPolicy out;
        for (const std::string_view code : codes) out.purposes.push_back(token(act_reason, code));
        return out;
    };
    if (name == "deny") return ImplicitPolicy{};
    if (name == "treatment") return purposes({"TREAT"});
    if (name == "tpo") return purposes({"TREAT", "HPAYMT", "HOPERAT"});
    return Error{Errc::not_found, "no implicit policy of this name"};
}

bool Case::has_live_directive() const {
    return !silent.empty() ||
           std::any_of(directives.begin(), directives.end(), [&](const Directive& one) {
               return is_live(one, question.now) && in_scope(one, question) != Tri::no;
           });
}

Result<Case> read_case(const Value& in) {
    Case out;
    const json::Array* consents = SALUS_TRY(json::need_array(in, "consents"));
    if (consents->size() > 1024) return Error{Errc::out_of_range, "too many consents"};
    const auto policy = SALUS_TRY(text(in, "implicit_policy"));
    out.layers.implicit = SALUS_TRY(implicit_policy(policy.value_or("deny")));
    if (const Value* law = member(in, "law")) SALUS_TRY(read_law(*law, out.layers));
    const Value* request = member(in, "request");
    if (request == nullptr) return malformed("there is no request");
    out.question = SALUS_TRY(read_question(*request));
    for (const Value& consent : *consents) {
        if (consent.object() == nullptr) return malformed("a consent is no object");
        add_consent(out, consent);
    }
    return out;
}

Verdict conclude(const Case& asked, Verdict said) {
    const Verdict above = above_directives(asked.layers, asked.question);
    if (above.decision != Decision::not_applicable) return above;
    if (said.decision == Decision::deny) return said;
    if (!asked.unclear.empty()) return {Decision::indeterminate, {}, 0};
    if (said.decision != Decision::not_applicable || asked.has_live_directive()) return said;
    return below_directives(asked.layers, asked.question);
}

Value verdict_json(const Case& asked, const Verdict& verdict) {
    json::Array obligations;
    const auto oblige = [&](Obligation bit, const char* word) {
        if ((verdict.obligations & bit) != 0) obligations.emplace_back(word);
    };
    oblige(redact, "redact");
    oblige(notify, "notify");
    oblige(no_redisclose, "no-redisclose");
    oblige(expire, "expire");
    json::Array directives;
    if (verdict.decision == Decision::indeterminate) {
        for (const std::string& id : asked.unclear) directives.emplace_back(id);
    }
    for (const std::size_t place : verdict.directives)
        directives.emplace_back(asked.directives[place].id);
    json::Object out;
    out.emplace_back("decision", std::string(to_string(verdict.decision)));
    out.emplace_back("obligations", std::move(obligations));
    out.emplace_back("directives", std::move(directives));
    return out;
}

Filter residual(const Case& asked) {
    Filter below;  // nothing, where a directive cannot be read
    if (asked.unclear.empty()) {
        below = asked.has_live_directive()
                    ? residual(asked.directives, asked.question)
                    : Filter::constant(asked.layers.implicit.permits(asked.question));
    }
    return around(asked.layers, asked.question, std::move(below));
}

}  // namespace salus::consent
