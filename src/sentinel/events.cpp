#include "sentinel/events.hpp"

#include "base/cbor.hpp"

#include <array>

namespace salus::sentinel {

namespace {

constexpr std::array<std::string_view, 4> context_names{"encounter", "referral", "order",
                                                        "careteam"};
constexpr std::array<std::string_view, 5> alert_names{
    "unexplained", "burst-of-openings", "burst-of-refusals", "burst-of-logins", "recovery"};
constexpr std::array<std::string_view, 5> state_names{"open", "explained", "case", "dismissed",
                                                      "held"};

void write_account(cbor::Writer& out, const std::optional<AccountId>& account) {
    if (account) {
        out.bytes(account->view());
    } else {
        out.null();
    }
}

Result<std::optional<AccountId>> read_account(cbor::Reader& in) {
    if (in.null_next()) {
        SALUS_TRY(in.null());
        return std::optional<AccountId>{};
    }
    return std::optional<AccountId>{SALUS_TRY(in.fixed<AccountId>())};
}

Result<std::string> read_string(cbor::Reader& in) {
    return std::string(SALUS_TRY(in.text_max(4096)));
}

Result<UnixMillis> read_time(cbor::Reader& in) {
    return UnixMillis{SALUS_TRY(in.integer())};
}

}  // namespace

std::string_view to_string(ContextKind kind) noexcept {
    return context_names[static_cast<std::size_t>(kind)];
}
std::string_view to_string(AlertKind kind) noexcept {
    return alert_names[static_cast<std::size_t>(kind)];
}
std::string_view to_string(AlertState state) noexcept {
    return state_names[static_cast<std::size_t>(state)];
}

Result<ContextKind> context_kind(std::string_view text) {
    for (std::size_t i = 0; i < context_names.size(); ++i) {
        if (context_names[i] == text) return static_cast<ContextKind>(i);
    }
    return Error{Errc::malformed, "kind is encounter, referral, order or careteam"};
}

Bytes encode(const Alert& alert) {
    cbor::Writer out;
    out.array(12)
        .uint(alert.id)
        .integer(alert.time.value)
        .uint(static_cast<std::uint64_t>(alert.kind));
    out.text(alert.sentence);
    write_account(out, alert.actor);
    write_account(out, alert.patient);
    out.uint(alert.score).array(alert.evidence.size());
    for (const Evidence& e : alert.evidence) out.array(2).text(e.field).text(e.text);
    out.array(alert.searched.size());
    for (const std::string& place : alert.searched) out.text(place);
    out.array(alert.events.size());
    for (const std::uint64_t sequence : alert.events) out.uint(sequence);
    out.uint(static_cast<std::uint64_t>(alert.state)).text(alert.resolution);
    return out.take();
}

Result<Alert> decode_alert(ByteView bytes) {
    cbor::Reader in(bytes);
    Alert alert;
    SALUS_TRY(in.array_of(12));
    alert.id = SALUS_TRY(in.uint());
    alert.time = SALUS_TRY(read_time(in));
    alert.kind = static_cast<AlertKind>(SALUS_TRY(in.uint_max(alert_names.size() - 1)));
    alert.sentence = SALUS_TRY(read_string(in));
    alert.actor = SALUS_TRY(read_account(in));
    alert.patient = SALUS_TRY(read_account(in));
    alert.score = static_cast<std::uint32_t>(SALUS_TRY(in.uint_max(100)));
    for (std::size_t left = SALUS_TRY(in.array()); left > 0; --left) {
        SALUS_TRY(in.array_of(2));
        std::string field = SALUS_TRY(read_string(in));
        alert.evidence.push_back({std::move(field), SALUS_TRY(read_string(in))});
    }
    for (std::size_t left = SALUS_TRY(in.array()); left > 0; --left) {
        alert.searched.push_back(SALUS_TRY(read_string(in)));
    }
    for (std::size_t left = SALUS_TRY(in.array()); left > 0; --left) {
        alert.events.push_back(SALUS_TRY(in.uint()));
    }
    alert.state = static_cast<AlertState>(SALUS_TRY(in.uint_max(state_names.size() - 1)));
    alert.resolution = SALUS_TRY(read_string(in));
    SALUS_TRY(in.end());
    return alert;
}

Bytes encode(const Context& context) {
    cbor::Writer out;
    out.array(6).uint(static_cast<std::uint64_t>(context.kind)).text(context.id);
    out.integer(context.from.value).integer(context.until.value);
    out.bytes(context.patient.view()).bytes(context.user.view());
    return out.take();
}

Result<Context> decode_context(ByteView bytes) {
    cbor::Reader in(bytes);
    Context context;
    SALUS_TRY(in.array_of(6));
    context.kind = static_cast<ContextKind>(SALUS_TRY(in.uint_max(context_names.size() - 1)));
    context.id = SALUS_TRY(read_string(in));
    context.from = SALUS_TRY(read_time(in));
    context.until = SALUS_TRY(read_time(in));
    context.patient = SALUS_TRY(in.fixed<AccountId>());
    context.user = SALUS_TRY(in.fixed<AccountId>());
    SALUS_TRY(in.end());
    return context;
}

}  // namespace salus::sentinel
