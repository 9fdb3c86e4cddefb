#pragma once

#include "consent/directive.hpp"
#include "consent/tri.hpp"

#include <string>
#include <vector>

/// A filter over records: what is left of a question when everything but the record is known.
/// Only a record for which it holds is given out: unknown lets nothing through.
namespace salus::consent {

enum class Field : std::uint8_t {
    type,
    id,
    classes,
    codes,
    labels,
    author,
    encounter,
    custodian,
    collection,
    category,
};

struct Filter {
    enum class Kind : std::uint8_t { always, never, all_of, any_of, not_of, field, authored };
    Kind kind = Kind::never;
    std::vector<Filter> parts;        ///< all_of, any_of, not_of (one)
    Field field = Field::type;        ///< field
    std::vector<std::string> values;  ///< field: any of them, compared as they stand
    Days days;                        ///< authored
    bool operator==(const Filter&) const = default;

    static Filter constant(bool value);
    static Filter one_of(Field field, Items values);
    static Filter within(Days days);
};

/// These simplify: constants vanish, a nested `all_of` is taken apart.
Filter all_of(std::vector<Filter> parts);
Filter any_of(std::vector<Filter> parts);
Filter not_of(Filter part);

/// Whether a record passes. A field that the record does not say is unknown.
Tri passes(const Filter& filter, const Record& record);
/// Whether the days of a record lie in a range: a partial date can do so in part, and is unknown.
Tri lies_within(const Days& range, const std::optional<Days>& authored);

/// As JSON: docs/formats/consent-ir.md §6.
std::string to_json(const Filter& filter);

}  // namespace salus::consent
