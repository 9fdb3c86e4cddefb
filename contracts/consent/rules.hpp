#pragma once
#include "../common/fields.hpp"

/// Consent IR version 2: docs/formats/consent-ir.md. Nested rules, read in place: when they are
/// put, with every rule of the page checked (`read_rules`), and for each decision, known to be good
/// (`speak`).
namespace consent::rules {

using namespace salus;

inline constexpr std::uint32_t bad_ir = 120;

inline constexpr std::uint32_t depth_max = 4;
inline constexpr std::uint32_t nodes_max = 64;
inline constexpr std::uint32_t items_max = 256;
inline constexpr std::uint32_t readers_max = 64;
inline constexpr std::uint32_t asked_items_max = 512;
inline constexpr std::uint32_t code_bytes_max = 256;
inline constexpr std::uint64_t table_version = 1;
inline constexpr std::uint64_t day_max = 4'000'000;  ///< days since 0001-01-01

/// What a rule narrows itself to, by the key it stands under.
enum Element : std::uint32_t {
    period = 1,
    actors = 2,
    actions = 3,
    purposes = 4,
    labels = 5,
    classes = 6,
    codes = 7,
    data = 8,
    sources = 9,
    days = 10,
    collections = 11,
    categories = 12,
};
inline constexpr std::uint32_t element_end = 13;

enum class Tri : std::uint8_t { no, unknown, yes };

inline Tri both(Tri a, Tri b) {
    return a < b ? a : b;
}
inline Tri either(Tri a, Tri b) {
    return a < b ? b : a;
}
inline Tri tri(bool known) {
    return known ? Tri::yes : Tri::no;
}

/// The lists of labels that are known of a record, in the order in which a question has them.
enum List : std::uint32_t {
    types,
    security,
    other_classes,
    record_codes,
    instances,
    authors,
    encounters,
    custodians,
    list_end,
};

/// What is asked, beside what a question of version 1 says. What is absent is unknown.
struct Facts {
    std::uint64_t unknown_actors = 0;     ///< bits by kind: of these not all labels are known
    std::optional<View> purposes;         ///< CBOR texts: the purpose and what it is below
    std::optional<View> lists[list_end];  ///< CBOR ids
    bool authored = false;
    std::int64_t first_day = 0;
    std::int64_t last_day = 0;
};

/// A question as rules see it.
struct Asked {
    View actors;   ///< CBOR ids
    Text purpose;  ///< empty: unknown
    Text action;   ///< empty: unknown
    std::optional<View> collection;
    std::optional<View> category;
    std::int64_t time = 0;
    const Facts* facts = nullptr;
};

inline constexpr std::uint32_t id_item_bytes = 17;  ///< head and id

inline bool has_label(View items, View id) {
    for (; items.size() >= id_item_bytes; items = items.subspan(id_item_bytes)) {
        if (same16(items.data() + 1, id.data())) {
            return true;
        }
    }
    return false;
}

// Reading -----------------------------------------------------------------------------------------

namespace detail {

inline View label_list(Reader& in, std::uint32_t max) {
    const View start = in.rest();
    for (std::uint32_t left = in.array_max(max); left != 0; --left) {
        in.id_view();
    }
    // Ids alone, without the head of the list, which is shorter than one of them.
    const std::size_t whole = start.size() - in.rest().size();
    return start.first(whole).last(whole - whole % id_item_bytes);
}

}  // namespace detail

/// {1: table version, 2: kinds of actor, 3: [purpose] / null, 4–11: [label] / null, 12: [day, day]
/// / null}
inline Facts read_facts(Reader& in) {
    Facts out;
    in.map_of(12);
    in.key(1);
    require(in.uint() == table_version, code::out_of_range, "another version of the code tables");
    in.key(2);
    out.unknown_actors = in.uint_max(15);
    in.key(3);
    if (!in.null_next()) {
        const std::uint32_t count = in.array_max(asked_items_max);
        const View start = in.rest();
        for (std::uint32_t i = 0; i < count; ++i) {
            in.text_max(code_bytes_max);
        }
        out.purposes = start.first(start.size() - in.rest().size());
    }
    for (std::uint32_t i = 0; i < list_end; ++i) {
        in.key(4 + i);
        if (!in.null_next()) {
            out.lists[i] = detail::label_list(in, asked_items_max);
        }
    }
    in.key(12);
    if (!in.null_next()) {
        in.array_of(2);
        out.authored = true;
        out.first_day = static_cast<std::int64_t>(in.uint_max(day_max));
        out.last_day = static_cast<std::int64_t>(in.uint_max(day_max));
        require(out.first_day <= out.last_day, code::out_of_range, "days end before they begin");
    }
    return out;
}

namespace detail {

/// A list of labels, of which one that is null cannot be compared. It may be empty where `some` is
/// false.
inline void check_labels(Reader& in, bool some) {
    const std::uint32_t count = in.array_max(items_max);
    require(count > 0 || !some, bad_ir, "an empty list");
    for (std::uint32_t i = 0; i < count; ++i) {
        if (!in.null_next()) {
            in.id_view();
        }
    }
}

/// Several lists, of which one at least names something.
inline void check_lists(Reader& in, std::uint32_t count) {
    in.array_of(count);
    bool some = false;
    for (std::uint32_t i = 0; i < count; ++i) {
        const View before = in.rest();
        check_labels(in, false);
        some = some || before.size() - in.rest().size() > 1;
    }
    require(some, bad_ir, "an empty list");
}

inline void check_texts(Reader& in) {
    const std::uint32_t count = in.array_max(items_max);
    require(count > 0, bad_ir, "an empty list");
    for (std::uint32_t i = 0; i < count; ++i) {
        if (!in.null_next()) {
            require(!in.text_max(code_bytes_max).empty(), bad_ir, "an empty code");
        }
    }
}

inline void check_actors(Reader& in) {
    const std::uint32_t count = in.array_max(items_max);
    require(count > 0, bad_ir, "an empty list");
    for (std::uint32_t i = 0; i < count; ++i) {
        in.array_of(3);
        in.uint_max(3);
        if (!in.null_next()) {
            in.id_view();
        }
        check_labels(in, false);
    }
}

/// Two ends, of which either may be open; the first is not behind the second.
inline void check_range(Reader& in, bool may_be_equal) {
    in.array_of(2);
    std::optional<std::int64_t> first;
    if (!in.null_next()) {
        first = read_time(in);
    }
    if (!in.null_next()) {
        const std::int64_t last = read_time(in);
        require(!first.has_value() || *first < last || (may_be_equal && *first == last), bad_ir,
                "ends before it begins");
    }
}

inline void check_element(Reader& in, std::uint64_t key) {
    switch (key) {
        case period:
            return check_range(in, false);
        case days:
            return check_range(in, true);
        case actors:
            return check_actors(in);
        case actions:
        case purposes:
            return check_texts(in);
        case classes:
            return check_lists(in, 2);
        case data:
        case sources:
            return check_lists(in, 4);
        default:
            return check_labels(in, true);
    }
}

/// Whether a list of texts lets its actors read: it names `access`, or what cannot be compared.
inline bool names_access(View list) {
    Reader in(list);
    for (std::uint32_t left = in.array(); left != 0; --left) {
        if (in.null_next() || in.text() == "access") {
            return true;
        }
    }
    return false;
}

/// Adds the labels of a list of actors that are not there yet: a name, else its roles.
inline void add_readers(Writer& out, std::uint32_t& count, View list) {
    const auto add = [&](View id) {
        if (!has_label(out.view(), id)) {
            require(++count <= readers_max, code::out_of_range, "too many actors");
            out.bytes(id);
        }
    };
    Reader in(list);
    for (std::uint32_t left = in.array(); left != 0; --left) {
        in.array_of(3);
        in.uint();
        const bool named = !in.null_next();
        if (named) {
            add(in.id_view());
        }
        for (std::uint32_t roles = in.array(); roles != 0; --roles) {
            if (!in.null_next()) {
                const View role = in.id_view();
                if (!named) {
                    add(role);
                }
            }
        }
    }
}

}  // namespace detail

/// What `put` asks of rules that it found good.
struct Rules {
    Text scope;
    View readers;  ///< CBOR ids of those whom some rule lets read; zeros: everybody
    std::int64_t from = 0;
    std::int64_t until = 0;
};

/// Reads one IR of version 2 behind its version, and refuses whatever the page does not allow.
inline Rules read_rules(Reader& in) {
    Rules out;
    in.key(2);
    out.scope = in.text_max(32);
    require(out.scope == "patient-privacy" || out.scope == "research", bad_ir, "an unknown scope");
    in.key(3);
    out.from = read_time(in);
    in.key(4);
    out.until = read_time(in);
    require(out.from < out.until, bad_ir, "ends before it begins");
    in.key(5);
    const std::uint32_t count = in.array_max(nodes_max);
    require(count > 0, bad_ir, "no rules");
    Writer& readers = *new Writer;
    std::uint32_t reader_count = 0;
    // Effective actors (empty: everybody) and whether the actions include reading, by depth.
    View who[depth_max + 1];
    bool reads[depth_max + 1] = {true};
    std::uint64_t previous = 0;
    for (std::uint32_t i = 0; i < count; ++i) {
        in.array_of(4);
        const std::uint64_t depth = in.uint_max(depth_max);
        require(i == 0 ? depth == 1 : depth >= 2 && depth <= previous + 1, bad_ir,
                "rules out of order");
        previous = depth;
        const bool permit = in.uint_max(1) == 1;
        in.uint_max(15);
        who[depth] = who[depth - 1];
        reads[depth] = reads[depth - 1];
        std::uint64_t last = 0;
        for (std::uint32_t left = in.map(); left != 0; --left) {
            const std::uint64_t key = in.uint();
            require(key > last && key < element_end, bad_ir, "an unknown element");
            last = key;
            const View start = in.rest();
            detail::check_element(in, key);
            const View item = start.first(start.size() - in.rest().size());
            if (key == actors) {
                who[depth] = item;
            } else if (key == actions) {
                reads[depth] = detail::names_access(item);
            }
        }
        if (permit && reads[depth]) {
            if (who[depth].empty()) {
                const Id everybody{};
                if (!has_label(readers.view(), everybody.view())) {
                    readers.bytes(everybody);
                    ++reader_count;
                }
            } else {
                detail::add_readers(readers, reader_count, who[depth]);
            }
        }
    }
    out.readers = readers.view();
    return out;
}

// Deciding ----------------------------------------------------------------------------------------

namespace detail {

/// Whether [first, last] lies in a range with open ends; in part: unknown.
inline Tri range_holds(Stored& in, std::int64_t first, std::int64_t last, std::int64_t end) {
    in.head(4);
    Tri out = Tri::yes;
    if (!in.null_next()) {
        const auto from = static_cast<std::int64_t>(in.head(0));
        out = last < from ? Tri::no : first < from ? Tri::unknown : Tri::yes;
    }
    if (!in.null_next()) {
        const std::int64_t to = static_cast<std::int64_t>(in.head(0)) - end;
        out = both(out, first > to ? Tri::no : last > to ? Tri::unknown : Tri::yes);
    }
    return out;
}

/// Whether one of the labels is one that is asked about.
inline Tri labels_hold(Stored& in, const std::optional<View>& asked) {
    Tri out = Tri::no;
    for (std::uint64_t left = in.head(4); left != 0; --left) {
        if (in.null_next()) {
            out = either(out, Tri::unknown);
            continue;
        }
        const View id = in.take(id_item_bytes).subspan(1);
        out = either(out, asked.has_value() ? tri(has_label(*asked, id)) : Tri::unknown);
    }
    return out;
}

inline Tri label_holds(Stored& in, const std::optional<View>& asked) {
    Tri out = Tri::no;
    for (std::uint64_t left = in.head(4); left != 0; --left) {
        if (in.null_next()) {
            out = either(out, Tri::unknown);
            continue;
        }
        const View id = in.take(id_item_bytes).subspan(1);
        out = either(out, asked.has_value() ? tri(same16(asked->data(), id.data())) : Tri::unknown);
    }
    return out;
}

/// Whether one of the texts is among those asked about: CBOR texts, or the one text.
inline Tri texts_hold(Stored& in, const std::optional<View>& asked, Text alone) {
    Tri out = Tri::no;
    for (std::uint64_t left = in.head(4); left != 0; --left) {
        if (in.null_next()) {
            out = either(out, Tri::unknown);
            continue;
        }
        const View text = in.take(in.head(3));
        if (asked.has_value()) {
            Stored each(*asked);
            while (!each.at_end()) {
                out = either(out, tri(equal(each.take(each.head(3)), text)));
            }
        } else {
            out = either(out, alone.empty() ? Tri::unknown : tri(equal(as_view(alone), text)));
        }
    }
    return out;
}

inline Tri actors_hold(Stored& in, const Asked& q) {
    constexpr std::uint64_t role = 3;
    const auto known = [&](std::uint64_t kind, View id) {
        if (has_label(q.actors, id)) {
            return Tri::yes;
        }
        return (q.facts->unknown_actors >> kind & 1U) != 0 ? Tri::unknown : Tri::no;
    };
    Tri out = Tri::no;
    for (std::uint64_t left = in.head(4); left != 0; --left) {
        in.expect(0x83);
        const std::uint64_t kind = in.head(0);
        const bool named = !in.null_next();
        Tri one = named ? known(kind, in.take(id_item_bytes).subspan(1)) : Tri::yes;
        const std::uint64_t roles = in.head(4);
        Tri any = roles == 0 ? named ? Tri::yes : Tri::unknown : Tri::no;
        for (std::uint64_t i = 0; i < roles; ++i) {
            any = either(any, in.null_next() ? Tri::unknown
                                             : known(role, in.take(id_item_bytes).subspan(1)));
        }
        out = either(out, both(one, any));
    }
    return out;
}

inline Tri data_hold(Stored& in, const Facts& facts) {
    in.head(4);
    Tri out = labels_hold(in, facts.lists[instances]);
    out = either(out, labels_hold(in, facts.lists[authors]));
    out = either(out, labels_hold(in, facts.lists[encounters]));
    return either(out, labels_hold(in, facts.lists[custodians]));
}

inline Tri days_hold(Stored& in, const Facts& facts) {
    const Tri out = range_holds(in, facts.first_day, facts.last_day, 0);
    return facts.authored ? out : Tri::unknown;
}

inline Tri element_holds(Stored& in, std::uint64_t key, const Asked& q) {
    const Facts& facts = *q.facts;
    switch (key) {
        case period:
            return range_holds(in, q.time, q.time, 1);
        case actors:
            return actors_hold(in, q);
        case actions:
            return texts_hold(in, std::nullopt, q.action);
        case purposes:
            return texts_hold(in, facts.purposes, q.purpose);
        case labels:
            return labels_hold(in, facts.lists[security]);
        case classes: {
            in.head(4);
            const Tri type = labels_hold(in, facts.lists[types]);
            return either(type, labels_hold(in, facts.lists[other_classes]));
        }
        case codes:
            return labels_hold(in, facts.lists[record_codes]);
        case days:
            return days_hold(in, facts);
        case collections:
            return label_holds(in, q.collection);
        case categories:
            return label_holds(in, q.category);
        default:
            return data_hold(in, facts);
    }
}

/// A consent to research is about purposes of research.
inline Tri scope_holds(View scope, const Asked& q) {
    if (!equal(scope, as_view("research"))) {
        return Tri::yes;
    }
    if (q.purpose.empty()) {
        return Tri::unknown;
    }
    const auto is_research = [](View purpose) {
        return equal(purpose, as_view("HRESCH")) || equal(purpose, as_view("CLINTRL"));
    };
    bool found = is_research(as_view(q.purpose));
    if (q.facts->purposes.has_value()) {
        Stored each(*q.facts->purposes);
        while (!each.at_end()) {
            found = is_research(each.take(each.head(3))) || found;
        }
    }
    return tri(found);
}

}  // namespace detail

/// What a directive says of a question. Depths: 0 is nobody.
struct Word {
    std::uint64_t permit_depth = 0;
    std::uint64_t deny_depth = 0;
    std::uint64_t obligations = 0;  ///< of the permits at that depth
    std::int64_t from = 0;
    std::int64_t until = 0;

    [[nodiscard]] bool permits() const { return permit_depth > deny_depth; }
    [[nodiscard]] bool denies() const { return deny_depth != 0 && deny_depth >= permit_depth; }
};

/// Reads a stored IR of version 2, behind its version. The deepest rules that match decide, and at
/// one depth a deny. Outside the directive's life the rules' own periods are not asked: the answer
/// is what it would have said.
inline Word speak(Stored& in, const Asked& q) {
    Word word;
    in.expect(2);
    const Tri scope = detail::scope_holds(in.take(in.head(3)), q);
    in.expect(3);
    word.from = static_cast<std::int64_t>(in.head(0));
    in.expect(4);
    word.until = static_cast<std::int64_t>(in.head(0));
    const bool alive = word.from <= q.time && q.time < word.until;
    in.expect(5);
    // What each element of a rule says, inherited from the rule above.
    Tri said[depth_max + 1][element_end];
    for (Tri& one : said[0]) {
        one = Tri::yes;
    }
    for (std::uint64_t left = in.head(4); left != 0; --left) {
        in.expect(0x84);
        const std::uint64_t depth = in.head(0);
        const bool permit = in.head(0) == 1;
        const std::uint64_t obligations = in.head(0);
        Tri(&own)[element_end] = said[depth];
        for (std::uint32_t i = 0; i < element_end; ++i) {
            own[i] = said[depth - 1][i];
        }
        for (std::uint64_t elements = in.head(5); elements != 0; --elements) {
            const std::uint64_t key = in.head(0);
            own[key] = detail::element_holds(in, key, q);
            if (key == period && !alive) {
                own[key] = Tri::yes;
            }
        }
        Tri all = scope;
        for (const Tri one : own) {
            all = both(all, one);
        }
        if (permit && all == Tri::yes && depth >= word.permit_depth) {
            word.obligations =
                depth > word.permit_depth ? obligations : word.obligations | obligations;
            word.permit_depth = depth;
        } else if (!permit && all != Tri::no && depth > word.deny_depth) {
            word.deny_depth = depth;
        }
    }
    return word;
}

}  // namespace consent::rules
