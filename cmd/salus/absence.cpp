#include "absence.hpp"

#include "ledger/receipt_sign.hpp"

#include "signed_in.hpp"
#include <chrono>

namespace salus::command {
namespace {

constexpr std::int64_t day_ms = 86'400'000;
constexpr std::uint64_t time_ms_max = 253'402'300'799'999;  // the end of the year 9999

std::string_view opened_word(ledger::Opened opened) {
    switch (opened) {
        case ledger::Opened::no:
            return "no";
        case ledger::Opened::yes:
            return "yes";
        case ledger::Opened::unknown:
            break;
    }
    return "not shown";
}

/// The first moment of a day in UTC, written YYYY-MM-DD.
Result<UnixMillis> day_of(const std::string& text) {
    const Error wrong{Errc::malformed, "--date is a day that exists, as YYYY-MM-DD"};
    if (text.size() != 10 || text[4] != '-' || text[7] != '-') return wrong;
    int numbers[3] = {0, 0, 0};
    int part = 0;
    for (const char c : text) {
        if (c == '-') {
            ++part;
        } else if (c < '0' || c > '9' || part > 2) {
            return wrong;
        } else {
            numbers[part] = numbers[part] * 10 + (c - '0');
        }
    }
    const std::chrono::year_month_day day{std::chrono::year{numbers[0]},
                                          std::chrono::month{static_cast<unsigned>(numbers[1])},
                                          std::chrono::day{static_cast<unsigned>(numbers[2])}};
    if (!day.ok() || numbers[0] < 1970) return wrong;
    const auto days = std::chrono::sys_days{day}.time_since_epoch();
    return UnixMillis{days.count() * day_ms};
}

struct Proven {
    Bytes bundle;
    ledger::AbsenceAnswer answer;
};

struct Span {
    UnixMillis from;
    UnixMillis until;
};

/// A whole day, or the time between two moments.
Result<Span> span_of(const Args& args) {
    if (args.has("date") == (args.has("from") || args.has("until"))) {
        return Error{Errc::malformed, "absence wants --date, or --from and --until"};
    }
    if (args.has("date")) {
        const UnixMillis from = SALUS_TRY(day_of(*args.value("date")));
        return Span{from, UnixMillis{from.value + day_ms}};
    }
    const std::uint64_t from = SALUS_TRY(args.number("from", 0, 0, time_ms_max));
    const std::uint64_t until = SALUS_TRY(args.number("until", 0, 1, time_ms_max));
    return Span{UnixMillis{static_cast<std::int64_t>(from)},
                UnixMillis{static_cast<std::int64_t>(until)}};
}

/// The node's proof, checked here under the keys of its log.
Result<Proven> prove(client::Home& home, const std::string& grantee, const Span& time) {
    const std::string target = "/api/absence?grantee=" + grantee +
                               "&from=" + std::to_string(time.from.value) +
                               "&until=" + std::to_string(time.until.value);
    Proven proven;
    proven.bundle = SALUS_TRY(home.api().get_bytes(target, home.name()));
    std::string keys;
    for (const std::string& key : SALUS_TRY(home.api().verifier_keys())) keys += key + "\n";
    const auto trust = SALUS_TRY(ledger::parse_trust(keys));
    const auto claims = SALUS_TRY(ledger::verify_bundle(proven.bundle, trust));
    if (!claims.absence) return Error{Errc::integrity, "the node answered with another proof"};
    proven.answer = *claims.absence;
    return proven;
}

}  // namespace

json::Array state_json(const std::vector<ledger::StateClaim>& claims) {
    json::Array out;
    for (const ledger::StateClaim& claim : claims) {
        out.push_back(json::Object{
            {"key", to_hex(claim.key)},
            {"value", claim.value ? json::Value(to_hex(*claim.value)) : json::Value()}});
    }
    return out;
}

json::Value absence_json(const ledger::AbsenceAnswer& answer) {
    json::Array names;
    for (const ledger::LabelAnswer& one : answer.labels) {
        const auto& of = one.name.organisation;
        names.push_back(
            json::Object{{"organisation", of ? json::Value(to_hex(of->view())) : json::Value()},
                         {"role", one.name.role},
                         {"permitted", one.permitted},
                         {"opened", opened_word(one.opened)}});
    }
    const ledger::Opened opened = answer.labels.front().opened;
    return json::Object{
        {"patient", to_hex(answer.patient.view())},
        {"grantee", to_hex(answer.grantee.view())},
        {"from", answer.from.value},
        {"until", answer.until.value},
        {"nodes", answer.nodes},
        {"not_permitted", answer.not_permitted},
        {"permission", answer.not_permitted
                           ? "was not permitted: no consent named this account, or an organisation "
                             "or role it held then"
                           : "was permitted: a consent named this account, or an organisation or "
                             "role it held then"},
        {"not_opened", answer.not_opened},
        {"opening", opened == ledger::Opened::no
                        ? "no anchored opening: the receipts of the trusted nodes hold none by "
                          "this account"
                    : opened == ledger::Opened::yes
                        ? "an anchored opening: this account opened records in that time"
                        : "cannot be proved absent: the openings around that time are not shown"},
        {"names", std::move(names)}};
}

int say_absence(const ledger::AbsenceAnswer& answer) {
    if (answer.not_permitted && answer.not_opened) return exit_done;
    note(answer.not_permitted ? "salus: that there was no opening is not proven"
                              : "salus: there was a permission in that time");
    return exit_no;
}

int run_absence(Env& env, const Words& words) {
    const Args args = SALUS_OR_USAGE(Args::parse(
        words,
        {.valued = account_flags({"grantee", "date", "from", "until", "out"}), .plain = {"json"}}));
    if (!args.has("grantee") || !args.has("out")) {
        return wrong_use("absence wants --grantee ACCOUNT, --out FILE and a time");
    }
    const std::string grantee = *args.value("grantee");
    SALUS_OR_USAGE(client::id_from<AccountId>(grantee));
    const Span time = SALUS_OR_USAGE(span_of(args));
    client::Api api = SALUS_OR_FAIL(home_node(env, args));
    client::Home home = SALUS_OR_FAIL(sign_in(env, args, api));
    const Proven proven = SALUS_OR_FAIL(prove(home, grantee, time));
    const std::string out = *args.value("out");
    if (const Status written = write_file_atomically(env, out, proven.bundle); !written.ok()) {
        return fail(written.error());
    }
    print_json(json::Value(json::Object{{"file", out},
                                        {"bytes", std::uint64_t{proven.bundle.size()}},
                                        {"absence", absence_json(proven.answer)}}));
    note("salus: the file holds your label key: whoever gets it can test other accounts too");
    return say_absence(proven.answer);
}

}  // namespace salus::command
