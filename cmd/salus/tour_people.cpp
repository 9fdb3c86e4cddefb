#include "client/limits.hpp"
#include "crypto/totp.hpp"

#include "command.hpp"
#include "tour.hpp"
#include <chrono>
#include <thread>

/// Who takes part in the tour, and how they come to be there.
namespace salus::command {
namespace {

constexpr std::int64_t year_ms = 365LL * 86'400'000;
constexpr std::int64_t step_ms = 30'000;
constexpr std::int64_t spare_ms = 60'000;  ///< what the steps up to the next look may take
constexpr std::uint64_t kept_bytes_max = 64U << 10U;
constexpr std::string_view organisation_name = "St. Mary Hospital";

struct Home {
    const char* who;
    const char* title;
};
constexpr Home homes[] = {{"maria", "Patient"},
                          {"clinician", "Clinician"},
                          {"officer", "Privacy officer"},
                          {"steward", "Data steward"}};

std::string random_password(Env& env) {
    return to_base32(random_bytes<ObjectId>(env).view());
}

}  // namespace

Result<TourPerson> Tour::join(std::string name, std::string display_name, std::string invitation) {
    TourPerson person;
    person.name = std::move(name);
    person.display_name = std::move(display_name);
    person.password = random_password(env_);
    client::SignUpOptions options;
    options.name = person.name;
    options.display_name = person.display_name;
    options.staff = !invitation.empty();
    options.invitation = std::move(invitation);
    options.demo = status_.demo;
    client::NewAccount account = SALUS_TRY(
        client::make_account(env_, status_.organisation.id, person.password, std::move(options)));
    person.totp_secret = account.totp_secret;
    if (account.demo) person.demo_key = to_base64url(account.demo->reveal());
    person.home = SALUS_TRY(client::Home::sign_up(env_, api_, std::move(account)));
    return person;
}

Result<TourPerson> Tour::invite(std::string name, std::string display_name, std::string role) {
    client::Home& officer = home("officer");
    std::string code = SALUS_TRY(
        officer.invite(role, display_name, "tour", UnixMillis{officer.now().value + year_ms}));
    return join(std::move(name), std::move(display_name), std::move(code));
}

Status Tour::prepare() {
    status_ = SALUS_TRY(api_.status());
    if (status_.setup_needed) return prepare_fresh();
    const auto kept = read_file(env_, kept_path(), kept_bytes_max);
    if (!kept.ok()) {
        return Error{
            Errc::denied,
            "this node was set up before, and its data directory keeps no demo accounts; play "
            "the tour in a fresh data directory"};
    }
    const json::Value value = SALUS_TRY(json::parse(as_text(*kept)));
    return prepare_again(value);
}

Status Tour::prepare_fresh() {
    const std::int64_t began = env_.steady_ns();
    if (options_.setup_token.empty()) {
        const auto token = read_file(env_, options_.data_dir + "/setup-token", 128);
        if (!token.ok())
            return Error{Errc::not_found,
                         "no set-up token: give --setup-token, which salusd printed"};
        options_.setup_token = std::string(as_text(*token));
    }
    const json::Value answer = SALUS_TRY(api_.post(
        "/api/setup", json::Object{{"token", options_.setup_token},
                                   {"organisation_name", std::string(organisation_name)}}));
    std::string code = SALUS_TRY(json::need_text(answer, "officer_invitation", 64));
    people_["officer"] = SALUS_TRY(join("olga", "Olga Novak", std::move(code)));
    SALUS_TRY(home("officer").make_organisation_key());
    people_["clinician"] = SALUS_TRY(invite("dr-okafor", "Dr. Amara Okafor", "clinician"));
    people_["second"] = SALUS_TRY(invite("dr-lindqvist", "Dr. Erik Lindqvist", "clinician"));
    people_["laboratory"] = SALUS_TRY(invite("north-lab", "North Laboratory", "laboratory"));
    people_["steward"] = SALUS_TRY(invite("sam", "Sam Rivera", "steward"));
    SALUS_TRY(home("officer").hand_out_organisation_key());
    people_["maria"] = SALUS_TRY(join("maria", "Maria Keller", ""));
    people_["jonas"] = SALUS_TRY(join("jonas", "Jonas Weber", ""));
    SALUS_TRY(keep_people());
    print("prepared: " + std::string(organisation_name) +
          " with a privacy officer, two clinicians, a laboratory and a data steward [" +
          seconds_text(since(began)) + "]");
    return done;
}

Status Tour::keep_people() const {
    if (!status_.demo) return done;
    json::Object people;
    for (const auto& [who, one] : people_) {
        if (who == "patient" || one.demo_key.empty()) continue;
        people.emplace_back(who, json::Object{{"name", one.name},
                                              {"display_name", one.display_name},
                                              {"key", one.demo_key}});
    }
    const std::string text =
        json::write(json::Object{{"left", left_}, {"people", json::Value(std::move(people))}});
    return write_file_atomically(env_, kept_path(), as_bytes(text));
}

Status Tour::prepare_again(const json::Value& kept) {
    left_ = SALUS_TRY(json::need_bool(kept, "left"));
    const json::Value* people = kept.find("people");
    if (people == nullptr || people->object() == nullptr)
        return Error{Errc::malformed, "the kept demo accounts are damaged"};
    for (const json::Member& one : *people->object()) {
        TourPerson person;
        person.name = SALUS_TRY(json::need_text(one.second, "name"));
        person.display_name = SALUS_TRY(json::need_text(one.second, "display_name"));
        person.demo_key = SALUS_TRY(json::need_text(one.second, "key"));
        const Bytes bytes = SALUS_TRY(from_base64url(person.demo_key));
        const auto key = SALUS_TRY(crypto::key_from<crypto::DemoKey>(bytes));
        person.home = SALUS_TRY(client::Home::log_in_demo(env_, api_, person.name, key));
        people_[one.first] = std::move(person);
    }
    for (const char* who :
         {"officer", "clinician", "second", "laboratory", "steward", "maria", "jonas"}) {
        if (!people_.contains(who)) return Error{Errc::malformed, "a kept demo account is missing"};
    }
    print("prepared: the hospital of an earlier tour, with its staff");
    return done;
}

/// With the code of this moment; where it was used already, with the next one.
Result<client::Home> Tour::sign_in(const TourPerson& person) {
    for (int attempt = 0;; ++attempt) {
        const client::NodeStatus status = SALUS_TRY(api_.status());
        const std::string code =
            SALUS_TRY(crypto::totp_code(person.totp_secret, status.time.value / 1'000));
        auto home = client::Home::log_in(env_, api_, person.name, person.password, code);
        if (home.ok() || attempt > 0 || client::reason_of(home.error()) != "second-factor")
            return home;
        const std::int64_t wait_ms = step_ms - status.time.value % step_ms + 200;
        std::this_thread::sleep_for(std::chrono::milliseconds(wait_ms));
    }
}

Status Tour::freshen() {
    for (auto& [who, one] : people_) {
        const auto session = api_.get("/api/session", one.home->name());
        if (!session.ok() && session.error().code != Errc::authentication) return session.error();
        if (session.ok()) {
            const std::int64_t until = SALUS_TRY(json::need_int(*session, "stepped_up_until"));
            if (until > one.home->now().value + spare_ms) continue;
        }
        if (one.demo_key.empty()) {
            one.home = SALUS_TRY(sign_in(one));
            continue;
        }
        const Bytes bytes = SALUS_TRY(from_base64url(one.demo_key));
        const auto key = SALUS_TRY(crypto::key_from<crypto::DemoKey>(bytes));
        one.home = SALUS_TRY(client::Home::log_in_demo(env_, api_, one.name, key));
    }
    return done;
}

std::vector<std::string> Tour::demo_links() {
    std::vector<std::string> out;
    const std::string port = api_.http().address().port;
    for (const Home& one : homes) {
        const TourPerson& person = people_.at(one.who);
        if (person.demo_key.empty()) continue;
        out.push_back(std::string(one.title) + ", " + person.display_name + ": http://localhost:" +
                      port + "/#demo=" + person.demo_key + "." + person.name);
    }
    return out;
}

}  // namespace salus::command
