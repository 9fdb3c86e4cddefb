#include "crypto/account_keys.hpp"

#include "signed_in.hpp"

namespace salus::command {
namespace {

constexpr std::int64_t day_ms = 86'400'000;

/// Keeps the account's slots on this machine, for the commands that follow.
Status keep(Env& env, const Args& args, client::Api& api, const client::Home& home,
            std::string_view name, std::vector<client::NamedSlot> slots) {
    std::string path = args.value_or("keyring", "");
    if (path.empty()) {
        SALUS_TRY(env.make_directories(keyring_directory()));
        path = keyring_directory() + "/" + std::string(name) + ".keyring";
    }
    client::KeyringFile keyring;
    keyring.name = std::string(name);
    keyring.account = home.keys().account;
    keyring.organisation = home.keys().organisation;
    keyring.url = node_url(args);
    std::erase_if(slots, [](const client::NamedSlot& slot) { return slot.type == "demo"; });
    keyring.slots = std::move(slots);
    SALUS_TRY(client::write_keyring(env, path, keyring));
    return save_session(env, path, api, home);
}

Result<json::Value> make(Env& env, const Args& args, const std::string& name,
                         const std::string& password) {
    client::Api api = SALUS_TRY(connect(args));
    const client::NodeStatus status = SALUS_TRY(api.status());
    client::SignUpOptions options;
    options.name = name;
    options.display_name = args.value_or("display-name", name);
    options.invitation = args.value_or("invitation", "");
    options.staff = !options.invitation.empty();
    options.second_factor = !args.has("no-second-factor");
    client::NewAccount account =
        SALUS_TRY(client::make_account(env, status.organisation.id, password, std::move(options)));
    const std::string recovery = crypto::write_code(account.recovery);
    const std::string totp = account.totp_secret.empty() ? "" : to_base32(account.totp_secret);
    std::vector<client::NamedSlot> slots = account.slots;
    const client::Home home = SALUS_TRY(client::Home::sign_up(env, api, std::move(account)));
    SALUS_TRY(keep(env, args, api, home, name, std::move(slots)));
    return json::Value(
        json::Object{{"account", to_hex(home.keys().account.view())},
                     {"receipt", to_json(*home.enrolment())},
                     {"recovery_code", recovery},
                     {"totp_secret", totp.empty() ? json::Value(nullptr) : json::Value(totp)}});
}

int sign_up(Env& env, const Args& args, bool staff) {
    const auto name = args.value("name");
    if (!name) return wrong_use("sign-up wants --name NAME");
    if (staff && !args.has("invitation")) return wrong_use("join wants --invitation CODE");
    const std::string password = SALUS_OR_USAGE(read_password(env, args, "New password: "));
    const json::Value made = SALUS_OR_FAIL(make(env, args, *name, password));
    note(
        "Write the recovery code down and keep it apart from this machine; it is not shown again.");
    print_json(made);
    return exit_done;
}

/// Signs in by name, also on a machine that has no keyring of it yet.
Result<json::Value> log_in(Env& env, const Args& args, const std::string& name,
                           const std::string& password) {
    client::Api api = SALUS_TRY(connect(args));
    std::vector<client::NamedSlot> slots;
    const client::Home home =
        SALUS_TRY(client::Home::log_in(env, api, name, password, read_code(args), &slots));
    SALUS_TRY(keep(env, args, api, home, name, std::move(slots)));
    return home.session();
}

json::Value without_secrets(const json::Value& session) {
    json::Object out;
    for (const json::Member& member : *session.object()) {
        if (member.first != "reload_half") out.push_back(member);
    }
    return json::Value(std::move(out));
}

std::string plain_notice(std::string_view kind) {
    if (kind == "recovery-begun") return "somebody showed your recovery code";
    if (kind == "recovered") return "your account came back by its recovery code";
    if (kind == "recovery-code") return "a new recovery code was made";
    if (kind == "password") return "your password was changed";
    if (kind == "readmitted") return "an officer lets your recovery code stand for both factors";
    return "something changed: " + std::string(kind);
}

/// What the account's owner should know of; stays until the portal was told that they have read it.
void say_notices(const json::Value& session) {
    const auto notices = json::need_array(session, "notices");
    if (!notices.ok()) return;
    for (const json::Value& notice : **notices) {
        const auto kind = json::need_text(notice, "kind", 32);
        const auto time = json::need_int(notice, "time");
        if (kind.ok() && time.ok())
            note(plain_time(UnixMillis{*time}) + ": " + plain_notice(*kind));
    }
}

int login(Env& env, const Args& args) {
    const auto name = args.value("name");
    if (!name) return wrong_use("login wants --name NAME");
    const std::string password = SALUS_OR_USAGE(read_password(env, args, "Password: "));
    const json::Value session = SALUS_OR_FAIL(log_in(env, args, *name, password));
    say_notices(session);
    print_json(without_secrets(session));
    return exit_done;
}

int whoami(Env& env, const Args& args) {
    client::Api api = SALUS_OR_FAIL(home_node(env, args));
    const client::Home home = SALUS_OR_FAIL(sign_in(env, args, api));
    say_notices(home.session());
    print_json(without_secrets(home.session()));
    return exit_done;
}

int logout(Env& env, const Args& args) {
    const std::string path = SALUS_OR_FAIL(keyring_path(env, args));
    client::Api api = SALUS_OR_FAIL(home_node(env, args));
    client::Home home = SALUS_OR_FAIL(sign_in(env, args, api));
    SALUS_OR_FAIL(home.log_out());
    SALUS_OR_FAIL(forget_session(env, path));
    print_json(json::Value(json::Object{{"account", to_hex(home.keys().account.view())}}));
    return exit_done;
}

int invite(Env& env, const Args& args) {
    if (!args.has("role") || !args.has("display-name")) {
        return wrong_use("invite wants --role ROLE and --display-name NAME");
    }
    const std::uint64_t days = SALUS_OR_USAGE(args.number("days", 365, 1, 3'650));
    client::Api api = SALUS_OR_FAIL(home_node(env, args));
    client::Home home = SALUS_OR_FAIL(sign_in(env, args, api));
    const UnixMillis expires{home.now().value + static_cast<std::int64_t>(days) * day_ms};
    const std::string code = SALUS_OR_FAIL(with_step_up(home, args, [&] {
        return home.invite(*args.value("role"), *args.value("display-name"),
                           args.value_or("licence", "none"), expires);
    }));
    print_json(json::Value(
        json::Object{{"code", code}, {"role", *args.value("role")}, {"expires", expires.value}}));
    return exit_done;
}

int slots(Env& env, const Args& args) {
    client::Api api = SALUS_OR_FAIL(home_node(env, args));
    client::Home home = SALUS_OR_FAIL(sign_in(env, args, api));
    for (const client::ListedSlot& slot : SALUS_OR_FAIL(home.slots())) {
        print_json(json::Value(
            json::Object{{"id", slot.id}, {"type", slot.type}, {"created", slot.created.value}}));
    }
    return exit_done;
}

/// The keyring on this machine with slots of another age.
Status keep_slots(Env& env, const Args& args, std::vector<client::NamedSlot> slots) {
    const std::string path = SALUS_TRY(keyring_path(env, args));
    client::KeyringFile keyring = SALUS_TRY(client::read_keyring(env, path));
    std::erase_if(slots, [](const client::NamedSlot& slot) { return slot.type == "demo"; });
    keyring.slots = std::move(slots);
    return client::write_keyring(env, path, keyring);
}

int new_recovery_code(Env& env, const Args& args) {
    client::Api api = SALUS_OR_FAIL(home_node(env, args));
    client::Home home = SALUS_OR_FAIL(sign_in(env, args, api));
    std::vector<client::NamedSlot> sealed;
    const crypto::RecoveryCode code =
        SALUS_OR_FAIL(with_step_up(home, args, [&] { return home.new_recovery_code(&sealed); }));
    SALUS_OR_FAIL(keep_slots(env, args, std::move(sealed)));
    note("Write the new recovery code down; the one before opens nothing any more.");
    print_json(json::Value(json::Object{{"recovery_code", crypto::write_code(code)}}));
    return exit_done;
}

int readmit(Env& env, const Args& args) {
    if (!args.has("account")) return wrong_use("readmit wants --account ID of a member of staff");
    const auto member = SALUS_OR_USAGE(client::id_from<AccountId>(*args.value("account")));
    client::Api api = SALUS_OR_FAIL(home_node(env, args));
    client::Home home = SALUS_OR_FAIL(sign_in(env, args, api));
    SALUS_OR_FAIL(with_step_up(home, args, [&] { return home.readmit(member); }));
    print_json(json::Value(json::Object{{"account", to_hex(member.view())}}));
    return exit_done;
}

/// Password and device are lost: a new keyring out of the recovery code.
Result<json::Value> bring_back(Env& env, const Args& args, client::RecoverOptions options) {
    client::Api api = SALUS_TRY(connect(args));
    Result<client::Recovered> recovered = client::Home::recover(env, api, options);
    if (!recovered.ok() && client::reason_of(recovered.error()) == "second-factor" &&
        options.totp_code.empty()) {
        options.totp_code = read_code(args);
        if (!options.totp_code.empty()) recovered = client::Home::recover(env, api, options);
    }
    const client::Recovered back = SALUS_TRY(std::move(recovered));
    SALUS_TRY(keep(env, args, api, back.home, options.name, back.slots));
    return json::Value(json::Object{
        {"account", to_hex(back.home.keys().account.view())},
        {"recovery_code", crypto::write_code(back.code)},
        {"totp_secret", back.totp_secret.empty() ? json::Value(nullptr)
                                                 : json::Value(to_base32(back.totp_secret))}});
}

int set_up(const Args& args) {
    if (!args.has("token") || !args.has("organisation")) {
        return wrong_use("setup wants --token T (printed by salusd) and --organisation NAME");
    }
    client::Api api = SALUS_OR_FAIL(connect(args));
    const json::Value answer = SALUS_OR_FAIL(
        api.post("/api/setup", json::Object{{"token", *args.value("token")},
                                            {"organisation_name", *args.value("organisation")}}));
    print_json(answer);
    return exit_done;
}

}  // namespace

int run_recover(Env& env, const Words& words) {
    const Args args = SALUS_OR_USAGE(Args::parse(
        words, {.valued = account_flags({"name", "recovery-file"}), .plain = {"json"}}));
    const auto name = args.value("name");
    if (!name) return wrong_use("recover wants --name NAME");
    client::RecoverOptions options;
    options.name = *name;
    const std::string written = SALUS_OR_USAGE(read_recovery_code(env, args));
    options.code = SALUS_OR_USAGE(crypto::read_recovery_code(written));
    options.new_password = SALUS_OR_USAGE(read_password(env, args, "New password: "));
    options.totp_code = args.value_or("code", "");
    const json::Value back = SALUS_OR_FAIL(bring_back(env, args, std::move(options)));
    note("Write the new recovery code down; the one you used opens nothing any more.");
    print_json(back);
    return exit_done;
}

int run_user(Env& env, const Words& words) {
    const Args args = SALUS_OR_USAGE(Args::parse(
        words, {.valued = account_flags({"name", "account", "display-name", "invitation", "role",
                                         "licence", "days", "token", "organisation"}),
                .plain = {"json", "no-second-factor"},
                .words_min = 1,
                .words_max = 1}));
    const std::string& verb = args.words().front();
    if (verb == "signup") return sign_up(env, args, false);
    if (verb == "join") return sign_up(env, args, true);
    if (verb == "login") return login(env, args);
    if (verb == "whoami") return whoami(env, args);
    if (verb == "logout") return logout(env, args);
    if (verb == "invite") return invite(env, args);
    if (verb == "setup") return set_up(args);
    if (verb == "slots") return slots(env, args);
    if (verb == "recovery-code") return new_recovery_code(env, args);
    if (verb == "readmit") return readmit(env, args);
    return wrong_use(
        "user knows signup, join, login, whoami, logout, invite, setup, slots, recovery-code and "
        "readmit");
}

}  // namespace salus::command
