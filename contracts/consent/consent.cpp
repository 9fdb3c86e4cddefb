// docs/contracts/consent.md: what each owner of data permits, and the one decision function.
// Default: deny.
#include "../common/timeline.hpp"
#include "ir.hpp"

namespace {

using namespace salus;
using consent::Ir;
using consent::Request;

struct Directive {
    View ir;
    Digest text_hash;
    std::uint64_t put_height = 0;
    std::int64_t put_time = 0;
    std::optional<std::int64_t> revoked;
    Digest wraps;
    std::optional<Id> supersedes;
};

Key directive_key(const Id& patient, const Id& directive) {
    return Key("d/").bytes(patient).bytes(directive);
}

void store(const Id& patient, const Id& id, const Directive& d) {
    Writer out;
    out.map(7).uint(1).bytes(d.ir).uint(2).bytes(d.text_hash).uint(3).uint(d.put_height);
    out.uint(4).integer(d.put_time).uint(5);
    if (d.revoked.has_value()) {
        out.integer(*d.revoked);
    } else {
        out.null();
    }
    out.uint(6).bytes(d.wraps).uint(7);
    write_optional_id(out, d.supersedes);
    kv::put(directive_key(patient, id), out);
}

Directive read_directive(View value) {
    Reader in(value);
    Directive d;
    in.map_of(7);
    in.key(1);
    d.ir = in.bytes();
    in.key(2);
    d.text_hash = in.digest();
    in.key(3);
    d.put_height = in.uint();
    in.key(4);
    d.put_time = in.integer();
    in.key(5);
    if (!in.null_next()) {
        d.revoked = in.integer();
    }
    in.key(6);
    d.wraps = in.digest();
    in.key(7);
    d.supersedes = read_optional_id(in);
    return d;
}

// Intervals: when a name was permitted to read, one leaf of state for each (patient, label) -------

constexpr std::uint32_t intervals_max = 256;

/// Calls `visit` with the key of each name of a directive that lets its actors read.
template <class Visit>
void for_each_reader(const Id& patient, const Ir& ir, Visit visit) {
    if (!ir.permits_access) {
        return;
    }
    Reader actors(ir.actors);
    while (!actors.at_end()) {
        const Scratch scratch;
        visit(Key("l/").bytes(patient).bytes(actors.id()));
    }
}

void begin_intervals(const Id& patient, const Id& id, const Ir& ir, std::int64_t put_time) {
    Writer interval;
    interval.bytes(id).integer(ir.from > put_time ? ir.from : put_time).integer(ir.until);
    for_each_reader(patient, ir,
                    [&](const Key& key) { timeline::begin(key, intervals_max, 3, interval); });
}

void skip_number(Stored& in) {
    const std::uint32_t low = in.take(1)[0] & 31U;
    if (low >= 24) {
        in.take(std::uint64_t{1} << (low - 24U));
    }
}

/// Writes the end of a directive's interval. A name has up to 256 and a directive 64 names: what a
/// generic reader takes for that is more than one operation's gas, and revoking always works.
void end_interval(const Key& key, const Id& id, std::int64_t time) {
    const auto value = kv::get(key);
    if (!value.has_value()) {
        return;
    }
    Stored in(*value);
    Writer out;
    const std::uint8_t* kept = value->data();
    for (std::uint64_t left = in.head(4); left != 0; --left) {
        in.expect(0x84, 0x50);
        const View own = in.take(16);
        skip_number(in);
        skip_number(in);
        const std::uint8_t* last = in.take(0).data();
        if (equal(own, id.view()) && in.null_next()) {
            out.raw({kept, static_cast<std::size_t>(last - kept)}).integer(time);
            kept = in.take(0).data();
        } else {
            skip_number(in);
        }
    }
    out.raw({kept, static_cast<std::size_t>(in.take(0).data() - kept)});
    kv::put(key, out);
}

Directive open_directive(const Id& patient, const Id& id, std::uint32_t absent_code) {
    const auto value = kv::get(directive_key(patient, id));
    require(value.has_value(), absent_code, "no such directive of the caller");
    const Directive d = read_directive(*value);
    require(!d.revoked.has_value(), consent::revoked_already, "revoked already");
    return d;
}

void end_directive(const Id& patient, const Id& id, Directive d) {
    d.revoked = host::block_time();
    store(patient, id, d);
    for_each_reader(patient, consent::read_ir(d.ir),
                    [&](const Key& key) { end_interval(key, id, *d.revoked); });
}

bool is_enrolled_caller(const Call& call) {
    return call.by_account() && is_enrolled(call.caller);
}

/// The directive's key begins with its grantor: nobody else's call finds it.
bool is_grantor(const Call& call) {
    Reader in(call.args);
    in.map_of(4);
    in.key(1);
    return call.by_account() && kv::has(directive_key(call.caller, in.id()));
}

constexpr Role owner_of_data{"any enrolled account, for its own data", is_enrolled_caller};
constexpr Role grantor{"the directive's grantor", is_grantor};

void put(Call& call) {
    Reader args(call.args);
    Directive d;
    args.map_of(5);
    args.key(1);
    const Id id = args.id();
    args.key(2);
    d.ir = args.bytes_max(16'384);
    args.key(3);
    d.text_hash = args.digest();
    args.key(4);
    d.wraps = args.digest();
    args.key(5);
    d.supersedes = read_optional_id(args);
    args.end();
    const Ir ir = consent::read_ir(d.ir);
    d.put_time = host::block_time();
    d.put_height = host::block_height();
    require(d.put_time < ir.until, consent::ends_too_early, "ends before its own block");
    require(!kv::has(directive_key(call.caller, id)), code::already_exists,
            "this directive exists");
    if (d.supersedes.has_value()) {
        const Directive old =
            open_directive(call.caller, *d.supersedes, consent::supersedes_nothing);
        require(consent::same_scope(ir, consent::read_ir(old.ir)), consent::supersedes_other_scope,
                "supersedes a directive about other things");
        end_directive(call.caller, *d.supersedes, old);
    }
    store(call.caller, id, d);
    begin_intervals(call.caller, id, ir, d.put_time);
}

void revoke(Call& call) {
    Reader args(call.args);
    args.map_of(4);
    args.key(1);
    const Id id = args.id();
    args.key(2);
    require(!args.text_max(32).empty(), code::malformed, "a revocation gives its reason");
    args.key(3);
    // The next epochs come with the revocation, so that no record is sealed to the old key after
    // it.
    for (std::uint32_t left = args.array_max(64); left != 0; --left) {
        args.array_of(3);
        Writer rotation;
        rotation.map(3).uint(1).bytes(args.id());
        rotation.uint(2).uint(args.uint());
        rotation.uint(3).bytes(args.digest());
        require(host::call("record", "collection_rotate", rotation.view()).has_value(),
                code::not_found, "no contract for records");
    }
    args.key(4);
    args.digest();
    args.end();
    end_directive(call.caller, id, open_directive(call.caller, id, code::not_found));
}

// Deciding --------------------------------------------------------------------------------------

enum class Decision : std::uint8_t {
    deny = 0,
    permit = 1,
    not_applicable = 2,
    indeterminate = 3,
};
enum class Reason : std::uint8_t {
    permitted = 0,
    none = 1,
    denied = 2,
    revoked = 3,
    expired = 4,
    unclear = 5,
};

std::optional<View> read_optional_view(Reader& in) {
    if (in.null_next()) {
        return std::nullopt;
    }
    return in.id_view();
}

Request read_request(View bytes) {
    Reader in(bytes);
    Request q;
    const std::uint32_t fields = in.map();
    require(fields == 8 || fields == 9, code::malformed, "wrong number of fields");
    in.key(1);
    q.patient = in.id_view();
    in.key(2);
    q.actor_labels = consent::detail::ids(in, in.array_max(consent::actors_max));
    in.key(3);
    q.purpose = in.text_max(consent::rules::code_bytes_max);
    in.key(4);
    q.action = in.text_max(consent::rules::code_bytes_max);
    in.key(5);
    q.record = read_optional_view(in);
    in.key(6);
    q.collection = read_optional_view(in);
    in.key(7);
    q.category = read_optional_view(in);
    in.key(8);
    q.time = in.integer();
    if (fields == 9) {
        in.key(9);
        q.facts = new consent::rules::Facts(consent::rules::read_facts(in));
    }
    in.end();
    return q;
}

/// What the directives say together. Deny overrides; their order does not matter.
struct Tally {
    Writer permits;
    std::uint32_t permit_count = 0;
    Writer denies;
    std::uint32_t deny_count = 0;
    struct Ids {
        Writer items;
        std::uint32_t count = 0;
    };
    Ids* unclear = nullptr;  ///< made when the first comes
    std::int64_t until = 0;
    std::uint32_t obligations = 0;
    bool revoked = false;
    bool expired = false;

    void count(const Request& q, View id, View stored) {
        // A directive as `store` writes it: a7 01, and its IR.
        Stored in(stored.subspan(2));
        const auto word = consent::speaks(in.take(in.head(2)), q);
        if (!word.has_value()) {
            return;
        }
        in.expect(2);
        in.take(in.head(2));
        in.expect(3);
        in.head(0);
        in.expect(4);
        const auto put_time = static_cast<std::int64_t>(in.head(0));
        // What was not yet in force, or not yet written, said nothing then.
        if (q.time < word->from || q.time < put_time) {
            return;
        }
        in.expect(5);
        if (!in.null_next() && static_cast<std::int64_t>(in.head(0)) <= q.time) {
            revoked = revoked || word->permit;
        } else if (word->until <= q.time) {
            expired = expired || word->permit;
        } else if (word->unclear) {
            unclear = unclear != nullptr ? unclear : new Ids;
            unclear->items.bytes(id);
            ++unclear->count;
        } else if (word->permit) {
            permits.bytes(id);
            ++permit_count;
            obligations |= word->obligations;
            until = word->until > until ? word->until : until;
        } else {
            denies.bytes(id);
            ++deny_count;
        }
    }
};

void decide(Call& call) {
    const Request q = read_request(call.args);
    Tally tally;
    // Every directive, however many: one deny left out would turn the answer.
    for_each(Key("d/").bytes(q.patient), [&](const kv::Entry& entry) {
        tally.count(q, entry.key.subspan(18), entry.value);
        return true;
    });
    const bool denied = tally.deny_count > 0;
    // What cannot be read might deny.
    const bool unclear = !denied && tally.unclear != nullptr;
    const bool permitted = !denied && !unclear && tally.permit_count > 0;
    const Decision decision = denied      ? Decision::deny
                              : unclear   ? Decision::indeterminate
                              : permitted ? Decision::permit
                                          : Decision::not_applicable;
    const Reason reason = denied          ? Reason::denied
                          : unclear       ? Reason::unclear
                          : permitted     ? Reason::permitted
                          : tally.revoked ? Reason::revoked
                          : tally.expired ? Reason::expired
                                          : Reason::none;
    call.out.map(q.facts != nullptr ? 5 : 4)
        .uint(1)
        .uint(static_cast<std::uint64_t>(decision))
        .uint(2);
    if (denied) {
        call.out.array(tally.deny_count).raw(tally.denies.view());
    } else if (unclear) {
        call.out.array(tally.unclear->count).raw(tally.unclear->items.view());
    } else {
        call.out.array(tally.permit_count).raw(tally.permits.view());
    }
    call.out.uint(3)
        .uint(static_cast<std::uint64_t>(reason))
        .uint(4)
        .integer(permitted ? tally.until : 0);
    if (q.facts != nullptr) {
        call.out.uint(5).uint(permitted ? tally.obligations : 0);
    }
}

void directive(Call& call) {
    Reader args(call.args);
    args.map_of(2);
    args.key(1);
    const Id patient = args.id();
    args.key(2);
    const auto value = kv::get(directive_key(patient, args.id()));
    args.end();
    if (value.has_value()) {
        call.out.raw(*value);
    } else {
        call.out.null();
    }
}

void list(Call& call) {
    answer_list(call, "d/", 100,
                [](Writer& rows, View id, View stored) { rows.array(2).bytes(id).raw(stored); });
}

constexpr Method methods[] = {
    {"put", Kind::exec, owner_of_data, put}, {"revoke", Kind::exec, grantor, revoke},
    {"decide", Kind::query, anyone, decide}, {"directive", Kind::query, anyone, directive},
    {"list", Kind::query, anyone, list},
};

void init(Reader& args) {
    args.null();
}
void migrate(Reader& args) {
    read_migration(args);
}

}  // namespace

SALUS_CONTRACT(methods, init, migrate);
