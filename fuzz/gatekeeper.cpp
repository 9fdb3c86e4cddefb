/// The door for contract code, fed with any module; what passes is run on the interpreter, twice,
/// with little gas: both runs come to the same end within the gas they were given.

#include "contracts/gatekeeper.hpp"

#include "contracts/limits.hpp"
#include "contracts/support/world.hpp"
#include "contracts/vm.hpp"
#include "support/laws.hpp"

#include <map>
#include <string>

using namespace salus;
using namespace salus::contracts;

namespace {

constexpr std::uint64_t gas_limit = 200'000;

struct Run {
    ExecResult result;
    std::map<std::string, std::string> state;
};

Run run(const AdmittedCode& code, ByteView module, Entry entry) {
    testing::MapState state;
    testing::MapCodes codes;
    SALUS_ASSERT(codes.add("fuzz", module).hash == code.hash);
    HostContext context{.state = state,
                        .codes = codes,
                        .caller = {},
                        .transaction = {},
                        .payload = std::nullopt,
                        .height = BlockHeight{7},
                        .time = UnixMillis{1'700'000'000'000}};
    ContractVm machine({.shipped = {}, .engine = EngineChoice::interpreter_only});
    auto result = machine.run({.name = "fuzz", .hash = code.hash}, entry,
                              call_input("method", Bytes{0xF6}), context, gas_limit);
    SALUS_ASSERT(result.ok());
    return {std::move(*result), std::move(state.entries)};
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const ByteView module(data, size);
    const auto admitted = admit(module);
    if (!admitted.ok()) {
        SALUS_ASSERT(!admitted.error().detail.empty());
        return 0;
    }
    SALUS_ASSERT(admit(module)->instrumented == admitted->instrumented);
    for (const Entry entry : {Entry::init, Entry::exec, Entry::query}) {
        const Run one = run(*admitted, module, entry);
        const Run two = run(*admitted, module, entry);
        SALUS_ASSERT(one.result.gas_used <= gas_limit);
        SALUS_ASSERT(one.result.outcome == two.result.outcome);
        SALUS_ASSERT(one.result.code == two.result.code);
        SALUS_ASSERT(one.result.data == two.result.data);
        SALUS_ASSERT(one.result.gas_used == two.result.gas_used);
        SALUS_ASSERT(one.result.events == two.result.events && one.state == two.state);
        SALUS_ASSERT(entry != Entry::query || one.state.empty());
    }
    return 0;
}
