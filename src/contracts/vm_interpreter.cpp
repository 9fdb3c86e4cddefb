// C++17: libwabt's headers. The interpreter: for code that ships with no release, and the oracle
// for code that does.
#include "contracts/host_imports.hpp"
#include "contracts/vm_engine.hpp"

#include <wabt/interp/interp.h>

#include <array>
#include <utility>
#include <vector>
#include <wabt/binary-reader.h>
#include <wabt/interp/binary-reader-interp.h>

namespace salus::contracts {
namespace {

namespace interp = wabt::interp;
using wabt::Type;

constexpr std::array<std::string_view, 5> export_names{"alloc", "init", "exec", "query", "migrate"};

wabt::Features integer_features() {
    wabt::Features features;
    features.disable_mutable_globals();
    features.disable_sat_float_to_int();
    features.disable_simd();
    features.disable_multi_value();
    features.disable_bulk_memory();
    features.disable_reference_types();
    return features;
}

class Interpreter;

class InterpretedInstance final : public EngineInstance {
  public:
    InterpretedInstance(Interpreter& code, HostPort& host) : code_(code), host_(host) {}

    bool start();
    Window& window() override { return window_; }
    bool enter(Export entry, std::uint32_t a, std::uint32_t b, std::uint64_t& result,
               std::string& trap) override;

    /// From the interpreter, in the middle of a run.
    wabt::Result host_call(std::uint32_t import, const interp::Values& parameters,
                           interp::Values& results, interp::Trap::Ptr* trap);

  private:
    void pull() {
        window_.memory = memory_->UnsafeData();
        window_.memory_bytes = memory_->ByteSize();
        window_.gas = gas_->UnsafeGet<std::int64_t>();
        window_.stack = stack_->UnsafeGet<std::uint32_t>();
    }
    void push() {
        gas_->UnsafeSet(interp::Value::Make(window_.gas));
        stack_->UnsafeSet(interp::Value::Make(window_.stack));
    }

    Interpreter& code_;
    HostPort& host_;
    Window window_;
    interp::Instance::Ptr instance_;
    interp::Memory::Ptr memory_;
    interp::Global::Ptr gas_;
    interp::Global::Ptr stack_;
    std::array<interp::Func::Ptr, export_names.size()> exports_;
};

class Interpreter final : public EngineCode {
  public:
    explicit Interpreter(std::uint32_t gas_global)
        : gas_global_(gas_global), store_(integer_features()) {}

    bool read(const std::uint8_t* module, std::size_t size, std::string& why) {
        wabt::ReadBinaryOptions options;
        options.features = integer_features();
        wabt::Errors errors;
        interp::ModuleDesc desc;
        if (wabt::Failed(
                interp::ReadBinaryInterp("contract", module, size, options, &errors, &desc))) {
            why = errors.empty() ? "not readable" : errors.front().message;
            return false;
        }
        module_ = interp::Module::New(store_, std::move(desc));
        for (const interp::ImportType& type : module_->import_types()) {
            bind(type);
        }
        for (std::size_t i = 0; i < module_->desc().exports.size(); ++i) {
            for (std::size_t k = 0; k < export_names.size(); ++k) {
                if (module_->desc().exports[i].type.name == export_names[k]) {
                    export_index_[k] = i;
                }
            }
        }
        return true;
    }

    EngineInstance* begin(HostPort& host) override {
        running_.push_back(std::make_unique<InterpretedInstance>(*this, host));
        if (!running_.back()->start()) {
            running_.pop_back();
            return nullptr;
        }
        return running_.back().get();
    }
    /// Instances end in the reverse order of their beginning.
    void end(EngineInstance*) noexcept override {
        running_.pop_back();
        if (running_.empty()) {
            store_.Collect();
        }
    }

  private:
    friend class InterpretedInstance;

    void bind(const interp::ImportType& type) {
        for (std::uint32_t i = 0; i < host_imports_count; ++i) {
            if (host_imports[i].name != type.name) {
                continue;
            }
            interp::ValueTypes parameters;
            for (const char letter : host_imports[i].parameters) {
                parameters.push_back(letter == 'i' ? Type::I32 : Type::I64);
            }
            interp::ValueTypes results;
            if (host_imports[i].result != ' ') {
                results.push_back(host_imports[i].result == 'i' ? Type::I32 : Type::I64);
            }
            functions_.push_back(interp::HostFunc::New(
                store_, interp::FuncType(std::move(parameters), std::move(results)),
                [this, i](interp::Thread&, const interp::Values& arguments, interp::Values& out,
                          interp::Trap::Ptr* trap) {
                    return running_.back()->host_call(i, arguments, out, trap);
                }));
            imports_.push_back(functions_.back()->self());
        }
    }

    std::uint32_t gas_global_;
    interp::Store store_;
    interp::Module::Ptr module_;
    std::vector<interp::HostFunc::Ptr> functions_;
    interp::RefVec imports_;
    std::array<std::size_t, export_names.size()> export_index_{};
    std::vector<std::unique_ptr<InterpretedInstance>> running_;
};

bool InterpretedInstance::start() {
    interp::Store& store = code_.store_;
    interp::Trap::Ptr trap;
    instance_ = interp::Instance::Instantiate(store, code_.module_.ref(), code_.imports_, &trap);
    if (!instance_) {
        return false;
    }
    memory_ = store.UnsafeGet<interp::Memory>(instance_->memories()[0]);
    gas_ = store.UnsafeGet<interp::Global>(instance_->globals()[code_.gas_global_]);
    stack_ = store.UnsafeGet<interp::Global>(instance_->globals()[code_.gas_global_ + 1]);
    for (std::size_t k = 0; k < export_names.size(); ++k) {
        exports_[k] = store.UnsafeGet<interp::Func>(instance_->exports()[code_.export_index_[k]]);
    }
    pull();
    return true;
}

bool InterpretedInstance::enter(Export entry, std::uint32_t a, std::uint32_t b,
                                std::uint64_t& result, std::string& trap_word) {
    push();
    interp::Values parameters{interp::Value::Make(a)};
    if (entry != Export::alloc) {
        parameters.push_back(interp::Value::Make(b));
    }
    interp::Values results;
    interp::Trap::Ptr trap;
    const wabt::Result done =
        exports_[static_cast<std::size_t>(entry)]->Call(code_.store_, parameters, results, &trap);
    pull();
    if (wabt::Failed(done)) {
        trap_word = trap ? trap->message() : "trap";
        return false;
    }
    result =
        entry == Export::alloc ? results[0].Get<std::uint32_t>() : results[0].Get<std::uint64_t>();
    return true;
}

wabt::Result InterpretedInstance::host_call(std::uint32_t import, const interp::Values& parameters,
                                            interp::Values& results, interp::Trap::Ptr* trap) {
    const HostImport& type = host_imports[import];
    std::array<std::uint64_t, 8> arguments{};
    for (std::size_t i = 0; i < type.parameters.size(); ++i) {
        arguments[i] = type.parameters[i] == 'i' ? parameters[i].Get<std::uint32_t>()
                                                 : parameters[i].Get<std::uint64_t>();
    }
    pull();
    std::uint64_t result = 0;
    const bool go_on = host_.host_call(window_, import, arguments.data(), result);
    push();
    if (!go_on) {
        *trap = interp::Trap::New(code_.store_, "stopped by the host");
        return wabt::Result::Error;
    }
    if (type.result == 'i') {
        results[0].Set(static_cast<std::uint32_t>(result));
    } else if (type.result == 'I') {
        results[0].Set(result);
    }
    return wabt::Result::Ok;
}

}  // namespace

std::unique_ptr<EngineCode> interpret(const std::uint8_t* module, std::size_t size,
                                      std::uint32_t gas_global, std::string& why) {
    auto code = std::make_unique<Interpreter>(gas_global);
    if (!code->read(module, size, why)) {
        return nullptr;
    }
    return code;
}

}  // namespace salus::contracts
