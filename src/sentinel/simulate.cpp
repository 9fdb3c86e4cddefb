#include "sentinel/simulate.hpp"

#include "sentinel/sim_world.hpp"

#include <algorithm>
#include <array>

namespace salus::sentinel {

namespace {

using sim::Kind;
using sim::Line;

constexpr std::array<std::string_view, 6> kinds{"access",   "login", "encounter",
                                                "referral", "order", "careteam"};
constexpr std::array<std::string_view, 3> sites{"north", "river", "hill"};
constexpr std::array<std::string_view, 6> browsers{"firefox", "chrome", "edge",
                                                   "safari",  "curl",   "opera"};
constexpr std::array<std::string_view, 5> systems{"windows", "linux", "macos", "ios", "android"};
constexpr std::array<std::string_view, 20> countries{"DE", "FR", "PL", "US", "CH", "ES", "IT",
                                                     "RU", "CN", "BR", "NG", "IN", "VN", "UA",
                                                     "RO", "NL", "TR", "ID", "MX", "ZA"};

void text(std::string& out, std::string_view key, std::string_view value) {
    out += ",\"";
    out += key;
    out += "\":\"";
    out += value;
    out += '"';
}

std::string numbered(char letter, std::uint64_t number) {
    return letter + std::to_string(number);
}

void write_place(std::string& out, const Line& line) {
    // A network of the simulator is a /24: the last number is of no account.
    text(out, "ip",
         std::to_string(11 + (line.network >> 16U & 127U)) + "." +
             std::to_string(line.network >> 8U & 255U) + "." + std::to_string(line.network & 255U) +
             ".7");
    text(out, "asn", "AS" + std::to_string(64'496 + line.asn));
    text(out, "country", countries[line.country % countries.size()]);
    text(out, "device", numbered('d', line.device));
    text(out, "browser", browsers[line.browser % browsers.size()]);
    text(out, "os", systems[line.os % systems.size()]);
}

void write_line(std::string& out, const sim::World& world, const Line& line) {
    out += "{\"t\":" + std::to_string(line.t);
    text(out, "kind", kinds[static_cast<std::size_t>(line.kind)]);
    if (line.kind != Kind::access && line.kind != Kind::login) {
        out += ",\"until\":" + std::to_string(line.until);
        text(out, "patient", numbered('p', line.patient));
        if (line.user == sim::nobody) {
            text(out, "dept",
                 std::string(sites[line.patient % sim::World::sites]) + "-" +
                     numbered('d', line.dept));
        } else {
            text(out, "user", numbered('u', line.user));
        }
        text(out, "id", numbered('r', line.id));
        out += "}\n";
        return;
    }
    const sim::Person& person = world.people[line.user];
    text(out, "user", numbered('u', line.user));
    text(out, "role", sim::roles[person.role]);
    text(out, "site", sites[person.site]);
    text(out, "dept", std::string(sites[person.site]) + "-" + numbered('d', person.dept));
    if (line.kind == Kind::access) {
        text(out, "patient", numbered('p', line.patient));
        text(out, "action", sim::actions[line.action]);
        text(out, "purpose", sim::purposes[line.purpose]);
        out += ",\"records\":" + std::to_string(line.records);
    }
    text(out, "result", line.failed ? "failure" : "success");
    write_place(out, line);
    if (line.id != 0) out += ",\"reason_refs\":[\"" + numbered('r', line.id) + "\"]";
    out += "}\n";
}

}  // namespace

Simulated simulate(const SimulatorOptions& options) {
    sim::World world(options);
    const auto illicit = static_cast<std::uint64_t>(options.illicit_share * options.openings + 0.5);
    const auto unexplained = static_cast<std::uint64_t>(options.unexplained_share *
                                                        static_cast<double>(options.openings));
    sim::make_stays(world);
    sim::open_with_reason(
        world, options.openings - std::min<std::uint64_t>(options.openings, illicit + unexplained));
    sim::open_without_reason(world, unexplained);
    sim::open_illicitly(world, illicit);
    sim::sign_in(world);
    sim::attack_logins(world);
    std::stable_sort(world.lines.begin(), world.lines.end(),
                     [](const Line& a, const Line& b) { return a.t < b.t; });
    Simulated out;
    out.middle = sim::start_ms + options.days * sim::day_ms / 2;
    std::uint64_t number = 0;
    for (const Line& line : world.lines) {
        ++number;
        write_line(out.events, world, line);
        (line.kind == Kind::access  ? out.openings
         : line.kind == Kind::login ? out.logins
                                    : out.reasons) += 1;
        if (line.truth.empty()) continue;
        if (line.kind == Kind::access) ++out.illicit;
        out.truth += "{\"event\":" + std::to_string(number);
        text(out.truth, "class", line.truth);
        out.truth += "}\n";
    }
    return out;
}

}  // namespace salus::sentinel
