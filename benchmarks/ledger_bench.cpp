#include "peers/postgres.hpp"

#include "bench.hpp"
#include "ledger_world.hpp"
#include <atomic>
#include <condition_variable>
#include <mutex>

/// What the embedded ledger does on this machine, in process, every answer durable.
namespace salus::bench {

namespace {

constexpr std::size_t patients = 64;

/// Counts what is in flight, so that a load keeps a window full.
class Window {
  public:
    explicit Window(std::size_t size) : size_(size) {}
    void enter() {
        std::unique_lock lock(mutex_);
        changed_.wait(lock, [this] { return inside_ < size_; });
        ++inside_;
    }
    void leave() {
        const std::lock_guard lock(mutex_);
        --inside_;
        changed_.notify_one();
    }
    void drain() {
        std::unique_lock lock(mutex_);
        changed_.wait(lock, [this] { return inside_ == 0; });
    }

  private:
    std::mutex mutex_;
    std::condition_variable changed_;
    std::size_t size_;
    std::size_t inside_ = 0;
};

struct Crowd {
    explicit Crowd(chain::Node& node) : chain_id(node.status().chain_id) {
        for (std::size_t i = 0; i < patients; ++i) {
            people.emplace_back(machine_env());
            const auto outcome =
                need(node.submit_and_wait(people.back().enrol(chain_id)), "an enrolment failed");
            need(outcome.code == 0, "an enrolment was refused");
        }
    }
    std::vector<Bytes> consents(std::size_t count) {
        std::vector<Bytes> signed_ones;
        signed_ones.reserve(count);
        for (std::size_t i = 0; i < count; ++i) {
            signed_ones.push_back(people[i % people.size()].consent(chain_id));
        }
        return signed_ones;
    }
    std::string chain_id;
    std::vector<Patient> people;
};

struct Load {
    double seconds = 0;
    double cpu = 0;
    std::vector<std::int64_t> latencies_ns;
};

Load run_load(chain::Node& node, const std::vector<Bytes>& envelopes, std::size_t in_flight) {
    Env& env = machine_env();
    Window window(in_flight);
    Load load;
    load.latencies_ns.resize(envelopes.size());
    std::atomic<std::size_t> bad = 0;
    const double cpu_before = cpu_us();
    const std::int64_t start = env.steady_ns();
    for (std::size_t i = 0; i < envelopes.size(); ++i) {
        window.enter();
        const std::int64_t sent = env.steady_ns();
        const auto answered = [&, i, sent](const Result<chain::TransactionOutcome>& outcome) {
            load.latencies_ns[i] = env.steady_ns() - sent;
            bad += outcome.ok() && outcome->in_log() && outcome->code == 0 ? 0U : 1U;
            window.leave();
        };
        need(node.submit(envelopes[i], answered).ok(), "a transaction was not taken");
    }
    window.drain();
    load.seconds = static_cast<double>(env.steady_ns() - start) / 1e9;
    load.cpu = cpu_us() - cpu_before;
    need(bad == 0, "a consent was refused");
    return load;
}

Row row_of(std::string name, const Load& load, std::string note) {
    const auto n = static_cast<double>(load.latencies_ns.size());
    return {.name = std::move(name),
            .value = n / load.seconds,
            .unit = "/s",
            .p50_ms = percentile_ms(load.latencies_ns, 0.50),
            .p99_ms = percentile_ms(load.latencies_ns, 0.99),
            .cpu_us_per_op = load.cpu / n,
            .n = load.latencies_ns.size(),
            .note = std::move(note)};
}

void signed_tx(const Print& print) {
    const Directory directory;
    const auto node = open_ledger(directory.path());
    Crowd crowd(*node);
    const std::vector<Bytes> consents = crowd.consents(40'000);
    const Load load = run_load(*node, consents, 500);
    const auto blocks = node->status().head.height.value - patients;
    print(row_of("ledger.signed_tx", load,
                 "individually signed consents of " + std::to_string(consents[0].size()) +
                     " bytes, 500 in flight, durable, in " + std::to_string(blocks) + " blocks"));
}

Row one_client_round(std::size_t count) {
    const Directory directory;
    const auto node = open_ledger(directory.path());
    Crowd crowd(*node);
    return row_of("ledger.one_client", run_load(*node, crowd.consents(count), 1),
                  "waits for the durable outcome of each");
}

void one_client(const Print& print) {
    constexpr std::size_t count = 4'000;
    const auto postgres =
        is_wanted("peer.postgres_chain_1") ? Postgres::start() : std::unique_ptr<Postgres>{};
    const auto peer = [&] { return postgres->chain(1, count); };
    side_by_side(print, [] { return one_client_round(count); }, postgres ? Round(peer) : Round{});
}

const Registered signed_tx_row{"ledger.signed_tx", signed_tx};
const Registered one_client_row{"ledger.one_client", one_client, {"peer.postgres_chain_1"}};

}  // namespace

}  // namespace salus::bench
