#include "daemon.hpp"

#include "base/env.hpp"

#include <sched.h>
#include <sys/wait.h>
#include <unistd.h>

#include "ledger_world.hpp"
#include <array>
#include <csignal>
#include <cstdio>
#include <fstream>
#include <string>

namespace salus::bench {

namespace {

std::string own_folder() {
    std::array<char, 4'096> path{};
    const ssize_t size = readlink("/proc/self/exe", path.data(), path.size() - 1);
    need(size > 0, "this program does not know where it lies");
    const std::string whole(path.data(), static_cast<std::size_t>(size));
    return whole.substr(0, whole.rfind('/'));
}

std::string write_config(const std::string& directory) {
    const std::string path = directory + "/salusd.json";
    std::ofstream out(path);
    out << R"({"data_dir": ")" << directory << R"(/data", "listen": "127.0.0.1:0", "demo": true})";
    out.close();
    need(out.good(), "the configuration cannot be written");
    return path;
}

/// The port in the line "ready http://localhost:PORT".
std::uint16_t read_port(FILE* output) {
    std::array<char, 512> line{};
    while (std::fgets(line.data(), static_cast<int>(line.size()), output) != nullptr) {
        const std::string text(line.data());
        if (text.starts_with("ready ")) {
            return static_cast<std::uint16_t>(std::stoul(text.substr(text.rfind(':') + 1)));
        }
    }
    need(false, "salusd did not start");
    return 0;
}

}  // namespace

void pin_to(int core) {
    cpu_set_t set;
    CPU_ZERO(&set);
    CPU_SET(static_cast<std::size_t>(core), &set);
    need(sched_setaffinity(0, sizeof set, &set) == 0, "a thread cannot be pinned");
}

Daemon::Daemon(int core) {
    const std::string config = write_config(directory_.path());
    const std::string program = own_folder() + "/salusd";
    std::array<int, 2> ends{};
    need(pipe(ends.data()) == 0, "no pipe");
    process_ = fork();
    need(process_ >= 0, "no process");
    if (process_ == 0) {
        if (core >= 0) pin_to(core);
        dup2(ends[1], STDOUT_FILENO);
        close(ends[0]);
        close(ends[1]);
        if (freopen("/dev/null", "w", stderr) == nullptr) _exit(126);
        execl(program.c_str(), program.c_str(), "--config", config.c_str(), nullptr);
        _exit(127);
    }
    close(ends[1]);
    FILE* output = fdopen(ends[0], "r");
    port_ = read_port(output);
    std::fclose(output);
}

Daemon::~Daemon() {
    kill(process_, SIGTERM);
    waitpid(process_, nullptr, 0);
}

double Daemon::resident_mb() const {
    std::ifstream in("/proc/" + std::to_string(process_) + "/status");
    for (std::string line; std::getline(in, line);) {
        if (line.starts_with("VmRSS:")) return std::stod(line.substr(6)) / 1'024;
    }
    return 0;
}

double Daemon::cpu_us() const {
    std::ifstream in("/proc/" + std::to_string(process_) + "/stat");
    std::string word;
    double ticks = 0;
    for (int field = 1; in >> word && field <= 15; ++field) {
        if (field == 14 || field == 15) ticks += std::stod(word);
    }
    return ticks * 1e6 / static_cast<double>(sysconf(_SC_CLK_TCK));
}

std::unique_ptr<client::Api> connect(const Daemon& daemon) {
    return std::make_unique<client::Api>(
        client::HttpClient(need(client::Address::parse(daemon.url()), "no address")));
}

client::Home new_patient(client::Api& api, const std::string& name) {
    const auto status = need(api.status(), "no status");
    client::SignUpOptions options;
    options.name = name;
    options.display_name = "Bench Patient";
    options.second_factor = false;
    auto account = need(client::make_account(machine_env(), status.organisation.id,
                                             "a long password for measuring", std::move(options)),
                        "no account");
    return need(client::Home::sign_up(machine_env(), api, std::move(account)), "no sign-up");
}

}  // namespace salus::bench
