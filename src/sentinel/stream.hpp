#pragma once

#include "base/json.hpp"

#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

/// The event stream: docs/formats/event-stream.md.
namespace salus::sentinel {

/// Numbers for names, in the order of their first use; 0 is "not said".
class Names {
  public:
    std::uint32_t number(std::string_view name);
    [[nodiscard]] std::string_view name(std::uint32_t number) const;
    [[nodiscard]] std::size_t size() const noexcept { return names_.size(); }

  private:
    std::deque<std::string> names_{std::string{}};
    std::unordered_map<std::string_view, std::uint32_t> numbers_;
};

enum class StreamKind : std::uint8_t { access, login, encounter, grant, referral, order, careteam };
std::string_view to_string(StreamKind kind) noexcept;

/// One line. Names are numbers of the stream's Names; what the line does not say is 0.
struct StreamEvent {
    std::uint64_t line = 0;  ///< from 1
    std::int64_t time = 0;   ///< ms
    StreamKind kind = StreamKind::access;
    bool refused = false;
    float records = 1;
    std::uint32_t user = 0;
    std::uint32_t role = 0;
    std::uint32_t site = 0;
    std::uint32_t dept = 0;
    std::uint32_t patient = 0;
    std::uint32_t action = 0;
    std::uint32_t purpose = 0;
    std::uint32_t network = 0;  ///< the address without its last part
    std::uint32_t asn = 0;
    std::uint32_t country = 0;
    std::uint32_t device = 0;
    std::uint32_t browser = 0;
    std::uint32_t os = 0;
    bool emergency = false;           ///< the purpose is to break the glass
    std::vector<std::uint32_t> refs;  ///< ids of reasons that the opening names
};

/// A line that gives a reason; it holds from ≤ t ≤ until.
struct Reason {
    StreamKind kind = StreamKind::encounter;
    std::int64_t from = 0;
    std::int64_t until = 0;
    std::uint32_t patient = 0;
    std::uint32_t user = 0;
    std::uint32_t dept = 0;
    std::uint32_t id = 0;
};

struct Stream {
    Names names;
    std::vector<StreamEvent> events;  ///< openings and logins, by time; equal times as in the file
    std::vector<Reason> reasons;
    std::int64_t unit_ms_numerator = 1;    ///< a tick of the file's clock in ms is
    std::int64_t unit_ms_denominator = 1;  ///< numerator / denominator
    std::uint64_t lines_left_out = 0;

    /// A moment written as the stream writes them: a number of its unit, or ISO 8601.
    [[nodiscard]] std::optional<std::int64_t> moment(std::string_view text) const;
};

/// Reads NDJSON. Lines that are no event are left out and counted; fields may be absent, null or of
/// another type; further fields are ignored. The clock's unit (s, ms, µs, ns) is found from the
/// numbers. Errors: none but memory.
Stream read_stream(std::string_view text);

/// The same from NDJSON of FHIR R4 AuditEvents (IHE BALP); lines of the event stream may stand
/// between them, for reasons.
Stream read_audit_events(std::string_view text);
/// One AuditEvent as a line of the event stream; any other value is given back as it is.
json::Value event_of_audit(const json::Value& line);

/// "2026-01-31T10:00:00Z", with or without fraction and offset; a date alone is its midnight. In
/// ms.
std::optional<std::int64_t> iso_time(std::string_view text);

/// Days since 1970-01-01 of a proleptic Gregorian date.
std::int64_t days_of(std::int64_t year, std::int64_t month, std::int64_t day) noexcept;

}  // namespace salus::sentinel
