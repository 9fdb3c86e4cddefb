#include "tour.hpp"

#include "learn/limits.hpp"

#include "command.hpp"
#include "connect.hpp"
#include "table_input.hpp"
#include <cstdio>

namespace salus::command {
namespace {

constexpr int steps = 14;

Result<TourOptions> read_options(const Args& args) {
    TourOptions options;
    options.url = node_url(args);
    options.data_dir = args.value_or("data-dir", "");
    options.setup_token = args.value_or("setup-token", "");
    options.file = args.value("data");
    options.demo_rows = SALUS_TRY(args.number("rows", options.demo_rows, 1, learn::rows_max));
    for (const std::string& list : args.values("columns")) {
        for (std::string& one : split_list(list))
            options.load.csv.columns.push_back(std::move(one));
    }
    for (const std::string& list : args.values("missing")) {
        for (std::string& one : split_list(list))
            options.load.csv.missing.push_back(std::move(one));
    }
    return options;
}

/// Plays one step and says how it went. False: it failed.
bool play(Env& env, Tour& tour, int number) {
    const std::int64_t began = env.steady_ns();
    const Result<std::string> sentence = tour.step(number);
    const std::string time = seconds_text(static_cast<double>(env.steady_ns() - began) / 1e9);
    char head[16];
    std::snprintf(head, sizeof head, "%2d/%d  ", number, steps);
    if (sentence.ok()) {
        print(head + *sentence + " [" + time + "]");
        return true;
    }
    print(head + std::string("failed: ") + sentence.error().detail + " [" + time + "]");
    return false;
}

}  // namespace

std::string counted(std::uint64_t number) {
    std::string text = std::to_string(number);
    for (std::size_t at = text.size(); at > 3;) {
        at -= 3;
        text.insert(at, ",");
    }
    return text;
}

std::string seconds_text(double seconds) {
    char text[32];
    std::snprintf(text, sizeof text, seconds < 9.995 ? "%.2f s" : "%.1f s", seconds);
    return text;
}

std::string brief(std::string_view hex, std::size_t digits) {
    return std::string(hex.substr(0, digits)) + (hex.size() > digits ? "…" : "");
}

Result<std::string> Tour::step(int number) {
    switch (number) {
        case 1:
            return sign_up();
        case 2:
            return see_log_entry();
        case 3:
            return log_in();
        case 4:
            return load_table();
        case 5:
            return chart();
        case 6:
            return process();
        case 7:
            return add_noise();
        case 8:
            return store();
        case 9:
            return look_at_stored();
        case 10:
            return grant();
        case 11:
            return open_as_clinician();
        case 12:
            return revoke();
        case 13:
            return odd_access();
        case 14:
            return verify_copies();
        default:
            return Error{Errc::out_of_range, "the tour has fourteen steps"};
    }
}

int run_tour(Env& env, const Words& words) {
    const Args args = SALUS_OR_USAGE(Args::parse(
        words, {.valued = {"url", "data", "columns", "missing", "data-dir", "setup-token", "rows"},
                .plain = {}}));
    if (!args.has("data-dir"))
        return wrong_use("tour wants --data-dir DIR, where its node keeps its data");
    TourOptions options = SALUS_OR_USAGE(read_options(args));
    client::Api api = SALUS_OR_FAIL(connect(args));
    Tour tour(env, std::move(api), std::move(options));
    SALUS_OR_FAIL(tour.prepare());
    int ok = 0;
    Status left = done;
    for (int number = 1; number <= steps; ++number) {
        // The homes are filled before the odd access, which one of them shows, and before the chain
        // is verified.
        if (number == 13) left = tour.leave_demo_homes();
        ok += play(env, tour, number) ? 1 : 0;
    }
    print("tour: " + std::to_string(steps) + " steps, " + std::to_string(ok) + " ok");
    if (!left.ok()) return fail(left.error());
    for (const std::string& link : tour.demo_links()) print(link);
    return ok == steps ? exit_done : exit_no;
}

}  // namespace salus::command
