#include "sentinel/sim_world.hpp"

#include <algorithm>

/// Those who should not: six kinds of insiders, one who imitates, and three who steal passwords.
namespace salus::sentinel::sim {

namespace {

struct Villain {
    World& world;
    std::int64_t day() {
        // The first third is quiet, so that a watch may learn what is usual.
        const std::uint64_t days = world.options.days;
        return static_cast<std::int64_t>(days / 3 + world.random.below(days - days / 3));
    }
    void add(Line line, std::string_view name) {
        line.truth = name;
        world.lines.push_back(line);
    }
    std::int64_t out_of_hours(std::uint32_t user) {
        return start_ms + day() * day_ms + world.people[user].shift * hour_ms +
               (11 + static_cast<std::int64_t>(world.random.below(9))) * hour_ms +
               static_cast<std::int64_t>(world.random.below(3'600'000));
    }
    void from_home(Line& line) {
        line.network = world.people[line.user].home;
        line.device = 50'000 + line.user;
    }
    void celebrity(std::uint64_t count) {
        std::uint32_t star = 0;
        std::int64_t news = 0;
        for (std::uint64_t i = 0; i < count; ++i) {
            if (i % 40 == 0) {
                star = world.any_patient();
                news = std::min<std::int64_t>(day(), world.options.days - 3);
            }
            const std::uint32_t user = world.any_person();
            const auto later = static_cast<std::int64_t>(world.random.below(3));
            add(world.opening(user, star, world.at_work(user, news + later)), "celebrity");
        }
    }
    void neighbour(std::uint64_t count) {
        while (count > 0) {
            const std::uint32_t user = world.any_person();
            const std::uint32_t patient = world.any_patient();
            for (auto n = std::min(count, 1 + world.random.below(4)); n > 0; --n, --count) {
                const bool at_work = world.random.chance(0.7);
                add(world.opening(user, patient,
                                  at_work ? world.at_work(user, day()) : out_of_hours(user)),
                    "neighbour");
            }
        }
    }
    void bulk(std::uint64_t count) {
        while (count > 0) {
            const std::uint32_t user = world.any_person();
            std::int64_t t =
                world.random.chance(0.5) ? world.at_work(user, day()) : out_of_hours(user);
            for (auto n = std::min<std::uint64_t>(count, 24); n > 0; --n, --count) {
                Line line = world.opening(user, world.any_patient(), t);
                line.records = static_cast<std::uint16_t>(5 + world.random.below(60));
                line.action = world.random.chance(0.5) ? 4 : 3;
                add(line, "bulk");
                t += 10'000 + static_cast<std::int64_t>(world.random.below(60'000));
            }
        }
    }
    void no_relation(std::uint64_t count) {
        while (count > 0) {
            const std::uint32_t user = world.any_person();
            for (auto n = std::min(count, 2 + world.random.below(4)); n > 0; --n, --count)
                add(world.opening(user, world.any_patient(), world.at_work(user, day())),
                    "no_relation");
        }
    }
    void wrong_role(std::uint64_t count) {
        static constexpr std::array<std::uint8_t, 3> strangers{2, 3, 6};
        for (; count > 0; --count) {
            const std::uint32_t user =
                world.person_of_role(strangers[world.random.below(strangers.size())],
                                     static_cast<std::uint8_t>(world.random.below(World::sites)));
            Line line = world.opening(user, world.any_patient(), world.at_work(user, day()));
            line.action = 1;
            line.purpose = 0;
            add(line, "wrong_role");
        }
    }
    void after_hours(std::uint64_t count) {
        for (; count > 0; --count) {
            const std::uint32_t user = world.any_person();
            Line line = world.opening(user, world.any_patient(), out_of_hours(user));
            if (world.random.chance(0.6)) from_home(line);
            add(line, "after_hours");
        }
    }
    /// Keeps to the hours, the volume and the site of the role, and picks patients who are in care.
    void mimic(std::uint64_t count) {
        while (count > 0) {
            const Stay& stay = world.stays[world.random.below(world.stays.size())];
            const std::uint32_t user = world.colleague(
                stay.site, static_cast<std::uint8_t>(world.random.below(World::depts)));
            const std::int64_t t = world.at_work(user, (stay.from - start_ms) / day_ms);
            if (world.people[user].dept == stay.dept || t < start_ms + 9 * day_ms) continue;
            add(world.opening(user, stay.patient, t), "mimic");
            --count;
        }
    }
};

}  // namespace

void open_illicitly(World& world, std::uint64_t count) {
    Villain villain{world};
    const std::uint64_t each = count / 7;
    villain.celebrity(each);
    villain.neighbour(each);
    villain.bulk(each);
    villain.no_relation(each);
    villain.wrong_role(each);
    villain.after_hours(each);
    villain.mimic(count - 6 * each);
}

void attack_logins(World& world) {
    Villain villain{world};
    auto& random = world.random;
    for (std::uint32_t i = 0; i < 3 * world.options.attacks; ++i) {
        const std::uint32_t user = world.any_person();
        const Person& person = world.people[user];
        Line line = world.opening(user, 0, 0);
        line.kind = Kind::login;
        line.failed = random.chance(0.5);
        line.t = start_ms + villain.day() * day_ms +
                 static_cast<std::int64_t>(random.below(static_cast<std::uint64_t>(day_ms)));
        line.network = 800'000 + static_cast<std::uint32_t>(random.below(100'000));
        line.device = 900'000 + static_cast<std::uint32_t>(random.below(100'000));
        line.asn = static_cast<std::uint16_t>(30 + random.below(20));
        if (i % 3 == 0) {
            line.country = static_cast<std::uint8_t>(1 + random.below(19));
            line.asn = static_cast<std::uint16_t>(100 + line.country);
            line.browser = static_cast<std::uint8_t>(random.below(6));
            line.os = static_cast<std::uint8_t>(random.below(5));
            villain.add(line, "login_naive");
        } else if (i % 3 == 1) {
            line.os = static_cast<std::uint8_t>(random.below(4));
            villain.add(line, "login_vpn");
        } else {
            line.asn = static_cast<std::uint16_t>(10 + person.asn);
            line.t = world.at_work(user, villain.day());
            villain.add(line, "login_targeted");
        }
    }
}

}  // namespace salus::sentinel::sim
