#pragma once

#include "consent/reference.hpp"
#include "consent/tables.hpp"

#include <array>
#include <random>
#include <string>
#include <string_view>
#include <vector>

/// Random directives and questions, of few different things, so that rules meet questions often.
namespace salus::consent::testing {

class Random {
  public:
    explicit Random(std::uint64_t seed) : engine_(seed) {}
    std::size_t below(std::size_t bound) { return engine_() % bound; }
    bool one_in(std::size_t n) { return below(n) == 0; }
    template <class List>
    std::string pick(const List& list) {
        return std::string(list[below(list.size())]);
    }

  private:
    std::mt19937_64 engine_;
};

inline const std::vector<std::string> purposes{token(act_reason, "TREAT"),
                                               token(act_reason, "ETREAT"),
                                               token(act_reason, "BTG"),
                                               token(act_reason, "HPAYMT"),
                                               token(act_reason, "HRESCH"),
                                               token(act_reason, "CLINTRCH"),
                                               token("http://example.org/purpose", "FooBar")};
inline const std::vector<std::string> labels{
    token(confidentiality, "N"), token(confidentiality, "R"), token(confidentiality, "V"),
    token(act_code, "ETH"),      token(act_code, "ETHUD"),    token(act_code, "SPI")};
inline const std::vector<std::string> people{"Practitioner/a", "Practitioner/b", "Organization/h",
                                             "Group/g", "PractitionerRole/r"};
inline const std::vector<std::string> roles{"http://example.org/role|nurse",
                                            "http://example.org/role|doctor"};
inline const std::vector<std::string> types{"Observation", "Condition", "Bundle", "Encounter"};
inline const std::vector<std::string> type_rules{"Observation", "Condition", "DomainResource",
                                                 "Resource"};
inline const std::vector<std::string> classes{"urn:c|one", "urn:c|two"};
inline const std::vector<std::string> codes{"http://loinc.org|1", "http://loinc.org|2"};
inline const std::vector<std::string> records{"Observation/1", "Encounter/1"};
inline const std::vector<std::string> encounters{"Encounter/1", "Encounter/2"};
inline const std::vector<std::string> authors{"Practitioner/a", "Organization/h"};
inline const std::vector<std::string> actions{token(consent_action, "access"),
                                              token(consent_action, "disclose")};

inline Items some(Random& random, const std::vector<std::string>& of) {
    Items out;
    for (std::size_t left = 1 + random.below(2); left > 0; --left) {
        out.push_back(random.one_in(12) ? std::string() : random.pick(of));
    }
    return out;
}

inline std::vector<Actor> some_actors(Random& random) {
    std::vector<Actor> out;
    for (std::size_t left = 1 + random.below(2); left > 0; --left) {
        Actor actor;
        if (!random.one_in(5)) actor.reference = random.pick(people);
        if (random.one_in(3)) actor.roles = some(random, roles);
        out.push_back(std::move(actor));
    }
    return out;
}

inline Data some_data(Random& random) {
    Data out;
    switch (random.below(4)) {
        case 0:
            out.instances = some(random, records);
            break;
        case 1:
            out.authors = some(random, authors);
            break;
        case 2:
            out.encounters = some(random, encounters);
            out.instances = out.encounters;
            break;
        default:
            out.custodians = some(random, authors);
    }
    return out;
}

template <class Range>
void set_ends(Random& random, std::optional<Range>& first, std::optional<Range>& last, Range base,
              Range length) {
    if (random.one_in(4)) return;
    const Range from = base + static_cast<Range>(random.below(20));
    if (!random.one_in(4)) first = from;
    if (!random.one_in(4)) last = from + length + static_cast<Range>(random.below(20));
}

inline constexpr std::int64_t base_time = 1'700'000'000'000;
inline constexpr std::int64_t base_day = 19'000;

/// Each element is named by a rule with the same small chance, so that most rules match something.
inline Elements random_elements(Random& random) {
    Elements out;
    const auto named = [&] { return random.one_in(6); };
    if (named()) {
        out.period.emplace();
        set_ends(random, out.period->from, out.period->until, base_time, std::int64_t{1});
    }
    if (named()) out.actors = some_actors(random);
    if (random.one_in(10)) out.actions = some(random, actions);
    if (named()) out.purposes = some(random, purposes);
    if (named()) out.labels = some(random, labels);
    if (named()) {
        out.classes.emplace();
        if (random.one_in(2)) {
            out.classes->types = some(random, type_rules);
        } else {
            out.classes->classes = some(random, classes);
        }
    }
    if (named()) out.codes = some(random, codes);
    if (named()) out.data = some_data(random);
    if (random.one_in(12)) out.sources = some_data(random);
    if (named()) {
        out.data_period.emplace();
        set_ends(random, out.data_period->from, out.data_period->to, base_day, std::int64_t{0});
    }
    if (random.one_in(12)) out.collections = Items{"c1"};
    if (random.one_in(12)) out.categories = Items{"laboratory"};
    return out;
}

inline Directive random_directive(Random& random) {
    Directive out;
    out.scope = random.one_in(8) ? "research" : "patient-privacy";
    const std::size_t count = 1 + random.below(random.one_in(8) ? 20 : 4);
    std::size_t depth = 0;
    for (std::size_t i = 0; i < count; ++i) {
        depth = i == 0 ? 1 : 2 + random.below(std::min<std::size_t>(depth, 3));
        Node node;
        node.depth = depth;
        node.permit = i == 0 ? !random.one_in(4) : random.one_in(2);
        node.own = random_elements(random);
        node.obligations = static_cast<std::uint8_t>(random.below(16));
        out.nodes.push_back(std::move(node));
    }
    return out;
}

template <class Value, class Make>
std::optional<Value> maybe(Random& random, Make make) {
    return random.one_in(5) ? std::nullopt : std::optional<Value>(make());
}

inline Record random_record(Random& random) {
    const auto list = [&](const std::vector<std::string>& of) {
        return maybe<Items>(random, [&] {
            Items out;
            for (std::size_t left = random.below(3); left > 0; --left)
                out.push_back(random.pick(of));
            return out;
        });
    };
    Record out;
    out.type = maybe<std::string>(random, [&] { return random.pick(types); });
    out.reference = maybe<std::string>(random, [&] { return random.pick(records); });
    out.classes = list(classes);
    out.codes = list(codes);
    out.labels = list(labels);
    out.authored = maybe<Days>(random, [&] {
        const auto first = base_day + static_cast<std::int64_t>(random.below(40));
        return Days{first, first + (random.one_in(4) ? 10 : 0)};
    });
    out.authors = list(authors);
    out.encounters = list(encounters);
    out.custodians = list(authors);
    if (random.one_in(2)) out.collection = random.one_in(2) ? "c1" : "c2";
    if (random.one_in(2)) out.category = random.one_in(2) ? "laboratory" : "letters";
    return out;
}

inline Question random_question(Random& random) {
    Question out;
    out.actor = maybe<std::string>(random, [&] { return random.pick(people); });
    const auto one = [&](const char* name) {
        return maybe<Items>(random, [&] { return random.one_in(2) ? Items{} : Items{name}; });
    };
    out.organizations = one("Organization/h");
    out.groups = one("Group/g");
    out.roles = maybe<Items>(random, [&] {
        return random.one_in(3) ? Items{"PractitionerRole/r"} : Items{random.pick(roles)};
    });
    out.purpose = maybe<std::string>(random, [&] { return random.pick(purposes); });
    out.action = random.one_in(6) ? actions[1] : actions[0];
    out.now = base_time + static_cast<std::int64_t>(random.below(40));
    out.record = random_record(random);
    return out;
}

}  // namespace salus::consent::testing
