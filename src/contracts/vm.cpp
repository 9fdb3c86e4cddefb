#include "contracts/vm.hpp"

#include "base/cbor.hpp"
#include "contracts/gas.hpp"
#include "contracts/gatekeeper.hpp"
#include "contracts/limits.hpp"
#include "contracts/vm_compiled.hpp"
#include "contracts/vm_frame.hpp"
#include "crypto/hash.hpp"

#include <algorithm>
#include <map>

namespace salus::contracts {
namespace {

/// Code ready to run.
struct Loaded {
    std::unique_ptr<EngineCode> engine;
    std::uint64_t last_used = 0;
    std::uint32_t running = 0;
};

/// An instance for the time of one call.
class Lease {
  public:
    Lease(Loaded& loaded, Frame& frame) : loaded_(loaded), instance_(loaded.engine->begin(frame)) {
        ++loaded_.running;
    }
    ~Lease() {
        if (instance_ != nullptr) {
            loaded_.engine->end(instance_);
        }
        --loaded_.running;
    }
    Lease(const Lease&) = delete;
    Lease& operator=(const Lease&) = delete;
    [[nodiscard]] EngineInstance* get() const noexcept { return instance_; }

  private:
    Loaded& loaded_;
    EngineInstance* instance_;
};

Stop trapped(std::string detail) {
    return {Outcome::trap, code_trap, {}, std::move(detail)};
}

/// [code, data] as a contract returned it; a stop unless the code is 0.
struct Returned {
    std::optional<Stop> stop;
    Bytes data;
};

Returned read_result(ByteView bytes) {
    // Most results are short successes, [0, bytes ≤ 23]: no reader is needed for those.
    if (bytes.size() >= 3 && bytes[0] == 0x82 && bytes[1] == 0x00 && bytes[2] >= 0x40 &&
        bytes[2] <= 0x57 && bytes.size() == 3U + (bytes[2] & 0x1FU)) {
        return {std::nullopt, to_bytes(bytes.subspan(3))};
    }
    cbor::Reader reader(bytes);
    const Status head = reader.array_of(2);
    const auto code = head.ok() ? reader.uint() : Result<std::uint64_t>(head.error());
    const auto data = code.ok() ? reader.bytes() : Result<ByteView>(code.error());
    if (!data.ok() || !reader.at_end()) {
        return {trapped("the result is not canonical CBOR [code, data]"), {}};
    }
    if (*code == 0) {
        return {std::nullopt, to_bytes(*data)};
    }
    const bool known =
        *code == code_unknown_method || (*code >= contract_code_min && *code <= contract_code_max);
    if (!known || data->size() > reason_bytes_max || !is_utf8(*data)) {
        return {trapped("the result's code or reason is outside its limit"), {}};
    }
    return {Stop{Outcome::revert, static_cast<std::uint32_t>(*code), to_bytes(*data), {}}, {}};
}

bool inside(const Window& window, std::uint64_t at, std::uint64_t size) {
    return at <= window.memory_bytes && size <= window.memory_bytes - at;
}

}  // namespace

struct ContractVm::State final : FrameRunner {
    explicit State(Options given) : options(given) {}

    Options options;
    std::map<Digest, Loaded> ready;
    std::uint64_t uses = 0;
    Session* session = nullptr;
    SpareScans spare_scans;

    [[nodiscard]] const ShippedContract* shipped_code(const Digest& hash) const {
        if (options.engine == EngineChoice::interpreter_only) {
            return nullptr;
        }
        const auto found =
            std::find_if(options.shipped.begin(), options.shipped.end(), [&](const auto& one) {
                return one.hash == hash && one.compiled->gas_version == gas::version &&
                       one.compiled->gatekeeper_version == gatekeeper_version;
            });
        return found == options.shipped.end() ? nullptr : &*found;
    }

    /// The compiled form counts only if it was made from what the gatekeeper makes of the module
    /// today.
    static bool is_current(const ShippedContract& shipped, const AdmittedCode& code) {
        return std::equal(code.instrumented_hash.bytes.begin(), code.instrumented_hash.bytes.end(),
                          shipped.compiled->instrumented_hash);
    }

    Result<std::unique_ptr<EngineCode>> prepare(const Digest& hash, CodeStore& codes) const {
        const ShippedContract* shipped = shipped_code(hash);
        const Bytes module =
            shipped != nullptr ? to_bytes(shipped->module) : SALUS_TRY(codes.module(hash));
        if (crypto::sha256(module) != hash) {
            return Error{Errc::integrity, "contract code does not have its hash"};
        }
        const auto admitted = admit(module);
        if (!admitted.ok()) {
            return Error{Errc::integrity,
                         "contract code on chain is not admissible: " + admitted.error().detail};
        }
        if (shipped != nullptr && is_current(*shipped, *admitted)) {
            return compiled(*shipped->compiled);
        }
        std::string why;
        auto engine = interpret(admitted->instrumented.data(), admitted->instrumented.size(),
                                admitted->gas_global, why);
        if (engine == nullptr) {
            return Error{Errc::integrity, "rewritten contract code cannot be read: " + why};
        }
        return engine;
    }

    Result<Loaded*> load(const Digest& hash, CodeStore& codes) {
        auto found = ready.find(hash);
        if (found == ready.end()) {
            auto engine = SALUS_TRY(prepare(hash, codes));
            make_room();
            found = ready.emplace(hash, Loaded{std::move(engine), 0, 0}).first;
        }
        found->second.last_used = ++uses;
        return &found->second;
    }

    void make_room() {
        while (ready.size() >= loaded_codes_max) {
            auto oldest = ready.end();
            for (auto it = ready.begin(); it != ready.end(); ++it) {
                if (it->second.running == 0 &&
                    (oldest == ready.end() || it->second.last_used < oldest->second.last_used)) {
                    oldest = it;
                }
            }
            SALUS_ASSERT(oldest != ready.end());  // at most 8 run at once
            ready.erase(oldest);
        }
    }

    std::optional<Bytes> run_frame(const CodeRef& code, Export entry, ByteView input, Frame& frame,
                                   std::int64_t& gas_left, std::uint32_t stack) override {
        const auto loaded = load(code.hash, session->context.codes);
        if (!loaded.ok()) {
            session->failure = loaded.error();
            return std::nullopt;
        }
        const Lease lease(**loaded, frame);
        if (lease.get() == nullptr) {
            session->failure = Error{Errc::unavailable, "no memory for an instance"};
            return std::nullopt;
        }
        Window& window = lease.get()->window();
        window.gas = gas_left;
        window.stack = stack;
        SALUS_ASSERT(session->depth < call_depth_max);
        session->active[session->depth++] = code.name;
        std::optional<Bytes> data = enter(*lease.get(), entry, input);
        --session->depth;
        gas_left = window.gas;
        return data;
    }

    /// alloc, input, entry, result.
    std::optional<Bytes> enter(EngineInstance& instance, Export entry, ByteView input) const {
        Window& window = instance.window();
        std::uint64_t at = 0;
        std::string trap;
        if (!instance.enter(Export::alloc, static_cast<std::uint32_t>(input.size()), 0, at, trap)) {
            return stopped(window, std::move(trap));
        }
        if (!inside(window, at, input.size())) {
            return stopped(window, "alloc gave a range outside memory");
        }
        write_input(window, at, input);
        std::uint64_t result = 0;
        if (!instance.enter(entry, static_cast<std::uint32_t>(at),
                            static_cast<std::uint32_t>(input.size()), result, trap)) {
            return stopped(window, std::move(trap));
        }
        const std::uint64_t from = result >> 32U;
        const std::uint64_t size = result & 0xFFFF'FFFFU;
        if (!inside(window, from, size) || size > result_bytes_max) {
            return stopped(window, "the result lies outside memory or is too long");
        }
        Returned returned = read_result({window.memory + from, static_cast<std::size_t>(size)});
        if (returned.stop.has_value()) {
            session->stop = std::move(returned.stop);
            return std::nullopt;
        }
        return std::move(returned.data);
    }

    static void write_input(Window& window, std::uint64_t at, ByteView input) {
        if (input.empty()) {
            return;
        }
        std::copy(input.begin(), input.end(), window.memory + at);
        if (window.dirty != nullptr) {
            std::fill(window.dirty + (at >> SALUS_RT_CHUNK_SHIFT),
                      window.dirty + ((at + input.size() - 1) >> SALUS_RT_CHUNK_SHIFT) + 1,
                      std::uint8_t{1});
        }
    }

    /// The contract did not return: the host said why, or gas says it, or it trapped by itself.
    std::optional<Bytes> stopped(const Window& window, std::string trap) const {
        if (!session->stop.has_value() && !session->failure.has_value()) {
            session->stop = window.gas < 0
                                ? Stop{Outcome::out_of_gas, code_out_of_gas, {}, "out of gas"}
                                : trapped(std::move(trap));
        }
        return std::nullopt;
    }
};

ContractVm::ContractVm(Options options) : state_(std::make_unique<State>(options)) {}
ContractVm::~ContractVm() = default;
ContractVm::ContractVm(ContractVm&&) noexcept = default;
ContractVm& ContractVm::operator=(ContractVm&&) noexcept = default;

bool ContractVm::is_compiled(const Digest& code) const {
    return state_->shipped_code(code) != nullptr;
}

Result<ExecResult> ContractVm::run(const CodeRef& code, Entry entry, ByteView input,
                                   HostContext& context, std::uint64_t gas_limit) {
    if (gas_limit > gas_limit_max || input.size() > input_bytes_max ||
        !is_contract_name(code.name)) {
        return Error{Errc::out_of_range, "gas limit, input or contract name is outside its limit"};
    }
    Session session{.context = context,
                    .runner = *state_,
                    .spare_scans = state_->spare_scans,
                    .read_only = entry == Entry::query,
                    .events = {},
                    .stop = {},
                    .failure = {}};
    state_->session = &session;
    Frame frame(session, code.name, context.caller, {});
    auto gas_left = static_cast<std::int64_t>(gas_limit);
    const auto export_of = static_cast<Export>(static_cast<std::uint8_t>(entry) + 1);
    std::optional<Bytes> data = state_->run_frame(code, export_of, input, frame, gas_left, 0);
    state_->session = nullptr;
    if (session.failure.has_value()) {
        return std::move(*session.failure);
    }
    ExecResult result;
    if (data.has_value()) {
        result.data = std::move(*data);
        result.events = std::move(session.events);
        result.gas_used = gas_limit - static_cast<std::uint64_t>(gas_left);
        return result;
    }
    Stop& stop = *session.stop;
    result.outcome = stop.outcome;
    result.code = stop.code;
    result.data = std::move(stop.reason);
    result.detail = std::move(stop.detail);
    result.gas_used =
        stop.outcome == Outcome::out_of_gas
            ? gas_limit
            : gas_limit - static_cast<std::uint64_t>(std::max<std::int64_t>(gas_left, 0));
    return result;
}

}  // namespace salus::contracts
