// docs/contracts/record.md: what exists, where it lies, what replaced it; never what it says.
#include "../common/fields.hpp"

namespace {

using namespace salus;

constexpr std::uint32_t wrong_secret = 120;
constexpr std::uint32_t not_offered = 121;
constexpr std::uint32_t no_payload = 122;
constexpr std::uint32_t not_live = 123;

enum class State : std::uint8_t { live = 1, superseded = 2, erased = 3, claimed = 4 };

struct Collection {
    Id owner;
    Id category;
    std::uint64_t flags = 0;
    std::uint64_t epoch = 1;
    PublicKey key;
    std::uint64_t height = 0;
};

struct Record {
    Id collection;
    std::uint64_t epoch = 0;
    Digest commitment;
    Digest digest;
    std::uint64_t size = 0;
    Id author;
    std::uint64_t height = 0;
    State state = State::live;
    std::optional<Id> next;
};

Key collection_key(const Id& id) {
    return Key("c/").bytes(id);
}
Key record_key(const Id& id) {
    return Key("r/").bytes(id);
}
Key writer_key(const Id& collection, const Id& account) {
    return Key("w/").bytes(collection).bytes(account);
}
Key list_key(const Id& collection, const Id& record) {
    return Key("l/").bytes(collection).bytes(record);
}
Key offer_key(const Id& record) {
    return Key("f/").bytes(record);
}

void store(const Id& id, const Collection& c) {
    Writer out;
    out.map(6).uint(1).bytes(c.owner).uint(2).bytes(c.category).uint(3).uint(c.flags);
    out.uint(4).uint(c.epoch).uint(5).bytes(c.key).uint(6).uint(c.height);
    kv::put(collection_key(id), out);
}

Collection read_collection(View value) {
    Reader in(value);
    Collection c;
    in.map_of(6);
    in.key(1);
    c.owner = in.id();
    in.key(2);
    c.category = in.id();
    in.key(3);
    c.flags = in.uint();
    in.key(4);
    c.epoch = in.uint();
    in.key(5);
    c.key = in.digest();
    in.key(6);
    c.height = in.uint();
    return c;
}

void store(const Id& id, const Record& r) {
    Writer out;
    out.array(9).bytes(r.collection).uint(r.epoch).bytes(r.commitment).bytes(r.digest).uint(r.size);
    out.bytes(r.author).uint(r.height).uint(static_cast<std::uint64_t>(r.state));
    write_optional_id(out, r.next);
    kv::put(record_key(id), out);
}

Record read_record(View value) {
    Reader in(value);
    Record r;
    in.array_of(9);
    r.collection = in.id();
    r.epoch = in.uint();
    r.commitment = in.digest();
    r.digest = in.digest();
    r.size = in.uint();
    r.author = in.id();
    r.height = in.uint();
    r.state = static_cast<State>(in.uint());
    r.next = read_optional_id(in);
    return r;
}

Collection need_collection(const Id& id) {
    return read_collection(kv::need(collection_key(id), "no such collection"));
}
Record need_record(const Id& id) {
    return read_record(kv::need(record_key(id), "no such record"));
}

Record need_live(const Id& id) {
    const Record record = need_record(id);
    require(record.state == State::live, not_live, "this record was replaced, claimed or erased");
    return record;
}

bool owns(const Id& account, const Id& collection) {
    const auto value = kv::get(collection_key(collection));
    return value.has_value() && read_collection(*value).owner == account;
}

bool writes(const Id& account, const Id& collection) {
    const auto until = kv::get(writer_key(collection, account));
    return until.has_value() && host::block_time() < Reader(*until).integer();
}

bool may_add(const Id& account, const Id& collection) {
    return owns(account, collection) || writes(account, collection);
}

bool owns_record(const Id& account, const Id& record) {
    const auto value = kv::get(record_key(record));
    return value.has_value() && owns(account, read_record(*value).collection);
}

// Roles -----------------------------------------------------------------------------------------

/// Field 1 of the arguments, which every method but `put` and `erase` begins with.
Id first_id(View args) {
    Reader in(args);
    require(in.map() > 0, code::malformed, "wrong number of fields");
    in.key(1);
    return in.id();
}

struct Put {
    Id record;
    Id collection;
    std::uint64_t epoch = 0;
    Digest commitment;
};
Put read_put(View args) {
    Reader in(args);
    Put put;
    in.array_of(4);
    put.record = in.id();
    put.collection = in.id();
    put.epoch = in.uint();
    put.commitment = in.digest();
    in.end();
    return put;
}

bool may_put(const Call& call) {
    return call.by_account() && may_add(call.caller, read_put(call.args).collection);
}
bool is_enrolled_caller(const Call& call) {
    return call.by_account() && is_enrolled(call.caller);
}
bool owns_collection(const Call& call) {
    return call.by_account() && owns(call.caller, first_id(call.args));
}
/// `consent` may rotate for the one who signed: who revokes also ends an epoch.
bool may_rotate(const Call& call) {
    return owns_collection(call) ||
           (call.from_contract == "consent" && owns(host::origin(), first_id(call.args)));
}
bool owns_first_record(const Call& call) {
    return call.by_account() && owns_record(call.caller, first_id(call.args));
}

bool may_amend(const Call& call) {
    const auto value = kv::get(record_key(first_id(call.args)));
    if (!value.has_value() || !call.by_account()) {
        return false;
    }
    const Record record = read_record(*value);
    return owns(call.caller, record.collection) ||
           (record.author == call.caller && writes(call.caller, record.collection));
}

bool may_claim(const Call& call) {
    return is_enrolled_caller(call) && !owns_record(call.caller, first_id(call.args));
}

bool owns_all_records(const Call& call) {
    Reader in(call.args);
    in.map_of(2);
    in.key(1);
    const std::uint32_t count = in.array_max(100);
    require(count > 0, code::malformed, "no record is named");
    for (std::uint32_t i = 0; i < count; ++i) {
        if (!owns_record(call.caller, in.id())) {
            return false;
        }
    }
    return call.by_account();
}

constexpr Role enrolled{"any enrolled account", is_enrolled_caller};
constexpr Role owner{"the collection's owner", owns_collection};
constexpr Role rotator{"the collection's owner, also by a revocation", may_rotate};
constexpr Role adder{"the collection's owner or a writer of it", may_put};
constexpr Role record_owner{"the record's owner", owns_first_record};
constexpr Role amender{"the record's owner, or its author while still a writer", may_amend};
constexpr Role claimer{"an enrolled account that does not own the record", may_claim};
constexpr Role all_owner{"the owner of every record named", owns_all_records};

// Entry points ----------------------------------------------------------------------------------

void collection_put(Call& call) {
    Reader args(call.args);
    Collection c;
    args.map_of(4);
    args.key(1);
    const Id id = args.id();
    args.key(2);
    c.category = args.id();
    args.key(3);
    c.flags = args.uint_max(3);
    args.key(4);
    c.key = args.digest();
    args.end();
    require(!kv::has(collection_key(id)), code::already_exists, "this collection exists");
    c.owner = call.caller;
    c.height = host::block_height();
    store(id, c);
}

void collection_rotate(Call& call) {
    Reader args(call.args);
    args.map_of(3);
    args.key(1);
    const Id id = args.id();
    Collection c = need_collection(id);
    args.key(2);
    require(args.uint() == c.epoch + 1, code::conflict, "epoch is not the next one");
    args.key(3);
    c.key = args.digest();
    args.end();
    ++c.epoch;
    store(id, c);
}

/// Stores a new live record of the caller's; its collection must be at this epoch.
void add(const Put& put, const Id& author) {
    const auto payload = host::payload();
    require(payload.has_value(), no_payload, "a record brings its sealed body");
    require(!kv::has(record_key(put.record)), code::already_exists, "this record exists");
    require(need_collection(put.collection).epoch == put.epoch, code::conflict,
            "sealed for another epoch");
    store(put.record, {put.collection, put.epoch, put.commitment, payload->digest, payload->size,
                       author, host::block_height(), State::live, std::nullopt});
    kv::put(list_key(put.collection, put.record), View{});
}

void put(Call& call) {
    add(read_put(call.args), call.caller);
}

void writer_put(Call& call) {
    Reader args(call.args);
    args.map_of(3);
    args.key(1);
    const Id collection = args.id();
    args.key(2);
    const Id account = args.id();
    args.key(3);
    const std::int64_t until = read_time(args);
    args.end();
    require(is_enrolled(account), code::not_found, "the account is not enrolled");
    if (until == 0) {
        kv::del(writer_key(collection, account));
    } else {
        Writer value;
        value.integer(until);
        kv::put(writer_key(collection, account), value);
    }
}

void amend(Call& call) {
    Reader args(call.args);
    args.map_of(5);
    args.key(1);
    const Id old_id = args.id();
    Record old = need_live(old_id);
    Put put;
    args.key(2);
    put.record = args.id();
    args.key(3);
    put.epoch = args.uint();
    args.key(4);
    put.commitment = args.digest();
    args.key(5);
    require(!args.text_max(32).empty(), code::malformed, "a change gives its reason");
    args.end();
    put.collection = old.collection;
    add(put, call.caller);
    old.state = State::superseded;
    old.next = put.record;
    store(old_id, old);
    kv::del(list_key(old.collection, old_id));
    kv::del(offer_key(old_id));
}

void offer(Call& call) {
    Reader args(call.args);
    args.map_of(2);
    args.key(1);
    const Id record = args.id();
    need_live(record);
    args.key(2);
    const Digest claim_hash = args.digest();
    args.end();
    kv::put(offer_key(record), claim_hash.view());
}

void claim(Call& call) {
    Reader args(call.args);
    args.map_of(6);
    args.key(1);
    const Id old_id = args.id();
    Record old = need_live(old_id);
    args.key(2);
    const Digest secret = args.digest();
    Put put;
    args.key(3);
    put.record = args.id();
    args.key(4);
    put.collection = args.id();
    args.key(5);
    put.epoch = args.uint();
    args.key(6);
    put.commitment = args.digest();
    args.end();
    const auto claim_hash = kv::get(offer_key(old_id));
    require(claim_hash.has_value(), not_offered, "this record is not offered");
    require(equal(host::sha256(secret.view()).view(), *claim_hash), wrong_secret,
            "the code does not fit");
    require(owns(call.caller, put.collection), code::denied, "the collection is somebody else's");
    add(put, call.caller);
    old.state = State::claimed;
    old.next = put.record;
    store(old_id, old);
    kv::del(offer_key(old_id));
    kv::del(list_key(old.collection, old_id));
}

void erase(Call& call) {
    Reader args(call.args);
    args.map_of(2);
    args.key(1);
    for (std::uint32_t left = args.array_max(100); left != 0; --left) {
        const Id id = args.id();
        Record record = need_record(id);
        require(record.state != State::erased, not_live, "this record was erased already");
        record.state = State::erased;
        store(id, record);
        kv::del(list_key(record.collection, id));
        kv::del(offer_key(id));
    }
    args.key(2);
    args.digest();
    args.end();
}

void answer(Call& call, const Key& key) {
    const auto value = kv::get(key);
    if (value.has_value()) {
        call.out.raw(*value);
    } else {
        call.out.null();
    }
}
void get(Call& call) {
    answer(call, record_key(first_id(call.args)));
}
void collection(Call& call) {
    answer(call, collection_key(first_id(call.args)));
}

void list(Call& call) {
    answer_list(call, "l/", 1'000, [](Writer& rows, View id, View) { rows.bytes(id); });
}

/// Args {1: collection, 2: account}: whether the account may add records to the collection now.
void may_write(Call& call) {
    Reader args(call.args);
    args.map_of(2);
    args.key(1);
    const Id id = args.id();
    args.key(2);
    const Id account = args.id();
    args.end();
    call.out.boolean(may_add(account, id));
}

constexpr Method methods[] = {
    {"collection_put", Kind::exec, enrolled, collection_put},
    {"collection_rotate", Kind::exec, rotator, collection_rotate},
    {"put", Kind::exec, adder, put},
    {"writer_put", Kind::exec, owner, writer_put},
    {"amend", Kind::exec, amender, amend},
    {"offer", Kind::exec, record_owner, offer},
    {"claim", Kind::exec, claimer, claim},
    {"erase", Kind::exec, all_owner, erase},
    {"get", Kind::query, anyone, get},
    {"collection", Kind::query, anyone, collection},
    {"list", Kind::query, anyone, list},
    {"may_write", Kind::query, anyone, may_write},
};

void init(Reader& args) {
    args.null();
}
void migrate(Reader& args) {
    read_migration(args);
}

}  // namespace

SALUS_CONTRACT(methods, init, migrate);
