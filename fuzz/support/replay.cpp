/// Runs a fuzz target over its corpus without an explorer: how g++ builds and ./test run it.
/// Arguments: files, or directories whose files are all read.

#include "base/env.hpp"
#include "support/laws.hpp"

#include <cstdio>
#include <string>

namespace {

constexpr std::uint64_t input_bytes_max = std::uint64_t{1} << 24U;

/// The number of inputs under this path; −1 when one cannot be read.
long replay(const std::string& path) {
    salus::Env& env = salus::machine_env();
    if (const auto names = env.list(path); names.ok()) {
        long inputs = 0;
        for (const std::string& name : *names) {
            const long more = replay(path + "/" + name);
            if (more < 0) return more;
            inputs += more;
        }
        return inputs;
    }
    const auto input = salus::read_file(env, path, input_bytes_max);
    if (!input.ok()) {
        std::fprintf(stderr, "cannot read %s: %s\n", path.c_str(), input.error().detail.c_str());
        return -1;
    }
    std::fprintf(stderr, "%s\n", path.c_str());  // the last line names what ended the program
    LLVMFuzzerTestOneInput(input->data(), input->size());
    return 1;
}

}  // namespace

int main(int count, char** arguments) {
    long inputs = 0;
    for (int i = 1; i < count; ++i) {
        const long more = replay(arguments[i]);
        if (more < 0) return 3;
        inputs += more;
    }
    // The empty input belongs to every corpus.
    LLVMFuzzerTestOneInput(nullptr, 0);
    std::printf("%ld inputs\n", inputs);
    return inputs > 0 ? 0 : 3;
}
