#include "sentinel/sim_world.hpp"

#include "learn/portable_math.hpp"

#include <algorithm>

namespace salus::sentinel::sim {

namespace {

constexpr std::array<double, 7> role_shares{0.20, 0.42, 0.13, 0.08, 0.05, 0.07, 0.05};

std::uint8_t drawn(learn::RandomStream& random, const std::array<double, 7>& shares) {
    double left = random.unit();
    for (std::size_t i = 0; i + 1 < shares.size(); ++i) {
        left -= shares[i];
        if (left < 0) return static_cast<std::uint8_t>(i);
    }
    return static_cast<std::uint8_t>(shares.size() - 1);
}

std::uint8_t shift_of(learn::RandomStream& random, std::uint8_t role) {
    if (role != 1 && role != 3) return random.chance(0.8) ? 8 : 12;
    const double u = random.unit();
    return u < 0.45 ? 6 : u < 0.8 ? 14 : 22;
}

double exponential(learn::RandomStream& random, double mean) {
    return -mean * learn::portable_log(1.0 - random.unit() * 0.999999);
}

}  // namespace

World::World(const SimulatorOptions& o)
    : options(o), random(learn::seed_from(o.seed), "sentinel"), of_dept(sites * depts) {
    people.resize(options.users);
    for (std::uint32_t i = 0; i < people.size(); ++i) {
        Person& one = people[i];
        one.role = drawn(random, role_shares);
        one.site = static_cast<std::uint8_t>(i % sites);
        one.dept = static_cast<std::uint8_t>(random.below(depts));
        one.shift = shift_of(random, one.role);
        one.asn = static_cast<std::uint8_t>(random.below(12));
        one.browser = static_cast<std::uint8_t>(random.below(4));
        one.os = static_cast<std::uint8_t>(random.below(4));
        one.home = 1'000 + i;
        of_dept[one.site * depts + one.dept].push_back(i);
    }
    // A very small hospital still has somebody everywhere.
    for (auto& team : of_dept)
        if (team.empty()) team.push_back(any_person());
}

std::uint32_t World::colleague(std::uint8_t site, std::uint8_t dept) {
    const auto& team = of_dept[site * depts + dept];
    return team[random.below(team.size())];
}

std::uint32_t World::person_of_role(std::uint8_t role, std::uint8_t site) {
    for (int i = 0; i < 500; ++i) {
        const std::uint32_t user = any_person();
        if (people[user].role == role && people[user].site == site) return user;
    }
    return any_person();
}

std::int64_t World::at_work(std::uint32_t user, std::int64_t day) {
    const double hours = 0.2 + 8.2 * random.unit();
    return start_ms + day * day_ms + people[user].shift * hour_ms +
           static_cast<std::int64_t>(hours * static_cast<double>(hour_ms));
}

Line World::opening(std::uint32_t user, std::uint32_t patient, std::int64_t t) {
    static constexpr std::array<std::array<double, 3>, 7> habits{{{0.5, 0.85, 0.99},
                                                                  {0.6, 0.8, 0.995},
                                                                  {0.93, 0.935, 0.97},
                                                                  {0.7, 0.705, 0.998},
                                                                  {0.8, 0.9, 0.995},
                                                                  {0.5, 0.85, 0.995},
                                                                  {0.95, 0.952, 0.955}}};
    Line line;
    line.t = t;
    line.user = user;
    line.patient = patient;
    const Person& person = people[user];
    line.dept = person.dept;
    const double u = random.unit();
    const auto& habit = habits[person.role];
    line.action = u < habit[0] ? 0 : u < habit[1] ? 1 : u < habit[2] ? 2 : 3;
    line.purpose = person.role == 6 ? 1 : person.role == 2 && random.chance(0.3) ? 2 : 0;
    line.records = static_cast<std::uint16_t>(1 + std::min(12.0, exponential(random, 1.2)));
    line.device = 10'000 + static_cast<std::uint32_t>(person.site) * 1'000 + person.dept * 20 +
                  static_cast<std::uint32_t>(random.below(4));
    line.network = 10 + person.site;
    line.asn = 1;
    line.browser = person.browser;
    line.os = person.os;
    return line;
}

void make_stays(World& world) {
    auto& random = world.random;
    const std::uint32_t count = world.options.openings / 14 + 1;
    for (std::uint32_t i = 0; i < count; ++i) {
        Stay stay;
        stay.patient = world.any_patient();
        stay.site = static_cast<std::uint8_t>(stay.patient % World::sites);
        stay.dept = static_cast<std::uint8_t>(random.chance(0.7) ? (stay.patient / 3) % World::depts
                                                                 : random.below(World::depts));
        stay.ward = random.chance(0.25);
        const std::uint32_t lead = world.colleague(stay.site, stay.dept);
        stay.team[stay.members++] = lead;
        const auto size = 2 + random.below(4);
        while (stay.members < size) {
            const std::uint32_t one = world.colleague(stay.site, stay.dept);
            stay.team[stay.members++] = one;
        }
        const auto day = static_cast<std::int64_t>(random.below(world.options.days));
        stay.from = world.at_work(lead, day);
        const double hours = stay.ward ? 20 + exponential(random, 80) : 2 + exponential(random, 2);
        stay.until = stay.from + static_cast<std::int64_t>(hours * static_cast<double>(hour_ms));
        world.stays.push_back(stay);
    }
}

}  // namespace salus::sentinel::sim
