// C++17: libwabt's headers. Second step of the gatekeeper: type check, then count gas and depth in
// the byte code.
#include "contracts/gas.hpp"
#include "contracts/gatekeeper_wabt.hpp"
#include "contracts/limits.hpp"

#include <wabt/cast.h>
#include <wabt/ir.h>
#include <wabt/stream.h>
#include <wabt/validator.h>

#include <algorithm>
#include <memory>
#include <utility>
#include <wabt/binary-reader-ir.h>
#include <wabt/binary-reader.h>
#include <wabt/binary-writer.h>

namespace salus::contracts::wabt_side {
namespace {

using wabt::cast;
using wabt::Expr;
using wabt::ExprList;
using wabt::ExprType;
using wabt::Index;
using wabt::Opcode;
using wabt::Type;
using wabt::Var;

Var var(Index index) {
    return Var(index, wabt::Location());
}

/// The largest height of a function's operand stack; code after a branch counts as if it were
/// reached.
class HeightMeter {
  public:
    explicit HeightMeter(const wabt::Module& module) : module_(module) {}

    std::uint32_t measure(const ExprList& body) {
        list(body, 0);
        return highest_;
    }

  private:
    void pop(std::uint32_t count, std::uint32_t base) {
        now_ = now_ - base >= count ? now_ - count : base;
    }
    void push(std::size_t count) {
        now_ += static_cast<std::uint32_t>(count);
        highest_ = std::max(highest_, now_);
    }
    void inner(const wabt::Block& block, std::uint32_t base) {
        list(block.exprs, now_);
        now_ = base;
        push(block.decl.GetNumResults());
    }
    void list(const ExprList& exprs, std::uint32_t base) {
        for (const Expr& expr : exprs) {
            step(expr, base);
        }
    }
    void step(const Expr& expr, std::uint32_t base) {
        switch (expr.type()) {
            case ExprType::Const:
            case ExprType::LocalGet:
            case ExprType::GlobalGet:
            case ExprType::MemorySize:
                push(1);
                break;
            case ExprType::Binary:
            case ExprType::Compare:
            case ExprType::Drop:
            case ExprType::LocalSet:
            case ExprType::GlobalSet:
            case ExprType::BrIf:
                pop(1, base);
                break;
            case ExprType::Store:
            case ExprType::Select:
                pop(2, base);
                break;
            case ExprType::Block:
                inner(cast<wabt::BlockExpr>(&expr)->block, now_);
                break;
            case ExprType::Loop:
                inner(cast<wabt::LoopExpr>(&expr)->block, now_);
                break;
            case ExprType::If: {
                pop(1, base);
                const auto* choice = cast<wabt::IfExpr>(&expr);
                const std::uint32_t before = now_;
                list(choice->false_, before);
                now_ = before;
                inner(choice->true_, before);
                break;
            }
            case ExprType::Call: {
                const wabt::Func* callee = module_.GetFunc(cast<wabt::CallExpr>(&expr)->var);
                pop(callee->GetNumParams(), base);
                push(callee->GetNumResults());
                break;
            }
            case ExprType::CallIndirect: {
                const auto& decl = cast<wabt::CallIndirectExpr>(&expr)->decl;
                pop(decl.GetNumParams() + 1, base);
                push(decl.GetNumResults());
                break;
            }
            case ExprType::Br:
            case ExprType::BrTable:
            case ExprType::Return:
            case ExprType::Unreachable:
                now_ = base;
                break;
            default:
                break;  // one in, one out; or nothing
        }
    }

    const wabt::Module& module_;
    std::uint32_t now_ = 0;
    std::uint32_t highest_ = 0;
};

std::uint64_t price(const Expr& expr) {
    const auto of = [](Opcode opcode) {
        return static_cast<std::uint64_t>(
            std::max<std::int64_t>(opcode_price(opcode.GetCode()), 0));
    };
    switch (expr.type()) {
        case ExprType::Binary:
            return of(cast<wabt::BinaryExpr>(&expr)->opcode);
        case ExprType::Compare:
            return of(cast<wabt::CompareExpr>(&expr)->opcode);
        case ExprType::Convert:
            return of(cast<wabt::ConvertExpr>(&expr)->opcode);
        case ExprType::Unary:
            return of(cast<wabt::UnaryExpr>(&expr)->opcode);
        case ExprType::Load:
            return gas::load;
        case ExprType::Store:
            return gas::store;
        case ExprType::If:
        case ExprType::Br:
        case ExprType::BrIf:
        case ExprType::Return:
            return gas::branch;
        case ExprType::BrTable:
            return gas::branch_table;
        case ExprType::Call:
        case ExprType::MemoryGrow:
            return gas::call;
        case ExprType::CallIndirect:
            return gas::call_indirect;
        case ExprType::Nop:
        case ExprType::Drop:
        case ExprType::Block:
        case ExprType::Loop:
            return 0;
        default:
            return gas::simple;
    }
}

class Injector {
  public:
    explicit Injector(wabt::Module& module) : module_(module) {}

    Rewrite run() {
        Rewrite out;
        const std::size_t functions = module_.funcs.size();
        gas_ = static_cast<Index>(module_.globals.size());
        stack_ = gas_ + 1;
        out.gas_global = gas_;
        grow_ = static_cast<Index>(functions);
        for (std::size_t i = module_.num_func_imports; i < functions; ++i) {
            wabt::Func& function = *module_.funcs[i];
            const std::uint32_t operands = HeightMeter(module_).measure(function.exprs);
            if (operands > operands_max) {
                out.refusal = Refusal::out_of_range;
                out.why = "more than 1024 operands on a function's stack";
                return out;
            }
            rewrite(function,
                    std::max(stack_units_frame_min, function.GetNumParamsAndLocals() + operands));
        }
        append_global(Type::I64);
        append_global(Type::I32);
        append_grow();
        return out;
    }

  private:
    /// A stretch of instructions that run together: where its charge goes, and how much it costs.
    struct Segment {
        ExprList* list;
        ExprList::iterator at;
        std::uint64_t cost;
    };

    template <class Node, class... Args>
    static void put(ExprList& list, ExprList::iterator before, Args&&... args) {
        list.insert(before, std::make_unique<Node>(std::forward<Args>(args)...));
    }
    static std::unique_ptr<wabt::IfExpr> trap_if() {
        auto node = std::make_unique<wabt::IfExpr>();
        node->true_.exprs.push_back(std::make_unique<wabt::UnreachableExpr>());
        return node;
    }
    /// Subtracts what the stack's top holds from the gas left; ends the run when that is negative.
    void settle(ExprList& list, ExprList::iterator at) const {
        put<wabt::BinaryExpr>(list, at, Opcode::I64Sub);
        put<wabt::GlobalSetExpr>(list, at, var(gas_));
        put<wabt::GlobalGetExpr>(list, at, var(gas_));
        put<wabt::ConstExpr>(list, at, wabt::Const::I64(0));
        put<wabt::CompareExpr>(list, at, Opcode::I64LtS);
        list.insert(at, trap_if());
    }
    void close(const Segment& segment) const {
        if (segment.cost == 0) {
            return;
        }
        put<wabt::GlobalGetExpr>(*segment.list, segment.at, var(gas_));
        put<wabt::ConstExpr>(*segment.list, segment.at, wabt::Const::I64(segment.cost));
        settle(*segment.list, segment.at);
    }
    static Segment open(ExprList& list, ExprList::iterator at) { return {&list, at, 0}; }

    /// Puts another instruction in the place of the one at `it`.
    static ExprList::iterator replace(ExprList& list, ExprList::iterator it, Segment& segment,
                                      std::unique_ptr<Expr> with) {
        const ExprList::iterator fresh = list.insert(it, std::move(with));
        if (segment.list == &list && segment.at == it) {
            segment.at = fresh;
        }
        list.erase(it);
        return fresh;
    }

    void whole(ExprList& list, Index depth) {
        Segment segment = open(list, list.begin());
        walk(list, depth, segment);
        close(segment);
    }

    /// `depth` is the label that leaves the function from here.
    void walk(ExprList& list, Index depth, Segment& segment) {
        for (ExprList::iterator it = list.begin(); it != list.end();) {
            segment.cost += price(*it);
            const ExprType type = it->type();
            bool ends = false;
            if (type == ExprType::Block) {
                walk(cast<wabt::BlockExpr>(&*it)->block.exprs, depth + 1, segment);
                ends = true;
            } else if (type == ExprType::Loop) {
                close(segment);
                whole(cast<wabt::LoopExpr>(&*it)->block.exprs, depth + 1);
                segment.cost = 0;
                ends = true;
            } else if (type == ExprType::If) {
                close(segment);
                auto* choice = cast<wabt::IfExpr>(&*it);
                whole(choice->true_.exprs, depth + 1);
                whole(choice->false_, depth + 1);
                segment.cost = 0;
                ends = true;
            } else if (type == ExprType::Return) {
                it = replace(list, it, segment, std::make_unique<wabt::BrExpr>(var(depth)));
                ends = true;
            } else if (type == ExprType::MemoryGrow) {
                it = replace(list, it, segment, std::make_unique<wabt::CallExpr>(var(grow_)));
            } else {
                ends = type == ExprType::Br || type == ExprType::BrIf ||
                       type == ExprType::BrTable || type == ExprType::Unreachable;
            }
            ++it;
            if (ends) {
                close(segment);
                segment = open(list, it);
            }
        }
    }

    void add_stack(ExprList& list, std::uint32_t units, Opcode direction) const {
        put<wabt::GlobalGetExpr>(list, list.end(), var(stack_));
        put<wabt::ConstExpr>(list, list.end(), wabt::Const::I32(units));
        put<wabt::BinaryExpr>(list, list.end(), direction);
        put<wabt::GlobalSetExpr>(list, list.end(), var(stack_));
    }

    /// The body moves into a block, so that every way out passes the epilogue: a branch that left
    /// the function now leaves that block, and `return` becomes such a branch.
    void rewrite(wabt::Func& function, std::uint32_t units) {
        auto body = std::make_unique<wabt::BlockExpr>();
        body->block.decl.sig.result_types = function.decl.sig.result_types;
        body->block.exprs = std::move(function.exprs);
        whole(body->block.exprs, 0);

        ExprList outer;
        add_stack(outer, units, Opcode::I32Add);
        put<wabt::GlobalGetExpr>(outer, outer.end(), var(stack_));
        put<wabt::ConstExpr>(outer, outer.end(), wabt::Const::I32(stack_units_max));
        put<wabt::CompareExpr>(outer, outer.end(), Opcode::I32GtU);
        outer.push_back(trap_if());
        outer.push_back(std::move(body));
        add_stack(outer, units, Opcode::I32Sub);
        function.exprs = std::move(outer);
    }

    void append_global(Type type) {
        auto field = std::make_unique<wabt::GlobalModuleField>();
        field->global.type = type;
        field->global.mutable_ = true;
        field->global.init_expr.push_back(std::make_unique<wabt::ConstExpr>(
            type == Type::I64 ? wabt::Const::I64(0) : wabt::Const::I32(0)));
        module_.AppendField(std::move(field));
    }

    /// grow(pages) charges for the pages asked for, then grows.
    void append_grow() {
        wabt::FuncSignature signature;
        signature.param_types = {Type::I32};
        signature.result_types = {Type::I32};
        Index type = module_.GetFuncTypeIndex(signature);
        if (type == wabt::kInvalidIndex) {
            type = static_cast<Index>(module_.types.size());
            auto entry = std::make_unique<wabt::FuncType>();
            entry->sig = signature;
            auto field = std::make_unique<wabt::TypeModuleField>();
            field->type = std::move(entry);
            module_.AppendField(std::move(field));
        }
        auto field = std::make_unique<wabt::FuncModuleField>();
        field->func.decl.has_func_type = true;
        field->func.decl.type_var = var(type);
        field->func.decl.sig = signature;
        ExprList& body = field->func.exprs;
        put<wabt::GlobalGetExpr>(body, body.end(), var(gas_));
        put<wabt::LocalGetExpr>(body, body.end(), var(0));
        put<wabt::ConvertExpr>(body, body.end(), Opcode::I64ExtendI32U);
        put<wabt::ConstExpr>(body, body.end(), wabt::Const::I64(gas::memory_grow_page));
        put<wabt::BinaryExpr>(body, body.end(), Opcode::I64Mul);
        settle(body, body.end());
        put<wabt::LocalGetExpr>(body, body.end(), var(0));
        put<wabt::MemoryGrowExpr>(body, body.end(), var(0));
        module_.AppendField(std::move(field));
    }

    wabt::Module& module_;
    Index gas_ = 0;
    Index stack_ = 0;
    Index grow_ = 0;
};

std::string first_message(const wabt::Errors& errors, const char* otherwise) {
    return errors.empty() ? otherwise : errors.front().message;
}

}  // namespace

Rewrite rewrite_module(const std::uint8_t* bytes, std::size_t size) {
    wabt::Features features;
    features.disable_mutable_globals();
    features.disable_sat_float_to_int();
    features.disable_simd();
    features.disable_multi_value();
    features.disable_bulk_memory();
    features.disable_reference_types();
    wabt::ReadBinaryOptions read;
    read.features = features;

    Rewrite out;
    wabt::Errors errors;
    wabt::Module module;
    const wabt::ValidateOptions validate(features);
    if (wabt::Failed(wabt::ReadBinaryIr("contract", bytes, size, read, &errors, &module)) ||
        wabt::Failed(wabt::ValidateModule(&module, &errors, validate))) {
        out.refusal = Refusal::malformed;
        out.why = first_message(errors, "the module is not valid");
        return out;
    }
    out = Injector(module).run();
    if (out.refusal != Refusal::none) {
        return out;
    }
    wabt::MemoryStream stream;
    const wabt::WriteBinaryOptions write(features, true, false, false);
    if (wabt::Failed(wabt::ValidateModule(&module, &errors, validate)) ||
        wabt::Failed(wabt::WriteBinaryModule(&stream, &module, write))) {
        out.refusal = Refusal::malformed;
        out.why = "rewriting failed: " + first_message(errors, "no message");
        return out;
    }
    out.module = std::move(stream.output_buffer().data);
    return out;
}

}  // namespace salus::contracts::wabt_side
