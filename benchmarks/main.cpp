#include "base/json.hpp"

#include <sys/resource.h>

#include "bench.hpp"
#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <utility>

namespace salus::bench {

namespace {

struct Entry {
    std::string name;
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

bool is_wanted(const std::string& name, const std::vector<std::string>& wanted) {
    return wanted.empty() || std::any_of(wanted.begin(), wanted.end(), [&](const auto& start) {
               return name.starts_with(start);
           });
}

int run_wanted(const std::vector<std::string>& wanted) {
    std::stable_sort(entries().begin(), entries().end(),
                     [](const Entry& a, const Entry& b) { return a.name < b.name; });
    std::size_t ran = 0;
    for (const Entry& entry : entries()) {
        if (is_wanted(entry.name, wanted)) {
            std::fprintf(stderr, "measuring %s\n", entry.name.c_str());
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

}  // namespace

Registered::Registered(std::string name, Run run) {
    entries().push_back({.name = std::move(name), .run = std::move(run)});
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
            std::printf("%s\n", entry.name.c_str());
        }
        return 0;
    }
    return salus::bench::run_wanted(arguments);
}
