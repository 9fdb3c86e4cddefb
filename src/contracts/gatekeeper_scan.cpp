// C++17: libwabt's headers. First step of the gatekeeper: rules and limits that need no type
// checking.
#include "contracts/gas.hpp"
#include "contracts/gatekeeper_wabt.hpp"
#include "contracts/host_imports.hpp"
#include "contracts/limits.hpp"

#include <array>
#include <utility>
#include <wabt/binary-reader-nop.h>
#include <wabt/binary-reader.h>

namespace salus::contracts::wabt_side {

std::int64_t opcode_price(std::uint32_t code) noexcept {
    const auto price = [](std::uint64_t units) { return static_cast<std::int64_t>(units); };
    if (code >= 0x28 && code <= 0x35) {
        return code == 0x2a || code == 0x2b ? -1 : price(gas::load);
    }
    if (code >= 0x36 && code <= 0x3e) {
        return code == 0x38 || code == 0x39 ? -1 : price(gas::store);
    }
    if (code == 0x6c || code == 0x7e) {
        return price(gas::multiply);
    }
    if ((code >= 0x6d && code <= 0x70) || (code >= 0x7f && code <= 0x82)) {
        return price(gas::divide);
    }
    // Comparisons and arithmetic on i32 and i64, conversions between them, sign extension.
    if ((code >= 0x45 && code <= 0x5a) || (code >= 0x67 && code <= 0x8a) || code == 0xa7 ||
        code == 0xac || code == 0xad || (code >= 0xc0 && code <= 0xc4)) {
        return price(gas::simple);
    }
    switch (code) {
        case 0x00:
            return price(gas::simple);  // unreachable
        case 0x01:                      // nop
        case 0x02:                      // block
        case 0x03:                      // loop
        case 0x05:                      // else
        case 0x0b:                      // end
        case 0x1a:
            return 0;  // drop
        case 0x04:     // if
        case 0x0c:     // br
        case 0x0d:     // br_if
        case 0x0f:
            return price(gas::branch);  // return
        case 0x0e:
            return price(gas::branch_table);
        case 0x10:
            return price(gas::call);
        case 0x11:
            return price(gas::call_indirect);
        case 0x1b:  // select
        case 0x20:  // local.get
        case 0x21:  // local.set
        case 0x22:  // local.tee
        case 0x23:  // global.get
        case 0x24:  // global.set
        case 0x3f:  // memory.size
        case 0x41:  // i32.const
        case 0x42:
            return price(gas::simple);  // i64.const
        case 0x40:
            return price(gas::call);  // memory.grow; its pages are charged where it runs
        default:
            return -1;
    }
}

namespace {

using wabt::Address;
using wabt::Index;
using wabt::Limits;
using wabt::Type;
using WabtResult = wabt::Result;

constexpr std::array<std::pair<std::string_view, std::string_view>, 5> exports_with_types{
    {{"alloc", "i:i"}, {"init", "ii:I"}, {"exec", "ii:I"}, {"query", "ii:I"}, {"migrate", "ii:I"}}};

bool is_integer(Type type) {
    return type == Type::I32 || type == Type::I64;
}

class Scanner : public wabt::BinaryReaderNop {
  public:
    Scan verdict;

    bool OnError(const wabt::Error& error) override {
        if (verdict.refusal == Refusal::none) {
            refuse(Refusal::malformed, error.message);
        }
        return true;
    }

    WabtResult OnTypeCount(Index count) override { return at_most(count, types_max, "types"); }
    WabtResult OnFuncType(Index, Index parameters, Type* parameter_types, Index results,
                          Type* result_types) override {
        if (parameters > parameters_max) {
            return refuse(Refusal::out_of_range, "a function type has more than 16 parameters");
        }
        if (results > 1) {
            return refuse(Refusal::denied, "a function type has more than one result");
        }
        std::string text;
        for (Index i = 0; i < parameters; ++i) {
            if (!is_integer(parameter_types[i])) {
                return not_integer("a parameter");
            }
            text += parameter_types[i] == Type::I32 ? 'i' : 'I';
        }
        text += ':';
        if (results == 1) {
            if (!is_integer(result_types[0])) {
                return not_integer("a result");
            }
            text += result_types[0] == Type::I32 ? 'i' : 'I';
        }
        types_.push_back(std::move(text));
        return WabtResult::Ok;
    }

    WabtResult OnImportCount(Index count) override {
        return at_most(count, host_imports_count, "imports");
    }
    WabtResult OnImport(Index, wabt::ExternalKind kind, std::string_view module,
                        std::string_view name) override {
        if (kind != wabt::ExternalKind::Func || module != "salus") {
            return refuse(Refusal::denied, "only functions of module salus may be imported");
        }
        (void)name;
        return WabtResult::Ok;
    }
    WabtResult OnImportFunc(Index, std::string_view, std::string_view name, Index,
                            Index type) override {
        for (const HostImport& import : host_imports) {
            if (import.name == name) {
                std::string expected(import.parameters);
                expected += ':';
                if (import.result != ' ') {
                    expected += import.result;
                }
                if (type >= types_.size() || types_[type] != expected) {
                    return refuse(Refusal::denied,
                                  "import " + std::string(name) + " has another type");
                }
                functions_.push_back(type);
                return WabtResult::Ok;
            }
        }
        return refuse(Refusal::denied, "import of an unknown function");
    }

    WabtResult OnFunctionCount(Index count) override {
        return at_most(count, functions_max, "functions");
    }
    WabtResult OnFunction(Index, Index type) override {
        functions_.push_back(type);
        return WabtResult::Ok;
    }
    WabtResult OnTableCount(Index count) override { return at_most(count, 1, "tables"); }
    WabtResult OnTable(Index, Type type, const Limits* limits) override {
        if (type != Type::FuncRef || limits->is_64 || limits->is_shared) {
            return refuse(Refusal::denied, "a table holds functions only");
        }
        table_elements_ = limits->initial;
        return at_most(limits->initial, table_elements_max, "table elements");
    }
    WabtResult OnMemoryCount(Index count) override { return at_most(count, 1, "memories"); }
    WabtResult OnMemory(Index, const Limits* limits) override {
        if (!limits->has_max || limits->is_shared || limits->is_64) {
            return refuse(Refusal::denied, "memory must declare a maximum and be plain");
        }
        memory_bytes_ = limits->initial * page_bytes;
        return at_most(limits->max, memory_pages_max, "pages of memory");
    }
    WabtResult OnGlobalCount(Index count) override {
        return at_most(count, globals_max, "globals");
    }
    WabtResult BeginGlobal(Index, Type type, bool) override {
        return is_integer(type) ? WabtResult(WabtResult::Ok) : not_integer("a global");
    }
    WabtResult BeginGlobalInitExpr(Index) override { return begin_constant(); }
    WabtResult EndGlobalInitExpr(Index) override { return end_constant(); }

    WabtResult OnExportCount(Index count) override {
        return count == exports_with_types.size() + 1
                   ? WabtResult(WabtResult::Ok)
                   : refuse(Refusal::denied,
                            "exports must be memory, alloc, init, exec, query and migrate");
    }
    WabtResult OnExport(Index, wabt::ExternalKind kind, Index item,
                        std::string_view name) override {
        if (name == "memory" && kind == wabt::ExternalKind::Memory) {
            ++exports_seen_;
            return WabtResult::Ok;
        }
        for (const auto& [expected, type] : exports_with_types) {
            if (name == expected && kind == wabt::ExternalKind::Func && item < functions_.size() &&
                functions_[item] < types_.size() && types_[functions_[item]] == type) {
                ++exports_seen_;
                return WabtResult::Ok;
            }
        }
        return refuse(Refusal::denied, "an export is unknown or has another type");
    }
    WabtResult OnStartFunction(Index) override {
        return refuse(Refusal::denied, "a start function is not allowed");
    }

    WabtResult BeginFunctionBody(Index index, wabt::Offset) override {
        nesting_ = 0;
        locals_ = 0;
        if (index < functions_.size() && functions_[index] < types_.size()) {
            locals_ = types_[functions_[index]].find(':');
        }
        return WabtResult::Ok;
    }
    WabtResult OnLocalDecl(Index, Index count, Type type) override {
        if (!is_integer(type)) {
            return not_integer("a local");
        }
        locals_ += count;
        return at_most(locals_, locals_max, "locals in a function");
    }
    WabtResult OnOpcode(wabt::Opcode opcode) override {
        if (opcode.IsInvalid() || opcode.HasPrefix() || opcode_price(opcode.GetCode()) < 0) {
            return refuse(Refusal::denied, std::string("instruction ") +
                                               (opcode.IsInvalid() ? "unknown" : opcode.GetName()) +
                                               " is outside MVP integers and sign extension");
        }
        const std::uint32_t code = opcode.GetCode();
        if (in_constant_ && code != 0x41 && code != 0x42 && code != 0x0b) {
            return refuse(Refusal::denied, "an initialiser is not one constant");
        }
        return WabtResult::Ok;
    }
    WabtResult OnBlockExpr(Type type) override { return enter(type); }
    WabtResult OnLoopExpr(Type type) override { return enter(type); }
    WabtResult OnIfExpr(Type type) override { return enter(type); }
    WabtResult OnEndExpr() override {
        nesting_ -= nesting_ > 0 ? 1 : 0;
        return WabtResult::Ok;
    }
    WabtResult OnI32ConstExpr(std::uint32_t value) override {
        ++constants_;
        constant_ = value;
        return WabtResult::Ok;
    }
    WabtResult OnI64ConstExpr(std::uint64_t) override {
        ++constants_;
        return WabtResult::Ok;
    }

    WabtResult BeginElemSegment(Index, Index, std::uint8_t flags) override {
        return active_only(flags);
    }
    WabtResult BeginElemSegmentInitExpr(Index) override { return begin_constant(); }
    WabtResult EndElemSegmentInitExpr(Index) override { return end_constant(); }
    WabtResult OnElemSegmentElemExprCount(Index, Index count) override {
        return std::uint64_t{constant_} + count <= table_elements_
                   ? WabtResult(WabtResult::Ok)
                   : refuse(Refusal::out_of_range, "elements reach beyond the table");
    }
    WabtResult BeginDataSegment(Index, Index, std::uint8_t flags) override {
        return active_only(flags);
    }
    WabtResult BeginDataSegmentInitExpr(Index) override { return begin_constant(); }
    WabtResult EndDataSegmentInitExpr(Index) override { return end_constant(); }
    WabtResult OnDataSegmentData(Index, const void*, Address size) override {
        return size <= memory_bytes_ && constant_ <= memory_bytes_ - size
                   ? WabtResult(WabtResult::Ok)
                   : refuse(Refusal::out_of_range, "data reach beyond the initial memory");
    }
    WabtResult EndModule() override {
        return exports_seen_ == exports_with_types.size() + 1
                   ? WabtResult(WabtResult::Ok)
                   : refuse(Refusal::denied,
                            "exports must be memory, alloc, init, exec, query and migrate");
    }

  private:
    WabtResult refuse(Refusal refusal, std::string why) {
        if (verdict.refusal == Refusal::none) {
            verdict = {refusal, std::move(why)};
        }
        return WabtResult::Error;
    }
    WabtResult not_integer(const char* what) {
        return refuse(Refusal::denied, std::string(what) + " is neither i32 nor i64");
    }
    WabtResult at_most(std::uint64_t count, std::uint64_t max, const char* what) {
        return count <= max
                   ? WabtResult(WabtResult::Ok)
                   : refuse(Refusal::out_of_range, "more than " + std::to_string(max) + " " + what);
    }
    WabtResult active_only(std::uint8_t flags) {
        return flags == 0 ? WabtResult(WabtResult::Ok)
                          : refuse(Refusal::denied, "a segment is not active on memory or table 0");
    }
    WabtResult begin_constant() {
        in_constant_ = true;
        constants_ = 0;
        constant_ = 0;
        return WabtResult::Ok;
    }
    WabtResult end_constant() {
        in_constant_ = false;
        return constants_ == 1 ? WabtResult(WabtResult::Ok)
                               : refuse(Refusal::denied, "an initialiser is not one constant");
    }
    WabtResult enter(Type type) {
        if (type != Type::Void && !is_integer(type)) {
            return not_integer("a block's result");
        }
        return at_most(++nesting_, nesting_max, "blocks within each other");
    }

    std::vector<std::string> types_;  ///< as "ii:I"
    std::vector<Index> functions_;    ///< type of each, imports first
    std::uint64_t locals_ = 0;
    std::uint64_t nesting_ = 0;
    std::uint64_t table_elements_ = 0;
    std::uint64_t memory_bytes_ = 0;
    std::size_t exports_seen_ = 0;
    bool in_constant_ = false;
    std::uint32_t constants_ = 0;
    std::uint32_t constant_ = 0;
};

}  // namespace

Scan scan_module(const std::uint8_t* bytes, std::size_t size) {
    wabt::Features features;
    features.disable_mutable_globals();
    features.disable_sat_float_to_int();
    features.disable_simd();
    features.disable_multi_value();
    features.disable_bulk_memory();
    features.disable_reference_types();
    wabt::ReadBinaryOptions options;
    options.features = features;
    Scanner scanner;
    if (wabt::Failed(wabt::ReadBinary(bytes, size, &scanner, options)) &&
        scanner.verdict.refusal == Refusal::none) {
        scanner.verdict = {Refusal::malformed, "the module could not be read"};
    }
    return std::move(scanner.verdict);
}

}  // namespace salus::contracts::wabt_side
