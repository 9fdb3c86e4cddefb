#pragma once
#include "rules.hpp"

/// Consent IR: version 1 (docs/contracts/consent.md) here, version 2 (docs/formats/consent-ir.md)
/// in rules.hpp. A directive is read in place: when it is put, with every rule checked (`read_ir`),
/// and for each decision, known to be good (`speaks`).
namespace consent {

using namespace salus;

inline constexpr std::uint32_t bad_ir = rules::bad_ir;
inline constexpr std::uint32_t ends_too_early = 121;
inline constexpr std::uint32_t supersedes_nothing = 122;
inline constexpr std::uint32_t revoked_already = 123;
inline constexpr std::uint32_t supersedes_other_scope = 124;

inline constexpr std::uint32_t actors_max = 64;
inline constexpr std::uint32_t collections_max = 64;
inline constexpr std::uint32_t records_max = 256;
inline constexpr std::uint32_t categories_max = 32;
inline constexpr std::uint32_t purposes_max = 16;
inline constexpr std::uint32_t actions_max = 8;

enum class ScopeKind : std::uint8_t { everything, collections, records, categories };

/// What is asked. A null attribute is unknown: no permit that needs it matches, every deny does.
struct Request {
    View patient;
    View actor_labels;  ///< CBOR ids, one behind the other
    Text purpose;
    Text action;
    std::optional<View> record;
    std::optional<View> collection;
    std::optional<View> category;
    std::int64_t time = 0;
    const rules::Facts* facts = nullptr;  ///< what only rules of version 2 ask
};

/// What `put` asks of an IR that it found good.
struct Ir {
    std::uint64_t version = 1;
    Text rule_scope;              ///< version 2: what the consent is about
    bool permits_access = false;  ///< lets its actors read
    View actors;                  ///< CBOR ids
    ScopeKind scope = ScopeKind::everything;
    View scope_ids;  ///< CBOR ids
    std::int64_t from = 0;
    std::int64_t until = 0;
};

namespace detail {

inline View ids(Reader& in, std::uint32_t count) {
    const View start = in.rest();
    for (std::uint32_t i = 0; i < count; ++i) {
        in.id_view();
    }
    return start.first(start.size() - in.rest().size());
}

inline void texts(Reader& in, std::uint32_t count) {
    for (std::uint32_t i = 0; i < count; ++i) {
        require(!in.text_max(32).empty(), bad_ir, "an empty code");
    }
}

/// The same list, and whether it holds this text.
inline bool texts_with(Reader& in, std::uint32_t count, Text wanted) {
    bool found = false;
    for (std::uint32_t i = 0; i < count; ++i) {
        const Text text = in.text_max(32);
        require(!text.empty(), bad_ir, "an empty code");
        found = found || text == wanted;
    }
    return found;
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
    ir.scope_ids = ids(in, some(in, max));
}

inline constexpr std::uint32_t id_item_bytes = 17;  ///< head and id

/// Whether 17-byte items hold this id.
inline bool has_id(View items, View id) {
    for (; items.size() >= id_item_bytes; items = items.subspan(id_item_bytes)) {
        if (same16(items.data() + 1, id.data())) {
            return true;
        }
    }
    return false;
}
inline bool has_each(View items, View of) {
    for (; of.size() >= id_item_bytes; of = of.subspan(id_item_bytes)) {
        if (!has_id(items, of.subspan(1, 16))) {
            return false;
        }
    }
    return true;
}

}  // namespace detail

inline Ir read_nested(Reader& in) {
    const rules::Rules rules = rules::read_rules(in);
    Ir ir;
    ir.version = 2;
    ir.rule_scope = rules.scope;
    ir.permits_access = !rules.readers.empty();
    ir.actors = rules.readers;
    ir.from = rules.from;
    ir.until = rules.until;
    in.end();
    return ir;
}

/// Reads one IR and refuses whatever the page does not allow.
inline Ir read_ir(View bytes) {
    Reader in(bytes);
    Ir ir;
    const std::uint32_t fields = in.map();
    in.key(1);
    const std::uint64_t version = in.uint();
    if (version == 2) {
        require(fields == 5, code::malformed, "wrong number of fields");
        return read_nested(in);
    }
    require(version == 1, bad_ir, "unknown version of the rules");
    require(fields == 8, code::malformed, "wrong number of fields");
    in.key(2);
    const bool permit = in.uint_max(1) == 1;
    in.key(3);
    ir.actors = detail::ids(in, detail::some(in, actors_max));
    in.key(4);
    detail::read_scope(in, ir);
    in.key(5);
    detail::texts(in, detail::some(in, purposes_max));
    in.key(6);
    ir.permits_access = detail::texts_with(in, detail::some(in, actions_max), "access") && permit;
    in.key(7);
    ir.from = read_time(in);
    in.key(8);
    ir.until = read_time(in);
    in.end();
    require(ir.from < ir.until, bad_ir, "ends before it begins");
    return ir;
}

/// Whether two directives are about the same things, in whatever order they name them. Nested rules
/// name their things inside: what they are about is what the consent is about.
inline bool same_scope(const Ir& a, const Ir& b) {
    return a.version == b.version && a.rule_scope == b.rule_scope && a.scope == b.scope &&
           detail::has_each(a.scope_ids, b.scope_ids) && detail::has_each(b.scope_ids, a.scope_ids);
}

// Deciding --------------------------------------------------------------------------------------

namespace detail {

inline bool actor_matches(Stored& in, const Request& q) {
    const View actors = in.take(in.head(4) * id_item_bytes);
    for (std::uint32_t at = 0; at < q.actor_labels.size(); at += id_item_bytes) {
        if (has_id(actors, q.actor_labels.subspan(at + 1, 16))) {
            return true;
        }
    }
    return false;
}

inline bool scope_matches(Stored& in, const Request& q, bool permit) {
    in.head(4);
    const auto kind = static_cast<ScopeKind>(in.head(0));
    if (kind == ScopeKind::everything) {
        return true;
    }
    const View ids = in.take(in.head(4) * id_item_bytes);
    const auto& attribute = kind == ScopeKind::collections ? q.collection
                            : kind == ScopeKind::records   ? q.record
                                                           : q.category;
    // Fail closed: what is not known matches no permit and every deny.
    return attribute.has_value() ? has_id(ids, *attribute) : !permit;
}

/// Reads the whole list, and says whether it holds this text.
inline bool text_matches(Stored& in, Text text) {
    bool found = false;
    for (std::uint64_t left = in.head(4); left != 0; --left) {
        found = equal(in.take(in.head(3)), as_view(text)) || found;
    }
    return found;
}

}  // namespace detail

/// What a directive that speaks about a request says of it.
struct Word {
    bool permit = false;
    bool unclear = false;  ///< of a version that this code does not know
    std::uint8_t obligations = 0;
    std::int64_t from = 0;
    std::int64_t until = 0;
};

__attribute__((noinline)) inline std::optional<Word> speak_nested(View ir, const Request& q) {
    Stored in(ir);
    in.expect(0xa5, 1);
    Word word;
    if (in.head(0) != 2) {
        word.unclear = true;
        word.until = INT64_MAX;
        return word;
    }
    const rules::Facts nothing;
    const rules::Asked asked{q.actor_labels,
                             q.purpose,
                             q.action,
                             q.collection,
                             q.category,
                             q.time,
                             q.facts != nullptr ? q.facts : &nothing};
    const rules::Word said = rules::speak(in, asked);
    word.from = said.from;
    word.until = said.until;
    word.permit = said.permits();
    word.obligations = static_cast<std::uint8_t>(word.permit ? said.obligations : 0);
    return word.permit || said.denies() ? std::optional(word) : std::nullopt;
}

/// Nothing when the stored IR is about other people, purposes, actions or things: most are, so it
/// is read no further than to the first that differs.
inline std::optional<Word> speaks(View ir, const Request& q) {
    if (ir.front() != 0xa8) {
        return speak_nested(ir, q);
    }
    // Version 1 begins a8 01 01 02, and is longer than that: `put` saw to it.
    Stored in(ir.subspan(4));
    Word word;
    word.permit = in.head(0) == 1;
    in.expect(3);
    if (!detail::actor_matches(in, q)) {
        return std::nullopt;
    }
    in.expect(4);
    if (!detail::scope_matches(in, q, word.permit)) {
        return std::nullopt;
    }
    in.expect(5);
    if (!detail::text_matches(in, q.purpose)) {
        return std::nullopt;
    }
    in.expect(6);
    if (!detail::text_matches(in, q.action)) {
        return std::nullopt;
    }
    in.expect(7);
    word.from = static_cast<std::int64_t>(in.head(0));
    in.expect(8);
    word.until = static_cast<std::int64_t>(in.head(0));
    return word;
}

}  // namespace consent
