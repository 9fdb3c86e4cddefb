// Misbehaves on request: what a careless or hostile contract would do. Only tests run it.
#include "salus.hpp"

namespace {

using namespace salus;

std::uint64_t one_number(Call& call) {
    Reader args(call.args);
    const std::uint64_t number = args.uint();
    args.end();
    return number;
}

/// args: null; never ends.
void loop(Call&) {
    volatile std::uint32_t forever = 1;
    while (forever != 0) {
    }
}

__attribute__((noinline)) std::uint64_t down(std::uint64_t depth) {
    volatile std::uint64_t rest = depth;
    return depth == 0 ? 0 : down(rest - 1) + 1;
}
/// args: uint; that many calls deep.
void recurse(Call& call) {
    call.out.uint(down(one_number(call)));
}

/// args: uint pages; the answer is what memory.grow said, then the size.
void grow(Call& call) {
    const std::size_t before =
        __builtin_wasm_memory_grow(0, static_cast<std::size_t>(one_number(call)));
    call.out.array(2)
        .integer(static_cast<std::int32_t>(before))
        .uint(__builtin_wasm_memory_size(0));
}

/// args: uint address; stores eight bytes there.
void store(Call& call) {
    *reinterpret_cast<volatile std::uint64_t*>(static_cast<std::uintptr_t>(one_number(call))) =
        ~std::uint64_t{0};
}
/// args: uint address; the answer is the eight bytes there.
void load(Call& call) {
    call.out.uint(
        *reinterpret_cast<volatile std::uint64_t*>(static_cast<std::uintptr_t>(one_number(call))));
}
/// args: uint; 100 divided by it.
void divide(Call& call) {
    volatile std::uint64_t hundred = 100;
    volatile std::uint64_t by = one_number(call);
    call.out.uint(hundred / by);
}
void unreachable(Call&) {
    __builtin_trap();
}

/// args: uint; calls the table's entry of that number as void().
void indirect(Call& call) {
    reinterpret_cast<void (*)()>(static_cast<std::uintptr_t>(one_number(call)))();
}

/// args: uint code; reverts with it.
void revert(Call& call) {
    fail(static_cast<std::uint32_t>(one_number(call)), "asked to");
}

/// args: uint n; an answer of n bytes.
void long_answer(Call& call) {
    const auto size = static_cast<std::size_t>(one_number(call));
    call.out.raw({allocate(size), size});
}

/// args: [which, six uints]; calls that import with those numbers. The answer is what it returned.
void raw(Call& call) {
    Reader args(call.args);
    args.array_of(7);
    const std::uint64_t which = args.uint();
    std::uint64_t n[6];
    for (std::uint64_t& number : n) {
        number = args.uint();
    }
    args.end();
    const auto p = [&](int i) {
        return reinterpret_cast<void*>(static_cast<std::uintptr_t>(n[i]));
    };
    const auto u = [&](int i) { return static_cast<std::uint32_t>(n[i]); };
    std::int64_t result = 0;
    switch (which) {
        case 0: result = abi::salus_kv_get(p(0), u(1), p(2), u(3)); break;
        case 1: abi::salus_kv_put(p(0), u(1), p(2), u(3)); break;
        case 2: abi::salus_kv_del(p(0), u(1)); break;
        case 3: result = abi::salus_kv_scan(p(0), u(1), p(2), u(3), u(4)); break;
        case 4: result = abi::salus_kv_next(static_cast<std::int32_t>(u(0)), p(1), u(2)); break;
        case 5: abi::salus_caller(p(0)); break;
        case 6: abi::salus_origin(p(0)); break;
        case 7: result = abi::salus_caller_contract(p(0), u(1)); break;
        case 8: abi::salus_tx_hash(p(0)); break;
        case 9: result = abi::salus_payload(p(0)); break;
        case 10: result = static_cast<std::int64_t>(abi::salus_block_height()); break;
        case 11: result = abi::salus_block_time(); break;
        case 12: result = abi::salus_call(p(0), u(1), p(2), u(3), p(4), u(5)); break;
        case 13: result = abi::salus_call_result(p(0), u(1)); break;
        case 14: abi::salus_emit(p(0), u(1), p(2), u(3)); break;
        case 15: abi::salus_sha256(p(0), u(1), p(2)); break;
        case 16: result = abi::salus_ed25519_verify(p(0), p(1), u(2), p(3)); break;
        case 17: result = abi::salus_p256_verify(p(0), p(1), u(2), p(3), u(4)); break;
        case 18: result = abi::salus_merkle_verify(p(0), n[1], n[2], p(3), u(4), p(5)); break;
        case 19: abi::salus_abort(u(0), p(1), u(2)); break;
        default:
            fail(code::own, "no such import");
    }
    call.out.integer(result);
}

/// args: [key size, value size]; stores such an entry of zeros.
void put(Call& call) {
    Reader args(call.args);
    args.array_of(2);
    const std::uint64_t key = args.uint();
    const std::uint64_t value = args.uint();
    args.end();
    const std::uint8_t* key_bytes = allocate(static_cast<std::size_t>(key));
    const std::uint8_t* value_bytes = allocate(static_cast<std::size_t>(value));
    kv::put(View{key_bytes, static_cast<std::size_t>(key)},
            View{value_bytes, static_cast<std::size_t>(value)});
}

/// args: [events, topic size, data size]; emits so many.
void emit(Call& call) {
    Reader args(call.args);
    args.array_of(3);
    const std::uint64_t count = args.uint();
    const auto topic = static_cast<std::size_t>(args.uint());
    const auto data = static_cast<std::size_t>(args.uint());
    args.end();
    std::uint8_t* text = allocate(topic);
    memset(text, 't', topic);
    const std::uint8_t* bytes = allocate(data);
    for (std::uint64_t i = 0; i < count; ++i) {
        host::emit(as_text({text, topic}), View{bytes, data});
    }
}

/// args: uint n; opens so many scans over everything and reads the last; the answer is how many
/// entries it met.
void scan(Call& call) {
    const std::uint64_t count = one_number(call);
    std::uint64_t entries = 0;
    for (std::uint64_t i = 0; i < count; ++i) {
        kv::Scan all{View{}};
        while (i + 1 == count && all.next().has_value()) {
            ++entries;
        }
    }
    call.out.uint(entries);
}

/// args: [contract, method, args]; passes a call on; the answer is the other's.
void forward(Call& call) {
    Reader args(call.args);
    args.array_of(3);
    const Text contract = args.text();
    const Text method = args.text();
    const View inner = args.bytes();
    args.end();
    const auto answer = host::call(contract, method, inner);
    require(answer.has_value(), code::not_found, "no such contract");
    call.out.raw(*answer);
}

// Kind::query lets both entries reach a method: the host, not the table, must stop a query that
// writes.
constexpr Method methods[] = {
    {"loop", Kind::query, anyone, loop},
    {"recurse", Kind::query, anyone, recurse},
    {"grow", Kind::query, anyone, grow},
    {"store", Kind::query, anyone, store},
    {"load", Kind::query, anyone, load},
    {"divide", Kind::query, anyone, divide},
    {"unreachable", Kind::query, anyone, unreachable},
    {"indirect", Kind::query, anyone, indirect},
    {"revert", Kind::query, anyone, revert},
    {"long_answer", Kind::query, anyone, long_answer},
    {"raw", Kind::query, anyone, raw},
    {"put", Kind::query, anyone, put},
    {"emit", Kind::query, anyone, emit},
    {"scan", Kind::query, anyone, scan},
    {"forward", Kind::query, anyone, forward},
};

void init(Reader& args) {
    args.skip();
}
void migrate(Reader& args) {
    read_migration(args);
}

}  // namespace

SALUS_CONTRACT(methods, init, migrate);
