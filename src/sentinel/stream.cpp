#include "sentinel/stream.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <limits>
#include <tuple>

namespace salus::sentinel {

namespace {

constexpr std::array<std::string_view, 7> kind_names{"access",   "login", "encounter", "grant",
                                                     "referral", "order", "careteam"};
constexpr std::size_t line_bytes_max = std::size_t{1} << 20U;
constexpr std::size_t refs_max = 64;
constexpr std::int64_t for_ever = std::numeric_limits<std::int64_t>::max();

std::string lower(std::string_view text) {
    std::string out(text);
    for (char& c : out)
        if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    return out;
}

std::optional<StreamKind> kind_of(std::string_view text) {
    std::string word = lower(text);
    std::erase_if(word, [](char c) { return c == '_' || c == '-' || c == ' '; });
    if (word == "appointment" || word == "visit") return StreamKind::encounter;
    if (word == "consent") return StreamKind::grant;
    const auto found = std::find(kind_names.begin(), kind_names.end(), word);
    if (found == kind_names.end()) return std::nullopt;
    return static_cast<StreamKind>(found - kind_names.begin());
}

/// A member as text, whether it was written as text or as a number.
std::string_view text_of(const json::Value& line, std::string_view key) {
    const json::Value* value = line.find(key);
    if (value == nullptr) return {};
    if (value->text() != nullptr) return *value->text();
    if (value->number() != nullptr) return value->number()->text;
    if (value->boolean() != nullptr) return *value->boolean() ? "true" : "false";
    return {};
}

std::optional<double> number_of(std::string_view text) {
    double value = 0;
    const auto read = std::from_chars(text.data(), text.data() + text.size(), value);
    if (read.ec != std::errc{} || read.ptr != text.data() + text.size() || !std::isfinite(value))
        return std::nullopt;
    return value;
}

/// Words of refusal, in the many ways in which logs say it. Nothing said is success.
bool is_refusal(std::string_view text) {
    const std::string word = lower(text);
    if (word == "4" || word == "8" || word == "12" || word == "false") return true;
    for (const std::string_view one :
         {"fail", "den", "refus", "reject", "error", "invalid", "block", "unauth", "wrong"})
        if (word.find(one) != std::string::npos) return true;
    return false;
}

bool is_emergency(std::string_view text) {
    const std::string word = lower(text);
    for (const std::string_view one : {"btg", "break", "emerg", "etreat"})
        if (word.find(one) != std::string::npos) return true;
    return false;
}

/// IPv4 without its last number; IPv6 without all after the third group.
std::string_view network_of(std::string_view address) {
    if (const std::size_t dot = address.rfind('.'); dot != std::string_view::npos)
        return address.substr(0, dot);
    std::size_t end = 0;
    for (int group = 0; group < 3 && end != std::string_view::npos; ++group)
        end = address.find(':', end == 0 ? 0 : end + 1);
    return address.substr(0, end);
}

/// A time as the file has it, before the unit is known.
struct RawTime {
    double ticks = 0;
    bool iso = false;  ///< then in ms
};

std::optional<RawTime> raw_time(std::string_view text) {
    if (const auto number = number_of(text)) return RawTime{*number, false};
    if (const auto ms = iso_time(text)) return RawTime{static_cast<double>(*ms), true};
    return std::nullopt;
}

struct Reader {
    bool audit = false;
    Stream out;
    std::vector<RawTime> event_times;
    std::vector<RawTime> reason_from;
    std::vector<std::optional<RawTime>> reason_until;
    double lowest = std::numeric_limits<double>::max();
    double highest = std::numeric_limits<double>::lowest();

    std::uint32_t name(const json::Value& line, std::string_view key) {
        return out.names.number(text_of(line, key));
    }
    void add_line(std::string_view text, std::uint64_t number);
    void add_event(const json::Value& line, StreamEvent event, RawTime time);
    void add_reason(const json::Value& line, StreamKind kind, RawTime time);
    void settle_times();
    [[nodiscard]] std::int64_t ms(RawTime time) const;
};

void Reader::add_event(const json::Value& line, StreamEvent event, RawTime time) {
    event.user = name(line, "user");
    event.patient = name(line, "patient");
    if (event.user == 0 || (event.kind == StreamKind::access && event.patient == 0)) {
        ++out.lines_left_out;
        return;
    }
    event.role = name(line, "role");
    event.site = name(line, "site");
    event.dept = name(line, "dept");
    event.action = name(line, "action");
    event.purpose = name(line, "purpose");
    event.emergency = is_emergency(text_of(line, "purpose"));
    event.refused = is_refusal(text_of(line, "result"));
    event.network = out.names.number(network_of(text_of(line, "ip")));
    event.asn = name(line, "asn");
    event.country = name(line, "country");
    event.device = name(line, "device");
    event.browser = name(line, "browser");
    event.os = name(line, "os");
    const double records = number_of(text_of(line, "records")).value_or(1);
    event.records = static_cast<float>(std::clamp(records, 1.0, 1e9));
    if (const json::Value* refs = line.find("reason_refs"); refs != nullptr && refs->array()) {
        for (const json::Value& one : *refs->array())
            if (one.text() != nullptr && event.refs.size() < refs_max)
                event.refs.push_back(out.names.number(*one.text()));
    }
    out.events.push_back(std::move(event));
    event_times.push_back(time);
}

void Reader::add_reason(const json::Value& line, StreamKind kind, RawTime time) {
    Reason reason;
    reason.kind = kind;
    reason.patient = name(line, "patient");
    if (reason.patient == 0) {
        ++out.lines_left_out;
        return;
    }
    reason.user = name(line, "user");
    reason.dept = name(line, "dept");
    reason.id = name(line, "id");
    out.reasons.push_back(reason);
    reason_from.push_back(time);
    reason_until.push_back(raw_time(text_of(line, "until")));
}

void Reader::add_line(std::string_view text, std::uint64_t number) {
    Result<json::Value> line = json::parse(text, line_bytes_max);
    if (audit && line.ok()) line = event_of_audit(*line);
    const auto time =
        line.ok() ? raw_time(text_of(*line, "t")) : std::optional<RawTime>(std::nullopt);
    const auto kind = line.ok() ? kind_of(text_of(*line, "kind")) : std::nullopt;
    if (!time || !kind) {
        ++out.lines_left_out;
        return;
    }
    if (!time->iso) {
        lowest = std::min(lowest, time->ticks);
        highest = std::max(highest, time->ticks);
    }
    if (*kind == StreamKind::access || *kind == StreamKind::login) {
        StreamEvent event;
        event.line = number;
        event.kind = *kind;
        return add_event(*line, std::move(event), *time);
    }
    add_reason(*line, *kind, *time);
}

std::int64_t Reader::ms(RawTime time) const {
    if (time.iso) return static_cast<std::int64_t>(time.ticks);
    const double value = time.ticks * static_cast<double>(out.unit_ms_numerator) /
                         static_cast<double>(out.unit_ms_denominator);
    return static_cast<std::int64_t>(std::clamp(value, -9e15, 9e15));
}

/// Which unit makes these numbers dates of our age, or, for a clock that starts near 0, a span of
/// less than a lifetime.
void Reader::settle_times() {
    if (highest < 1e11 && highest - lowest < 2e9) out.unit_ms_numerator = 1'000;
    if (highest >= 1e14) out.unit_ms_denominator = highest >= 1e17 ? 1'000'000 : 1'000;
    for (std::size_t i = 0; i < out.events.size(); ++i) out.events[i].time = ms(event_times[i]);
    for (std::size_t i = 0; i < out.reasons.size(); ++i) {
        out.reasons[i].from = ms(reason_from[i]);
        out.reasons[i].until = reason_until[i] ? ms(*reason_until[i]) : for_ever;
    }
    std::stable_sort(out.events.begin(), out.events.end(),
                     [](const auto& a, const auto& b) { return a.time < b.time; });
}

}  // namespace

std::string_view to_string(StreamKind kind) noexcept {
    return kind_names[static_cast<std::size_t>(kind)];
}

std::uint32_t Names::number(std::string_view name) {
    if (name.empty()) return 0;
    if (const auto found = numbers_.find(name); found != numbers_.end()) return found->second;
    const auto fresh = static_cast<std::uint32_t>(names_.size());
    names_.emplace_back(name);
    numbers_.emplace(names_.back(), fresh);
    return fresh;
}

std::string_view Names::name(std::uint32_t number) const {
    return number < names_.size() ? std::string_view(names_[number]) : std::string_view{};
}

std::optional<std::int64_t> Stream::moment(std::string_view text) const {
    const auto raw = raw_time(text);
    if (!raw) return std::nullopt;
    if (raw->iso) return static_cast<std::int64_t>(raw->ticks);
    const double value = raw->ticks * static_cast<double>(unit_ms_numerator) /
                         static_cast<double>(unit_ms_denominator);
    return static_cast<std::int64_t>(std::clamp(value, -9e15, 9e15));
}

namespace {

Stream read_lines(std::string_view text, bool audit) {
    Reader reader;
    reader.audit = audit;
    if (text.substr(0, 3) == "\xef\xbb\xbf") text.remove_prefix(3);
    for (std::uint64_t number = 1; !text.empty(); ++number) {
        const std::size_t end = text.find('\n');
        const std::string_view line = text.substr(0, end);
        text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
        if (line.find_first_not_of(" \t\r") != std::string_view::npos)
            reader.add_line(line, number);
    }
    reader.settle_times();
    return std::move(reader.out);
}

}  // namespace

Stream read_stream(std::string_view text) {
    return read_lines(text, false);
}

Stream read_audit_events(std::string_view text) {
    return read_lines(text, true);
}

}  // namespace salus::sentinel
