#include "sentinel/sim_world.hpp"

#include <algorithm>

/// What people of a hospital do all day, with and without a reason that a machine could find.
namespace salus::sentinel::sim {

namespace {

/// A reason of a stay for one of its team.
struct Given {
    std::uint32_t user = 0;
    std::uint32_t id = 0;
};

void give(World& world, const Stay& stay, Kind kind, std::uint32_t user, std::uint32_t id) {
    Line line;
    line.kind = kind;
    line.t = stay.from - hour_ms;
    line.until = stay.until + 2 * hour_ms;
    line.user = user;
    line.patient = stay.patient;
    line.id = id;
    line.dept = stay.dept;
    world.lines.push_back(line);
}

std::vector<Given> give_reasons(World& world, const Stay& stay) {
    std::vector<Given> out;
    auto& random = world.random;
    // A third of the systems name a department and leave the person open.
    const bool of_department = random.chance(0.3);
    give(world, stay, Kind::encounter, of_department ? nobody : stay.team[0], world.next_id);
    for (std::uint32_t i = 0; i < stay.members; ++i) out.push_back({stay.team[i], world.next_id});
    ++world.next_id;
    if (!of_department) {
        for (std::uint32_t i = 1; i < stay.members; ++i) {
            out[i].id = world.next_id++;
            give(world, stay, Kind::careteam, stay.team[i], out[i].id);
        }
    }
    if (random.chance(0.35)) {
        const std::uint32_t user = world.person_of_role(random.chance(0.6) ? 3 : 4, stay.site);
        out.push_back({user, world.next_id});
        give(world, stay, Kind::order, user, world.next_id++);
    }
    if (random.chance(0.12)) {
        const std::uint32_t user = world.person_of_role(random.chance(0.7) ? 0 : 5, stay.site);
        out.push_back({user, world.next_id});
        give(world, stay, Kind::referral, user, world.next_id++);
    }
    return out;
}

std::int64_t moment_within(World& world, const Stay& stay, std::uint32_t user) {
    const std::int64_t first = (stay.from - start_ms) / day_ms;
    const std::int64_t days = (stay.until - stay.from) / day_ms + 1;
    for (int i = 0; i < 6; ++i) {
        const auto day =
            first + static_cast<std::int64_t>(world.random.below(static_cast<std::uint64_t>(days)));
        const std::int64_t t = world.at_work(user, day);
        if (t >= stay.from && t <= stay.until) return t;
    }
    return stay.from + static_cast<std::int64_t>(
                           world.random.below(static_cast<std::uint64_t>(stay.until - stay.from)));
}

std::int64_t exponential_days(World& world, int mean) {
    // The least of `mean` die throws: a geometric number of days without logarithms.
    std::int64_t days = 0;
    while (days < 28 && world.random.below(static_cast<std::uint64_t>(mean)) != 0) ++days;
    return days;
}

Line without_reason(World& world, const Stay& stay) {
    auto& random = world.random;
    const double u = random.unit();
    const std::uint32_t member = stay.team[random.below(stay.members)];
    const std::int64_t ended = (stay.until - start_ms) / day_ms;
    // Letters, results and calls after the stay.
    if (u < 0.45)
        return world.opening(member, stay.patient,
                             world.at_work(member, ended + 1 + exponential_days(world, 4)));
    // Somebody of the ward takes over for an hour.
    if (u < 0.75) {
        const std::uint32_t user = world.colleague(stay.site, stay.dept);
        return world.opening(user, stay.patient, moment_within(world, stay, user));
    }
    // Tomorrow's patients, read today.
    if (u < 0.85)
        return world.opening(member, stay.patient,
                             world.at_work(member, (stay.from - start_ms) / day_ms - 1 -
                                                       exponential_days(world, 2)));
    // A question over the telephone, to another department.
    if (u < 0.95) {
        const std::uint32_t user = world.person_of_role(random.chance(0.7) ? 0 : 4, stay.site);
        return world.opening(user, stay.patient, moment_within(world, stay, user));
    }
    // Bills and quality.
    if (u < 0.98) {
        const std::uint32_t user = world.person_of_role(6, stay.site);
        return world.opening(user, stay.patient,
                             world.at_work(user, ended + 1 + exponential_days(world, 8)));
    }
    // The wrong name in a list.
    const std::uint32_t user = world.any_person();
    return world.opening(
        user, world.any_patient(),
        world.at_work(user, static_cast<std::int64_t>(random.below(world.options.days))));
}

bool in_span(const World& world, std::int64_t t) {
    return t >= start_ms && t < start_ms + (world.options.days + 1) * day_ms;
}

}  // namespace

void open_with_reason(World& world, std::uint64_t count) {
    std::vector<std::vector<Given>> given;
    std::vector<std::uint32_t> busy;  // a ward's stay is read more often
    for (std::uint32_t i = 0; i < world.stays.size(); ++i) {
        given.push_back(give_reasons(world, world.stays[i]));
        busy.insert(busy.end(), world.stays[i].ward ? 6 : 1, i);
    }
    for (std::uint64_t i = 0; i < count; ++i) {
        const std::uint32_t which = i < given.size() ? static_cast<std::uint32_t>(i)
                                                     : busy[world.random.below(busy.size())];
        const Stay& stay = world.stays[which];
        const Given& one = given[which][world.random.below(given[which].size())];
        Line line = world.opening(one.user, stay.patient, moment_within(world, stay, one.user));
        if (world.random.chance(0.6)) line.id = one.id;
        world.lines.push_back(line);
    }
}

void open_without_reason(World& world, std::uint64_t count) {
    while (count > 0) {
        const Stay& stay = world.stays[world.random.below(world.stays.size())];
        const Line line = without_reason(world, stay);
        if (!in_span(world, line.t)) continue;
        world.lines.push_back(line);
        --count;
    }
}

void sign_in(World& world) {
    auto& random = world.random;
    for (std::uint32_t user = 0; user < world.people.size(); ++user) {
        const Person& person = world.people[user];
        std::uint32_t telephone = 50'000 + user;
        std::uint32_t home = person.home;
        std::uint8_t asn = static_cast<std::uint8_t>(10 + person.asn);
        for (std::uint32_t day = 0; day < world.options.days; ++day) {
            if (random.chance(day % 7 >= 5 ? 0.7 : 0.15)) continue;
            if (random.chance(0.004)) telephone = 100'000 + user * 30 + day;
            if (random.chance(0.006)) home = 200'000 + user * 30 + day;
            const bool from_home = random.chance(0.2);
            Line line = world.opening(user, 0, 0);
            line.kind = Kind::login;
            line.t = start_ms + static_cast<std::int64_t>(day) * day_ms + person.shift * hour_ms +
                     static_cast<std::int64_t>(random.below(40)) * minute_ms +
                     (from_home ? 11 * hour_ms : 0) +
                     static_cast<std::int64_t>(random.below(50'000));
            if (from_home) {
                line.network = random.chance(0.03)
                                   ? 400'000 + static_cast<std::uint32_t>(random.below(90'000))
                                   : home;
                line.asn = asn;
                line.device = telephone;
                line.browser = static_cast<std::uint8_t>(person.browser ^ 1U);
            }
            // A week abroad, now and then.
            if (user % 97 == 5 && day >= 14 && day < 18) {
                line.country = static_cast<std::uint8_t>(1 + user % 6);
                line.network = 600'000 + user;
                line.asn = static_cast<std::uint16_t>(100 + line.country);
                line.device = telephone;
            }
            if (random.chance(0.03)) {
                Line typo = line;
                typo.failed = true;
                typo.t -= 20'000;
                world.lines.push_back(typo);
            }
            world.lines.push_back(line);
        }
    }
}

}  // namespace salus::sentinel::sim
