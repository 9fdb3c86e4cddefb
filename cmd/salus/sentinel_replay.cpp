#include "sentinel/replay.hpp"

#include "sentinel.hpp"
#include <charconv>
#include <cmath>
#include <cstdio>

namespace salus::command {
namespace {

constexpr std::uint64_t file_bytes_max = std::uint64_t{16} << 30U;

json::Value alert_line(const sentinel::ReplayAlert& alert) {
    json::Array reasons;
    for (const sentinel::Cited& one : alert.reasons)
        reasons.push_back(
            json::Object{{"field", one.field}, {"text", one.text}, {"weight", one.weight}});
    return json::Object{{"event", alert.line},
                        {"score", alert.score},
                        {"p_value", alert.p_value},
                        {"reasons", std::move(reasons)}};
}

json::Value or_null(const std::optional<double>& value) {
    return value ? json::Value(*value) : json::Value();
}

json::Object summary(const sentinel::Found& found) {
    json::Object logins;
    for (const char* name : {"naive", "vpn", "targeted"}) {
        const auto at = found.blocked_of.find(name);
        logins.emplace_back(name,
                            at == found.blocked_of.end() ? json::Value() : json::Value(at->second));
    }
    logins.emplace_back("step_up", or_null(found.step_up));
    json::Object classes;
    for (const auto& [name, share] : found.recall_of) classes.emplace_back(name, share);
    return {{"auc", or_null(found.auc)},
            {"recall", or_null(found.recall)},
            {"explained", or_null(found.explained)},
            {"logins", std::move(logins)},
            {"recall_at_a_fifth", or_null(found.recall_fifth)},
            {"recall_by_class", std::move(classes)},
            {"bulk_within", or_null(found.bulk_within)}};
}

Result<double> share_of(const std::string& text) {
    double value = 0;
    const auto read = std::from_chars(text.data(), text.data() + text.size(), value);
    if (read.ec != std::errc{} || read.ptr != text.data() + text.size() ||
        !(value >= 0 && value <= 1))
        return Error{Errc::malformed, "--budget wants a share from 0 to 1"};
    return value;
}

Status write_stopped(Env& env, const std::string& path, const sentinel::Replayed& replayed) {
    Bytes out;
    for (const sentinel::ReplayAlert& one : replayed.stopped) {
        append(out, as_bytes(json::write(alert_line(one))));
        out.push_back('\n');
    }
    return write_file_atomically(env, path, out);
}

void put_line(const json::Value& value) {
    const std::string line = json::write(value) + "\n";
    std::fwrite(line.data(), 1, line.size(), stdout);
}

}  // namespace

int sentinel_replay(Env& env, const Words& words) {
    const Args args = SALUS_OR_USAGE(Args::parse(
        words, {.valued = {"events", "train-until", "budget", "truth", "logins", "format"},
                .plain = {"json"}}));
    const auto path = args.value("events");
    if (!path) return wrong_use("replay wants --events FILE");
    const std::string format = args.value_or("format", "events");
    if (format != "events" && format != "auditevent")
        return wrong_use("--format is events or auditevent");
    sentinel::ReplayOptions options;
    options.budget = SALUS_OR_USAGE(share_of(args.value_or("budget", "0.01")));
    sentinel::Stream stream;
    {
        const Bytes bytes = SALUS_OR_FAIL(read_input(env, *path, file_bytes_max));
        stream = format == "auditevent" ? sentinel::read_audit_events(as_text(bytes))
                                        : sentinel::read_stream(as_text(bytes));
    }
    if (stream.events.empty() && stream.lines_left_out > 0)
        return fail(Error{Errc::malformed, "no line of the input file is an event"});
    if (const auto until = args.value("train-until")) {
        const auto moment = stream.moment(*until);
        if (!moment) return wrong_use("--train-until wants a moment as the events write theirs");
        options.train_until = *moment;
    }
    const std::int64_t start = env.steady_ns();
    const sentinel::Replayed replayed = sentinel::replay(stream, options);
    const auto ns = static_cast<double>(env.steady_ns() - start);
    for (const sentinel::ReplayAlert& alert : replayed.alerts) put_line(alert_line(alert));
    if (const auto to = args.value("logins")) SALUS_OR_FAIL(write_stopped(env, *to, replayed));
    if (stream.lines_left_out > 0)
        note("salus: " + std::to_string(stream.lines_left_out) + " lines are no event: left out");
    if (const auto truth = args.value("truth")) {
        const Bytes bytes = SALUS_OR_FAIL(read_input(env, *truth, file_bytes_max));
        json::Object last = summary(compare(replayed, sentinel::read_truth(as_text(bytes))));
        last.emplace_back("ns_per_event", ns / std::max(1.0, static_cast<double>(replayed.events)));
        last.emplace_back("alerts", static_cast<std::uint64_t>(replayed.alerts.size()));
        last.emplace_back("lines_left_out", stream.lines_left_out);
        put_line(last);
    }
    std::fflush(stdout);
    return exit_done;
}

}  // namespace salus::command
