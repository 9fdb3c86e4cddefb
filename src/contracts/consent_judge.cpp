#include "contracts/consent_judge.hpp"

#include "base/cbor.hpp"
#include "contracts/limits.hpp"
#include "contracts/vm.hpp"
#include "ledger/label.hpp"

#include <algorithm>
#include <map>
#include <string>
#include <utility>

namespace salus::contracts {
namespace {

class MemoryState final : public KvView {
  public:
    using Entries = std::map<std::string, std::string, std::less<>>;
    Entries entries;

    Result<std::optional<Bytes>> get(ByteView key) override {
        const auto found = entries.find(as_text(key));
        return found == entries.end() ? std::nullopt
                                      : std::optional<Bytes>(to_bytes(found->second));
    }
    Status put(ByteView key, ByteView value) override {
        entries[std::string(as_text(key))] = std::string(as_text(value));
        return done;
    }
    Status del(ByteView key) override {
        entries.erase(std::string(as_text(key)));
        return done;
    }
    Status scan(ByteView prefix, ByteView after, std::size_t limit, ScanEntries& found) override {
        auto at = after.empty() ? entries.lower_bound(as_text(prefix))
                                : entries.upper_bound(as_text(after));
        for (; at != entries.end() && found.size() < limit; ++at) {
            if (!at->first.starts_with(as_text(prefix))) break;
            found.add(own_key(as_bytes(at->first)), as_bytes(at->second));
        }
        return done;
    }
};

class ShippedCodes final : public CodeStore {
  public:
    explicit ShippedCodes(std::span<const ShippedContract> shipped) : shipped_(shipped) {}
    Result<std::optional<CodeRef>> active(std::string_view name) override {
        for (const ShippedContract& one : shipped_) {
            if (one.name == name) return std::optional(CodeRef{std::string(one.name), one.hash});
        }
        return std::optional<CodeRef>();
    }
    Result<Bytes> module(const Digest& hash) override {
        for (const ShippedContract& one : shipped_) {
            if (one.hash == hash) return to_bytes(one.module);
        }
        return Error{Errc::not_found, "no such code"};
    }

  private:
    std::span<const ShippedContract> shipped_;
};

const AccountId patient = *AccountId::from(Bytes(16, 0x70));

/// Labels under a key that is no secret: nothing of this leaves the machine.
ObjectId label(std::string_view kind, std::string_view name) {
    const ledger::Label made =
        ledger::label_of(as_bytes("salus/consent-judge"), kind, as_bytes(name));
    ObjectId out;
    out.bytes = made.bytes;
    return out;
}

ObjectId number_id(std::size_t number) {
    ObjectId out;
    for (std::size_t i = 0; i < 8; ++i)
        out.bytes[15 - i] = static_cast<std::uint8_t>(std::uint64_t{number} >> (8 * i));
    return out;
}

Result<std::size_t> place_of(const ObjectId& id) {
    return static_cast<std::size_t>(read_be64(id.bytes.data() + 8));
}

Bytes genesis_of_registry() {
    cbor::Writer out;
    out.map(1).uint(1).array(1).array(4).bytes(number_id(1).view()).bytes(Digest{}.view());
    return out.bytes(AccountId{}.view()).bytes(Digest{}.view()).take();
}

Bytes enrolment() {
    cbor::Writer out;
    out.map(4).uint(1).text("patient").uint(2).bytes(Digest{}.view());
    return out.uint(3).bytes(Digest{}.view()).uint(4).null().take();
}

}  // namespace

struct ConsentJudge::State {
    State(std::span<const ShippedContract> shipped, Engine engine)
        : codes(shipped),
          vm({.shipped = shipped,
              .engine = engine == Engine::compiled ? EngineChoice::compiled_when_shipped
                                                   : EngineChoice::interpreter_only}) {}

    MemoryState memory;
    MemoryState::Entries empty;
    ShippedCodes codes;
    ContractVm vm;
    std::size_t count = 0;

    Result<ExecResult> run(std::string_view contract, Entry entry, ByteView input) {
        const auto code = SALUS_TRY(codes.active(contract));
        if (!code) return Error{Errc::not_found, "no contract " + std::string(contract)};
        HostContext context{.state = memory,
                            .codes = codes,
                            .caller = patient,
                            .transaction = {},
                            .payload = std::nullopt,
                            .height = {1},
                            .time = {0}};
        return vm.run(*code, entry, input, context,
                      entry == Entry::query ? gas_query_max : gas_operation_max);
    }
    Status must(std::string_view contract, Entry entry, ByteView input) {
        const ExecResult result = SALUS_TRY(run(contract, entry, input));
        if (result.outcome == Outcome::ok) return done;
        const bool range = result.code == 104 || result.outcome != Outcome::revert;
        return Error{range ? Errc::out_of_range : Errc::malformed,
                     std::string(as_text(result.data)) + result.detail};
    }
};

ConsentJudge::ConsentJudge(std::unique_ptr<State> state) : state_(std::move(state)) {}
ConsentJudge::~ConsentJudge() = default;
ConsentJudge::ConsentJudge(ConsentJudge&&) noexcept = default;
ConsentJudge& ConsentJudge::operator=(ConsentJudge&&) noexcept = default;

Result<ConsentJudge> ConsentJudge::create(std::span<const ShippedContract> shipped, Engine engine) {
    auto state = std::make_unique<State>(shipped, engine);
    SALUS_TRY(state->must("registry", Entry::init, genesis_of_registry()));
    SALUS_TRY(state->must("consent", Entry::init, cbor::Writer{}.null().take()));
    SALUS_TRY(state->must("registry", Entry::exec, call_input("enrol", enrolment())));
    state->empty = state->memory.entries;
    return ConsentJudge(std::move(state));
}

void ConsentJudge::clear() {
    state_->memory.entries = state_->empty;
    state_->count = 0;
}

Status ConsentJudge::put(const consent::Directive& directive) {
    const Bytes ir = SALUS_TRY(consent::encode_ir(directive, label));
    cbor::Writer args;
    args.map(5).uint(1).bytes(number_id(state_->count).view()).uint(2).bytes(ir);
    args.uint(3).bytes(Digest{}.view()).uint(4).bytes(Digest{}.view()).uint(5).null();
    SALUS_TRY(state_->must("consent", Entry::exec, call_input("put", args.view())));
    ++state_->count;
    return done;
}

Result<ConsentAnswer> ConsentJudge::decide(const consent::Question& question) {
    const Bytes args = SALUS_TRY(consent::encode_question(patient, question, label));
    const ExecResult result =
        SALUS_TRY(state_->run("consent", Entry::query, call_input("decide", args)));
    if (result.outcome != Outcome::ok)
        return Error{Errc::out_of_range, "the contract does not answer: " +
                                             std::string(as_text(result.data)) + result.detail};
    const consent::Answer answer = SALUS_TRY(consent::decode_answer(result.data));
    ConsentAnswer out{.decision = answer.decision,
                      .directives = {},
                      .reason = answer.reason,
                      .until = answer.until,
                      .obligations = answer.obligations,
                      .gas = result.gas_used};
    for (const ObjectId& id : answer.directives) out.directives.push_back(SALUS_TRY(place_of(id)));
    return out;
}

}  // namespace salus::contracts
