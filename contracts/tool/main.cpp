// salus-gatekeeper IN.wasm OUT.wasm [--glue NAME GLUE.c]
// Admits a contract as a node would and writes the rewritten module; with --glue also the C file
// that makes its wasm2c form known to vm_compiled.cpp. A build step; it is also what a member runs
// who rebuilds a proposed contract.
#include "base/env.hpp"
#include "contracts/gas.hpp"
#include "contracts/gatekeeper.hpp"
#include "contracts/limits.hpp"

#include <cstdio>
#include <string>
#include <vector>

namespace {

using namespace salus;

void append_bytes(std::string& out, ByteView bytes) {
    for (std::size_t i = 0; i < bytes.size(); ++i) {
        out += std::to_string(bytes[i]);
        out += i % 32 == 31 ? ",\n" : ",";
    }
}

std::string glue(const std::string& name, ByteView original, const contracts::AdmittedCode& code) {
    const std::string z = "Z_" + name;
    const std::string instance = "((" + z + "_instance_t*)instance)";
    const std::string gas = "w2c_g" + std::to_string(code.gas_global);
    const std::string stack = "w2c_g" + std::to_string(code.gas_global + 1);
    std::string out =
        "#include \"code.h\"\n#include \"contracts/w2c/compiled.h\"\n\nstatic const uint8_t "
        "original[] = {\n";
    append_bytes(out, original);
    out += "};\nstatic void instantiate(void* instance, struct Z_salus_instance_t* host) {\n    " +
           z + "_instantiate(instance, host);\n}\n";
    out += "static void free_instance(void* instance) { " + z + "_free(instance); }\n";
    out += "static wasm_rt_memory_t* memory(void* instance) { return &" + instance +
           "->w2c_memory; }\n";
    out += "static uint64_t* gas(void* instance) { return &" + instance + "->" + gas + "; }\n";
    out += "static uint32_t* stack(void* instance) { return &" + instance + "->" + stack + "; }\n";
    out +=
        "static void enter(void* instance, enum salus_entry entry, uint32_t a, uint32_t b, "
        "uint64_t* result) {\n"
        "    switch (entry) {\n        case SALUS_ALLOC: *result = " +
        z + "Z_alloc(instance, a); break;\n";
    for (const auto& [label, function] : std::vector<std::pair<std::string, std::string>>{
             {"INIT", "init"}, {"EXEC", "exec"}, {"QUERY", "query"}, {"MIGRATE", "migrate"}}) {
        out += "        case SALUS_" + label + ": *result = " + z + "Z_" + function +
               "(instance, a, b); break;\n";
    }
    out += "    }\n}\nconst struct salus_compiled salus_compiled_" + name + " = {\n    \"" + name +
           "\", original, sizeof original, {";
    append_bytes(out, code.hash.view());
    out += "},\n    {";
    append_bytes(out, code.instrumented_hash.view());
    out += "},\n    " + std::to_string(contracts::gatekeeper_version) + ", " +
           std::to_string(contracts::gas::version) + ", sizeof(" + z + "_instance_t), " + z +
           "_init_module, instantiate, memory, gas, stack, enter, salus_rt_run, "
           "free_instance};\n";
    return out;
}

Status run(const std::vector<std::string>& arguments) {
    Env& env = machine_env();
    const Bytes original = SALUS_TRY(read_file(env, arguments[0], contracts::module_bytes_max + 1));
    const contracts::AdmittedCode code = SALUS_TRY(contracts::admit(original));
    SALUS_TRY(write_file_atomically(env, arguments[1], code.instrumented));
    if (arguments.size() == 5) {
        SALUS_TRY(
            write_file_atomically(env, arguments[4], as_bytes(glue(arguments[3], original, code))));
    }
    std::printf("%s %s\n", to_hex(code.hash.view()).c_str(),
                to_hex(code.instrumented_hash.view()).c_str());
    return done;
}

}  // namespace

int main(int argc, char** argv) {
    const std::vector<std::string> arguments(argv + 1, argv + argc);
    if (arguments.size() != 2 && !(arguments.size() == 5 && arguments[2] == "--glue")) {
        std::fprintf(stderr, "usage: salus-gatekeeper IN.wasm OUT.wasm [--glue NAME GLUE.c]\n");
        return 2;
    }
    const Status status = run(arguments);
    if (!status.ok()) {
        std::fprintf(stderr, "refused: %s: %s\n",
                     std::string(to_string(status.error().code)).c_str(),
                     status.error().detail.c_str());
        return 1;
    }
    return 0;
}
