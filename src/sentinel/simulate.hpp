#pragma once

#include <cstdint>
#include <string>

/// A hospital that does not exist: openings, sign-ins, reasons, and the truth about the bad ones.
namespace salus::sentinel {

struct SimulatorOptions {
    std::uint64_t seed = 1;
    std::uint32_t users = 6'015;
    std::uint32_t patients = 130'000;
    std::uint32_t openings = 1'330'000;
    std::uint32_t days = 28;
    double illicit_share = 0.001;
    double unexplained_share = 0.05;  ///< of the harmless openings
    std::uint32_t attacks = 400;      ///< sign-ins of each of the three attackers
};

struct Simulated {
    std::string events;  ///< NDJSON by time: docs/formats/event-stream.md
    std::string truth;   ///< {event, class} for illicit openings and attacked sign-ins
    std::uint64_t openings = 0;
    std::uint64_t illicit = 0;
    std::uint64_t logins = 0;
    std::uint64_t reasons = 0;
    std::int64_t middle = 0;  ///< ms: a sensible end of training
};

/// The same options give the same bytes on every machine.
///
/// Illicit classes: celebrity, neighbour, bulk, no_relation, wrong_role, after_hours; and mimic,
/// who keeps to the hours, volume and wards of the role. Sign-ins: login_naive (any network, any
/// machine), login_vpn (the country and browser of the person), login_targeted (also the provider,
/// the system and the hours).
Simulated simulate(const SimulatorOptions& options);

}  // namespace salus::sentinel
