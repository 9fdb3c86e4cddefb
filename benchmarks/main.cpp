#include "base/json.hpp"

#include <sys/resource.h>

#include "bench.hpp"
#include "restart_bench.hpp"
#include <algorithm>
#include <array>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <utility>

namespace salus::bench {

namespace {

struct Entry {
    std::vector<std::string> names;
    Run run;
};

std::vector<Entry>& entries() {
    static std::vector<Entry> all;
    return all;
}

json::Value number_or_null(const std::optional<double>& number) {
    return number ? json::Value(*number) : json::Value(nullptr);
}

void print(const Row& row) {
    const json::Value line(json::Object{{"name", row.name},
                                        {"value", row.value},
                                        {"unit", row.unit},
                                        {"p50_ms", number_or_null(row.p50_ms)},
                                        {"p99_ms", number_or_null(row.p99_ms)},
                                        {"cpu_us_per_op", number_or_null(row.cpu_us_per_op)},
                                        {"n", row.n},
                                        {"note", row.note}});
    std::printf("%s\n", json::write(line).c_str());
    std::fflush(stdout);
}

std::vector<std::string> wanted_names;

/// A row's whole name means that row alone, though another's may begin with it.
bool is_row(const std::string& name) {
    return std::any_of(entries().begin(), entries().end(), [&](const Entry& entry) {
        return std::find(entry.names.begin(), entry.names.end(), name) != entry.names.end();
    });
}

bool is_wanted_entry(const Entry& entry) {
    return std::any_of(entry.names.begin(), entry.names.end(), is_wanted);
}

int run_wanted() {
    std::stable_sort(entries().begin(), entries().end(),
                     [](const Entry& a, const Entry& b) { return a.names < b.names; });
    std::size_t ran = 0;
    for (const Entry& entry : entries()) {
        if (is_wanted_entry(entry)) {
            std::fprintf(stderr, "measuring %s\n", entry.names.front().c_str());
            entry.run(print);
            ++ran;
        }
    }
    if (ran == 0) {
        std::fprintf(stderr, "bench: no benchmark has such a name; --list shows them\n");
        return 2;
    }
    return 0;
}

Row median_of(std::vector<Row> rows) {
    std::sort(rows.begin(), rows.end(),
              [](const Row& a, const Row& b) { return a.value < b.value; });
    return rows[rows.size() / 2];
}

}  // namespace

Registered::Registered(std::string name, Run run, std::vector<std::string> also) {
    also.insert(also.begin(), std::move(name));
    entries().push_back({.names = std::move(also), .run = std::move(run)});
}

bool is_wanted(const std::string& name) {
    const auto asked_by = [&](const std::string& asked) {
        return name == asked || (name.starts_with(asked) && !is_row(asked));
    };
    return wanted_names.empty() || std::any_of(wanted_names.begin(), wanted_names.end(), asked_by);
}

void side_by_side(const Print& print, const Round& ours, const Round& peer) {
    constexpr int rounds = 3;
    std::vector<Row> own;
    std::vector<Row> other;
    for (int round = 0; round < (peer ? rounds : 1); ++round) {
        own.push_back(ours());
        if (peer) other.push_back(peer());
    }
    const Row own_row = median_of(std::move(own));
    print(own_row);
    if (!peer) return;
    Row peer_row = median_of(std::move(other));
    // A rate is better when larger, a time when smaller.
    const bool rate = own_row.unit == "/s";
    const double ratio = rate ? own_row.value / peer_row.value : peer_row.value / own_row.value;
    std::array<char, 64> words{};
    std::snprintf(words.data(), words.size(), "; %s is %.2f times as fast", own_row.name.c_str(),
                  ratio);
    peer_row.note += words.data();
    print(peer_row);
}

double cpu_us() {
    rusage usage{};
    ::getrusage(RUSAGE_SELF, &usage);
    const auto us = [](const timeval& time) {
        return static_cast<double>(time.tv_sec) * 1e6 + static_cast<double>(time.tv_usec);
    };
    return us(usage.ru_utime) + us(usage.ru_stime);
}

double peak_memory_mb() {
    rusage usage{};
    ::getrusage(RUSAGE_SELF, &usage);
    return static_cast<double>(usage.ru_maxrss) / 1024.0;
}

double percentile_ms(std::vector<std::int64_t> durations_ns, double share) {
    if (durations_ns.empty()) {
        return 0;
    }
    std::sort(durations_ns.begin(), durations_ns.end());
    const auto at = static_cast<std::size_t>(share * static_cast<double>(durations_ns.size() - 1));
    return static_cast<double>(durations_ns[at]) / 1e6;
}

Directory::Directory() {
    const char* chosen = std::getenv("SALUS_BENCH_DIR");
    const std::filesystem::path parent =
        chosen != nullptr ? std::filesystem::path(chosen) : std::filesystem::temp_directory_path();
    std::string pattern = (parent / "salus-bench-XXXXXX").string();
    path_ = ::mkdtemp(pattern.data());
}

Directory::~Directory() {
    std::filesystem::remove_all(path_);
}

}  // namespace salus::bench

/// salus-bench [--list] [NAME…]: a name may be the beginning of several ("ledger.").
int main(int argc, char** argv) {
    const std::vector<std::string> arguments(argv + 1, argv + argc);
    if (arguments == std::vector<std::string>{"--list"}) {
        for (const salus::bench::Entry& entry : salus::bench::entries()) {
            for (const std::string& name : entry.names) std::printf("%s\n", name.c_str());
        }
        return 0;
    }
    if (arguments.size() == 2 && arguments[0] == salus::bench::fill_option) {
        salus::bench::fill_until_killed(arguments[1]);
    }
    salus::bench::wanted_names = arguments;
    return salus::bench::run_wanted();
}
