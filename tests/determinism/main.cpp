/// Records a chain from a seed, or replays a recorded one and prints what each block came to.

#include "base/env.hpp"

#include "recorded.hpp"
#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>

namespace {

constexpr const char* usage =
    "determinism record --seed N --blocks N --out FILE\n"
    "determinism replay FILE [--threads N] [--engine compiled|interpreted]\n"
    "\n"
    "`replay` prints `height app-hash result-root` for each block. Builds that disagree in a line\n"
    "would fork a consortium. Exit: 0 done, 2 wrong use, 3 the file cannot be read or executed.\n";

using namespace salus;
using namespace salus::determinism;

int record(std::uint64_t seed, std::size_t blocks, const std::string& path) {
    const Bytes bytes = write_recorded(tell(seed, blocks));
    const Status written = write_file_atomically(machine_env(), path, bytes);
    if (!written.ok()) {
        std::fprintf(stderr, "%s\n", written.error().detail.c_str());
        return 3;
    }
    return 0;
}

Status replay_file(const std::string& path, const ReplayOptions& options) {
    const Bytes bytes = SALUS_TRY(read_file(machine_env(), path, std::uint64_t{64} << 20U));
    const RecordedChain chain = SALUS_TRY(read_recorded(bytes));
    for (const std::string& line : SALUS_TRY(replay(chain, options))) {
        std::printf("%s\n", line.c_str());
    }
    return done;
}

}  // namespace

int main(int count, char** values) {
    const std::string_view verb = count > 1 ? values[1] : "";
    std::uint64_t seed = 1;
    std::size_t blocks = 100;
    std::string path = verb == "replay" && count > 2 ? values[2] : "";
    ReplayOptions options;
    for (int i = verb == "replay" ? 3 : 2; i + 1 < count; i += 2) {
        const std::string_view name = values[i];
        const std::string_view value = values[i + 1];
        if (name == "--seed") seed = std::strtoull(values[i + 1], nullptr, 10);
        if (name == "--blocks") blocks = std::strtoull(values[i + 1], nullptr, 10);
        if (name == "--out") path = value;
        if (name == "--threads") {
            options.verify_threads = static_cast<unsigned>(std::max(1, std::atoi(values[i + 1])));
        }
        if (name == "--engine" && value == "interpreted") {
            options.engine = contracts::EngineChoice::interpreter_only;
        }
    }
    if (path.empty() || (verb != "record" && verb != "replay")) {
        std::fputs(usage, stderr);
        return 2;
    }
    if (verb == "record") return record(seed, blocks, path);
    const Status replayed = replay_file(path, options);
    if (!replayed.ok()) {
        std::fprintf(stderr, "%s\n", replayed.error().detail.c_str());
        return 3;
    }
    return 0;
}
