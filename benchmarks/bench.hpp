#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

/// One file per claim about speed; `./bench NAME…` runs those named.
namespace salus::bench {

/// One measured row. Absent numbers are printed as null.
struct Row {
    std::string name;
    double value = 0;
    std::string unit;
    std::optional<double> p50_ms;
    std::optional<double> p99_ms;
    std::optional<double> cpu_us_per_op;
    std::uint64_t n = 0;
    std::string note;
};

using Print = std::function<void(const Row&)>;
using Run = std::function<void(const Print&)>;

/// A benchmark makes itself known before main: `const Registered row{"ledger.signed_tx", run};`
/// `also` names the further rows that it prints: asking for one of them runs it too.
struct Registered {
    Registered(std::string name, Run run, std::vector<std::string> also = {});
};
/// Whether the row was asked for on the command line; without names, all are.
bool is_wanted(const std::string& name);

/// Three rounds of each in turn, so that a busy moment of the machine meets both; prints the median
/// rounds, and in the peer's note how the two compare. Without a peer: one round of ours.
using Round = std::function<Row()>;
void side_by_side(const Print& print, const Round& ours, const Round& peer);

/// Processor time of this process so far, all threads, in microseconds.
double cpu_us();
/// Highest resident memory of this process so far, in MB.
double peak_memory_mb();
/// Percentile of durations in nanoseconds, as milliseconds; `share` is 0.5 for the median.
double percentile_ms(std::vector<std::int64_t> durations_ns, double share);

/// A directory under the system's temporary one, removed with the object. SALUS_BENCH_DIR names
/// another place.
class Directory {
  public:
    Directory();
    ~Directory();
    Directory(const Directory&) = delete;
    Directory& operator=(const Directory&) = delete;
    [[nodiscard]] const std::string& path() const noexcept { return path_; }

  private:
    std::string path_;
};

}  // namespace salus::bench
