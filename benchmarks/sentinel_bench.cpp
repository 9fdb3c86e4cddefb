#include "base/env.hpp"
#include "sentinel/replay.hpp"
#include "sentinel/simulate.hpp"

#include "bench.hpp"

/// One opening judged with its evidence, on a simulated hospital.
namespace salus::bench {

namespace {

void sentinel_event(const Print& print) {
    const sentinel::Simulated made =
        sentinel::simulate({.seed = 1, .users = 1'500, .patients = 33'000, .openings = 330'000});
    const sentinel::Stream stream = sentinel::read_stream(made.events);
    sentinel::ReasonBook book;
    for (const sentinel::Reason& reason : stream.reasons) book.add(reason);
    sentinel::AccessModel model(book);
    sentinel::LoginModel logins;
    std::vector<std::int64_t> durations;
    durations.reserve(stream.events.size());
    double kept = 0;
    const double cpu = cpu_us();
    for (const sentinel::StreamEvent& event : stream.events) {
        const std::int64_t start = machine_env().steady_ns();
        if (event.kind == sentinel::StreamKind::login) {
            kept += logins.judge(event).score;
        } else {
            const sentinel::Judged judged = model.judge(event);
            const bool alarming = judged.relation.explained == sentinel::Explained::no;
            kept += alarming ? sentinel::AccessModel::reasons(judged).front().weight : judged.score;
        }
        durations.push_back(machine_env().steady_ns() - start);
    }
    const double cpu_each = (cpu_us() - cpu) / static_cast<double>(durations.size());
    print({.name = "sentinel.event",
           .value = cpu_each * 1'000,
           .unit = "ns",
           .p50_ms = percentile_ms(durations, 0.5),
           .p99_ms = percentile_ms(durations, 0.99),
           .cpu_us_per_op = cpu_each,
           .n = durations.size(),
           .note = std::to_string(sizeof(sentinel::UserState)) + " and " +
                   std::to_string(sizeof(sentinel::LoginState)) +
                   " bytes a person; sentences of all openings without a reason are written" +
                   (kept == 0 ? "." : "")});
}

const Registered event_row{"sentinel.event", sentinel_event};

}  // namespace

}  // namespace salus::bench
