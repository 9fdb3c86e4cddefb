#include "contracts/support/world.hpp"

#include <doctest/doctest.h>

using namespace salus;
using namespace salus::contracts;
using namespace salus::contracts::testing;

namespace {

struct Both {
    World compiled{EngineChoice::compiled_when_shipped};
    World interpreted{EngineChoice::interpreter_only};

    /// Runs on both engines, checks that they agree on everything that is hashed, and gives the
    /// answer.
    ExecResult run(std::string_view contract, Entry entry, ByteView input,
                   std::uint64_t gas = gas_operation_max) {
        const auto before = compiled.state.entries;
        auto a = compiled.run(contract, entry, input, gas);
        auto b = interpreted.run(contract, entry, input, gas);
        REQUIRE(a.ok());
        REQUIRE(b.ok());
        CHECK(a->outcome == b->outcome);
        CHECK(a->code == b->code);
        CHECK(a->gas_used == b->gas_used);
        CHECK(a->data == b->data);
        CHECK(a->events == b->events);
        CHECK(compiled.state.entries == interpreted.state.entries);
        if (a->outcome != Outcome::ok) {  // as the state machine does
            compiled.state.entries = before;
            interpreted.state.entries = before;
        }
        return std::move(*a);
    }
    ExecResult exec(std::string_view contract, std::string_view method, ByteView args,
                    std::uint64_t gas = gas_operation_max) {
        return run(contract, Entry::exec, call_input(method, args), gas);
    }
    ExecResult query(std::string_view contract, std::string_view method, ByteView args,
                     std::uint64_t gas = gas_operation_max) {
        return run(contract, Entry::query, call_input(method, args), gas);
    }
    void as(const AccountId& caller) {
        compiled.context.caller = caller;
        interpreted.context.caller = caller;
    }
};

Bytes raw(std::uint64_t import, std::initializer_list<std::uint64_t> arguments) {
    cbor::Writer writer;
    writer.array(7).uint(import);
    std::size_t count = 0;
    for (const std::uint64_t argument : arguments) {
        writer.uint(argument);
        ++count;
    }
    for (; count < 6; ++count) {
        writer.uint(0);
    }
    return writer.take();
}

}  // namespace

TEST_CASE("shipped contracts run compiled, and interpreted when the oracle is asked for") {
    Both both;
    for (const ShippedContract& one : test_contracts()) {
        CHECK(both.compiled.vm.is_compiled(one.hash));
        CHECK_FALSE(both.interpreted.vm.is_compiled(one.hash));
    }
}

TEST_CASE("a contract keeps state, answers, and emits events") {
    Both both;
    CHECK(both.run("counter", Entry::init, bytes_item(alice.view())).outcome == Outcome::ok);
    const ExecResult added = both.exec("counter", "add", number(5));
    CHECK(added.outcome == Outcome::ok);
    CHECK(added.data == number(5));
    CHECK(added.events == std::vector<Event>{{"counter", "added", number(5)}});
    CHECK(both.exec("counter", "add", number(7)).data == number(12));
    CHECK(both.query("counter", "read", nothing()).data == number(12));
    CHECK(both.compiled.state.entries.contains(std::string("counter\0total", 13)));
    CHECK(both.exec("counter", "clear", nothing()).data == number(1));
}

TEST_CASE(
    "a contract refuses another caller, an unknown method and malformed arguments with its own "
    "codes") {
    Both both;
    both.run("counter", Entry::init, bytes_item(alice.view()));
    both.as(bob);
    const ExecResult denied = both.exec("counter", "add", number(5));
    CHECK(denied.outcome == Outcome::revert);
    CHECK(denied.code == 101);
    CHECK(as_text(denied.data) == "the account named at initialisation");
    CHECK(denied.events.empty());
    both.as(alice);
    CHECK(both.exec("counter", "subtract", number(5)).code == 7);
    CHECK(both.exec("counter", "add", Bytes{0x18, 0x05}).code ==
          100);  // 5, but not in its shortest form
    CHECK(both.exec("counter", "add", Bytes{}).code == 100);
    CHECK(both.exec("counter", "add", number(1'000'001)).code == 104);
    CHECK(both.run("counter", Entry::exec, Bytes{}).code == 100);
    CHECK(both.run("counter", Entry::exec, Bytes{0x82, 0x61}).code == 100);
    CHECK(both.query("counter", "add", number(5)).code == 7);  // of kind exec
}

TEST_CASE("describe lists every method with its kind and who may call it") {
    Both both;
    const ExecResult answer = both.query("counter", "describe", nothing());
    cbor::Reader reader(answer.data);
    CHECK(reader.array().value() == 6);
    CHECK(reader.array_of(3).ok());
    CHECK(reader.text().value() == "add");
    CHECK(reader.text().value() == "exec");
    CHECK(reader.text().value() == "the account named at initialisation");
}

TEST_CASE("a contract sees the caller, the transaction, the block and the payload, and no more") {
    Both both;
    for (World* world : {&both.compiled, &both.interpreted}) {
        world->context.payload = Payload{*Digest::from(Bytes(32, 9)), 300};
    }
    const auto expected = [](bool with_payload) {
        cbor::Writer writer;
        writer.array(8).bytes(alice.view()).bytes(alice.view()).text("").bytes(Bytes(32, 7));
        writer.uint(42).uint(1'700'000'000'000);
        if (with_payload) {
            writer.array(2).bytes(Bytes(32, 9)).uint(300);
        } else {
            writer.null();
        }
        return writer.bytes(crypto::sha256(nothing()).view()).take();
    };
    CHECK(both.exec("counter", "world", nothing()).data == expected(true));
    CHECK(both.query("counter", "world", nothing()).data == expected(false));
}

TEST_CASE("an endless loop ends when its gas does, and all of it is spent") {
    Both both;
    const ExecResult result = both.exec("probe", "loop", nothing(), 100'000);
    CHECK(result.outcome == Outcome::out_of_gas);
    CHECK(result.code == code_out_of_gas);
    CHECK(result.gas_used == 100'000);
}

TEST_CASE("a call needs exactly the gas it uses: one unit less and it fails") {
    Both both;
    both.run("counter", Entry::init, bytes_item(alice.view()));
    const std::uint64_t used = both.exec("counter", "add", number(5)).gas_used;
    both.exec("counter", "clear", nothing());
    CHECK(both.exec("counter", "read", nothing()).outcome == Outcome::ok);
    const std::uint64_t again = both.exec("counter", "add", number(5)).gas_used;
    CHECK(both.exec("counter", "add", number(5), again).outcome == Outcome::ok);
    CHECK(both.exec("counter", "add", number(5), again + 1).outcome == Outcome::ok);
    CHECK(both.exec("counter", "add", number(5), again - 1).outcome == Outcome::out_of_gas);
    CHECK(used != 0);
}

TEST_CASE("at every gas limit both engines stop at the same point") {
    Both both;
    both.run("counter", Entry::init, bytes_item(alice.view()));
    for (std::uint64_t gas = 0; gas < 18'000; gas += 97) {
        both.exec("counter", "add", number(5), gas);
    }
}

TEST_CASE("calls nest as deep as the stack allows, and one deeper is a trap") {
    Both both;
    std::uint64_t deepest = 0;
    while (deepest < 300 &&
           both.exec("probe", "recurse", number(deepest + 1)).outcome == Outcome::ok) {
        ++deepest;
    }
    CHECK(deepest > 200);
    CHECK(deepest < 256);
    const ExecResult result = both.exec("probe", "recurse", number(deepest + 1));
    CHECK(result.outcome == Outcome::trap);
    CHECK(result.code == code_trap);
    CHECK(both.exec("probe", "recurse", number(1'000'000)).outcome == Outcome::trap);
}

TEST_CASE("memory grows to its maximum at a price, and no further") {
    Both both;
    const auto answer = [](std::int64_t grown, std::uint64_t pages) {
        return cbor::Writer().array(2).integer(grown).uint(pages).take();
    };
    CHECK(both.exec("probe", "grow", number(0)).data == answer(1, 1));
    CHECK(both.exec("probe", "grow", number(30)).data == answer(1, 31));
    CHECK(both.exec("probe", "grow", number(31)).data == answer(1, 32));
    CHECK(both.exec("probe", "grow", number(32)).data == answer(-1, 1));
    const std::uint64_t one = both.exec("probe", "grow", number(1)).gas_used;
    const std::uint64_t three = both.exec("probe", "grow", number(3)).gas_used;
    CHECK(three - one == 20'000);
    CHECK(both.exec("probe", "grow", number(0xFFFFFFFF)).outcome == Outcome::out_of_gas);
}

TEST_CASE("each call meets fresh memory, also where the one before wrote or grew") {
    Both both;
    for (const std::uint64_t at : {8ULL, 1020ULL, 1023ULL, 20'000ULL, 65'528ULL}) {
        CHECK(both.query("probe", "load", number(at)).data == number(0));
        CHECK(both.exec("probe", "store", number(at)).outcome == Outcome::ok);
        CHECK(both.query("probe", "load", number(at)).data == number(0));
    }
    CHECK(both.exec("probe", "store", number(65'529)).outcome == Outcome::trap);
    CHECK(both.exec("probe", "long_answer", number(200'000)).outcome == Outcome::ok);
    CHECK(both.query("probe", "load", number(65'529)).outcome == Outcome::trap);
}

TEST_CASE(
    "addresses outside memory, division by zero, unreachable and wrong table entries are traps") {
    Both both;
    for (const std::uint64_t at : {65'529ULL, 65'536ULL, 0xFFFF'FFF8ULL, 0xFFFF'FFFFULL}) {
        CHECK(both.exec("probe", "load", number(at)).outcome == Outcome::trap);
        CHECK(both.exec("probe", "store", number(at)).outcome == Outcome::trap);
    }
    CHECK(both.exec("probe", "divide", number(3)).data == number(33));
    CHECK(both.exec("probe", "divide", number(0)).outcome == Outcome::trap);
    CHECK(both.exec("probe", "unreachable", nothing()).outcome == Outcome::trap);
    for (const std::uint64_t entry : {0ULL, 1ULL, 1000ULL, 0xFFFFFFFFULL}) {
        CHECK(both.exec("probe", "indirect", number(entry)).outcome == Outcome::trap);
    }
}

TEST_CASE("a revert carries its code when contracts may use it, and is a trap otherwise") {
    Both both;
    for (const std::uint64_t code : {7ULL, 100ULL, 101ULL, 65'535ULL}) {
        const ExecResult result = both.exec("probe", "revert", number(code));
        CHECK(result.outcome == Outcome::revert);
        CHECK(result.code == code);
        CHECK(as_text(result.data) == "asked to");
    }
    for (const std::uint64_t code : {0ULL, 1ULL, 6ULL, 8ULL, 9ULL, 99ULL, 65'536ULL}) {
        CHECK(both.exec("probe", "revert", number(code)).outcome == Outcome::trap);
    }
}

TEST_CASE("keys, values, answers and events stay within their limits") {
    Both both;
    CHECK(both.exec("probe", "put", numbers({0, 1})).outcome == Outcome::trap);
    CHECK(both.exec("probe", "put", numbers({1, 0})).outcome == Outcome::ok);
    CHECK(both.exec("probe", "put", numbers({255, 1})).outcome == Outcome::ok);
    CHECK(both.exec("probe", "put", numbers({256, 1})).outcome == Outcome::ok);
    CHECK(both.exec("probe", "put", numbers({257, 1})).outcome == Outcome::trap);
    CHECK(both.exec("probe", "put", numbers({2, 65'535})).outcome == Outcome::ok);
    CHECK(both.exec("probe", "put", numbers({2, 65'536})).outcome == Outcome::ok);
    CHECK(both.exec("probe", "put", numbers({2, 65'537})).outcome == Outcome::trap);
    CHECK(both.exec("probe", "long_answer", number(262'144 - 8)).outcome == Outcome::ok);
    CHECK(both.exec("probe", "long_answer", number(262'144)).outcome == Outcome::trap);
    CHECK(both.exec("probe", "emit", numbers({1, 0, 1})).outcome == Outcome::trap);
    CHECK(both.exec("probe", "emit", numbers({1, 64, 0})).outcome == Outcome::ok);
    CHECK(both.exec("probe", "emit", numbers({1, 65, 0})).outcome == Outcome::trap);
    CHECK(both.exec("probe", "emit", numbers({1, 1, 4096})).outcome == Outcome::ok);
    CHECK(both.exec("probe", "emit", numbers({1, 1, 4097})).outcome == Outcome::trap);
    CHECK(both.exec("probe", "emit", numbers({63, 1, 1})).events.size() == 63);
    CHECK(both.exec("probe", "emit", numbers({64, 1, 1})).events.size() == 64);
    const ExecResult too_many = both.exec("probe", "emit", numbers({65, 1, 1}));
    CHECK(too_many.outcome == Outcome::trap);
    CHECK(too_many.events.empty());
}

TEST_CASE(
    "a scan meets the contract's own keys in order, at most 1,024, and 16 scans may be open") {
    Both both;
    for (World* world : {&both.compiled, &both.interpreted}) {
        for (int i = 0; i < 1030; ++i) {
            world->state.entries[std::string("probe\0k", 7) + std::to_string(10'000 + i)] = "v";
        }
        world->state.entries[std::string("probf\0k", 7)] = "another contract's";
        world->state.entries[std::string("prob\0k", 6)] = "another contract's";
    }
    CHECK(both.query("probe", "scan", number(1)).data == number(1024));
    CHECK(both.query("probe", "scan", number(16)).data == number(1024));
    CHECK(both.query("probe", "scan", number(17)).outcome == Outcome::trap);
    CHECK(both.query("probe", "raw", raw(3, {0, 0, 0, 0, 1024})).outcome == Outcome::ok);
    CHECK(both.query("probe", "raw", raw(3, {0, 0, 0, 0, 1025})).outcome == Outcome::trap);
    CHECK(both.query("probe", "raw", raw(4, {0, 0, 0})).outcome == Outcome::trap);  // no such scan
}

TEST_CASE("a query cannot write, delete or emit, however it is asked") {
    Both both;
    CHECK(both.query("probe", "put", numbers({1, 1})).outcome == Outcome::trap);
    CHECK(both.query("probe", "emit", numbers({1, 1, 1})).outcome == Outcome::trap);
    CHECK(both.query("probe", "raw", raw(2, {8, 1})).outcome == Outcome::trap);
    CHECK(both.query("counter", "forward", forward_args("probe", "put", numbers({1, 1}))).outcome ==
          Outcome::trap);
    CHECK(both.exec("counter", "forward", forward_args("probe", "put", numbers({1, 1}))).outcome ==
          Outcome::ok);
    CHECK(both.compiled.state.entries.size() == 1);
}

TEST_CASE("a called contract sees the caller's account and name, and the origin stays") {
    Both both;
    const ExecResult result =
        both.exec("counter", "forward",
                  forward_args("probe", "forward", forward_args("counter", "world", nothing())));
    CHECK(result.outcome == Outcome::trap);  // counter is running already
    for (World* world : {&both.compiled, &both.interpreted}) {
        world->codes.names["again"] = {"again", world->codes.names["counter"].hash};
        world->context.payload = Payload{};
    }
    const ExecResult seen =
        both.exec("counter", "forward", forward_args("again", "world", nothing()));
    REQUIRE(seen.outcome == Outcome::ok);
    cbor::Reader reader(seen.data);
    CHECK(reader.array_of(8).ok());
    CHECK(*AccountId::from(reader.bytes().value()) == contract_account("counter"));
    CHECK(*AccountId::from(reader.bytes().value()) == alice);
    CHECK(reader.text().value() == "counter");
    // The payload belongs to the operation's own contract.
    CHECK(reader.skip().ok());
    CHECK(reader.skip().ok());
    CHECK(reader.skip().ok());
    CHECK(reader.null().ok());
}

TEST_CASE("contracts call each other eight deep, the first counted") {
    Both both;
    for (World* world : {&both.compiled, &both.interpreted}) {
        for (char c = '0'; c <= '9'; ++c) {
            const std::string name = std::string("p") + c;
            world->codes.names[name] = {name, world->codes.names["probe"].hash};
        }
    }
    const auto nested = [](int contracts) {
        Bytes args = number(1);
        std::string method = "recurse";
        for (int i = contracts - 1; i > 0; --i) {
            args = forward_args("p" + std::to_string(i), method, args);
            method = "forward";
        }
        return std::pair(method, args);
    };
    const auto eight = nested(8);
    CHECK(both.exec("p0", eight.first, eight.second).outcome == Outcome::ok);
    const auto nine = nested(9);
    CHECK(both.exec("p0", nine.first, nine.second).outcome == Outcome::trap);
    CHECK(both.exec("p0", "forward", forward_args("p0", "recurse", number(1))).outcome ==
          Outcome::trap);
}

TEST_CASE("the failure of a called contract is the caller's, and its gas is paid") {
    Both both;
    const ExecResult revert =
        both.exec("counter", "forward", forward_args("probe", "revert", number(123)));
    CHECK(revert.code == 123);
    CHECK(as_text(revert.data) == "asked to");
    CHECK(both.exec("counter", "forward", forward_args("probe", "unreachable", nothing())).code ==
          code_trap);
    const ExecResult gas =
        both.exec("counter", "forward", forward_args("probe", "loop", nothing()), 500'000);
    CHECK(gas.code == code_out_of_gas);
    CHECK(gas.gas_used == 500'000);
    CHECK(both.exec("counter", "forward", forward_args("nobody", "x", nothing())).code == 102);
    CHECK(both.exec("counter", "forward", forward_args("Bad name", "x", nothing())).code ==
          code_trap);
}

TEST_CASE("contracts that call each other share one stack limit") {
    Both both;
    std::uint64_t alone = 0;
    while (both.exec("probe", "recurse", number(alone + 1)).outcome == Outcome::ok) {
        ++alone;
    }
    CHECK(
        both.exec("counter", "forward", forward_args("probe", "recurse", number(alone))).outcome ==
        Outcome::trap);
    CHECK(both.exec("counter", "forward", forward_args("probe", "recurse", number(alone - 20)))
              .outcome == Outcome::ok);
}

TEST_CASE("a proof of inclusion is checked by the host") {
    Both both;
    const Digest left = *Digest::from(Bytes(32, 1));
    const Digest right = *Digest::from(Bytes(32, 2));
    const Digest root = crypto::sha256({Bytes{1}, left.view(), right.view()});
    const auto args = [&](std::uint64_t index, const Digest& leaf) {
        return cbor::Writer()
            .array(5)
            .bytes(leaf.view())
            .uint(index)
            .uint(2)
            .bytes(right.view())
            .bytes(root.view())
            .take();
    };
    CHECK(both.query("counter", "proves", args(0, left)).data == Bytes{0xf5});
    CHECK(both.query("counter", "proves", args(1, left)).data == Bytes{0xf4});
    CHECK(both.query("counter", "proves", args(0, right)).data == Bytes{0xf4});
    CHECK(both.query("counter", "proves", args(2, left)).data == Bytes{0xf4});
}

TEST_CASE("a failing disk ends a run without a result") {
    World world(EngineChoice::compiled_when_shipped);
    world.state.broken = true;
    const auto result = world.query("counter", "read", nothing());
    REQUIRE_FALSE(result.ok());
    CHECK(result.error().code == Errc::unavailable);
    world.state.broken = false;
    CHECK(world.query("counter", "read", nothing()).ok());
}

TEST_CASE("code that is missing, altered or inadmissible is the node's error, not the contract's") {
    World world(EngineChoice::interpreter_only);
    CodeRef code = world.codes.names["counter"];
    code.hash.bytes[0] ^= 1;
    CHECK(world.vm.run(code, Entry::query, call_input("read", nothing()), world.context, 1)
              .error()
              .code == Errc::not_found);
    world.codes.modules[code.hash] = Bytes{1, 2, 3};
    CHECK(world.vm.run(code, Entry::query, call_input("read", nothing()), world.context, 1)
              .error()
              .code == Errc::integrity);
    const CodeRef bad = world.codes.add("bad", Bytes{0, 0x61, 0x73, 0x6d, 1, 0, 0, 0});
    CHECK(world.vm.run(bad, Entry::query, {}, world.context, 1).error().code == Errc::integrity);
}

TEST_CASE("gas, input and name beyond their limits are refused before anything runs") {
    World world(EngineChoice::compiled_when_shipped);
    CodeRef code = world.codes.names["counter"];
    CHECK(world.vm.run(code, Entry::query, {}, world.context, gas_limit_max).ok());
    CHECK_FALSE(world.vm.run(code, Entry::query, {}, world.context, gas_limit_max + 1).ok());
    CHECK(world.vm.run(code, Entry::query, Bytes(input_bytes_max), world.context, 1'000'000).ok());
    CHECK_FALSE(
        world.vm.run(code, Entry::query, Bytes(input_bytes_max + 1), world.context, 1'000'000)
            .ok());
    code.name = "";
    CHECK_FALSE(world.vm.run(code, Entry::query, {}, world.context, 1).ok());
}

TEST_CASE("contract names are short lower-case words") {
    CHECK(is_contract_name("consent"));
    CHECK(is_contract_name("a_1"));
    CHECK(is_contract_name(std::string(32, 'a')));
    CHECK_FALSE(is_contract_name(std::string(33, 'a')));
    CHECK_FALSE(is_contract_name(""));
    CHECK_FALSE(is_contract_name("1a"));
    CHECK_FALSE(is_contract_name("A"));
    CHECK_FALSE(is_contract_name("a-b"));
}

TEST_CASE("more contracts than the machine keeps ready still run") {
    World world(EngineChoice::interpreter_only);
    // A custom section at the end makes other code of the same meaning.
    Bytes module = world.codes.modules[world.codes.names["counter"].hash];
    append(module, Bytes{0, 3, 1, 'n', 0});
    for (std::uint8_t i = 0; i < loaded_codes_max + 2; ++i) {
        module.back() = i;
        const CodeRef code = world.codes.add("c" + std::to_string(i), module);
        CHECK(world.vm
                  .run(code, Entry::query, call_input("read", nothing()), world.context, 1'000'000)
                  ->data == number(0));
    }
}
