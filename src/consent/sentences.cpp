#include "consent/sentences.hpp"

#include "consent/dates.hpp"
#include "consent/reference.hpp"
#include "consent/tables.hpp"

#include <array>
#include <string_view>

namespace salus::consent {
namespace {

struct Words {
    std::string_view code;
    std::string_view words;
};

constexpr std::array reason_words{
    Words{"PurposeOfUse", "any purpose"},
    Words{"TREAT", "treatment"},
    Words{"ETREAT", "emergency treatment"},
    Words{"ERTREAT", "treatment in an emergency room"},
    Words{"COC", "coordination of care"},
    Words{"POPHLTH", "the health of a population"},
    Words{"CLINTRL", "treatment in a clinical trial"},
    Words{"BTG", "break-glass"},
    Words{"HPAYMT", "billing"},
    Words{"HOPERAT", "running the hospital"},
    Words{"HRESCH", "medical research"},
    Words{"CLINTRCH", "clinical trial research"},
    Words{"PATRQT", "a request of mine"},
    Words{"PUBHLTH", "public health"},
    Words{"HMARKT", "marketing"},
};
constexpr std::array label_words{
    Words{"ETH", "substance use"},
    Words{"ETHUD", "alcohol use disorder"},
    Words{"OPIOIDUD", "opioid use disorder"},
    Words{"SUD", "substance use disorder"},
    Words{"PSY", "psychiatry"},
    Words{"PSYTHPN", "psychotherapy notes"},
    Words{"MH", "mental health"},
    Words{"BH", "behavioural health"},
    Words{"SEX", "sexuality and reproductive health"},
    Words{"SDV", "sexual assault, abuse or domestic violence"},
    Words{"STD", "sexually transmitted disease"},
    Words{"HIV", "HIV"},
    Words{"GDIS", "genetic disease"},
    Words{"SPI", "specially protected information"},
};
constexpr std::array level_words{
    Words{"U", "unrestricted"},
    Words{"L", "low confidentiality"},
    Words{"M", "moderate confidentiality"},
    Words{"N", "normal"},
    Words{"R", "restricted"},
    Words{"V", "very restricted"},
};
constexpr std::array action_words{
    Words{"access", "open"},     Words{"use", "use"},         Words{"disclose", "pass on"},
    Words{"collect", "collect"}, Words{"correct", "correct"}, Words{"write", "add to"},
};

template <std::size_t N>
std::string_view find_words(const std::array<Words, N>& all, std::string_view code) {
    for (const Words& one : all) {
        if (one.code == code) return one.words;
    }
    return {};
}

/// "a", "a or b", "a, b or c".
std::string listed(const std::vector<std::string>& items) {
    std::string out;
    for (std::size_t i = 0; i < items.size(); ++i) {
        if (i > 0) out += i + 1 == items.size() ? " or " : ", ";
        out += items[i];
    }
    return out;
}

template <class Word>
std::string listed(const Items& items, Word word) {
    std::vector<std::string> out;
    for (const std::string& item : items)
        out.push_back(item.empty() ? std::string("something not named clearly") : word(item));
    return listed(out);
}

std::string who(const Elements& e, const Namer& name, bool permit) {
    if (!e.actors) return permit ? "Everybody" : "Nobody";
    std::vector<std::string> out;
    for (const Actor& actor : *e.actors) {
        const std::string role = listed(actor.roles, code_words);
        if (actor.reference.empty()) {
            out.push_back(role.empty() ? "somebody not named clearly" : "every " + role);
        } else {
            out.push_back(role.empty() ? name(actor.reference)
                                       : name(actor.reference) + " as " + role);
        }
    }
    return listed(out);
}

void add_things(std::string& to, std::string_view before, const Items& items, const Namer& name) {
    if (!items.empty()) to += std::string(before) + listed(items, name);
}

/// Where or whose a record is, one way or another.
std::string things(const Data& data, const Namer& name) {
    std::string out;
    const auto add = [&](std::string_view words, const Items& items) {
        if (!items.empty() && !out.empty()) out += " or";
        add_things(out, words, items, name);
    };
    add(" that is ", data.instances);
    add(" written by ", data.authors);
    add(" of ", data.encounters);
    add(" kept by ", data.custodians);
    return out;
}

std::string what(const Elements& e, const Namer& name) {
    std::string out = "everything of mine";
    if (e.classes) {
        Items all = e.classes->types;
        all.insert(all.end(), e.classes->classes.begin(), e.classes->classes.end());
        out = "what is " + listed(all, code_words);
    }
    if (e.codes) out += " about " + listed(*e.codes, code_words);
    if (e.labels) out += " marked " + listed(*e.labels, code_words);
    if (e.data) out += things(*e.data, name);
    if (e.sources) out += things(*e.sources, name);
    if (e.categories) out += " among " + listed(*e.categories, code_words);
    if (e.collections) out += " in " + listed(*e.collections, name);
    if (e.data_period) {
        if (e.data_period->from) out += " from " + iso_day(*e.data_period->from) + " on";
        if (e.data_period->to) out += " up to " + iso_day(*e.data_period->to);
    }
    return out;
}

constexpr std::int64_t day_ms = 86'400'000;

std::string period_words(const Elements& e) {
    std::string out;
    if (!e.period) return out;
    if (e.period->from) out += ", from " + iso_day(*e.period->from / day_ms);
    // The last moment inside, not the first outside.
    if (e.period->until) out += ", until " + iso_day((*e.period->until - 1) / day_ms);
    return out.empty() ? out : out + " (UTC)";
}

std::string obligation_words(std::uint8_t obligations) {
    std::string out;
    if ((obligations & redact) != 0) out += " Parts are to be left out.";
    if ((obligations & notify) != 0) out += " I am told at once.";
    if ((obligations & no_redisclose) != 0) out += " It is not to be passed on.";
    return out;
}

std::string sentence(const Node& node, const Namer& name) {
    const Elements& e = node.own;
    std::string out((node.depth - 1) * 2, ' ');
    if (node.depth > 1) out += node.permit ? "But: " : "Except: ";
    out += who(e, name, node.permit);
    // "Nobody may": the deny stands in the subject.
    out += node.permit || !e.actors ? " may " : " may not ";
    out += e.actions ? listed(*e.actions, code_words) : std::string("do anything with");
    out += " " + what(e, name);
    out += e.purposes ? " for " + listed(*e.purposes, code_words) : " for any purpose";
    out += period_words(e) + ".";
    if (node.permit) out += obligation_words(node.obligations);
    return out;
}

}  // namespace

std::string code_words(const std::string& text) {
    const std::size_t bar = text.find('|');
    if (bar == std::string::npos) return text;
    const std::string_view system = std::string_view(text).substr(0, bar);
    const std::string_view code = std::string_view(text).substr(bar + 1);
    std::string_view found;
    if (system == act_reason) found = find_words(reason_words, code);
    if (system == act_code) found = find_words(label_words, code);
    if (system == confidentiality) found = find_words(level_words, code);
    if (system == consent_action) found = find_words(action_words, code);
    if (!found.empty()) return std::string(found);
    return std::string(code) + " (" + std::string(system) + ")";
}

std::vector<std::string> sentences(const Directive& directive, const Namer& name) {
    std::vector<std::string> out;
    for (const Node& node : effective(directive)) out.push_back(sentence(node, name));
    return out;
}

std::string text_of(const Directive& directive, const Namer& name) {
    std::string out;
    for (const std::string& one : sentences(directive, name)) {
        if (!out.empty()) out += '\n';
        out += one;
    }
    return out;
}

}  // namespace salus::consent
