#include "base/env.hpp"
#include "learn/studio.hpp"
#include "peers/postgres.hpp"
#include "peers/sqlite.hpp"

#include "../cmd/salus/stage_rows.hpp"
#include "daemon.hpp"
#include "ledger_world.hpp"
#include <atomic>
#include <thread>

/// What a whole node does over HTTP: rows sealed by a client, signed, durable; memory afterwards.
namespace salus::bench {

namespace {

constexpr std::size_t rows = 10'000;

learn::Studio demo_studio() {
    learn::Studio studio;
    learn::DemoOptions options;
    options.rows = rows;
    static_cast<void>(studio.load_demo(options));
    return studio;
}

struct Loaded {
    Row time;
    Row memory;
};

Loaded load_rows_round() {
    const Daemon daemon;
    const auto api = connect(daemon);
    client::Home home = new_patient(*api, "bench.patient");
    const learn::Studio studio = demo_studio();
    const double client_cpu = cpu_us();
    const double server_cpu = daemon.cpu_us();
    const std::int64_t start = machine_env().steady_ns();
    const auto stored =
        need(command::store_stage(machine_env(), home, studio, learn::Stage::loaded, "bench", ""),
             "the rows were not stored");
    const double seconds = static_cast<double>(machine_env().steady_ns() - start) / 1e9;
    const double cpu = cpu_us() - client_cpu + daemon.cpu_us() - server_cpu;
    const std::string note = std::to_string(stored.rows) + " records in " +
                             std::to_string(stored.envelopes) +
                             " envelopes, sealed by the client, over HTTP, durable";
    return {.time = {.name = "ledger.load_10000_rows",
                     .value = seconds,
                     .unit = "s",
                     .p50_ms = {},
                     .p99_ms = {},
                     .cpu_us_per_op = cpu / static_cast<double>(rows),
                     .n = rows,
                     .note = note},
            .memory = {.name = "ledger.memory_10000_records",
                       .value = daemon.resident_mb(),
                       .unit = "MB",
                       .p50_ms = {},
                       .p99_ms = {},
                       .cpu_us_per_op = {},
                       .n = rows,
                       .note = "resident memory of salusd after them"}};
}

void load_rows(const Print& print) {
    Loaded last;
    const auto ours = [&] {
        last = load_rows_round();
        return last.time;
    };
    const bool compare = is_wanted("peer.sqlite_10000_rows") && has_sqlite();
    const auto peer = [] { return sqlite_load({.rows = rows, .rows_per_transaction = 1}); };
    side_by_side(print, ours, compare ? Round(peer) : Round{});
    print(last.memory);
    // The batch of an envelope: what one trusted database does faster, and says so.
    if (compare) print(sqlite_load({.rows = rows, .rows_per_transaction = 1'000}));
}

Row http_16_round() {
    constexpr std::size_t clients = 16;
    constexpr std::size_t each = 500;
    const Daemon daemon;
    const auto api = connect(daemon);
    const std::string chain_id = need(api->status(), "no status").chain_id;
    std::vector<std::vector<Bytes>> work(clients);
    for (std::size_t i = 0; i < clients; ++i) {
        Patient patient(machine_env());
        need(api->submit(patient.enrol(chain_id)), "an enrolment failed");
        for (std::size_t n = 0; n < each; ++n) work[i].push_back(patient.consent(chain_id));
    }
    std::vector<std::vector<std::int64_t>> times(clients);
    const double server_cpu = daemon.cpu_us();
    const std::int64_t start = machine_env().steady_ns();
    {
        std::vector<std::jthread> threads;
        for (std::size_t i = 0; i < clients; ++i) {
            threads.emplace_back([&, i] {
                const auto own = connect(daemon);
                for (Bytes& transaction : work[i]) {
                    const std::int64_t sent = machine_env().steady_ns();
                    const auto receipt =
                        need(own->submit(std::move(transaction)), "a submission failed");
                    need(receipt.code == 0, "a consent was refused");
                    times[i].push_back(machine_env().steady_ns() - sent);
                }
            });
        }
    }
    const double seconds = static_cast<double>(machine_env().steady_ns() - start) / 1e9;
    std::vector<std::int64_t> all;
    for (const auto& some : times) all.insert(all.end(), some.begin(), some.end());
    return {.name = "ledger.http_16",
            .value = static_cast<double>(all.size()) / seconds,
            .unit = "/s",
            .p50_ms = percentile_ms(all, 0.5),
            .p99_ms = percentile_ms(all, 0.99),
            .cpu_us_per_op = (daemon.cpu_us() - server_cpu) / static_cast<double>(all.size()),
            .n = all.size(),
            .note = "16 clients on keep-alive, each waits for its durable receipt; CPU of salusd"};
}

void http_16(const Print& print) {
    const auto postgres =
        is_wanted("peer.postgres_chain_16") ? Postgres::start() : std::unique_ptr<Postgres>{};
    const auto peer = [&] { return postgres->chain(16, 8'000); };
    side_by_side(print, http_16_round, postgres ? Round(peer) : Round{});
}

const Registered load_row{
    "ledger.load_10000_rows",
    load_rows,
    {"ledger.memory_10000_records", "peer.sqlite_10000_rows", "peer.sqlite_10000_rows_batched"}};
const Registered http_row{"ledger.http_16", http_16, {"peer.postgres_chain_16"}};

}  // namespace

}  // namespace salus::bench
