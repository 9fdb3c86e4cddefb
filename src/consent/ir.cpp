#include "consent/ir.hpp"

#include "base/cbor.hpp"
#include "consent/limits.hpp"
#include "consent/reference.hpp"
#include "consent/tables.hpp"

#include <algorithm>
#include <array>

namespace salus::consent {
namespace {

constexpr std::int64_t first_day = 719'162;                ///< days from 0001-01-01 to 1970
constexpr std::int64_t last_moment = 253'402'300'800'000;  ///< the year 10000
constexpr std::uint64_t role_kind = 3;

Error too_many(const char* what) {
    return {Errc::out_of_range, std::string("a directive has too many ") + what};
}

/// Purposes and actions of the usual systems stand as the code alone, as version 1 writes them.
std::string_view short_code(std::string_view token, std::string_view system) {
    return token.size() > system.size() && token.starts_with(system) && token[system.size()] == '|'
               ? token.substr(system.size() + 1)
               : token;
}

std::uint64_t kind_of(std::string_view reference) {
    const std::string_view type = reference.substr(0, reference.find('/'));
    if (type == "Organization") return 1;
    if (type == "Group" || type == "CareTeam") return 2;
    return type == "PractitionerRole" ? role_kind : 0;
}

/// Sorted and each once, an empty one (what cannot be compared) first: one meaning, one encoding.
Items in_order(Items items) {
    std::sort(items.begin(), items.end());
    items.erase(std::unique(items.begin(), items.end()), items.end());
    return items;
}

class RuleWriter {
  public:
    RuleWriter(const Labeller& label, cbor::Writer& out) : label_(label), out_(out) {}

    Status node(const Node& node, const Elements& own) {
        out_.array(4).uint(node.depth).uint(node.permit ? 1 : 0).uint(node.obligations);
        const std::array named{
            own.period.has_value(),      own.actors.has_value(),      own.actions.has_value(),
            own.purposes.has_value(),    own.labels.has_value(),      own.classes.has_value(),
            own.codes.has_value(),       own.data.has_value(),        own.sources.has_value(),
            own.data_period.has_value(), own.collections.has_value(), own.categories.has_value()};
        out_.map(static_cast<std::size_t>(std::count(named.begin(), named.end(), true)));
        if (own.period) write_period(*own.period);
        if (own.actors) SALUS_TRY(write_actors(*own.actors));
        if (own.actions) SALUS_TRY(write_texts(3, *own.actions, consent_action));
        if (own.purposes) SALUS_TRY(write_texts(4, *own.purposes, act_reason));
        if (own.labels) SALUS_TRY(labels(5, "security", meant(*own.labels, node.permit)));
        if (own.classes) {
            out_.uint(6).array(2);
            SALUS_TRY(list("type", own.classes->types));
            SALUS_TRY(list("class", own.classes->classes));
        }
        if (own.codes) SALUS_TRY(labels(7, "code", *own.codes));
        if (own.data) SALUS_TRY(write_data(8, *own.data));
        if (own.sources) SALUS_TRY(write_data(9, *own.sources));
        if (own.data_period) write_days(*own.data_period);
        if (own.collections) SALUS_TRY(labels(11, "collection", *own.collections));
        if (own.categories) SALUS_TRY(labels(12, "category", *own.categories));
        return done;
    }

  private:
    /// A permit of a confidentiality names the lower ones too. What lies below a code otherwise is
    /// the question's to say.
    static Items meant(const Items& own, bool permit) {
        Items out;
        for (const std::string& label : own) {
            out.push_back(label);
            if (!permit || short_code(label, confidentiality) == label) continue;
            for (std::string& one : labels_meant(label, true)) out.push_back(std::move(one));
        }
        return out;
    }
    void write_end(const std::optional<std::int64_t>& end, std::int64_t shift) {
        if (end) {
            out_.integer(std::clamp<std::int64_t>(*end + shift, 0, last_moment));
        } else {
            out_.null();
        }
    }
    void write_period(const Period& period) {
        out_.uint(1).array(2);
        // Nothing is asked of a time before 1970.
        const bool open = !period.from || *period.from <= 0;
        write_end(open ? std::nullopt : period.from, 0);
        write_end(period.until, 0);
    }
    void write_days(const Days& days) {
        out_.uint(10).array(2);
        write_end(days.from, first_day);
        write_end(days.to, first_day);
    }
    Status list(std::string_view kind, const Items& items) {
        if (items.size() > items_max) return too_many("entries in one list");
        // In the order of the labels: whether a name is there must not show by its place.
        std::vector<ObjectId> out;
        bool unclear = false;
        for (const std::string& item : items) {
            if (item.empty()) {
                unclear = true;
            } else {
                out.push_back(label_(kind, item));
            }
        }
        std::sort(out.begin(), out.end());
        out.erase(std::unique(out.begin(), out.end()), out.end());
        out_.array(out.size() + (unclear ? 1 : 0));
        for (const ObjectId& id : out) out_.bytes(id.view());
        if (unclear) out_.null();
        return done;
    }
    Status labels(std::uint64_t key, std::string_view kind, const Items& items) {
        out_.uint(key);
        return list(kind, items);
    }
    Status write_data(std::uint64_t key, const Data& data) {
        out_.uint(key).array(4);
        SALUS_TRY(list("record", data.instances));
        SALUS_TRY(list("author", data.authors));
        SALUS_TRY(list("encounter", data.encounters));
        return list("custodian", data.custodians);
    }
    Status write_texts(std::uint64_t key, const Items& items, std::string_view system) {
        if (items.size() > items_max) return too_many("codes in one list");
        const Items sorted = in_order(items);
        out_.uint(key).array(sorted.size());
        for (const std::string& item : sorted) {
            if (item.size() > code_bytes_max)
                return Error{Errc::out_of_range, "a code is too long"};
            if (item.empty()) {
                out_.null();
            } else {
                out_.text(short_code(item, system));
            }
        }
        return done;
    }
    Status write_actors(const std::vector<Actor>& actors) {
        if (actors.size() > items_max) return too_many("actors");
        out_.uint(2).array(actors.size());
        for (const Actor& actor : actors) {
            out_.array(3).uint(kind_of(actor.reference));
            if (actor.reference.empty()) {
                out_.null();
            } else {
                out_.bytes(label_("actor", actor.reference).view());
            }
            SALUS_TRY(list("role", actor.roles));
        }
        return done;
    }

    const Labeller& label_;
    cbor::Writer& out_;
};

/// A rule's own elements, with the labels that it inherits from one of the other type named again:
/// a confidentiality means something else in a permit than in a deny.
std::vector<Elements> elements_to_write(const Directive& directive) {
    std::vector<Elements> out;
    struct Above {
        bool permit;
        std::optional<Items> labels;
    };
    std::vector<Above> above;
    for (const Node& node : directive.nodes) {
        Elements own = node.own;
        above.resize(std::min(above.size(), node.depth - 1));
        if (!own.labels && !above.empty() && above.back().labels &&
            above.back().permit != node.permit) {
            own.labels = above.back().labels;
        }
        const auto inherited = above.empty() ? std::optional<Items>() : above.back().labels;
        above.push_back({node.permit, own.labels ? own.labels : inherited});
        out.push_back(std::move(own));
    }
    return out;
}

Status check_order(const Directive& directive) {
    if (directive.nodes.empty() || directive.nodes.size() > nodes_max)
        return Error{Errc::out_of_range, "a directive has 1 to 64 rules"};
    std::size_t previous = 0;
    for (const Node& node : directive.nodes) {
        const bool first = previous == 0;
        if (node.depth > depth_max || (first ? node.depth != 1 : node.depth < 2) ||
            node.depth > previous + 1) {
            return Error{Errc::malformed, "rules out of order"};
        }
        previous = node.depth;
    }
    return done;
}

// The question ------------------------------------------------------------------------------------

Items with_above(const Items& codes) {
    Items out;
    for (const std::string& code : codes) {
        for (std::string& one : and_above(code)) out.push_back(std::move(one));
    }
    return in_order(std::move(out));
}

/// Every resource is a Resource, and a DomainResource but for three types.
Items type_and_above(const std::string& type) {
    Items out{type, "Resource"};
    if (type != "Binary" && type != "Bundle" && type != "Parameters") {
        out.emplace_back("DomainResource");
    }
    return out;
}

std::optional<Items> lone(const std::optional<std::string>& text) {
    return text ? std::optional(Items{*text}) : std::nullopt;
}

Status write_known(cbor::Writer& out, const Labeller& label, std::uint64_t key,
                   std::string_view kind, const std::optional<Items>& items) {
    out.uint(key);
    if (!items) {
        out.null();
        return done;
    }
    if (items->size() > asked_items_max)
        return Error{Errc::out_of_range, "a question has too many entries in one list"};
    out.array(items->size());
    for (const std::string& item : *items) out.bytes(label(kind, item).view());
    return done;
}

Status write_facts(cbor::Writer& out, const Question& q, const Labeller& label) {
    const Record& r = q.record;
    out.map(12).uint(1).uint(table_version).uint(2);
    out.uint((q.actor ? 0U : 1U) | (q.organizations ? 0U : 2U) | (q.groups ? 0U : 4U) |
             (q.roles ? 0U : 8U));
    out.uint(3);
    if (q.purpose) {
        const Items purposes = and_above(*q.purpose);
        out.array(purposes.size());
        for (const std::string& one : purposes) out.text(short_code(one, act_reason));
    } else {
        out.null();
    }
    const auto types = r.type ? std::optional(type_and_above(*r.type)) : std::nullopt;
    SALUS_TRY(write_known(out, label, 4, "type", types));
    SALUS_TRY(write_known(out, label, 5, "security",
                          r.labels ? std::optional(with_above(*r.labels)) : std::nullopt));
    SALUS_TRY(write_known(out, label, 6, "class",
                          r.classes ? std::optional(with_above(*r.classes)) : std::nullopt));
    SALUS_TRY(write_known(out, label, 7, "code", r.codes));
    SALUS_TRY(write_known(out, label, 8, "record", lone(r.reference)));
    SALUS_TRY(write_known(out, label, 9, "author", r.authors));
    SALUS_TRY(write_known(out, label, 10, "encounter", r.encounters));
    SALUS_TRY(write_known(out, label, 11, "custodian", r.custodians));
    out.uint(12);
    if (r.authored && r.authored->from && r.authored->to) {
        out.array(2).integer(*r.authored->from + first_day).integer(*r.authored->to + first_day);
    } else {
        out.null();
    }
    return done;
}

/// Every name that the asker goes by.
std::vector<ObjectId> actor_labels(const Question& q, const Labeller& label) {
    std::vector<ObjectId> out;
    const auto add = [&](std::string_view kind, const Items& items) {
        for (const std::string& item : items) out.push_back(label(kind, item));
    };
    if (q.actor) out.push_back(label("actor", *q.actor));
    add("actor", q.organizations.value_or(Items{}));
    add("actor", q.groups.value_or(Items{}));
    for (const std::string& role : q.roles.value_or(Items{})) {
        // A role by reference, or one by code.
        out.push_back(label(role.find('|') == std::string::npos ? "actor" : "role", role));
    }
    return out;
}

}  // namespace

Result<Bytes> encode_ir(const Directive& directive, const Labeller& label) {
    SALUS_TRY(check_order(directive));
    const Period alive = life(directive);
    const std::int64_t from = std::clamp<std::int64_t>(alive.from.value_or(0), 0, last_moment - 1);
    const std::int64_t until =
        std::clamp<std::int64_t>(alive.until.value_or(last_moment), from + 1, last_moment);
    cbor::Writer out;
    out.map(5).uint(1).uint(2).uint(2).text(directive.scope).uint(3).integer(from);
    out.uint(4).integer(until).uint(5).array(directive.nodes.size());
    const std::vector<Elements> elements = elements_to_write(directive);
    RuleWriter rules(label, out);
    for (std::size_t i = 0; i < elements.size(); ++i)
        SALUS_TRY(rules.node(directive.nodes[i], elements[i]));
    if (out.view().size() > ir_bytes_max)
        return Error{Errc::out_of_range, "a directive is larger than 16,384 bytes"};
    return out.take();
}

Result<Bytes> encode_question(const AccountId& patient, const Question& q, const Labeller& label) {
    const std::vector<ObjectId> actors = actor_labels(q, label);
    if (actors.size() > named_actors_max)
        return Error{Errc::out_of_range, "somebody asks under too many names"};
    const auto optional_label = [&](cbor::Writer& out, std::string_view kind,
                                    const std::optional<std::string>& name) {
        name ? out.bytes(label(kind, *name).view()) : out.null();
    };
    cbor::Writer out;
    out.map(9).uint(1).bytes(patient.view()).uint(2).array(actors.size());
    for (const ObjectId& one : actors) out.bytes(one.view());
    out.uint(3).text(q.purpose ? short_code(*q.purpose, act_reason) : std::string_view());
    out.uint(4).text(short_code(q.action, consent_action)).uint(5).null().uint(6);
    optional_label(out, "collection", q.record.collection);
    out.uint(7);
    optional_label(out, "category", q.record.category);
    out.uint(8).integer(q.now).uint(9);
    SALUS_TRY(write_facts(out, q, label));
    return out.take();
}

Result<Answer> decode_answer(ByteView bytes) {
    cbor::Reader in(bytes);
    Answer out;
    SALUS_TRY(in.map_of(5));
    SALUS_TRY(in.key(1));
    out.decision = static_cast<Decision>(SALUS_TRY(in.uint_max(3)));
    SALUS_TRY(in.key(2));
    for (std::size_t left = SALUS_TRY(in.array()); left > 0; --left)
        out.directives.push_back(SALUS_TRY(in.fixed<ObjectId>()));
    SALUS_TRY(in.key(3));
    out.reason = SALUS_TRY(in.uint());
    SALUS_TRY(in.key(4));
    out.until = SALUS_TRY(in.integer());
    SALUS_TRY(in.key(5));
    out.obligations = static_cast<std::uint8_t>(SALUS_TRY(in.uint_max(15)));
    SALUS_TRY(in.end());
    return out;
}

}  // namespace salus::consent
