// The smallest contract that uses everything of the SDK; tests and benchmarks run it, no release
// ships it.
#include "salus.hpp"

namespace {

using namespace salus;

constexpr Text owner_key = "owner";

bool is_owner(const Call& call) {
    const auto owner = kv::get(as_view(owner_key));
    return owner.has_value() && equal(*owner, call.caller.view());
}
constexpr Role owner{"the account named at initialisation", is_owner};

std::uint64_t total() {
    const auto stored = kv::get(Key("total"));
    return stored.has_value() ? Reader(*stored).uint() : 0;
}

/// args: uint; adds it. Event `added` carries it; the answer is the new total.
void add(Call& call) {
    Reader args(call.args);
    const std::uint64_t amount = args.uint_max(1'000'000);
    args.end();
    Writer value;
    value.uint(total() + amount);
    kv::put(Key("total"), value);
    kv::put(Key("log/").be64(host::block_height()).bytes(host::tx_hash()), value);
    host::emit("added", call.args);
    call.out.raw(value.view());
}

/// args: null; the answer is the total.
void read(Call& call) {
    Reader args(call.args);
    args.null();
    args.end();
    call.out.uint(total());
}

/// args: null; removes every log entry; the answer is how many there were.
void clear(Call& call) {
    kv::Scan scan(Key("log/"));
    std::uint64_t count = 0;
    while (const auto entry = scan.next()) {
        kv::del(entry->key);
        ++count;
    }
    call.out.uint(count);
}

/// args: [contract text, method text, args bytes]; the answer is the other contract's.
void forward(Call& call) {
    Reader args(call.args);
    args.array_of(3);
    const Text contract = args.text_max(32);
    const Text method = args.text_max(32);
    const View inner = args.bytes();
    args.end();
    const auto answer = host::call(contract, method, inner);
    require(answer.has_value(), code::not_found, "no such contract");
    call.out.raw(*answer);
}

/// args: any; the answer is [caller, origin, calling contract, tx, height, time, payload or null,
/// SHA-256 of args].
void world(Call& call) {
    call.out.array(8)
        .bytes(call.caller)
        .bytes(host::origin())
        .text(call.from_contract)
        .bytes(host::tx_hash());
    call.out.uint(host::block_height()).integer(host::block_time());
    if (const auto payload = host::payload()) {
        call.out.array(2).bytes(payload->digest).uint(payload->size);
    } else {
        call.out.null();
    }
    call.out.bytes(host::sha256(call.args));
}

/// args: [leaf, index, size, path bytes, root]; whether the path leads to the root.
void proves(Call& call) {
    Reader args(call.args);
    args.array_of(5);
    const Digest leaf = args.digest();
    const std::uint64_t index = args.uint();
    const std::uint64_t size = args.uint();
    const View path = args.bytes();
    const Digest root = args.digest();
    args.end();
    call.out.boolean(host::merkle_verify(leaf, index, size, path, root));
}

constexpr Method methods[] = {
    {"add", Kind::exec, owner, add},       {"clear", Kind::exec, owner, clear},
    {"read", Kind::query, anyone, read},   {"forward", Kind::query, anyone, forward},
    {"world", Kind::query, anyone, world}, {"proves", Kind::query, any_account, proves},
};

/// args: the owner's account.
void init(Reader& args) {
    kv::put(as_view(owner_key), args.id().view());
}
void migrate(Reader& args) {
    read_migration(args);
}

}  // namespace

SALUS_CONTRACT(methods, init, migrate);
