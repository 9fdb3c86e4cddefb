#include "consent/filter.hpp"

#include "base/json.hpp"
#include "consent/dates.hpp"

#include <algorithm>
#include <utility>

namespace salus::consent {
namespace {

Filter join(Filter::Kind kind, std::vector<Filter> parts) {
    const bool neutral = kind == Filter::Kind::all_of;
    const auto neutral_kind = neutral ? Filter::Kind::always : Filter::Kind::never;
    const auto absorbing_kind = neutral ? Filter::Kind::never : Filter::Kind::always;
    std::vector<Filter> kept;
    const auto keep = [&](Filter part) {
        if (part.kind != neutral_kind && std::find(kept.begin(), kept.end(), part) == kept.end())
            kept.push_back(std::move(part));
    };
    for (Filter& part : parts) {
        if (part.kind == absorbing_kind) return Filter::constant(!neutral);
        if (part.kind == kind) {
            for (Filter& inner : part.parts) keep(std::move(inner));
        } else {
            keep(std::move(part));
        }
    }
    if (kept.empty()) return Filter::constant(neutral);
    if (kept.size() == 1) return std::move(kept.front());
    Filter out;
    out.kind = kind;
    out.parts = std::move(kept);
    return out;
}

Tri holds(const std::optional<std::string>& known, const std::vector<std::string>& values) {
    if (!known) return Tri::unknown;
    return tri(std::find(values.begin(), values.end(), *known) != values.end());
}

Tri holds(const std::optional<Items>& known, const std::vector<std::string>& values) {
    if (!known) return Tri::unknown;
    return tri(std::any_of(known->begin(), known->end(), [&](const std::string& one) {
        return std::find(values.begin(), values.end(), one) != values.end();
    }));
}

Tri field_holds(const Filter& filter, const Record& record) {
    switch (filter.field) {
        case Field::type:
            return holds(record.type, filter.values);
        case Field::id:
            return holds(record.reference, filter.values);
        case Field::classes:
            return holds(record.classes, filter.values);
        case Field::codes:
            return holds(record.codes, filter.values);
        case Field::labels:
            return holds(record.labels, filter.values);
        case Field::author:
            return holds(record.authors, filter.values);
        case Field::encounter:
            return holds(record.encounters, filter.values);
        case Field::custodian:
            return holds(record.custodians, filter.values);
        case Field::collection:
            return holds(record.collection, filter.values);
        case Field::category:
            return holds(record.category, filter.values);
    }
    return Tri::unknown;
}

std::string_view name_of(Field field) {
    switch (field) {
        case Field::type:
            return "type";
        case Field::id:
            return "id";
        case Field::classes:
            return "class";
        case Field::codes:
            return "codes";
        case Field::labels:
            return "labels";
        case Field::author:
            return "author";
        case Field::encounter:
            return "encounter";
        case Field::custodian:
            return "custodian";
        case Field::collection:
            return "collection";
        case Field::category:
            break;
    }
    return "category";
}

json::Value value_of(const Filter& filter) {
    const auto one = [](std::string key, json::Value value) {
        json::Object out;
        out.emplace_back(std::move(key), std::move(value));
        return json::Value(std::move(out));
    };
    json::Array parts;
    for (const Filter& part : filter.parts) parts.push_back(value_of(part));
    switch (filter.kind) {
        case Filter::Kind::always:
            return true;
        case Filter::Kind::never:
            return false;
        case Filter::Kind::all_of:
            return one("and", std::move(parts));
        case Filter::Kind::any_of:
            return one("or", std::move(parts));
        case Filter::Kind::not_of:
            return one("not", std::move(parts.front()));
        case Filter::Kind::field:
            return one(std::string(name_of(filter.field)),
                       json::Array(filter.values.begin(), filter.values.end()));
        case Filter::Kind::authored:
            break;
    }
    json::Object range;
    if (filter.days.from) range.emplace_back("from", iso_day(*filter.days.from));
    if (filter.days.to) range.emplace_back("to", iso_day(*filter.days.to));
    return one("authored", std::move(range));
}

}  // namespace

Filter Filter::constant(bool value) {
    Filter out;
    out.kind = value ? Kind::always : Kind::never;
    return out;
}

Filter Filter::one_of(Field field, Items values) {
    if (values.empty()) return constant(false);
    Filter out;
    out.kind = Kind::field;
    out.field = field;
    out.values = std::move(values);
    return out;
}

Filter Filter::within(Days days) {
    Filter out;
    out.kind = Kind::authored;
    out.days = days;
    return out;
}

Filter all_of(std::vector<Filter> parts) {
    return join(Filter::Kind::all_of, std::move(parts));
}

Filter any_of(std::vector<Filter> parts) {
    return join(Filter::Kind::any_of, std::move(parts));
}

Filter not_of(Filter part) {
    if (part.kind == Filter::Kind::always) return Filter::constant(false);
    if (part.kind == Filter::Kind::never) return Filter::constant(true);
    if (part.kind == Filter::Kind::not_of) return std::move(part.parts.front());
    Filter out;
    out.kind = Filter::Kind::not_of;
    out.parts.push_back(std::move(part));
    return out;
}

Tri lies_within(const Days& range, const std::optional<Days>& authored) {
    if (!authored || !authored->from || !authored->to) return Tri::unknown;
    const bool before = range.from && *authored->to < *range.from;
    const bool after = range.to && *authored->from > *range.to;
    if (before || after) return Tri::no;
    const bool begins = !range.from || *authored->from >= *range.from;
    const bool ends = !range.to || *authored->to <= *range.to;
    return begins && ends ? Tri::yes : Tri::unknown;
}

Tri passes(const Filter& filter, const Record& record) {
    switch (filter.kind) {
        case Filter::Kind::always:
            return Tri::yes;
        case Filter::Kind::never:
            return Tri::no;
        case Filter::Kind::all_of: {
            Tri out = Tri::yes;
            for (const Filter& part : filter.parts) out = both(out, passes(part, record));
            return out;
        }
        case Filter::Kind::any_of: {
            Tri out = Tri::no;
            for (const Filter& part : filter.parts) out = either(out, passes(part, record));
            return out;
        }
        case Filter::Kind::not_of:
            return opposite(passes(filter.parts.front(), record));
        case Filter::Kind::field:
            return field_holds(filter, record);
        case Filter::Kind::authored:
            break;
    }
    return lies_within(filter.days, record.authored);
}

std::string to_json(const Filter& filter) {
    return json::write(value_of(filter));
}

}  // namespace salus::consent
