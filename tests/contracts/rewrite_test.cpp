#include "contracts/gas.hpp"
#include "contracts/support/wat.hpp"
#include "contracts/support/world.hpp"

#include <doctest/doctest.h>

#include <string>

using namespace salus;
using namespace salus::contracts;
using namespace salus::contracts::testing;

namespace {

/// Runs `body` as exec; the modules here answer [0, h''] from address 16. The interpreter runs
/// them.
Result<ExecResult> run_body(const std::string& body, const std::string& extra = "",
                            std::uint64_t gas = gas_operation_max) {
    World world(EngineChoice::interpreter_only);
    const Bytes module = assemble(
        R"((module (memory (export "memory") 1 2) (data (i32.const 16) "\82\00\40"))" + extra +
        R"((func (export "alloc") (param i32) (result i32) i32.const 1024)
                                     (func $e (param i32 i32) (result i64) (local i32) )" +
        body + R"()
                                     (export "init" (func $e)) (export "exec" (func $e))
                                     (export "query" (func $e))
                                     (export "migrate" (func $e))))");
    REQUIRE_FALSE(module.empty());
    world.codes.add("x", module);
    return world.run("x", Entry::exec, Bytes{1, 2, 3}, gas);
}

const std::string answer = " i64.const 0x1000000003 ";
/// alloc is one instruction; the entry ends in `answer`.
constexpr std::uint64_t around = gas::simple + gas::simple;

std::uint64_t gas_of(const std::string& body, const std::string& extra = "") {
    const auto result = run_body(body + answer, extra);
    REQUIRE(result.ok());
    REQUIRE(result->outcome == Outcome::ok);
    return result->gas_used - around;
}

Outcome outcome_of(const std::string& body, const std::string& extra = "") {
    const auto result = run_body(body, extra);
    REQUIRE(result.ok());
    return result->outcome;
}

}  // namespace

TEST_CASE("instructions cost what the gas table says") {
    CHECK(gas_of("") == 0);
    CHECK(gas_of("nop") == 0);
    CHECK(gas_of("i32.const 1 drop") == gas::simple);
    CHECK(gas_of("i32.const 0 i32.load drop") == gas::simple + gas::load);
    CHECK(gas_of("i32.const 0 i32.const 0 i32.store8") == 2 * gas::simple + gas::store);
    CHECK(gas_of("i64.const 1 i64.const 2 i64.mul drop") == 2 * gas::simple + gas::multiply);
    CHECK(gas_of("i64.const 1 i64.const 2 i64.rem_u drop") == 2 * gas::simple + gas::divide);
    CHECK(gas_of("memory.size drop") == gas::simple);
    CHECK(gas_of("i32.const 0 memory.grow drop") == gas::simple + gas::call);
    CHECK(gas_of("i32.const 1 memory.grow drop") ==
          gas::simple + gas::call + gas::memory_grow_page);
    CHECK(gas_of("call $f", "(func $f i32.const 1 drop)") == gas::call + gas::simple);
    CHECK(gas_of("i32.const 0 call_indirect",
                 "(table 1 funcref) (elem (i32.const 0) $f) (func $f)") ==
          gas::simple + gas::call_indirect);
}

TEST_CASE("only the arm that is taken is paid for") {
    CHECK(gas_of("i32.const 1 if i32.const 1 drop else i32.const 1 i32.const 1 drop drop end") ==
          2 * gas::simple + gas::branch);
    CHECK(gas_of("i32.const 0 if i32.const 1 drop else i32.const 1 i32.const 1 drop drop end") ==
          3 * gas::simple + gas::branch);
    CHECK(gas_of("block i32.const 1 br_if 0 i32.const 1 drop end") == gas::simple + gas::branch);
    CHECK(gas_of("block br 0 i32.const 1 drop end") == gas::branch);
}

TEST_CASE("a loop pays at each turn") {
    const auto turns = [](int count) {
        return gas_of("i32.const " + std::to_string(count) +
                      " local.set 2 loop local.get 2 i32.const 1 i32.sub local.tee 2 br_if 0 end");
    };
    CHECK(turns(7) - turns(6) == 4 * gas::simple + gas::branch);
}

TEST_CASE("a function left by return, by a branch or at its end gives its stack units back") {
    // 300 calls one after another would pass the limit of 256 if one way out forgot.
    const std::string many =
        "i32.const 300 local.set 2 loop call $f local.get 2 i32.const 1 i32.sub local.tee 2 br_if "
        "0 end";
    CHECK(outcome_of(many + answer, "(func $f return)") == Outcome::ok);
    CHECK(outcome_of(many + answer, "(func $f br 0)") == Outcome::ok);
    CHECK(outcome_of(many + answer, "(func $f block br 1 end)") == Outcome::ok);
    CHECK(outcome_of(many + answer, "(func $f block block i32.const 1 br_table 0 2 1 end end)") ==
          Outcome::ok);
    CHECK(outcome_of(many + answer, "(func $f i32.const 1 br_if 0)") == Outcome::ok);
    CHECK(outcome_of(many + answer, "(func $f)") == Outcome::ok);
    CHECK(gas_of("call $f drop",
                 "(func $f (result i32) block i32.const 5 return end i32.const 6)") > 0);
}

TEST_CASE("return values pass through the rewritten ways out") {
    const std::string seven =
        "(func $f (param i32) (result i32) local.get 0 if i32.const 7 return end "
        "block (result i32) i32.const 7 br 1 end)";
    CHECK(outcome_of("i32.const 1 call $f i32.const 7 i32.ne if unreachable end" + answer, seven) ==
          Outcome::ok);
    CHECK(outcome_of("i32.const 0 call $f i32.const 7 i32.ne if unreachable end" + answer, seven) ==
          Outcome::ok);
}

TEST_CASE("small functions nest 256 deep, larger ones less") {
    const auto nested = [](int depth, const std::string& locals) {
        return outcome_of("i32.const " + std::to_string(depth) + " call $f" + answer,
                          "(func $f (param i32) " + locals +
                              " local.get 0 if local.get 0 i32.const 1 i32.sub call $f end)");
    };
    // exec itself takes one of 256 frames; depth n is n + 1 calls.
    CHECK(nested(254, "") == Outcome::ok);
    CHECK(nested(255, "") == Outcome::trap);
    std::string wide = "(local";
    for (int i = 0; i < 900; ++i) {
        wide += " i64";
    }
    wide += ")";
    CHECK(nested(16, wide) == Outcome::ok);
    CHECK(nested(18, wide) == Outcome::trap);
}

TEST_CASE("a result that is not canonical CBOR [code, data] inside memory is a trap") {
    CHECK(outcome_of("i64.const 0") == Outcome::trap);               // nothing
    CHECK(outcome_of("i64.const 0x1000000002") == Outcome::trap);    // cut short
    CHECK(outcome_of("i64.const 0x1000000004") == Outcome::trap);    // a byte behind
    CHECK(outcome_of("i64.const 0x1100000003") == Outcome::trap);    // not an array
    CHECK(outcome_of("i64.const 0xffff00000003") == Outcome::trap);  // crosses the end
    CHECK(outcome_of("i64.const -1") == Outcome::trap);
    CHECK(outcome_of("i32.const 17 i32.const 8 i32.store8" + answer) ==
          Outcome::trap);  // code 8 is the host's
    CHECK(outcome_of("i32.const 17 i32.const 7 i32.store8" + answer) ==
          Outcome::revert);  // unknown method
}

TEST_CASE("the examples of docs/formats/contract-abi.md are read as the page says") {
    CHECK(to_hex(call_input("add", Bytes{0x05})) ==
          "8263616464"
          "4105");
    World world(EngineChoice::interpreter_only);
    const Bytes module = assemble(R"((module (memory (export "memory") 1 2)
        (data (i32.const 16) "\82\00\41\0c") (data (i32.const 32) "\82\18\65\49not owner")
        (func (export "alloc") (param i32) (result i32) i32.const 1024)
        (func $ok (param i32 i32) (result i64) i64.const 0x1000000004)
        (func $revert (param i32 i32) (result i64) i64.const 0x200000000d)
        (export "init" (func $ok)) (export "exec" (func $ok)) (export "query" (func $revert))
        (export "migrate" (func $ok))))");
    world.codes.add("x", module);
    CHECK(world.run("x", Entry::exec, {})->data == Bytes{0x0c});
    const auto revert = world.run("x", Entry::query, {});
    CHECK(revert->code == 101);
    CHECK(as_text(revert->data) == "not owner");
}

TEST_CASE("alloc that answers outside memory is a trap") {
    World world(EngineChoice::interpreter_only);
    const Bytes module = assemble(R"((module (memory (export "memory") 1 2)
        (func (export "alloc") (param i32) (result i32) i32.const 65534)
        (func $e (param i32 i32) (result i64) i64.const 0)
        (export "init" (func $e)) (export "exec" (func $e)) (export "query" (func $e))
        (export "migrate" (func $e))))");
    world.codes.add("x", module);
    CHECK(world.run("x", Entry::exec, Bytes{1, 2})->detail ==
          "the result is not canonical CBOR [code, data]");
    CHECK(world.run("x", Entry::exec, Bytes{1, 2, 3})->detail ==
          "alloc gave a range outside memory");
}
