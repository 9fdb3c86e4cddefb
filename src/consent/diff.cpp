#include "consent/diff.hpp"

#include "base/result.hpp"
#include "consent/dates.hpp"
#include "consent/sentences.hpp"
#include "consent/tables.hpp"

#include <algorithm>
#include <set>

namespace salus::consent {
namespace {

constexpr std::int64_t day_ms = 86'400'000;
constexpr std::size_t memberships_max = 8;  ///< organisations, groups and roles: 2^8 sets of them

// What the directives name
// --------------------------------------------------------------------------

struct Named {
    std::set<std::string> people;
    std::set<std::string> memberships;  ///< organisations, groups, roles
    std::set<std::string> purposes;
    std::set<std::string> actions;
    std::set<std::int64_t> moments;
};

bool is_membership(const std::string& reference) {
    const std::string type = reference.substr(0, reference.find('/'));
    return type == "Organization" || type == "Group" || type == "CareTeam" ||
           type == "PractitionerRole";
}

void add_names(Named& to, const Elements& e) {
    for (const Actor& actor : e.actors.value_or(std::vector<Actor>{})) {
        if (!actor.reference.empty())
            (is_membership(actor.reference) ? to.memberships : to.people).insert(actor.reference);
        to.memberships.insert(actor.roles.begin(), actor.roles.end());
    }
    const Items purposes = e.purposes.value_or(Items{});
    const Items actions = e.actions.value_or(Items{});
    to.purposes.insert(purposes.begin(), purposes.end());
    to.actions.insert(actions.begin(), actions.end());
    if (e.period && e.period->from) to.moments.insert(*e.period->from);
    if (e.period && e.period->until) to.moments.insert(*e.period->until);
}

Named names_of(std::span<const Directive> before, std::span<const Directive> after,
               std::int64_t now) {
    Named out;
    for (const auto& directives : {before, after}) {
        for (const Directive& directive : directives) {
            for (const Node& node : directive.nodes) add_names(out, node.own);
            if (directive.scope == "research") out.purposes.insert(token(act_reason, "HRESCH"));
            if (directive.scope == "research") out.purposes.insert(token(act_reason, "CLINTRL"));
        }
    }
    out.memberships.erase("");
    out.purposes.erase("");
    out.actions.erase("");
    out.moments.erase(out.moments.begin(), out.moments.upper_bound(now));
    out.moments.insert(now);
    out.actions.insert(token(consent_action, "access"));
    return out;
}

/// One purpose for each set of named purposes that one can be or lie below; none of them: another.
Items purpose_kinds(const Named& named) {
    Items all{"another purpose"};
    for (const std::string& one : named.purposes) all.push_back(one);
    for (const std::string& one : and_below(token(act_reason, "PurposeOfUse"))) all.push_back(one);
    std::set<std::vector<bool>> seen;
    Items out;
    for (const std::string& one : all) {
        std::vector<bool> kind;
        for (const std::string& rule : named.purposes) kind.push_back(is_or_below(one, rule));
        if (seen.insert(kind).second) out.push_back(one);
    }
    return out;
}

// Askers ------------------------------------------------------------------------------------------

Question asker(const std::string& person, const std::vector<std::string>& memberships) {
    Question out;
    out.actor = person;
    out.organizations.emplace();
    out.groups.emplace();
    out.roles.emplace();
    for (const std::string& one : memberships) {
        if (one.starts_with("Organization/")) {
            out.organizations->push_back(one);
        } else if (one.starts_with("Group/") || one.starts_with("CareTeam/")) {
            out.groups->push_back(one);
        } else {
            out.roles->push_back(one);
        }
    }
    return out;
}

Result<std::vector<Question>> askers(const Named& named) {
    if (named.memberships.size() > memberships_max)
        return Error{Errc::exhausted, "the directives name too many organisations and roles"};
    std::vector<std::string> people(named.people.begin(), named.people.end());
    people.emplace_back("Practitioner/somebody-else");
    const std::vector<std::string> all(named.memberships.begin(), named.memberships.end());
    std::vector<Question> out;
    for (const std::string& person : people) {
        for (std::size_t set = 0; set < (std::size_t{1} << all.size()); ++set) {
            std::vector<std::string> some;
            for (std::size_t i = 0; i < all.size(); ++i) {
                if ((set >> i & 1U) != 0) some.push_back(all[i]);
            }
            out.push_back(asker(person, some));
        }
    }
    return out;
}

// Records -----------------------------------------------------------------------------------------

/// The leaves of two filters, field by field.
struct Leaves {
    std::vector<const Filter*> fields;
    std::vector<Days> days;
};

void collect(const Filter& filter, Leaves& to) {
    if (filter.kind == Filter::Kind::field) to.fields.push_back(&filter);
    if (filter.kind == Filter::Kind::authored) to.days.push_back(filter.days);
    for (const Filter& part : filter.parts) collect(part, to);
}

/// Every set of values of a field that some leaf tells apart from the others, as examples: what one
/// value does to the leaves, and for fields of several values what they do together.
std::vector<Items> value_sets(const Leaves& leaves, Field field, bool several) {
    std::vector<const Filter*> own;
    std::set<std::string> values;
    for (const Filter* leaf : leaves.fields) {
        if (leaf->field != field) continue;
        own.push_back(leaf);
        values.insert(leaf->values.begin(), leaf->values.end());
    }
    const auto effect = [&](const Items& items) {
        std::vector<bool> out;
        for (const Filter* leaf : own) {
            out.push_back(std::any_of(items.begin(), items.end(), [&](const std::string& one) {
                return std::find(leaf->values.begin(), leaf->values.end(), one) !=
                       leaf->values.end();
            }));
        }
        return out;
    };
    std::set<std::vector<bool>> seen{effect({})};
    std::vector<Items> out{{}};
    for (const std::string& value : values) {
        const std::size_t before = out.size();
        for (std::size_t i = 0; i < (several ? before : 1); ++i) {
            Items with = several ? out[i] : Items{};
            with.push_back(value);
            if (seen.insert(effect(with)).second) out.push_back(std::move(with));
        }
    }
    return out;
}

/// A day for each stretch between the ends of the leaves' periods.
std::vector<Days> day_kinds(const Leaves& leaves, std::int64_t today) {
    std::set<std::int64_t> days{today};
    for (const Days& range : leaves.days) {
        if (range.from) days.insert({*range.from - 1, *range.from});
        if (range.to) days.insert({*range.to, *range.to + 1});
    }
    std::vector<Days> out;
    for (const std::int64_t day : days) out.push_back({day, day});
    return out;
}

/// Records of every kind that two filters tell apart, one attribute after the other.
class RecordKinds {
  public:
    RecordKinds(const Filter& before, const Filter& after, std::int64_t today) {
        Leaves leaves;
        collect(before, leaves);
        collect(after, leaves);
        start(today);
        add_one(value_sets(leaves, Field::type, false), "Other", &Record::type);
        add_one(value_sets(leaves, Field::id, false), "Other/1", &Record::reference);
        add_one(value_sets(leaves, Field::collection, false), "another collection",
                &Record::collection);
        add_one(value_sets(leaves, Field::category, false), "another category", &Record::category);
        add_several(value_sets(leaves, Field::classes, true), &Record::classes);
        add_several(value_sets(leaves, Field::codes, true), &Record::codes);
        add_several(value_sets(leaves, Field::labels, true), &Record::labels);
        add_several(value_sets(leaves, Field::author, true), &Record::authors);
        add_several(value_sets(leaves, Field::encounter, true), &Record::encounters);
        add_several(value_sets(leaves, Field::custodian, true), &Record::custodians);
        add_days(day_kinds(leaves, today));
    }
    [[nodiscard]] const std::vector<Record>& all() const { return all_; }
    [[nodiscard]] bool too_many() const { return too_many_; }

  private:
    void start(std::int64_t today) {
        Record known;
        known.authored = Days{today, today};
        all_.push_back(known);
    }
    /// Each record so far with each value; with what is unknown too, where a leaf asks for it.
    template <class Set>
    void spread(std::size_t kinds, Set set) {
        if (all_.size() * kinds > kinds_max / 16) {
            too_many_ = true;
            return;
        }
        std::vector<Record> out;
        for (const Record& record : all_) {
            for (std::size_t i = 0; i < kinds; ++i) {
                out.push_back(record);
                set(out.back(), i);
            }
        }
        all_ = std::move(out);
    }
    template <class Member>
    void add_one(const std::vector<Items>& values, const std::string& other, Member member) {
        const std::size_t unknown = values.size() > 1 ? 1 : 0;
        spread(values.size() + unknown, [&](Record& record, std::size_t i) {
            if (i < values.size()) record.*member = values[i].empty() ? other : values[i].front();
        });
    }
    template <class Member>
    void add_several(const std::vector<Items>& values, Member member) {
        const std::size_t unknown = values.size() > 1 ? 1 : 0;
        spread(values.size() + unknown, [&](Record& record, std::size_t i) {
            if (i < values.size()) record.*member = values[i];
        });
    }
    void add_days(const std::vector<Days>& days) {
        const std::size_t unknown = days.size() > 1 ? 1 : 0;
        spread(days.size() + unknown, [&](Record& record, std::size_t i) {
            record.authored = i < days.size() ? std::optional(days[i]) : std::nullopt;
        });
    }

    std::vector<Record> all_;
    bool too_many_ = false;
};

/// Compares all records for one asker, purpose, action and moment.
class Comparison {
  public:
    Comparison(std::span<const Directive> before, std::span<const Directive> after)
        : before_(before), after_(after) {}

    Status ask(const Question& question, bool& allowed, bool& blocked) {
        const Filter was = residual(before_, question);
        const Filter is = residual(after_, question);
        if (was == is) {
            ++out_.kinds;
            return done;
        }
        const RecordKinds records(was, is, question.now / day_ms);
        if (records.too_many() || out_.kinds + records.all().size() > kinds_max)
            return Error{Errc::exhausted, "the directives tell too many kinds of question apart"};
        for (const Record& record : records.all()) {
            ++out_.kinds;
            const bool before = passes(was, record) == Tri::yes;
            const bool after = passes(is, record) == Tri::yes;
            bool& found = after ? allowed : blocked;
            if (before == after || found) continue;
            found = true;
            out_.changes.push_back({after, question});
            out_.changes.back().example.record = record;
        }
        return done;
    }
    Difference take() { return std::move(out_); }

  private:
    std::span<const Directive> before_;
    std::span<const Directive> after_;
    Difference out_;
};

std::string list_words(const std::optional<Items>& items) {
    std::string out;
    for (const std::string& one : items.value_or(Items{}))
        out += (out.empty() ? "" : ", ") + code_words(one);
    return out;
}

std::string record_words(const Record& r) {
    std::string out = r.type.value_or("a record of unknown type");
    if (out == "Other") out = "a record";
    if (r.reference && !r.reference->starts_with("Other/")) out = *r.reference;
    const auto add = [&](const char* words, const std::optional<Items>& items) {
        if (!items) {
            out += std::string(", ") + words + " unknown";
        } else if (!items->empty()) {
            out += std::string(", ") + words + " " + list_words(items);
        }
    };
    add("class", r.classes);
    add("about", r.codes);
    add("marked", r.labels);
    add("written by", r.authors);
    add("of", r.encounters);
    add("kept by", r.custodians);
    out += r.authored ? ", of " + iso_day(*r.authored->from) : std::string(", of unknown date");
    return out;
}

}  // namespace

Result<Difference> diff(std::span<const Directive> before, std::span<const Directive> after,
                        std::int64_t now) {
    const Named named = names_of(before, after, now);
    Comparison comparison(before, after);
    for (Question question : SALUS_TRY(askers(named))) {
        for (const std::string& purpose : purpose_kinds(named)) {
            for (const std::string& action : named.actions) {
                question.purpose = purpose;
                question.action = action;
                bool allowed = false;
                bool blocked = false;
                for (const std::int64_t moment : named.moments) {
                    question.now = moment;
                    SALUS_TRY(comparison.ask(question, allowed, blocked));
                }
            }
        }
    }
    return comparison.take();
}

std::string change_words(const Change& change) {
    const Question& q = change.example;
    std::string who = q.actor.value_or("somebody");
    if (who == "Practitioner/somebody-else") who = "anybody else";
    for (const auto& list : {q.organizations, q.groups, q.roles}) {
        const std::string words = list_words(list);
        if (!words.empty()) who += " with " + words;
    }
    std::string out = change.allows ? "newly allowed: " : "newly blocked: ";
    out += who + " to " + code_words(q.action) + " for " + code_words(q.purpose.value_or("")) +
           ", from " + iso_day(q.now / day_ms) + ": for example " + record_words(q.record);
    return out;
}

}  // namespace salus::consent
