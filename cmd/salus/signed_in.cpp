#include "signed_in.hpp"

#include <cstdlib>

namespace salus::command {
namespace {

constexpr std::string_view ending = ".keyring";

std::string session_path(const std::string& keyring) {
    return keyring + ".session";
}

std::string cookie_name(std::string_view home) {
    return "__Host-salus-" + std::string(home);
}

/// Whether a session of this account was found. A damaged file is no session.
bool load_session(Env& env, const std::string& keyring, client::Api& api, std::string_view home) {
    const auto bytes = read_file(env, session_path(keyring), 4'096);
    if (!bytes.ok()) return false;
    const auto value = json::parse(as_text(*bytes));
    if (!value.ok()) return false;
    const auto cookie = json::need_text(*value, "cookie");
    if (!cookie.ok()) return false;
    api.http().set_cookie(cookie_name(home), *cookie);
    return true;
}

bool is_name(std::string_view name) {
    return !name.empty() && name.size() <= 64 && name.find('/') == std::string_view::npos &&
           name.front() != '.';
}

}  // namespace

std::vector<std::string_view> account_flags(std::initializer_list<std::string_view> more) {
    std::vector<std::string_view> flags{"url", "user", "keyring", "password-file", "code"};
    flags.insert(flags.end(), more.begin(), more.end());
    return flags;
}

std::string keyring_directory() {
    if (const char* const own = std::getenv("SALUS_HOME"); own != nullptr && *own != '\0')
        return own;
    const char* const home = std::getenv("HOME");
    return std::string(home == nullptr ? "." : home) + "/.salus";
}

Result<std::string> keyring_path(Env& env, const Args& args) {
    if (const auto path = args.value("keyring")) return *path;
    const std::string directory = keyring_directory();
    if (const auto name = args.value("user")) {
        if (!is_name(*name)) return Error{Errc::malformed, "--user wants a sign-in name"};
        return directory + "/" + *name + std::string(ending);
    }
    std::vector<std::string> found;
    const auto names = env.list(directory);
    for (const std::string& name : names.value_or(std::vector<std::string>{})) {
        if (name.size() > ending.size() && name.ends_with(ending)) found.push_back(name);
    }
    if (found.size() == 1) return directory + "/" + found.front();
    return Error{Errc::not_found, found.empty()
                                      ? "there is no keyring here; sign up or log in first"
                                      : "there are several keyrings; choose one with --user NAME"};
}

Status save_session(Env& env, const std::string& keyring, client::Api& api,
                    const client::Home& home) {
    for (const auto& [name, value] : api.http().cookies()) {
        if (name != cookie_name(home.name())) continue;
        const std::string text = json::write(json::Object{{"cookie", value}});
        return write_file_atomically(env, session_path(keyring), as_bytes(text));
    }
    return done;
}

Status forget_session(Env& env, const std::string& keyring) {
    const Status removed = env.remove(session_path(keyring));
    if (!removed.ok() && removed.error().code != Errc::not_found) return removed;
    return done;
}

Result<client::Api> home_node(Env& env, const Args& args) {
    if (args.has("url") || std::getenv("SALUS_URL") != nullptr) return connect(args);
    const std::string path = SALUS_TRY(keyring_path(env, args));
    const client::KeyringFile keyring = SALUS_TRY(client::read_keyring(env, path));
    client::Address address = SALUS_TRY(client::Address::parse(keyring.url));
    return client::Api(client::HttpClient(std::move(address)));
}

Result<client::Home> sign_in(Env& env, const Args& args, client::Api& api) {
    const std::string path = SALUS_TRY(keyring_path(env, args));
    const client::KeyringFile keyring = SALUS_TRY(client::read_keyring(env, path));
    std::string password =
        SALUS_TRY(read_password(env, args, "Password of " + keyring.name + ": "));
    const std::string home_name = to_hex(keyring.account.view().first(4));
    if (load_session(env, path, api, home_name)) {
        client::AccountKeys keys = SALUS_TRY(client::unlock(keyring, password));
        Result<client::Home> home = client::Home::resume(env, api, std::move(keys));
        if (home.ok() || home.error().code != Errc::authentication) return home;
    }
    client::Home home =
        SALUS_TRY(client::Home::log_in(env, api, keyring.name, password, read_code(args)));
    SALUS_TRY(save_session(env, path, api, home));
    return home;
}

}  // namespace salus::command
