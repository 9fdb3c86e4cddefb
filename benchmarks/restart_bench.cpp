#include "restart_bench.hpp"

#include <sys/wait.h>
#include <unistd.h>

#include "bench.hpp"
#include "ledger_world.hpp"
#include <array>
#include <csignal>
#include <cstdio>
#include <semaphore>

/// How long a node with a million state keys takes from its start to its first transaction: killed
/// in the middle of its work, and stopped as it should be.
namespace salus::bench {

namespace {

constexpr std::uint64_t keys = 1'000'000;
/// A directive for a whole team leaves itself and a line for each name.
constexpr std::size_t names_each = 31;
constexpr std::size_t operations_each = 100;
constexpr std::ptrdiff_t in_flight = 32;

std::uint64_t keys_of(const chain::Node& node) {
    return node.replica().with_state_tree([](const auto& tree) { return tree.leaves(); });
}

void fill(chain::Node& node) {
    const std::string chain_id = node.status().chain_id;
    Patient patient(machine_env());
    need(node.submit_and_wait(patient.enrol(chain_id)), "an enrolment failed");
    std::counting_semaphore<in_flight> window(in_flight);
    while (keys_of(node) < keys) {
        std::vector<ledger::Operation> operations;
        for (std::size_t at = 0; at < operations_each; ++at) {
            operations.push_back(patient.consent_operation(names_each));
        }
        window.acquire();
        const auto answered = [&](const Result<chain::TransactionOutcome>& outcome) {
            need(outcome.ok() && outcome->code == 0, "an envelope was refused");
            window.release();
        };
        need(node.submit(patient.sign(chain_id, std::move(operations)), answered).ok(),
             "an envelope was not taken");
    }
    for (std::ptrdiff_t i = 0; i < in_flight; ++i) window.acquire();
}

/// A process of this program that fills the directory, and is then killed.
void fill_and_kill(const std::string& data_dir) {
    std::array<int, 2> ends{};
    need(::pipe(ends.data()) == 0, "no pipe");
    const pid_t process = ::fork();
    need(process >= 0, "no process");
    if (process == 0) {
        ::dup2(ends[1], STDOUT_FILENO);
        ::close(ends[0]);
        ::close(ends[1]);
        ::execl("/proc/self/exe", "salus-bench", fill_option, data_dir.c_str(), nullptr);
        ::_exit(127);
    }
    ::close(ends[1]);
    char first = 0;
    const bool filled = ::read(ends[0], &first, 1) == 1;
    ::kill(process, SIGKILL);
    ::waitpid(process, nullptr, 0);
    ::close(ends[0]);
    need(filled, "the ledger was not filled");
}

Row open_again(const std::string& data_dir, std::string name, const std::string& after) {
    const double cpu_before = cpu_us();
    const std::int64_t start = machine_env().steady_ns();
    const auto node = open_ledger(data_dir);
    const double seconds = static_cast<double>(machine_env().steady_ns() - start) / 1e9;
    return {.name = std::move(name),
            .value = seconds,
            .unit = "s",
            .p50_ms = {},
            .p99_ms = {},
            .cpu_us_per_op = cpu_us() - cpu_before,
            .n = 1,
            .note = after + ", from opening the data directory to taking transactions, " +
                    std::to_string(node->replica().recovery().replayed_blocks) +
                    " blocks replayed"};
}

void restart(const Print& print) {
    const Directory directory;
    fill_and_kill(directory.path());
    print(open_again(directory.path(), "ledger.restart_1m_keys", "after kill -9"));
    print(open_again(directory.path(), "ledger.restart_1m_keys_stopped", "after a clean stop"));
}

const Registered row{"ledger.restart_1m_keys", restart, {"ledger.restart_1m_keys_stopped"}};

}  // namespace

void fill_until_killed(const std::string& data_dir) {
    const auto node = open_ledger(data_dir);
    fill(*node);
    std::puts("filled");
    std::fflush(stdout);
    while (true) ::pause();
}

}  // namespace salus::bench
