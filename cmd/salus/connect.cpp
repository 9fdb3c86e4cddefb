#include "connect.hpp"

#include "client/limits.hpp"

#include <termios.h>
#include <unistd.h>

#include "command.hpp"
#include <cstdio>
#include <cstdlib>

namespace salus::command {
namespace {

constexpr std::size_t recovery_file_bytes_max = 256;

/// One line typed on the terminal; the letters of a secret are not shown.
std::string ask_terminal(std::string_view prompt, bool secret) {
    if (isatty(STDIN_FILENO) == 0) return {};
    std::fprintf(stderr, "%.*s", static_cast<int>(prompt.size()), prompt.data());
    termios before{};
    tcgetattr(STDIN_FILENO, &before);
    termios quiet = before;
    if (secret) quiet.c_lflag &= ~static_cast<tcflag_t>(ECHO);
    tcsetattr(STDIN_FILENO, TCSAFLUSH, &quiet);
    std::string line;
    for (int c = std::getchar(); c != EOF && c != '\n'; c = std::getchar()) {
        line.push_back(static_cast<char>(c));
    }
    tcsetattr(STDIN_FILENO, TCSAFLUSH, &before);
    if (secret) std::fputc('\n', stderr);
    return line;
}

std::string environment(const char* name) {
    const char* const value = std::getenv(name);
    return value == nullptr ? std::string{} : std::string(value);
}

}  // namespace

std::string node_url(const Args& args) {
    if (const auto url = args.value("url")) return *url;
    const std::string from_environment = environment("SALUS_URL");
    return from_environment.empty() ? "http://localhost:8080" : from_environment;
}

Result<client::Api> connect(const Args& args) {
    client::Address address = SALUS_TRY(client::Address::parse(node_url(args)));
    return client::Api(client::HttpClient(std::move(address)));
}

json::Value to_json(const client::TxReceipt& receipt) {
    return json::Object{{"id", receipt.id},
                        {"position", receipt.position},
                        {"height", receipt.height},
                        {"time", receipt.time.value},
                        {"code", std::uint64_t{receipt.code}},
                        {"header_hash", receipt.header_hash},
                        {"previous", receipt.previous}};
}

Result<std::string> read_password(Env& env, const Args& args, std::string_view prompt) {
    std::string password;
    if (const auto path = args.value("password-file")) {
        const Bytes bytes = SALUS_TRY(read_input(env, *path, client::password_bytes_max));
        password = std::string(as_text(bytes));
        while (!password.empty() && (password.back() == '\n' || password.back() == '\r'))
            password.pop_back();
    } else {
        password = environment("SALUS_PASSWORD");
        if (password.empty()) password = ask_terminal(prompt, true);
    }
    if (password.empty()) {
        return Error{Errc::malformed,
                     "no password: give --password-file, SALUS_PASSWORD, or type it on a terminal"};
    }
    return password;
}

Result<std::string> read_recovery_code(Env& env, const Args& args) {
    std::string code;
    if (const auto path = args.value("recovery-file")) {
        code = as_text(SALUS_TRY(read_input(env, *path, recovery_file_bytes_max)));
    } else {
        code = environment("SALUS_RECOVERY_CODE");
        if (code.empty()) code = ask_terminal("Recovery code: ", true);
    }
    while (!code.empty() && (code.back() == '\n' || code.back() == '\r')) code.pop_back();
    if (code.empty()) {
        return Error{Errc::malformed,
                     "no recovery code: give --recovery-file, SALUS_RECOVERY_CODE, or type it on a "
                     "terminal"};
    }
    return code;
}

std::string read_code(const Args& args) {
    if (const auto code = args.value("code")) return *code;
    std::string code = environment("SALUS_CODE");
    return code.empty() ? ask_terminal("Code of your second factor (empty: none): ", false) : code;
}

std::string plain_time(UnixMillis time) {
    const std::int64_t seconds = time.value / 1'000 % 86'400;
    char clock[48];
    std::snprintf(clock, sizeof clock, ", %02d:%02d:%02d.%03d UTC",
                  static_cast<int>(seconds / 3'600), static_cast<int>(seconds / 60 % 60),
                  static_cast<int>(seconds % 60), static_cast<int>(time.value % 1'000));
    return client::plain_date(time) + clock;
}

}  // namespace salus::command
