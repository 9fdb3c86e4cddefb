#include "base/env.hpp"
#include "learn/demo.hpp"
#include "learn/studio.hpp"

#include "bench.hpp"
#include "ledger_world.hpp"

/// A million rows through the studio, as `salus dataset` and the browser's worker run it.
namespace salus::bench {

namespace {

void csv_1m(const Print& print) {
    constexpr std::size_t rows = 1'000'000;
    std::string csv;
    {
        learn::Studio source;
        learn::DemoOptions options;
        options.rows = rows;
        static_cast<void>(source.load_demo(options));
        csv = need(source.csv(learn::Stage::loaded), "no demo rows");
    }
    const double cpu = cpu_us();
    const std::int64_t start = machine_env().steady_ns();
    learn::Studio studio;
    const auto loaded = need(studio.load(as_bytes(csv)), "the table was not read");
    need(studio.process(), "the table was not prepared");
    learn::ReleaseOptions release;
    need(studio.release(release), "the table was not released");
    const double seconds = static_cast<double>(machine_env().steady_ns() - start) / 1e9;
    print({.name = "studio.csv_1m",
           .value = seconds,
           .unit = "s",
           .p50_ms = {},
           .p99_ms = {},
           .cpu_us_per_op = (cpu_us() - cpu) / static_cast<double>(rows),
           .n = rows,
           .note = std::to_string(loaded.columns.size()) + " columns, " +
                   std::to_string(csv.size() >> 20U) +
                   " MB: loaded, prepared, noised, linkage and utility measured; one thread"});
}

const Registered csv_row{"studio.csv_1m", csv_1m};

}  // namespace

}  // namespace salus::bench
