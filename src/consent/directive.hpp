#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

/// What a patient permits and forbids, and what may be asked of it, in words: codes are tokens
/// `system|code`, things and people are references `Type/id`. On chain the same stands as Consent
/// IR, with labels for people and things (ir.hpp).
namespace salus::consent {

/// Codes or references of one element, any of which matches. An empty text stands for an entry
/// that cannot be compared with anything (a name without a reference, a code without a system):
/// it is unknown whether it matches.
using Items = std::vector<std::string>;

/// Milliseconds since 1970; `until` is the first moment that is outside. Nothing: open.
struct Period {
    std::optional<std::int64_t> from;
    std::optional<std::int64_t> until;
    bool operator==(const Period&) const = default;
};

/// Whole days since 1970, both included. Nothing: open.
struct Days {
    std::optional<std::int64_t> from;
    std::optional<std::int64_t> to;
    bool operator==(const Days&) const = default;
};

/// Somebody who may be concerned: a person, organisation or group by reference, one of several
/// roles, or both at once. Neither: an entry that cannot be compared.
struct Actor {
    std::string reference;
    Items roles;
    bool operator==(const Actor&) const = default;
};

/// FHIR resource types by name, and other classes as tokens: any of either.
struct Classes {
    Items types;
    Items classes;
    bool operator==(const Classes&) const = default;
};

/// Records by what they are or where they belong: any of all lists.
struct Data {
    Items instances;
    Items authors;
    Items encounters;
    Items custodians;
    bool operator==(const Data&) const = default;
};

/// What a rule narrows itself to. An element that is not named is inherited from the rule above;
/// named by none, it matches everything.
struct Elements {
    std::optional<Period> period;
    std::optional<std::vector<Actor>> actors;
    std::optional<Items> actions;
    std::optional<Items> purposes;
    std::optional<Items> labels;
    std::optional<Classes> classes;
    std::optional<Items> codes;
    std::optional<Data> data;
    std::optional<Data> sources;  ///< whose data: custodians and authors
    std::optional<Days> data_period;
    std::optional<Items> collections;
    std::optional<Items> categories;
    bool operator==(const Elements&) const = default;
};

/// What comes with a permission. Bits, joined over all permits that decided.
enum Obligation : std::uint8_t {
    redact = 1,         ///< parts are to be left out
    notify = 2,         ///< the patient is told at once
    no_redisclose = 4,  ///< not to be passed on
    expire = 8,         ///< the permission ends by a date
};

/// One rule. Rules stand in the order in which they are written, each behind the one it is an
/// exception to: the first is the root, with depth 1.
struct Node {
    std::size_t depth = 1;
    bool permit = false;
    Elements own;
    std::uint8_t obligations = 0;
    bool operator==(const Node&) const = default;
};

struct Directive {
    std::string id;
    std::string scope;  ///< `patient-privacy` or `research`
    std::vector<Node> nodes;
    bool operator==(const Directive&) const = default;
};

/// What is known of a record. Nothing: unknown, which is something else than an empty list.
struct Record {
    std::optional<std::string> type;
    std::optional<std::string> reference;  ///< `Type/id`
    std::optional<Items> classes;
    std::optional<Items> codes;
    std::optional<Items> labels;
    std::optional<Days> authored;  ///< both ends: a partial date is a range
    std::optional<Items> authors;
    std::optional<Items> encounters;
    std::optional<Items> custodians;
    std::optional<std::string> collection;
    std::optional<std::string> category;
};

struct Question {
    std::optional<std::string> actor;
    std::optional<Items> roles;
    std::optional<Items> organizations;
    std::optional<Items> groups;
    std::optional<std::string> purpose;
    std::string action = "access";
    std::int64_t now = 0;
    Record record;
};

enum class Decision : std::uint8_t { deny = 0, permit = 1, not_applicable = 2, indeterminate = 3 };
std::string_view to_string(Decision decision) noexcept;

}  // namespace salus::consent
