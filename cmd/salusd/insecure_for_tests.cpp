#include "insecure_for_tests.hpp"

#include "base/crash_env.hpp"
#include "base/log.hpp"
#include "store/limits.hpp"
#include "store/rocks_watch.hpp"

#include <unistd.h>

#include <charconv>
#include <csignal>
#include <cstdlib>
#include <cstring>

namespace salus {

Result<InsecureForTests> insecure_for_tests(Env& machine) {
    InsecureForTests out{&machine, 0};
    if (const char* text = std::getenv("SALUS_INSECURE_FOR_TESTS_SEGMENT_BYTES")) {
        const auto [end, code] = std::from_chars(text, text + std::strlen(text), out.segment_bytes);
        if (code != std::errc{} || *end != '\0' || out.segment_bytes < store::segment_bytes_min ||
            out.segment_bytes > store::segment_bytes_max) {
            return Error{Errc::malformed, "SALUS_INSECURE_FOR_TESTS_SEGMENT_BYTES"};
        }
        log::warn("insecure-for-tests", {{"segment-bytes", std::uint64_t{out.segment_bytes}}});
    }
    if (const char* text = std::getenv("SALUS_INSECURE_FOR_TESTS_CRASH_AT")) {
        CrashEnv::At at = SALUS_TRY(CrashEnv::parse(text));
        log::warn("insecure-for-tests", {{"crash-at", std::string(text)}});
        // One for the process: databases report to it until the very end.
        static CrashEnv env(machine, std::move(at), [] {
            ::kill(::getpid(), SIGKILL);
            while (true) ::pause();
        });
        out.env = &env;
        store::insecure_for_tests_watch_rocks(
            [](const std::string& directory, std::string_view operation, std::string_view moment) {
                env.reach_at(directory, operation, moment);
            });
    }
    return out;
}

}  // namespace salus
