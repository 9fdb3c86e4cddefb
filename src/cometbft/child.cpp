#include "cometbft/child.hpp"

#include "base/log.hpp"
#include "cometbft/limits.hpp"

#include <fcntl.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <cstring>

namespace salus::cometbft {

namespace {

constexpr int stop_ms_max = 10'000;
/// A child that ran this long did start; the next one need not wait long.
constexpr std::int64_t healthy_ns = 10'000'000'000;

/// In the child, between fork and exec: only what a signal handler may do.
[[noreturn]] void become(const std::vector<char*>& arguments, const char* directory, int output) {
    sigset_t none;
    sigemptyset(&none);
    ::sigprocmask(SIG_SETMASK, &none, nullptr);
    ::signal(SIGPIPE, SIG_DFL);
    ::prctl(PR_SET_PDEATHSIG, SIGTERM);
    if (output >= 0) {
        ::dup2(output, STDOUT_FILENO);
        ::dup2(output, STDERR_FILENO);
    }
    if (::chdir(directory) == 0) ::execv(arguments[0], arguments.data());
    ::_exit(127);
}

bool is_program(const std::string& path) {
    return ::access(path.c_str(), X_OK) == 0;
}

}  // namespace

Child::Child(Env& env, Options options) : env_(env), options_(std::move(options)) {
    thread_ = std::thread([this] { loop(); });
}

Child::~Child() {
    stop();
}

std::uint64_t Child::starts() const {
    const std::lock_guard lock(mutex_);
    return starts_;
}

void Child::send(int signal) const {
    if (process_ > 0) ::kill(process_, signal);
}

void Child::restart() {
    const std::lock_guard lock(mutex_);
    send(SIGKILL);
}

void Child::stop() {
    {
        const std::lock_guard lock(mutex_);
        stopping_ = true;
        send(SIGTERM);
    }
    wake_.notify_all();
    if (thread_.joinable()) thread_.join();
}

int Child::launch() const {
    std::vector<char*> arguments;
    for (const std::string& one : options_.command) {
        arguments.push_back(const_cast<char*>(one.c_str()));
    }
    arguments.push_back(nullptr);
    const int flags = O_WRONLY | O_CREAT | O_CLOEXEC | (starts_ == 0 ? O_TRUNC : O_APPEND);
    const int output = ::open(options_.log_file.c_str(), flags, 0600);
    if (!options_.socket_file.empty()) ::unlink(options_.socket_file.c_str());
    const int process = ::fork();
    if (process == 0) become(arguments, options_.directory.c_str(), output);
    if (output >= 0) ::close(output);
    if (process < 0) log::error("engine-not-started", {{"reason", std::strerror(errno)}});
    return process;
}

void Child::wait_for_end(int process) {
    // A process cannot be waited for together with a condition: look often enough for people.
    int status = 0;
    int waited_ms = 0;
    while (::waitpid(process, &status, WNOHANG) == 0) {
        std::unique_lock lock(mutex_);
        wake_.wait_for(lock, std::chrono::milliseconds(20), [] { return false; });
        if (stopping_ && (waited_ms += 20) == stop_ms_max) ::kill(process, SIGKILL);
    }
    const std::lock_guard lock(mutex_);
    process_ = -1;
    if (!stopping_) {
        log::warn("engine-ended", {{"code", WIFEXITED(status) ? WEXITSTATUS(status) : -1},
                                   {"signal", WIFSIGNALED(status) ? WTERMSIG(status) : 0}});
    }
}

// The thread that forks must live as long as the child: the kernel's notice of a parent's death is
// that thread's.
void Child::loop() {
    std::int64_t pause_ms = restart_ms_min;
    while (true) {
        const std::int64_t begun = env_.steady_ns();
        int process = -1;
        {
            const std::lock_guard lock(mutex_);
            if (stopping_) return;
            process = process_ = launch();
            ++starts_;
        }
        if (process > 0) wait_for_end(process);
        const bool healthy = env_.steady_ns() - begun >= healthy_ns;
        pause_ms = healthy ? restart_ms_min : std::min(pause_ms * 2, restart_ms_max);
        std::unique_lock lock(mutex_);
        wake_.wait_for(lock, std::chrono::milliseconds(pause_ms), [this] { return stopping_; });
    }
}

Result<std::string> find_cometbft(const std::string& configured) {
    if (!configured.empty()) {
        if (is_program(configured)) return configured;
        return Error{Errc::not_found,
                     "the engine's program named in the configuration is not there"};
    }
    const char* path = std::getenv("PATH");
    std::string rest = path == nullptr ? "" : path;
    while (!rest.empty()) {
        const std::size_t colon = rest.find(':');
        const std::string candidate = rest.substr(0, colon) + "/cometbft";
        if (is_program(candidate)) return candidate;
        rest = colon == std::string::npos ? "" : rest.substr(colon + 1);
    }
    const char* home = std::getenv("HOME");
    const std::string own =
        std::string(home == nullptr ? "" : home) + "/.local/share/salus/cometbft";
    if (is_program(own)) return own;
    return Error{Errc::not_found, "cometbft is not on PATH; tools/cometbft.sh installs it"};
}

}  // namespace salus::cometbft
