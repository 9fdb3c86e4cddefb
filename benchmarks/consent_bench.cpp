#include "base/cbor.hpp"
#include "base/env.hpp"
#include "chain/vm_executor.hpp"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include "bench.hpp"
#include "daemon.hpp"
#include "ledger_world.hpp"
#include <array>
#include <map>
#include <thread>

/// One question to the `consent` contract: may this person open this record?
namespace salus::bench {

namespace {

/// docs/contracts/consent.md `decide`, for somebody whom no directive names.
Bytes question(const AccountId& patient, std::int64_t now) {
    cbor::Writer args;
    const ObjectId label = random_bytes<ObjectId>(machine_env());
    args.map(8).uint(1).bytes(patient.view()).uint(2).array(1).bytes(label.view());
    args.uint(3).text("TREAT").uint(4).text("access").uint(5).bytes(label.view());
    args.uint(6).bytes(label.view()).uint(7).bytes(label.view()).uint(8).integer(now);
    return args.take();
}

/// State as a sorted list in memory: what is left is the contract's own work.
class MemoryState final : public contracts::KvView {
  public:
    Result<std::optional<Bytes>> get(ByteView key) override {
        const auto found = pairs_.find(to_bytes(key));
        return found == pairs_.end() ? std::optional<Bytes>{} : std::optional<Bytes>{found->second};
    }
    Status put(ByteView key, ByteView value) override {
        pairs_[to_bytes(key)] = to_bytes(value);
        return done;
    }
    Status del(ByteView key) override {
        pairs_.erase(to_bytes(key));
        return done;
    }
    Status scan(ByteView prefix, ByteView after, std::size_t limit,
                contracts::ScanEntries& found) override {
        auto at = after.empty() ? pairs_.lower_bound(to_bytes(prefix))
                                : pairs_.upper_bound(to_bytes(after));
        for (; at != pairs_.end() && found.size() < limit; ++at) {
            if (!as_text(at->first).starts_with(as_text(prefix))) break;
            found.add(contracts::own_key(at->first), at->second);
        }
        return done;
    }

  private:
    std::map<Bytes, Bytes> pairs_;
};

class ShippedCodes final : public contracts::CodeStore {
  public:
    Result<std::optional<contracts::CodeRef>> active(std::string_view name) override {
        for (const contracts::ShippedContract& c : contracts::shipped_contracts()) {
            if (c.name == name) {
                return std::optional{contracts::CodeRef{.name = std::string(name), .hash = c.hash}};
            }
        }
        return std::optional<contracts::CodeRef>{};
    }
    Result<Bytes> module(const Digest& hash) override {
        for (const contracts::ShippedContract& c : contracts::shipped_contracts()) {
            if (c.hash == hash) return to_bytes(c.module);
        }
        return Error{Errc::not_found, "no such code"};
    }
};

/// A directive of docs/contracts/consent.md that permits `label` everything for treatment.
Bytes stored_directive(const ObjectId& label, std::int64_t now) {
    cbor::Writer ir;
    ir.map(8).uint(1).uint(1).uint(2).uint(1).uint(3).array(1).bytes(label.view());
    ir.uint(4).array(1).uint(0).uint(5).array(1).text("TREAT").uint(6).array(1).text("access");
    ir.uint(7).integer(now - 1'000).uint(8).integer(now + 1'000'000);
    cbor::Writer out;
    out.map(7).uint(1).bytes(ir.view()).uint(2).bytes(Digest{}.view()).uint(3).uint(1);
    out.uint(4).integer(now).uint(5).null().uint(6).bytes(Digest{}.view()).uint(7).null();
    return out.take();
}

void decide_with(const Print& print, std::size_t directives) {
    constexpr std::size_t n = 500'000;
    MemoryState state;
    ShippedCodes codes;
    const std::int64_t now = machine_env().now().value;
    const auto patient = random_bytes<AccountId>(machine_env());
    for (std::size_t i = 0; i < directives; ++i) {
        Bytes key = to_bytes("d/");
        append(key, patient.view());
        append(key, random_bytes<ObjectId>(machine_env()).view());
        need(state
                 .put(contracts::state_key("consent", key),
                      stored_directive(random_bytes<ObjectId>(machine_env()), now))
                 .ok(),
             "not stored");
    }
    contracts::ContractVm vm({.shipped = contracts::shipped_contracts()});
    const auto code = need(codes.active("consent"), "no consent contract");
    contracts::HostContext context{.state = state,
                                   .codes = codes,
                                   .caller = {},
                                   .transaction = {},
                                   .payload = {},
                                   .height = {1},
                                   .time = {now}};
    const Bytes input = contracts::call_input("decide", question(patient, now));
    std::uint64_t gas = 0;
    const auto ask = [&] {
        const auto result =
            need(vm.run(*code, contracts::Entry::query, input, context, 50'000'000), "no run");
        need(result.code == 0, "no decision");
        gas = result.gas_used;
    };
    ask();
    const double cpu = cpu_us();
    const std::int64_t start = machine_env().steady_ns();
    for (std::size_t i = 0; i < n; ++i) ask();
    const double seconds = static_cast<double>(machine_env().steady_ns() - start) / 1e9;
    print({.name = "consent.decide",
           .value = static_cast<double>(n) / seconds,
           .unit = "/s",
           .p50_ms = {},
           .p99_ms = {},
           .cpu_us_per_op = (cpu_us() - cpu) / static_cast<double>(n),
           .n = n,
           .note = "the compiled contract alone, state in memory, a patient with " +
                   std::to_string(directives) + " directives; " + std::to_string(gas) + " gas"});
}

void decide(const Print& print) {
    decide_with(print, 1);
    decide_with(print, 12);
}

void decide_committed(const Print& print) {
    constexpr std::size_t directives = 4;
    constexpr std::size_t n = 100'000;
    const Directory directory;
    const auto node = open_ledger(directory.path());
    Patient patient(machine_env());
    const std::string chain_id = node->status().chain_id;
    need(node->submit_and_wait(patient.enrol(chain_id)), "no enrolment");
    for (std::size_t i = 0; i < directives; ++i) {
        const auto outcome = need(node->submit_and_wait(patient.consent(chain_id)), "no consent");
        need(outcome.code == 0, "a consent was refused");
    }
    const Bytes args = question(patient.account(), machine_env().now().value);
    const double cpu = cpu_us();
    const std::int64_t start = machine_env().steady_ns();
    for (std::size_t i = 0; i < n; ++i) {
        need(need(node->query("consent", "decide", args), "no answer").code == 0, "no decision");
    }
    const double seconds = static_cast<double>(machine_env().steady_ns() - start) / 1e9;
    print(
        {.name = "consent.decide_committed",
         .value = static_cast<double>(n) / seconds,
         .unit = "/s",
         .p50_ms = {},
         .p99_ms = {},
         .cpu_us_per_op = (cpu_us() - cpu) / static_cast<double>(n),
         .n = n,
         .note = "in process, at the node's committed state on disk, a patient with 4 directives"});
}

/// A client that keeps `window` requests on their way on one connection.
class Pipeline {
  public:
    Pipeline(std::uint16_t port, std::string request) : request_(std::move(request)) {
        socket_ = socket(AF_INET, SOCK_STREAM, 0);
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_port = htons(port);
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        need(::connect(socket_, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0,
             "no connection");
        const int one = 1;
        setsockopt(socket_, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    }
    ~Pipeline() { close(socket_); }
    Pipeline(const Pipeline&) = delete;
    Pipeline& operator=(const Pipeline&) = delete;

    void ask(std::size_t count) {
        std::string batch;
        for (std::size_t i = 0; i < count; ++i) batch += request_;
        need(write(socket_, batch.data(), batch.size()) == static_cast<ssize_t>(batch.size()),
             "not sent");
    }
    /// Reads until `count` answers began; each begins with "HTTP/1.1 200".
    void take(std::size_t count) {
        static constexpr std::string_view mark = "HTTP/1.1 200";
        while (seen_ < count) {
            const ssize_t size = read(socket_, buffer_.data(), buffer_.size());
            need(size > 0, "the connection ended");
            rest_.append(buffer_.data(), static_cast<std::size_t>(size));
            std::size_t at = 0;
            for (std::size_t found; (found = rest_.find(mark, at)) != std::string::npos;
                 at = found + 1)
                ++seen_;
            rest_.erase(
                0, rest_.size() > mark.size() ? std::max(at, rest_.size() - mark.size() + 1) : 0);
        }
        seen_ -= count;
    }

  private:
    std::string request_;
    std::string rest_;
    std::array<char, 16'384> buffer_{};
    std::size_t seen_ = 0;
    int socket_ = -1;
};

void can_access_http(const Print& print) {
    constexpr std::size_t connections = 16;
    constexpr std::size_t rounds = 2'000;
    const Daemon daemon(1);
    const auto api = connect(daemon);
    Patient patient(machine_env());
    const std::string chain_id = need(api->status(), "no status").chain_id;
    need(api->submit(patient.enrol(chain_id)), "no enrolment");
    need(api->submit(patient.consent(chain_id)), "no consent");
    pin_to(0);
    const std::string request =
        "GET /api/query?contract=consent&method=decide&args=" +
        to_base64url(question(patient.account(), machine_env().now().value)) +
        " HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n";
    std::vector<std::unique_ptr<Pipeline>> lines;
    for (std::size_t i = 0; i < connections; ++i) {
        lines.push_back(std::make_unique<Pipeline>(daemon.port(), request));
    }
    const double server_cpu = daemon.cpu_us();
    const std::int64_t start = machine_env().steady_ns();
    for (std::size_t round = 0; round < rounds; ++round) {
        for (auto& line : lines) line->ask(1);
        for (auto& line : lines) line->take(1);
    }
    const double seconds = static_cast<double>(machine_env().steady_ns() - start) / 1e9;
    constexpr auto n = connections * rounds;
    print({.name = "consent.can_access_http",
           .value = static_cast<double>(n) / seconds,
           .unit = "/s",
           .p50_ms = {},
           .p99_ms = {},
           .cpu_us_per_op = (daemon.cpu_us() - server_cpu) / static_cast<double>(n),
           .n = n,
           .note = "16 keep-alive connections, generator on one core, salusd on the other; CPU of "
                   "salusd"});
}

const Registered decide_row{"consent.decide", decide};
const Registered committed_row{"consent.decide_committed", decide_committed};
const Registered http_row{"consent.can_access_http", can_access_http};

}  // namespace

}  // namespace salus::bench
