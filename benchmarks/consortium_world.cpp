#include "consortium_world.hpp"

#include "chain/vm_executor.hpp"
#include "cometbft/child.hpp"
#include "cometbft/consortium.hpp"
#include "cometbft/engine.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <thread>

namespace salus::bench {

namespace {

constexpr std::uint16_t first_port = 24'000;
constexpr std::uint16_t ports_per_member = 10;
constexpr std::int64_t patience_ns = 60'000'000'000;

bool is_free(std::uint16_t port) {
    const int one = socket(AF_INET, SOCK_STREAM, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    const bool free = bind(one, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0;
    close(one);
    return free;
}

std::uint16_t free_ports(std::size_t members) {
    for (std::uint16_t port = first_port; port < 31'000;
         port = static_cast<std::uint16_t>(port + 200)) {
        bool all = true;
        for (std::size_t i = 0; i < members; ++i) {
            all = all && is_free(static_cast<std::uint16_t>(port + ports_per_member * i + 1));
        }
        if (all) return port;
    }
    need(false, "no free ports");
    return 0;
}

std::vector<chain::GenesisContract> genesis_contracts() {
    std::vector<chain::GenesisContract> out;
    for (const contracts::ShippedContract& one : contracts::shipped_contracts()) {
        out.push_back({.name = std::string(one.name), .module = to_bytes(one.module)});
    }
    return out;
}

std::unique_ptr<chain::Node> open_member(const std::string& data_dir) {
    chain::NodeConfig config;
    config.data_dir = data_dir;
    config.make_engine =
        [data_dir](Env& env, chain::Replica& replica) -> Result<std::unique_ptr<chain::Engine>> {
        cometbft::CometOptions options{.directory = data_dir + "/cometbft",
                                       .program = SALUS_TRY(cometbft::find_cometbft("")),
                                       .limits = {}};
        return std::unique_ptr<chain::Engine>(
            SALUS_TRY(cometbft::CometEngine::start(env, replica, std::move(options))));
    };
    return need(
        chain::Node::open(machine_env(), config,
                          std::make_unique<chain::VmExecutor>(contracts::ContractVm::Options{
                              .shipped = contracts::shipped_contracts()})),
        "a member does not open");
}

/// Processor time of the children of this process, µs.
double children_cpu_us() {
    double ticks = 0;
    for (const auto& entry : std::filesystem::directory_iterator("/proc")) {
        const std::string name = entry.path().filename();
        if (name.find_first_not_of("0123456789") != std::string::npos) continue;
        std::ifstream in(entry.path() / "stat");
        std::string text;
        std::getline(in, text);
        const std::size_t end = text.rfind(')');
        if (end == std::string::npos) continue;
        // Behind the name: state (field 3), parent (4), … user (14) and system ticks (15).
        std::istringstream rest(text.substr(end + 1));
        std::vector<std::string> fields;
        for (std::string word; fields.size() < 13 && rest >> word;) fields.push_back(word);
        if (fields.size() < 13 || fields[1] != std::to_string(getpid())) continue;
        ticks += std::stod(fields[11]) + std::stod(fields[12]);
    }
    return ticks * 1e6 / static_cast<double>(sysconf(_SC_CLK_TCK));
}

}  // namespace

bool Consortium::possible() {
    const auto found = cometbft::find_cometbft("");
    if (!found.ok()) std::fprintf(stderr, "bench: %s\n", found.error().detail.c_str());
    return found.ok();
}

Consortium::Consortium(std::size_t members, int delay_ms) {
    cometbft::LocalConsortium options;
    options.directory = directory_.path();
    options.members = members;
    options.port = free_ports(members);
    options.contracts = genesis_contracts();
    need(cometbft::write_local_consortium(machine_env(), options).ok(), "no consortium");
    const auto home = [&](std::size_t i) {
        return directory_.path() + "/node" + std::to_string(i);
    };
    if (delay_ms > 0) {
        for (std::size_t i = 0; i < members; ++i) {
            const std::string path = home(i) + "/data/cometbft/config/config.toml";
            std::ifstream in(path);
            std::string text{std::istreambuf_iterator<char>(in), {}};
            for (std::size_t other = 0; other < members; ++other) {
                if (other == i) continue;
                const auto peer =
                    static_cast<std::uint16_t>(options.port + ports_per_member * other + 1);
                proxies_.push_back(std::make_unique<DelayProxy>(peer, delay_ms));
                const std::string before = "@127.0.0.1:" + std::to_string(peer);
                const std::size_t at = text.find(before);
                need(at != std::string::npos, "a member does not name its peer");
                text.replace(at, before.size(),
                             "@127.0.0.1:" + std::to_string(proxies_.back()->port()));
            }
            std::ofstream(path) << text;
        }
    }
    for (std::size_t i = 0; i < members; ++i) nodes_.push_back(open_member(home(i) + "/data"));
}

Consortium::~Consortium() {
    std::vector<std::thread> closing;
    for (const auto& node : nodes_) closing.emplace_back([&node] { (void)node->close().ok(); });
    for (std::thread& one : closing) one.join();
}

double Consortium::cpu_us() const {
    return bench::cpu_us() + children_cpu_us();
}

void Consortium::settle() {
    const std::int64_t end = machine_env().steady_ns() + patience_ns;
    while (machine_env().steady_ns() < end) {
        bool same = true;
        for (const auto& node : nodes_) {
            same = same && node->status().head == nodes_.front()->status().head;
        }
        if (same) return;
        std::this_thread::sleep_for(std::chrono::milliseconds(20));
    }
    need(false, "the members do not come together");
}

OpenLoop run_open_loop(Consortium& consortium, const std::vector<Bytes>& envelopes, double rate) {
    Env& env = machine_env();
    OpenLoop load;
    load.latencies_ns.resize(envelopes.size());
    std::atomic<std::size_t> answered = 0;
    std::atomic<std::size_t> bad = 0;
    std::atomic<std::int64_t> first = 0;
    const double cpu_before = consortium.cpu_us();
    const std::int64_t start = env.steady_ns();
    for (std::size_t i = 0; i < envelopes.size(); ++i) {
        const std::int64_t due =
            start + static_cast<std::int64_t>(static_cast<double>(i) * 1e9 / rate);
        const std::int64_t wait = due - env.steady_ns();
        if (wait > 0) std::this_thread::sleep_for(std::chrono::nanoseconds(wait));
        const auto heard = [&, i, due](const Result<chain::TransactionOutcome>& outcome) {
            const std::int64_t now = env.steady_ns();
            std::int64_t none = 0;
            first.compare_exchange_strong(none, now);
            load.latencies_ns[i] = now - due;
            bad += outcome.ok() && outcome->in_log() && outcome->code == 0 ? 0U : 1U;
            ++answered;
        };
        need(consortium.node(i % consortium.size()).submit(envelopes[i], heard).ok(),
             "a transaction was not taken");
    }
    const std::int64_t end = env.steady_ns() + patience_ns;
    while (answered < envelopes.size() && env.steady_ns() < end) {
        std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
    need(answered == envelopes.size(), "a transaction was not answered within a minute");
    load.seconds = static_cast<double>(env.steady_ns() - first) / 1e9;
    load.cpu = consortium.cpu_us() - cpu_before;
    need(bad == 0, "a consent was refused");
    return load;
}

}  // namespace salus::bench
