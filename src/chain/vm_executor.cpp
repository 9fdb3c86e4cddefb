#include "chain/vm_executor.hpp"

#include "chain/genesis_state.hpp"
#include "ledger/result_code.hpp"

#include <algorithm>
#include <utility>

namespace salus::chain {

namespace {

/// contract ‖ 0x00 ‖ key, as the virtual machine names it, becomes `c/` contract `/` key.
Bytes to_state_key(ByteView key) {
    const auto zero = std::find(key.begin(), key.end(), std::uint8_t{0});
    SALUS_ASSERT(zero != key.end());
    Bytes out;
    out.reserve(key.size() + 2);
    append(out, as_bytes("c/"));
    out.insert(out.end(), key.begin(), zero);
    out.push_back('/');
    out.insert(out.end(), zero + 1, key.end());
    return out;
}

/// The machine's view of uncommitted state.
class OverlayView final : public contracts::KvView {
  public:
    explicit OverlayView(Overlay& state) : state_(state) {}

    Result<std::optional<Bytes>> get(ByteView key) override {
        auto value = state_.get(to_state_key(key));
        SALUS_TRY(health());
        return value;
    }
    Status put(ByteView key, ByteView value) override {
        state_.put(to_state_key(key), value);
        return done;
    }
    Status del(ByteView key) override {
        const Bytes state_key = to_state_key(key);
        // Only a key that is there leaves a trace: an erased nothing is no change.
        if (state_.has(state_key)) {
            state_.erase(state_key);
        }
        return health();
    }
    Status scan(ByteView prefix, ByteView after, std::size_t limit,
                contracts::ScanEntries& found) override {
        const Bytes from = after.empty() ? Bytes{} : to_state_key(after);
        // `c/` contract `/` before it, where the machine writes contract ‖ 0x00.
        const std::size_t own_key_at = prefix.size() - contracts::own_key(prefix).size() + 2;
        for (const KeyValue& entry : state_.scan(to_state_key(prefix), from, limit)) {
            found.add(ByteView(entry.key).subspan(own_key_at), entry.value);
        }
        return health();
    }

  private:
    Status health() const {
        if (state_.failure()) {
            return *state_.failure();
        }
        return done;
    }
    Overlay& state_;
};

/// Active code as state names it.
class StateCodes final : public contracts::CodeStore {
  public:
    explicit StateCodes(Overlay& state) : state_(state) {}

    Result<std::optional<contracts::CodeRef>> active(std::string_view name) override {
        const std::optional<Bytes> stored = state_.get(contract_key(name));
        if (state_.failure()) {
            return *state_.failure();
        }
        if (!stored) {
            return std::optional<contracts::CodeRef>{};
        }
        const ActiveContract contract = SALUS_TRY(decode_active_contract(*stored));
        return std::optional<contracts::CodeRef>{
            contracts::CodeRef{.name = std::string(name), .hash = contract.code_hash}};
    }
    Result<Bytes> module(const Digest& hash) override {
        std::optional<Bytes> stored = state_.get(code_key(hash));
        if (state_.failure()) {
            return *state_.failure();
        }
        if (!stored) {
            return Error{Errc::not_found, "no module has this hash"};
        }
        return std::move(*stored);
    }

  private:
    Overlay& state_;
};

ExecResult from_machine(contracts::ExecResult result) {
    ExecResult out{.code = result.code,
                   .gas_used = result.gas_used,
                   .data = std::move(result.data),
                   .events = {}};
    for (contracts::Event& event : result.events) {
        out.events.push_back({.contract = std::move(event.contract),
                              .topic = std::move(event.topic),
                              .data = std::move(event.data)});
    }
    return out;
}

ExecResult run(contracts::ContractVm& machine, contracts::Entry entry, const ContractCall& call,
               Overlay& state) {
    OverlayView view(state);
    StateCodes codes(state);
    const auto active = codes.active(call.contract);
    if (!active) {
        state.fail(active.error());
        return {.code = ledger::code::trap, .gas_used = 0, .data = {}, .events = {}};
    }
    if (!*active) {
        return {.code = ledger::code::unknown_method, .gas_used = 0, .data = {}, .events = {}};
    }
    contracts::HostContext context{.state = view,
                                   .codes = codes,
                                   .caller = call.caller,
                                   .transaction = call.transaction,
                                   .payload = {},
                                   .height = call.height,
                                   .time = call.time};
    if (call.payload) {
        context.payload = contracts::Payload{call.payload->digest, call.payload->size_bytes};
    }
    const Bytes input = entry == contracts::Entry::init
                            ? to_bytes(call.args)
                            : contracts::call_input(call.method, call.args);
    auto result = machine.run(**active, entry, input, context, call.gas_max);
    if (!result) {
        // The node could not answer; nothing computed on this state may become a block.
        state.fail(std::move(result).error());
        return {.code = ledger::code::trap, .gas_used = 0, .data = {}, .events = {}};
    }
    return from_machine(std::move(*result));
}

}  // namespace

VmExecutor::VmExecutor(contracts::ContractVm::Options options)
    : options_(options), machine_(options) {}

ExecResult VmExecutor::execute(const ContractCall& call, Overlay& state) {
    return run(machine_, contracts::Entry::exec, call, state);
}

ExecResult VmExecutor::initialise(const ContractCall& call, Overlay& state) {
    return run(machine_, contracts::Entry::init, call, state);
}

ExecResult VmExecutor::query(const ContractCall& call, Overlay& state) {
    Machine machine = borrow();
    ExecResult result = run(*machine, contracts::Entry::query, call, state);
    give_back(std::move(machine));
    return result;
}

VmExecutor::Machine VmExecutor::borrow() {
    {
        const std::lock_guard lock(mutex_);
        if (!idle_.empty()) {
            Machine machine = std::move(idle_.back());
            idle_.pop_back();
            return machine;
        }
    }
    return std::make_unique<contracts::ContractVm>(options_);
}

void VmExecutor::give_back(Machine machine) {
    const std::lock_guard lock(mutex_);
    idle_.push_back(std::move(machine));
}

}  // namespace salus::chain
