#pragma once
#include "../common/fields.hpp"

/// Consent IR version 1: docs/contracts/consent.md. A directive is read in place, once for writing
/// (every rule checked) and once for each decision (known to be good).
namespace consent {

using namespace salus;

inline constexpr std::uint32_t bad_ir = 120;
inline constexpr std::uint32_t ends_too_early = 121;
inline constexpr std::uint32_t supersedes_nothing = 122;
inline constexpr std::uint32_t revoked_already = 123;

inline constexpr std::uint32_t actors_max = 64;
inline constexpr std::uint32_t collections_max = 64;
inline constexpr std::uint32_t records_max = 256;
inline constexpr std::uint32_t categories_max = 32;
inline constexpr std::uint32_t purposes_max = 16;
inline constexpr std::uint32_t actions_max = 8;

enum class ScopeKind : std::uint8_t { everything, collections, records, categories };

/// What is asked. A null attribute is unknown: no permit that needs it matches, every deny does.
struct Request {
    Id patient;
    View actor_labels;  ///< CBOR ids, one behind the other
    std::uint32_t actors = 0;
    Text purpose;
    Text action;
    std::optional<Id> record;
    std::optional<Id> collection;
    std::optional<Id> category;
    std::int64_t time = 0;
};

struct Ir {
    bool permit = false;
    View actors;  ///< CBOR ids
    std::uint32_t actor_count = 0;
    ScopeKind scope = ScopeKind::everything;
    View scope_ids;
    std::uint32_t scope_count = 0;
    View purposes;  ///< CBOR texts
    std::uint32_t purpose_count = 0;
    View actions;
    std::uint32_t action_count = 0;
    std::int64_t from = 0;
    std::int64_t until = 0;
};

namespace detail {

inline View ids(Reader& in, std::uint32_t count) {
    const View start = in.rest();
    for (std::uint32_t i = 0; i < count; ++i) {
        in.id();
    }
    return start.first(start.size() - in.rest().size());
}

inline View texts(Reader& in, std::uint32_t count) {
    const View start = in.rest();
    for (std::uint32_t i = 0; i < count; ++i) {
        require(!in.text_max(32).empty(), bad_ir, "an empty code");
    }
    return start.first(start.size() - in.rest().size());
}

inline std::uint32_t some(Reader& in, std::uint32_t max) {
    const std::uint32_t count = in.array_max(max);
    require(count > 0, bad_ir, "an empty list");
    return count;
}

inline void read_scope(Reader& in, Ir& ir) {
    const std::uint32_t items = in.array();
    require(items > 0, bad_ir, "a scope has a kind");
    ir.scope = static_cast<ScopeKind>(in.uint_max(3));
    if (ir.scope == ScopeKind::everything) {
        require(items == 1, bad_ir, "a scope of everything names nothing");
        return;
    }
    require(items == 2, bad_ir, "a scope has a kind and a list");
    const std::uint32_t max = ir.scope == ScopeKind::collections ? collections_max
                              : ir.scope == ScopeKind::records   ? records_max
                                                                 : categories_max;
    ir.scope_count = some(in, max);
    ir.scope_ids = ids(in, ir.scope_count);
}

/// Whether 17-byte items (head and id) hold this id.
inline bool has_id(View items, std::uint32_t count, const Id& id) {
    for (std::uint32_t i = 0; i < count; ++i) {
        if (equal(items.subspan(i * 17 + 1, 16), id.view())) {
            return true;
        }
    }
    return false;
}

inline bool has_text(View items, std::uint32_t count, Text text) {
    Reader in(items);
    for (std::uint32_t i = 0; i < count; ++i) {
        if (in.text() == text) {
            return true;
        }
    }
    return false;
}

inline bool actor_matches(const Ir& ir, const Request& q) {
    for (std::uint32_t i = 0; i < q.actors; ++i) {
        if (has_id(ir.actors, ir.actor_count,
                   fixed_from<16>(q.actor_labels.subspan(i * 17 + 1, 16)))) {
            return true;
        }
    }
    return false;
}

inline bool scope_matches(const Ir& ir, const Request& q) {
    if (ir.scope == ScopeKind::everything) {
        return true;
    }
    const auto& attribute = ir.scope == ScopeKind::collections ? q.collection
                            : ir.scope == ScopeKind::records   ? q.record
                                                               : q.category;
    // Fail closed: what is not known matches no permit and every deny.
    return attribute.has_value() ? has_id(ir.scope_ids, ir.scope_count, *attribute) : !ir.permit;
}

}  // namespace detail

/// Reads one IR and refuses whatever the page does not allow.
inline Ir read_ir(View bytes) {
    Reader in(bytes);
    Ir ir;
    in.map_of(8);
    in.key(1);
    require(in.uint() == 1, bad_ir, "unknown version of the rules");
    in.key(2);
    ir.permit = in.uint_max(1) == 1;
    in.key(3);
    ir.actor_count = detail::some(in, actors_max);
    ir.actors = detail::ids(in, ir.actor_count);
    in.key(4);
    detail::read_scope(in, ir);
    in.key(5);
    ir.purpose_count = detail::some(in, purposes_max);
    ir.purposes = detail::texts(in, ir.purpose_count);
    in.key(6);
    ir.action_count = detail::some(in, actions_max);
    ir.actions = detail::texts(in, ir.action_count);
    in.key(7);
    ir.from = read_time(in);
    in.key(8);
    ir.until = read_time(in);
    in.end();
    require(ir.from < ir.until, bad_ir, "ends before it begins");
    return ir;
}

/// Whether the directive speaks about the request, time aside.
inline bool applies(const Ir& ir, const Request& q) {
    return detail::actor_matches(ir, q) &&
           detail::has_text(ir.purposes, ir.purpose_count, q.purpose) &&
           detail::has_text(ir.actions, ir.action_count, q.action) && detail::scope_matches(ir, q);
}

}  // namespace consent
