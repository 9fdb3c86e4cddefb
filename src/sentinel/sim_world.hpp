#pragma once

#include "learn/random_stream.hpp"
#include "sentinel/simulate.hpp"

#include <array>
#include <string_view>
#include <vector>

/// The people of the simulated hospital and what they do; private to the simulator.
namespace salus::sentinel::sim {

inline constexpr std::int64_t minute_ms = 60'000;
inline constexpr std::int64_t hour_ms = 60 * minute_ms;
inline constexpr std::int64_t day_ms = 24 * hour_ms;
inline constexpr std::int64_t start_ms = 1'767'571'200'000;  ///< 2026-01-05, a Monday

inline constexpr std::array<std::string_view, 7> roles{
    "physician", "nurse", "clerk", "laboratory", "pharmacist", "therapist", "billing"};
inline constexpr std::array<std::string_view, 5> actions{"read", "read-notes", "write", "print",
                                                         "export"};
inline constexpr std::array<std::string_view, 4> purposes{"TREAT", "HPAYMT", "HOPERAT", "BTG"};

struct Person {
    std::uint8_t role = 0;
    std::uint8_t site = 0;
    std::uint8_t dept = 0;
    std::uint8_t shift = 7;  ///< hour at which work begins
    std::uint8_t asn = 0;    ///< at home
    std::uint8_t browser = 0;
    std::uint8_t os = 0;
    std::uint32_t home = 0;  ///< network at home
};

enum class Kind : std::uint8_t { access, login, encounter, referral, order, careteam };

struct Line {
    std::int64_t t = 0;
    std::int64_t until = 0;
    Kind kind = Kind::access;
    std::uint32_t user = 0;  ///< UINT32_MAX: the department instead
    std::uint32_t patient = 0;
    std::uint32_t id = 0;  ///< of the reason that it is or names; 0: none
    std::uint8_t action = 0;
    std::uint8_t purpose = 0;
    std::uint16_t records = 1;
    std::uint8_t dept = 0;
    bool failed = false;
    std::string_view truth;
    std::uint32_t network = 0;
    std::uint16_t asn = 0;
    std::uint8_t country = 0;
    std::uint32_t device = 0;
    std::uint8_t browser = 0;
    std::uint8_t os = 0;
};

inline constexpr std::uint32_t nobody = UINT32_MAX;

/// One patient's stay, and who cares.
struct Stay {
    std::int64_t from = 0;
    std::int64_t until = 0;
    std::uint32_t patient = 0;
    std::uint8_t site = 0;
    std::uint8_t dept = 0;
    bool ward = false;
    std::array<std::uint32_t, 6> team{};
    std::uint32_t members = 0;
};

struct World {
    explicit World(const SimulatorOptions& o);

    SimulatorOptions options;
    learn::RandomStream random;
    std::vector<Person> people;
    std::vector<std::vector<std::uint32_t>> of_dept;  ///< by site × dept
    std::vector<Stay> stays;
    std::vector<Line> lines;
    std::uint32_t next_id = 1;

    static constexpr std::uint32_t sites = 3;
    static constexpr std::uint32_t depts = 20;

    std::uint32_t any_person() { return static_cast<std::uint32_t>(random.below(people.size())); }
    std::uint32_t any_patient() {
        return static_cast<std::uint32_t>(random.below(options.patients));
    }
    std::uint32_t colleague(std::uint8_t site, std::uint8_t dept);
    /// Somebody of that role at that site.
    std::uint32_t person_of_role(std::uint8_t role, std::uint8_t site);
    /// A moment of the person's work on a day.
    std::int64_t at_work(std::uint32_t user, std::int64_t day);
    Line opening(std::uint32_t user, std::uint32_t patient, std::int64_t t);
};

void make_stays(World& world);
void open_with_reason(World& world, std::uint64_t count);
void open_without_reason(World& world, std::uint64_t count);
void open_illicitly(World& world, std::uint64_t count);
void sign_in(World& world);
void attack_logins(World& world);

}  // namespace salus::sentinel::sim
