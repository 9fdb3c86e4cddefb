/// Lives of consortiums, one a seed.

#include "base/env.hpp"

#include "consortium.hpp"
#include <cstdio>
#include <cstdlib>
#include <string_view>

namespace {

using namespace salus;
using namespace salus::sim;

constexpr const char* usage =
    "sim --seed N             that one life, with what happened in it\n"
    "sim --seeds N [--from M] N lives from seed M on\n"
    "sim --seconds S          fresh seeds from the clock for S seconds\n"
    "  --plant BUG            with a bug of plant.hpp: unordered clock forgetful eager hasty "
    "stale;\n"
    "                         then finding it is success\n"
    "Exit: 0 no contradiction, 1 a failing seed (printed with the command that repeats it), 2 "
    "wrong "
    "use\n";

struct Options {
    std::uint64_t from = 1;
    std::uint64_t seeds = 0;
    std::int64_t seconds = 0;
    Plant plant = Plant::none;
    std::string_view plant_name;
};

bool parse(int count, char** values, Options& options) {
    for (int i = 1; i < count; i += 2) {
        const std::string_view name = values[i];
        if (i + 1 == count) return false;
        const std::uint64_t number = std::strtoull(values[i + 1], nullptr, 10);
        if (name == "--seed") {
            options.from = number;
            options.seeds = 1;
        } else if (name == "--seeds") {
            options.seeds = number;
        } else if (name == "--from") {
            options.from = number;
        } else if (name == "--seconds") {
            options.seconds = static_cast<std::int64_t>(number);
            options.from = static_cast<std::uint64_t>(machine_env().now().value);
        } else if (const auto plant = plant_named(values[i + 1]); name == "--plant" && plant) {
            options.plant = *plant;
            options.plant_name = values[i + 1];
        } else {
            return false;
        }
    }
    return options.seeds > 0 || options.seconds > 0;
}

void print_failure(std::uint64_t seed, const RunReport& report, const Options& options) {
    const auto number = static_cast<unsigned long long>(seed);
    std::printf("seed %llu: %s\n  repeat it: sim --seed %llu", number, report.failure->c_str(),
                number);
    if (options.plant != Plant::none) std::printf(" --plant %s", options.plant_name.data());
    std::printf("\n");
}

}  // namespace

int main(int count, char** values) {
    Options options;
    if (!parse(count, values, options)) {
        std::fputs(usage, stderr);
        return 2;
    }
    const std::int64_t start_ns = machine_env().steady_ns();
    const auto elapsed_ms = [&] { return (machine_env().steady_ns() - start_ns) / 1'000'000; };
    std::uint64_t lives = 0;
    std::uint64_t failures = 0;
    RunReport total;
    while (options.seeds > 0 ? lives < options.seeds : elapsed_ms() < options.seconds * 1'000) {
        const std::uint64_t seed = options.from + lives++;
        const RunReport report = run_consortium(seed, options.plant);
        total.heights += report.heights;
        total.transactions += report.transactions;
        total.acknowledged += report.acknowledged;
        total.crashes += report.crashes;
        if (!report.failure) continue;
        ++failures;
        if (failures <= 5) print_failure(seed, report, options);
        if (options.plant != Plant::none) break;
    }
    const auto number = [](std::uint64_t n) { return static_cast<unsigned long long>(n); };
    std::printf(
        "%llu seeds from %llu in %lld ms: %llu heights, %llu transactions, "
        "%llu acknowledged, %llu crashes, %llu failures\n",
        number(lives), number(options.from), static_cast<long long>(elapsed_ms()),
        number(total.heights), number(total.transactions), number(total.acknowledged),
        number(total.crashes), number(failures));
    const bool expected = options.plant == Plant::none ? failures == 0 : failures > 0;
    return expected ? 0 : 1;
}
