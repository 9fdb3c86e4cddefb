#include "sentinel/simulate.hpp"

#include "sentinel.hpp"

namespace salus::command {

int sentinel_simulate(Env& env, const Words& words) {
    const Args args = SALUS_OR_USAGE(Args::parse(
        words,
        {.valued = {"seed", "out", "users", "patients", "openings", "days"}, .plain = {"json"}}));
    const auto out = args.value("out");
    if (!out) return wrong_use("simulate wants --out DIR");
    sentinel::SimulatorOptions options;
    options.seed = SALUS_OR_USAGE(args.number("seed", 1, 0, UINT64_MAX));
    const auto small = [&](const char* flag, std::uint32_t otherwise, std::uint32_t min) {
        return args.number(flag, otherwise, min, 100'000'000);
    };
    options.users = static_cast<std::uint32_t>(SALUS_OR_USAGE(small("users", options.users, 60)));
    options.patients =
        static_cast<std::uint32_t>(SALUS_OR_USAGE(small("patients", options.patients, 100)));
    options.openings =
        static_cast<std::uint32_t>(SALUS_OR_USAGE(small("openings", options.openings, 1'000)));
    options.days = static_cast<std::uint32_t>(SALUS_OR_USAGE(args.number("days", 28, 14, 366)));
    const sentinel::Simulated made = sentinel::simulate(options);
    SALUS_OR_FAIL(env.make_directories(*out));
    SALUS_OR_FAIL(write_file_atomically(env, *out + "/events.ndjson", as_bytes(made.events)));
    SALUS_OR_FAIL(write_file_atomically(env, *out + "/truth.ndjson", as_bytes(made.truth)));
    print_json(json::Object{{"seed", options.seed},
                            {"openings", made.openings},
                            {"illicit", made.illicit},
                            {"logins", made.logins},
                            {"reasons", made.reasons},
                            {"train_until", made.middle}});
    return exit_done;
}

}  // namespace salus::command
