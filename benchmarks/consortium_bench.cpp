#include "consortium_world.hpp"
#include <chrono>
#include <thread>

/// Members that agree through CometBFT: open loop, every answer durable at the member that was
/// asked. Both cores of a small machine are shared by all members, so a figure of four is also one
/// of four times the work.
namespace salus::bench {

namespace {

constexpr std::size_t patients = 64;
constexpr int country_delay_ms = 50;

struct People {
    explicit People(Consortium& consortium) : chain_id(consortium.node(0).status().chain_id) {
        std::vector<Bytes> enrolments;
        for (std::size_t i = 0; i < patients; ++i) {
            all.emplace_back(machine_env());
            enrolments.push_back(all.back().enrol(chain_id));
        }
        run_open_loop(consortium, enrolments, 500);
        consortium.settle();
    }
    std::vector<Bytes> consents(std::size_t count) {
        std::vector<Bytes> out;
        for (std::size_t i = 0; i < count; ++i) {
            out.push_back(all[i % patients].consent(chain_id));
        }
        return out;
    }
    std::vector<Bytes> envelopes(std::size_t count, std::size_t operations) {
        std::vector<Bytes> out;
        for (std::size_t i = 0; i < count; ++i) {
            std::vector<ledger::Operation> rows;
            for (std::size_t row = 0; row < operations; ++row) {
                rows.push_back(all[i % patients].consent_operation());
            }
            out.push_back(all[i % patients].sign(chain_id, std::move(rows)));
        }
        return out;
    }
    std::string chain_id;
    std::vector<Patient> all;
};

Row row_of(std::string name, Consortium& consortium, const OpenLoop& load, std::size_t operations,
           std::uint64_t blocks, std::string note) {
    const auto n = static_cast<double>(load.latencies_ns.size() * operations);
    const auto interval = blocks == 0 ? 0.0 : load.seconds * 1e3 / static_cast<double>(blocks);
    return {.name = std::move(name),
            .value = n / load.seconds,
            .unit = "/s",
            .p50_ms = percentile_ms(load.latencies_ns, 0.50),
            .p99_ms = percentile_ms(load.latencies_ns, 0.99),
            .cpu_us_per_op = load.cpu / n / static_cast<double>(consortium.size()),
            .n = static_cast<std::uint64_t>(n),
            .note = std::move(note) +
                    "; CPU is of one member, application and engine; a block each " +
                    std::to_string(static_cast<int>(interval)) + " ms"};
}

struct Offer {
    std::string name;
    double rate = 0;
    double seconds = 0;
    std::size_t operations = 1;
    std::string note;
};

void offer(Consortium& consortium, People& people, const Print& print, const Offer& what) {
    const auto count = static_cast<std::size_t>(what.rate * what.seconds);
    const std::vector<Bytes> ready =
        what.operations == 1 ? people.consents(count) : people.envelopes(count, what.operations);
    const std::uint64_t before = consortium.node(0).status().head.height.value;
    const OpenLoop load = run_open_loop(consortium, ready, what.rate);
    consortium.settle();
    const std::uint64_t blocks = consortium.node(0).status().head.height.value - before;
    print(row_of(what.name, consortium, load, what.operations, blocks,
                 what.note + std::to_string(static_cast<int>(what.rate)) + "/s offered"));
}

void one(const Print& print) {
    if (!Consortium::possible()) return;
    Consortium consortium(1);
    People people(consortium);
    offer(consortium, people, print,
          {.name = "consortium.1", .rate = 8'000, .seconds = 8, .note = "one member, "});
}

void idle(Consortium& consortium, const Print& print) {
    constexpr int seconds = 10;
    const double before = consortium.cpu_us();
    std::this_thread::sleep_for(std::chrono::seconds(seconds));
    const double share = (consortium.cpu_us() - before) / 1e6 / seconds;
    print({.name = "consortium.4_idle",
           .value = share * 100 / static_cast<double>(consortium.size()),
           .unit = "% of a core",
           .p50_ms = {},
           .p99_ms = {},
           .cpu_us_per_op = {},
           .n = seconds,
           .note = "one of four members, application and engine, nobody asks anything"});
}

void four(const Print& print) {
    if (!Consortium::possible()) return;
    Consortium consortium(4);
    People people(consortium);
    if (is_wanted("consortium.4_idle")) idle(consortium, print);
    if (is_wanted("consortium.4_light")) {
        offer(consortium, people, print,
              {.name = "consortium.4_light", .rate = 100, .seconds = 8, .note = "four members, "});
    }
    if (is_wanted("consortium.4")) {
        offer(consortium, people, print,
              {.name = "consortium.4", .rate = 1'600, .seconds = 10, .note = "four members, "});
    }
    if (is_wanted("consortium.4_envelopes")) {
        offer(consortium, people, print,
              {.name = "consortium.4_envelopes",
               .rate = 100,
               .seconds = 10,
               .operations = 100,
               .note = "four members, envelopes of 100 consents, "});
    }
}

void country(const Print& print) {
    if (!Consortium::possible()) return;
    Consortium consortium(4, country_delay_ms);
    People people(consortium);
    offer(consortium, people, print,
          {.name = "consortium.4_country",
           .rate = 100,
           .seconds = 8,
           .note = "four members, 50 ms in each direction between any two, "});
}

const Registered one_row{"consortium.1", one};
const Registered four_row{
    "consortium.4", four, {"consortium.4_envelopes", "consortium.4_idle", "consortium.4_light"}};
const Registered country_row{"consortium.4_country", country};

}  // namespace

}  // namespace salus::bench
