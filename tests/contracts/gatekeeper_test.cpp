#include "contracts/gatekeeper.hpp"

#include "contracts/support/wat.hpp"
#include "contracts/support/world.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <string>

using namespace salus;
using namespace salus::contracts;
using namespace salus::contracts::testing;

namespace {

/// What every module needs, around what a test adds. Entries are functions 0 and 1 behind
/// `imports`.
struct Parts {
    std::string imports;
    std::string memory = R"((memory (export "memory") 1 2))";
    std::string extra;
    std::string body = "i64.const 0";  ///< of exec
    std::string locals;
    std::string exports =
        R"((export "init" (func $e)) (export "exec" (func $e)) (export "query" (func $e))
                             (export "migrate" (func $e)))";
};

Bytes module_of(const Parts& parts) {
    return assemble("(module " + parts.imports + parts.memory + parts.extra +
                    R"((func $a (export "alloc") (param i32) (result i32) i32.const 0))" +
                    "(func $e (param i32 i32) (result i64) " + parts.locals + " " + parts.body +
                    ")" + parts.exports + ")");
}

Result<AdmittedCode> admit_body(std::string body, std::string locals = "") {
    Parts parts;
    parts.body = std::move(body);
    parts.locals = std::move(locals);
    const Bytes module = module_of(parts);
    REQUIRE_FALSE(module.empty());
    return admit(module);
}

Result<AdmittedCode> admit_extra(std::string extra) {
    Parts parts;
    parts.extra = std::move(extra);
    const Bytes module = module_of(parts);
    REQUIRE_FALSE(module.empty());
    return admit(module);
}

Result<AdmittedCode> admit_imports(std::string imports) {
    Parts parts;
    parts.imports = std::move(imports);
    const Bytes module = module_of(parts);
    REQUIRE_FALSE(module.empty());
    return admit(module);
}

Result<AdmittedCode> admit_memory(std::string memory) {
    Parts parts;
    parts.memory = std::move(memory);
    return admit(module_of(parts));
}

Errc code_of(const Result<AdmittedCode>& result) {
    REQUIRE_FALSE(result.ok());
    return result.error().code;
}

std::string repeat(const std::string& text, std::size_t times) {
    std::string out;
    for (std::size_t i = 0; i < times; ++i) {
        out += text;
    }
    return out;
}

/// `depth` blocks within each other, written over as many no-operations: libwabt's text parser is
/// recursive.
Bytes deeply_nested(std::size_t depth) {
    Parts parts;
    parts.body = repeat("nop ", 3 * depth) + "i64.const 0";
    Bytes module = module_of(parts);
    auto at = std::search_n(module.begin(), module.end(), static_cast<std::ptrdiff_t>(3 * depth),
                            std::uint8_t{1});
    REQUIRE(at != module.end());
    for (std::size_t i = 0; i < depth; ++i) {
        *at++ = 0x02;
        *at++ = 0x40;
    }
    std::fill_n(at, depth, std::uint8_t{0x0b});
    return module;
}

}  // namespace

TEST_CASE("the same module is rewritten to the same bytes every time") {
    for (const ShippedContract& one : test_contracts()) {
        const auto first = admit(one.module);
        const auto second = admit(one.module);
        REQUIRE(first.ok());
        REQUIRE(second.ok());
        CHECK(first->instrumented == second->instrumented);
        CHECK(first->instrumented_hash == second->instrumented_hash);
        CHECK(first->hash == one.hash);
        CHECK(std::equal(first->instrumented_hash.bytes.begin(),
                         first->instrumented_hash.bytes.end(), one.compiled->instrumented_hash));
    }
}

TEST_CASE("custom sections change a module's hash, and nothing of what runs") {
    const Bytes plain = module_of({});
    Bytes named = plain;
    append(named, Bytes{0, 5, 4, 'n', 'a', 'm', 'e'});
    const auto a = admit(plain);
    const auto b = admit(named);
    REQUIRE(a.ok());
    REQUIRE(b.ok());
    CHECK(a->hash != b->hash);
    CHECK(a->instrumented_hash == b->instrumented_hash);
}

TEST_CASE("a rewritten module that is offered as a contract is metered once more") {
    // The counters of the first rewriting are plain globals to the second.
    const auto once = admit(module_of({}));
    REQUIRE(once.ok());
    const auto twice = admit(once->instrumented);
    REQUIRE(twice.ok());
    CHECK(twice->gas_global == once->gas_global + 2);
}

TEST_CASE("the gas and stack counters cannot be named by a contract") {
    // Globals 0 and 1 do not exist before the rewriting, and validation comes first.
    Parts parts;
    parts.body = "i64.const 1000 global.set 0 i64.const 0";
    parts.extra = "(global (mut i64) (i64.const 0))";
    const auto admitted = admit(module_of(parts));
    REQUIRE(admitted.ok());
    CHECK(admitted->gas_global == 1);
    Bytes module = module_of(parts);
    const Bytes set_0{0x24, 0x00};
    const auto at = std::search(module.begin(), module.end(), set_0.begin(), set_0.end());
    REQUIRE(at != module.end());
    *(at + 1) = 1;  // the counter's future index
    CHECK(code_of(admit(module)) == Errc::malformed);
}

TEST_CASE("floats are refused wherever they stand") {
    CHECK(code_of(admit_body("f32.const 1 drop i64.const 0")) == Errc::denied);
    CHECK(code_of(admit_body("f64.const 1 drop i64.const 0")) == Errc::denied);
    CHECK(code_of(admit_body("i64.const 0", "(local f32)")) == Errc::denied);
    CHECK(code_of(admit_body("i64.const 0", "(local f64)")) == Errc::denied);
    CHECK(code_of(admit_body("i32.const 0 f32.load drop i64.const 0")) == Errc::denied);
    CHECK(code_of(admit_body("block (result f32) f32.const 0 end drop i64.const 0")) ==
          Errc::denied);
    CHECK(code_of(admit_extra("(type (func (param f32)))")) == Errc::denied);
    CHECK(code_of(admit_extra("(type (func (result f64)))")) == Errc::denied);
    CHECK(code_of(admit_extra("(global f32 (f32.const 0))")) == Errc::denied);
    CHECK(code_of(admit_extra("(func (param f64))")) == Errc::denied);
}

TEST_CASE("SIMD, bulk memory, saturation, references, tail calls and several results are refused") {
    CHECK_FALSE(admit_body("v128.const i32x4 0 0 0 0 drop i64.const 0").ok());
    CHECK_FALSE(admit_body("i32.const 0 i32.const 0 i32.const 0 memory.copy i64.const 0").ok());
    CHECK_FALSE(admit_body("i32.const 0 i32.const 0 i32.const 0 memory.fill i64.const 0").ok());
    CHECK_FALSE(admit_body("f32.const 0 i32.trunc_sat_f32_s drop i64.const 0").ok());
    CHECK_FALSE(admit_body("ref.null func drop i64.const 0").ok());
    CHECK_FALSE(admit_body("i32.const 0 i32.const 0 return_call 1").ok());
    CHECK_FALSE(admit_extra("(func (result i32 i32) i32.const 0 i32.const 0)").ok());
    CHECK_FALSE(admit_body("try end i64.const 0").ok());
    CHECK_FALSE(admit_body("i32.const 0 i32.atomic.load drop i64.const 0").ok());
    CHECK(admit_body("i32.const 300 i32.extend8_s drop i64.const 0").ok());
}

TEST_CASE("only the functions of module salus are imported, with their types") {
    CHECK(admit_imports(R"((import "salus" "kv_del" (func (param i32 i32))))").ok());
    CHECK(code_of(admit_imports(R"((import "salus" "kv_del" (func (param i32 i64))))")) ==
          Errc::denied);
    CHECK(code_of(admit_imports(
              R"((import "salus" "kv_del" (func (param i32 i32) (result i32))))")) == Errc::denied);
    CHECK(code_of(admit_imports(R"((import "salus" "time" (func)))")) == Errc::denied);
    CHECK(code_of(admit_imports(R"((import "wasi_snapshot_preview1" "clock_time_get" (func)))")) ==
          Errc::denied);
    CHECK(code_of(admit_imports(R"((import "salus" "x" (global i32)))")) == Errc::denied);
    CHECK(code_of(admit_imports(R"((import "salus" "kv_del" (table 1 funcref)))")) == Errc::denied);
}

TEST_CASE("the exports are the six of the ABI and no others") {
    Parts parts;
    parts.exports += R"((export "more" (func $e)))";
    CHECK(code_of(admit(module_of(parts))) == Errc::denied);
    parts.exports =
        R"((export "init" (func $e)) (export "exec" (func $e)) (export "query" (func $e)))";
    CHECK(code_of(admit(module_of(parts))) == Errc::denied);
    parts.exports += R"((export "migrate" (func $a)))";  // another type
    CHECK(code_of(admit(module_of(parts))) == Errc::denied);
    parts = {};
    parts.memory = R"((memory 1 2) (global (export "memory") i32 (i32.const 0)))";
    CHECK(code_of(admit(module_of(parts))) == Errc::denied);
}

TEST_CASE("a start function is refused") {
    CHECK(code_of(admit_extra("(func $s) (start $s)")) == Errc::denied);
}

TEST_CASE("memory declares a maximum of at most 32 pages") {
    CHECK(code_of(admit_memory(R"((memory (export "memory") 1))")) == Errc::denied);
    CHECK(admit_memory(R"((memory (export "memory") 1 31))").ok());
    CHECK(admit_memory(R"((memory (export "memory") 32 32))").ok());
    CHECK(code_of(admit_memory(R"((memory (export "memory") 1 33))")) == Errc::out_of_range);
    CHECK_FALSE(admit_memory(R"((memory (export "memory") 3 2))").ok());
    CHECK_FALSE(admit_memory(R"((memory (export "memory") 1 2 shared))").ok());
    CHECK_FALSE(admit_memory("").ok());
}

TEST_CASE("data and elements lie inside the initial memory and table") {
    CHECK(admit_extra(R"((data (i32.const 65534) "a"))").ok());
    CHECK(admit_extra(R"((data (i32.const 65535) "a"))").ok());
    CHECK(code_of(admit_extra(R"((data (i32.const 65536) "a"))")) == Errc::out_of_range);
    CHECK(admit_extra(R"((data (i32.const 65536) ""))").ok());
    CHECK(code_of(admit_extra(R"((data (i32.const -1) "ab"))")) == Errc::out_of_range);
    CHECK(admit_extra(R"((table 2 funcref) (elem (i32.const 1) 0))").ok());
    CHECK(code_of(admit_extra(R"((table 2 funcref) (elem (i32.const 2) 0))")) ==
          Errc::out_of_range);
    CHECK(code_of(admit_extra(R"((table 2 funcref) (elem (i32.const -1) 0 0))")) ==
          Errc::out_of_range);
    CHECK_FALSE(admit_extra(R"((data "passive"))").ok());
    CHECK(code_of(admit_extra(R"((global $g i32 (i32.const 1)) (data (global.get $g) "a"))")) ==
          Errc::denied);
}

TEST_CASE("each counted limit of a module holds at the limit and not one above") {
    const auto ok = [](const Result<AdmittedCode>& result) { return result.ok(); };
    // 2 parameters of exec count as locals.
    CHECK(ok(admit_body("i64.const 0", "(local " + repeat(" i32", 997) + ")")));
    CHECK(ok(admit_body("i64.const 0", "(local " + repeat(" i32", 998) + ")")));
    CHECK(code_of(admit_body("i64.const 0", "(local " + repeat(" i32", 999) + ")")) ==
          Errc::out_of_range);

    const auto nested = [](std::size_t depth) {
        return admit_body(repeat("block ", depth) + repeat("end ", depth) + "i64.const 0");
    };
    CHECK(ok(nested(nesting_max - 1)));
    CHECK(ok(nested(nesting_max)));
    CHECK(code_of(nested(nesting_max + 1)) == Errc::out_of_range);
    CHECK(code_of(admit(deeply_nested(100'000))) == Errc::out_of_range);

    const auto operands = [](std::size_t count) {
        return admit_body(repeat("i32.const 0 ", count) + repeat("drop ", count) + "i64.const 0");
    };
    CHECK(ok(operands(operands_max - 1)));
    CHECK(ok(operands(operands_max)));
    CHECK(code_of(operands(operands_max + 1)) == Errc::out_of_range);

    const auto functions = [](std::size_t count) {
        return admit_extra(repeat("(func)", count - 2));
    };
    CHECK(ok(functions(functions_max)));
    CHECK(code_of(functions(functions_max + 1)) == Errc::out_of_range);

    const auto globals = [](std::size_t count) {
        return admit_extra(repeat("(global i32 (i32.const 0))", count));
    };
    CHECK(ok(globals(globals_max)));
    CHECK(code_of(globals(globals_max + 1)) == Errc::out_of_range);

    const auto parameters = [](std::size_t count) {
        return admit_extra("(func (param" + repeat(" i32", count) + "))");
    };
    CHECK(ok(parameters(parameters_max)));
    CHECK(code_of(parameters(parameters_max + 1)) == Errc::out_of_range);

    const auto table = [](std::size_t count) {
        return admit_extra("(table " + std::to_string(count) + " funcref)");
    };
    CHECK(ok(table(table_elements_max)));
    CHECK(code_of(table(table_elements_max + 1)) == Errc::out_of_range);

    // Types: alloc's and exec's are two.
    const auto types = [](std::size_t count) {
        return admit_extra(repeat("(type (func))", count - 2));
    };
    CHECK(ok(types(types_max)));
    CHECK(code_of(types(types_max + 1)) == Errc::out_of_range);
}

TEST_CASE("a module is at most 512 KiB long") {
    Bytes module = module_of({});
    const auto padded = [&](std::size_t size) {
        Bytes out = module;
        const std::size_t payload = size - out.size() - 4;  // id and three bytes of length
        append(out, Bytes{0, static_cast<std::uint8_t>((payload & 0x7F) | 0x80),
                          static_cast<std::uint8_t>(((payload >> 7) & 0x7F) | 0x80),
                          static_cast<std::uint8_t>(payload >> 14)});
        out.resize(size);
        return out;
    };
    CHECK(admit(padded(module_bytes_max - 1)).ok());
    CHECK(admit(padded(module_bytes_max)).ok());
    CHECK(code_of(admit(padded(module_bytes_max + 1))) == Errc::out_of_range);
}

TEST_CASE("a module that is not valid is refused") {
    CHECK(code_of(admit({})) == Errc::malformed);
    CHECK(code_of(admit(Bytes(8))) == Errc::malformed);
    CHECK(code_of(admit_body("i32.const 0")) == Errc::malformed);  // another result type
    CHECK(code_of(admit_body("i64.const 0 i64.const 0")) == Errc::malformed);
    CHECK(code_of(admit_body("i64.add")) == Errc::malformed);
    CHECK(code_of(admit_body("br 7 i64.const 0")) == Errc::malformed);
    CHECK(code_of(admit_body("local.get 9 drop i64.const 0")) == Errc::malformed);
}

TEST_CASE("a module cut anywhere is refused with a reason") {
    for (const ShippedContract& one : test_contracts()) {
        if (one.name != "counter") {
            continue;
        }
        std::size_t whole = 0;
        for (std::size_t size = 0; size < one.module.size(); ++size) {
            const auto result = admit(one.module.first(size));
            if (result.ok()) {
                ++whole;  // cut behind the code: a module without its data, or without names; its
                          // hash is another
                CHECK(result->hash != one.hash);
            } else {
                CHECK_FALSE(result.error().detail.empty());
            }
        }
        CHECK(whole <= 3);
    }
}
